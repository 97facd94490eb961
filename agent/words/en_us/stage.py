# SPDX-License-Identifier: Apache-2.0
"""The page of `countermark demo`: its panes, its tour, its switches."""

from typing import Final

WORDS: Final = {
    # The command.
    "stage.setting": "Starting a platform, a printer and a register in {folder} ...",
    "stage.address": "The demo is at {address} (Ctrl-C ends it).",
    "stage.ended": "The demo has ended, and every process that it started.",
    "stage.port-taken": "Port {port} cannot be opened ({why}); nothing was started. Leave --port "
    "out, and a free one is taken.",
    "stage.folder-taken": "{folder} holds files that no demo made; nothing was touched. Name an "
    "empty folder with --folder.",
    "stage.folder-busy": "Another demo runs in {folder}; nothing was touched. End it first, or "
    "name another folder with --folder.",
    "stage.folder-unusable": "{folder} cannot be used ({why}); nothing was started. Name another "
    "folder with --folder.",
    "stage.not-up": "The stage could not be set: {why}",
    # The POS's own receipt, as the store prints it today.
    "stage.today.brand": "BRAND NAME",
    "stage.today.title": "STORE CREDIT",
    "stage.today.transaction": "Transaction {number}",
    "stage.today.promise": "Your credit is added to your account over night.",
    # The counter.
    "stage.title": "Countermark: ten minutes",
    "stage.counter": "Counter",
    "stage.counter.issued": "issued",
    "stage.counter.platform": "on the platform",
    "stage.counter.paper": "on paper",
    "stage.counter.difference": "difference",
    "stage.counter.waiting": "waiting, not promised",
    "stage.counter.credits": "credits: {count}",
    "stage.counter.each": "each key once",
    "stage.counter.cards": "cards: {count}",
    "stage.counter.papers": "vouchers: {count}",
    "stage.counter.good": "every cent, once",
    "stage.counter.nobody": "told to nobody",
    "stage.counter.unread": "The books cannot be read just now: {why}",
    "stage.counter.missing": "{key}: {amount} was promised and stands nowhere.",
    "stage.counter.other-amount": "{key}: the platform holds another amount, {amount} apart.",
    "stage.counter.twice": "{key}: the platform holds more than one card, {amount} apart.",
    "stage.counter.surplus": "{key}: the platform holds a card that nobody was given, {amount}.",
    # The till.
    "stage.till": "The till",
    "stage.till.idle": "NO SALE YET",
    "stage.till.idle.sentence": "The till waits for a return.",
    "stage.till.no-answer": "NO ANSWER",
    "stage.till.no-answer.sentence": "The line to the agent broke: the till does not know.",
    "stage.till.no-answer.next": "Ask again with the same key.",
    "stage.till.asking": "ASKING ...",
    "stage.till.asking.sentence": "The till waits for the agent's word.",
    "stage.till.today": "DONE, says the POS",
    "stage.till.today.sentence": "{amount} goes to the shopper with the feed of this night.",
    "stage.till.today.next": "Countermark only watches here. Its journal: {noted}",
    "stage.till.noted.issue": "would have issued {amount}.",
    "stage.till.noted.voucher": "would have printed a voucher for {amount}.",
    "stage.till.key": "Key {key}",
    "stage.till.paper": "Paper: {paper}, copy {copies}",
    "stage.till.shopper": "To tell the shopper: {sentence}",
    "stage.till.amount": "Amount in USD",
    "stage.till.customer": "Customer",
    "stage.till.alice": "Alice, by e-mail",
    "stage.till.walk-in": "walk-in, gives no name",
    "stage.till.typo": "Alice, e-mail mistyped",
    "stage.till.issue": "Issue",
    "stage.till.again": "Again, same key",
    "stage.till.twice": "Double click",
    "stage.till.reprint": "Reprint",
    "stage.till.void": "Void",
    "stage.till.approve": "Manager, PIN {pin}",
    # Paper, phone, network.
    "stage.paper": "Paper",
    "stage.paper.roll": "Papers, newest first",
    "stage.paper.none": "No paper yet.",
    "stage.paper.number": "Paper {number}",
    "stage.paper.qr": "QR read back: {amount}",
    "stage.paper.out": "Paper out",
    "stage.paper.mend": "Mended",
    "stage.paper.trouble": "The printer is out of paper.",
    "stage.paper.fine": "The printer is fine.",
    "stage.phone": "The shopper's phone",
    "stage.phone.shop": "BRAND NAME online, Alice",
    "stage.phone.balance": "Store credit",
    "stage.phone.none": "No credits yet.",
    "stage.phone.credit": "{amount}, card …{last_four}",
    "stage.phone.dead": "{amount}, card …{last_four}, closed",
    "stage.phone.gone": "The shop does not answer.",
    "stage.ticket": "{amount} promised, 0.00 of it in the account: support ticket",
    "stage.feed": "Nightly feed",
    "stage.feed.waiting": "{amount} waits for tonight's feed.",
    "stage.feed.lost": "The night has passed: the feed lost {amount}.",
    "stage.feed.none": "Countermark asks the platform itself: no feed.",
    "stage.network.up": "Network: plugged in",
    "stage.network.down": "Network: pulled",
    # The tour.
    "stage.tour": "The tour",
    "stage.tour.place": "{number} of {count}",
    "stage.tour.free": "Free play",
    "stage.tour.free.intro": "Every button does what it says, to real processes. Next starts the "
    "guided tour.",
    "stage.tour.next": "Next",
    "stage.tour.back": "Back to free play",
    "stage.tour.scene": "Scene",
    "stage.tour.go": "Start scene",
    "stage.tour.ended": "That was the tour. Play on, or start any scene again.",
    "stage.tour.working": "Working ...",
    "stage.not-held": "This did not happen as it should: {found}",
    "stage.busy": "The last button is still at work; nothing was done.",
    "stage.refused": "That is not possible now: {why}",
    "stage.no-sale": "there is no credit at the till yet",
    "stage.bad-amount": "the amount is no amount: {why}",
    "stage.broke": "That broke off: {why}",
    "stage.gone": "The {name} ended by itself. It said: {why} End the demo and start it again.",
    "stage.gone.agent": "The agent ended by itself. It said: {why} Press Start the agent.",
    "stage.line-lost": "The page has lost the demo: it was ended, or it is being started again.",
    "stage.by-itself": "by itself",
    "stage.by-retry": "after a manager pressed Try now",
    # The scenes.
    "stage.scene.today.title": "Your store today",
    "stage.scene.today.intro": "The register only observes: the POS gives credits as it always "
    "did, and a nightly feed books them. Watch the phone.",
    "stage.scene.today.give": "The POS said done and printed its own receipt for {amount}. "
    "Countermark issued nothing; its journal notes that it would have.",
    "stage.scene.today.night": "The feed dropped the event, and nobody noticed. Look at the phone: "
    "0.00 of {amount}, and the paper says otherwise.",
    "stage.scene.confirmed.title": "With the agent",
    "stage.scene.confirmed.intro": "The settings file now says ring = issue, and the agent was "
    "started anew. The same return comes to the till.",
    "stage.scene.confirmed.give": "CONFIRMED after {milliseconds} ms: the platform showed this "
    "very credit. Look at the phone: {amount} is there before the shopper leaves.",
    "stage.scene.offline.title": "The network is gone",
    "stage.scene.offline.intro": "Now the cable is pulled between the store and the platform. The "
    "queue at the till does not wait for it.",
    "stage.scene.offline.pull": "Nothing reaches the platform any more. Look at the plug beside "
    "the phone.",
    "stage.scene.offline.give": "VOUCHER after {milliseconds} ms, {amount}, with a signed QR "
    "({read}). The till says what to tell the shopper.",
    "stage.qr-read": "read back from the paper",
    "stage.qr-unread": "not read back: zxing-cpp is not installed",
    "stage.scene.copies.title": "Three copies, one credit",
    "stage.scene.copies.intro": "The voucher is torn, and the shopper wants another, and another. "
    "A copy is the same promise.",
    "stage.scene.copies.give": "The first paper for {amount} came out, offline.",
    "stage.scene.copies.reprint": "COPY 2, COPY 3 and COPY 4, each with the same code and the "
    "same QR. Look at the counter: it did not move.",
    "stage.scene.copies.plug": "The network is back: four papers, {cards} card on the platform, "
    "settled {how}.",
    "stage.scene.wrong.title": "A 200 that lies",
    "stage.scene.wrong.intro": "The platform answers 200, with another amount. A success code is "
    "not a confirmation.",
    "stage.scene.wrong.give": "Not confirmed: {word}. The platform holds another amount than "
    "{amount}, so nothing was promised and a manager is asked.",
    "stage.scene.wrong.settle": "The manager voided it: the wrong card is dead on the platform. "
    "Asked anew, {amount} is CONFIRMED.",
    "stage.scene.lost.title": "The answer is lost",
    "stage.scene.lost.intro": "The platform books the credit, and the line breaks before it says "
    "so. This is how credits come twice.",
    "stage.scene.lost.give": "CONFIRMED for {amount}. Look at the requests: the agent asked twice "
    "under one key, the first went unanswered, the second found the same card.",
    "stage.scene.lost.again": "The cashier pressed again: the same key, the same credit, {cards} "
    "card on the platform.",
    "stage.scene.typo.title": "A mistyped e-mail",
    "stage.scene.typo.intro": "The walk-in's e-mail has a typo. Guessing an account would be "
    "worse than none.",
    "stage.scene.typo.give": "VOUCHER to collect, {amount}, and a review for the desk. Nothing "
    "went to a stranger.",
    "stage.scene.typo.link": "At the desk the manager named Alice: CONFIRMED, and the phone shows "
    "{amount}.",
    "stage.scene.limit.title": "A limit, offline",
    "stage.scene.limit.intro": "Offline the register may promise no more than USD 200.00 on one "
    "paper. The cashier asks for more.",
    "stage.scene.limit.give": "{word}: {amount} is recorded, not promised. Look at the counter: "
    "it waits, and is not issued.",
    "stage.scene.limit.approve": "The manager typed the PIN, checked offline: the VOUCHER for "
    "{amount} came out, and only now it counts.",
    "stage.scene.killed.title": "kill -9",
    "stage.scene.killed.intro": "The agent is killed in the middle of a send. No last words, no "
    "clean-up.",
    "stage.scene.killed.kill": "The agent is dead, and the till heard nothing. What was asked for "
    "is on disk.",
    "stage.scene.killed.start": "Back after {milliseconds} ms. The till asked again with the same "
    "key: {word}, {cards} card on the platform, nothing lost.",
    "stage.scene.drain.title": "The network is back",
    "stage.scene.drain.intro": "Three shoppers leave with vouchers while the cable is out. Then "
    "it is plugged in again.",
    "stage.scene.drain.give": "Three vouchers, {amount} on paper. The journal has all of them.",
    "stage.scene.drain.plug": "The queue drained {how} in {seconds} s. The codes on the papers "
    "are the gift cards now; nothing else was printed.",
    "stage.scene.chaos.title": "Break it yourself",
    "stage.scene.chaos.intro": "Every fault at once: the platform lies, hangs and forgets, the "
    "printer runs dry, the agent is killed again and again. Next starts it; the switches are "
    "below.",
    "stage.scene.chaos.run": "{proof}",
    # Chaos.
    "stage.chaos.running": "Chaos, seed {seed}: {left} s left, {clicks} clicks, {kills} kills, "
    "{faults} faults thrown.",
    "stage.chaos.mending": "Everything is mended; what waits is being settled.",
    "stage.chaos.proof": "{issued} credits issued ({amount}), {cards} on the platform, each once; "
    "on paper {paper}; waiting {waiting}; difference {difference}; journal verified: {events} "
    "events.",
    "stage.chaos.settled": "{clicks} clicks, {kills} kills, {faults} faults; the manager named "
    "the customer of {linked}, voided {voided}.",
    "stage.chaos.broken": "It does not add up: difference {difference} ({found}). The files stay "
    "in the demo's folder; the seed was {seed}.",
    # What can be broken.
    "stage.break": "Break it yourself",
    "stage.pull": "Pull network",
    "stage.plug": "Plug it in",
    "stage.screen": "Cashier's page",
    "stage.screen.open": (
        "The cashier's page is at {address} : open it in another tab and type {code} within two "
        "minutes. What it issues is counted here too."
    ),
    "stage.kill": "kill -9 agent",
    "stage.start": "Start the agent",
    "stage.chaos": "Chaos for {seconds} s",
    "stage.mend": "Mend it all",
    "stage.faults": "Faults of the platform",
    "stage.agent.up": "Agent: running, ring {ring}",
    "stage.agent.down": "Agent: dead",
    "stage.fault.slow": "answers after three seconds",
    "stage.fault.answer-lost-after-commit": "books it, then the answer is lost",
    "stage.fault.saved-500": "a 500, replayed for its key",
    "stage.fault.throttled": "429, too many requests",
    "stage.fault.wrong-amount": "books and names another amount",
    "stage.fault.empty-200": "200 without a body",
    "stage.fault.accepted-202": "202, perhaps later",
    "stage.fault.redirect-3xx": "a redirect to a portal",
    "stage.fault.html-200": "a captive portal's page",
    "stage.fault.half-closed-body": "half an answer",
    "stage.fault.reset-on-kept-connection": "resets a kept connection",
    "stage.fault.key-forgotten": "forgets its idempotency keys",
    "stage.fault.lookup-lagging": "look-ups lag behind",
    "stage.fault.unknown-customer": "knows no customer",
    "stage.fault.duplicate-identifier": "two customers, one e-mail",
    "stage.fault.token-expired": "401, the token expired",
    "stage.fault.hang": "takes the request and hangs",
    "stage.fault.unavailable-503": "a gateway's 503",
    "stage.fault.not-executed-503": "503, not executed",
    # What went over the wire.
    "stage.wire": "What went over the wire",
    "stage.wire.till": "Till to agent",
    "stage.wire.platform": "Agent to platform",
    "stage.wire.none": "Nothing yet.",
    "stage.wire.key": "key {key}",
    "stage.wire.status": "{status}, {word}, {milliseconds} ms",
    "stage.wire.broken": "the line broke",
    "stage.wire.replayed": "replayed",
    "stage.wire.executed": "carried out: {status}",
    "stage.wire.not-executed": "not carried out",
    "stage.wire.answered": "answered: {status}",
    "stage.wire.unanswered": "no whole answer",
}
