# SPDX-License-Identifier: Apache-2.0
"""What stands on the pages of a register: buttons, questions, the strip above every page, and the
sentences to say to the shopper. What is true of a credit itself stands in `cashier`.

`say.*` is spoken aloud by the cashier: it promises nothing that is not on paper or confirmed.
"""

from typing import Final

WORDS: Final = {
    # The frame.
    "screen.brand": "Countermark",
    "screen.nav": "Pages of this register",
    "screen.nav.home": "Register",
    "screen.nav.waiting": "Waiting",
    "screen.nav.day": "Day",
    "screen.lost.title": "Register helper stopped",
    "screen.lost.sentence": "Do not issue credit.",
    "screen.lost.next": (
        "Keep the receipt. This page comes back by itself; what was recorded is not lost. If it "
        "stays like this for a minute, call store IT."
    ),
    # The strip.
    "screen.strip": "State of this register",
    "screen.strip.place": "Store {store}, register {register}",
    "screen.strip.online": "Online",
    "screen.strip.offline": "Offline",
    "screen.strip.heard": "card system last heard {time}",
    "screen.strip.never-heard": "card system not heard yet",
    "screen.strip.waiting": "{count} waiting, {sums}, oldest {age}",
    "screen.strip.nothing-waits": "Nothing waits",
    "screen.strip.saved": "{count} saved",
    "screen.strip.elsewhere": "{count} saved or open on another screen",
    "screen.strip.observing": "This register only watches: nothing is issued here.",
    "screen.age.now": "under 1 min",
    "screen.age.minutes": "{count} min",
    "screen.age.hours": "{count} h",
    "screen.age.days": "{count} days",
    "screen.printer.ready": "Printer ready",
    "screen.printer.none": "No printer",
    "screen.printer.unknown": "Printer not asked yet",
    "screen.printer.paper-out": "Printer: paper out",
    "screen.printer.cover-open": "Printer: cover open",
    "screen.printer.printer-error": "Printer: error",
    "screen.printer.offline": "Printer: offline",
    "screen.printer.silent": "Printer does not answer",
    "screen.printer.unreachable": "Printer not reachable",
    "screen.printer.line-broken": "Printer: connection broke",
    "screen.printer.deadline": "Printer too slow",
    "screen.printer.busy": "Printer busy",
    # Pairing.
    "screen.unpaired.title": "Pair this screen",
    "screen.unpaired.sentence": "Type the six digits that store IT reads to you.",
    "screen.unpaired.gone": "This screen is not paired any more. Nothing was issued or changed.",
    "screen.unpaired.how": (
        "Store IT gets the digits with `countermark pair screen` on this host. They last two "
        "minutes."
    ),
    "screen.unpaired.code": "Six digits",
    "screen.unpaired.go": "Pair",
    "screen.registers.title": "Choose the register",
    "screen.registers.none": "This screen is paired with no register that is served here.",
    # Pages that are none.
    "screen.trouble-page.title": "Not done",
    "screen.trouble-page.back": "Back to the register",
    "screen.nowhere.sentence": "Nothing was issued or changed: there is no such page.",
    "screen.nowhere.hint": "Go back to the register.",
    "screen.stale.sentence": "Nothing was issued or changed: this form is out of date.",
    "screen.stale.hint": "Go back to the register, which draws it anew.",
    # The form.
    "screen.ready.title": "New store credit",
    "screen.form.amount": "Amount in {currency}",
    "screen.form.amount.hint": "For example {example}",
    "screen.form.customer": "Customer",
    "screen.form.customer.email": "E-mail",
    "screen.form.customer.phone": "Phone",
    "screen.form.customer.loyalty": "Loyalty number",
    "screen.form.customer.none": "Customer gave nothing",
    "screen.form.identifier": "E-mail, phone or loyalty number",
    "screen.form.reason": "Reason",
    "screen.form.reason.other": "Other reason",
    "screen.form.operator": "Your name or number",
    "screen.form.more": "Receipt and till numbers",
    "screen.form.receipt": "Number of the original receipt",
    "screen.form.pos": "Transaction number of the till",
    "screen.form.pos.hint": "Leave empty if the till gave none",
    "screen.form.issue": "Issue the credit",
    "screen.form.clear": "Clear the form",
    "screen.form.as-is": "Go on; the customer collects it with a voucher",
    "screen.reason.return": "Return",
    "screen.reason.exchange": "Exchange",
    "screen.reason.price": "Price adjustment",
    "screen.reason.goodwill": "Goodwill",
    "screen.reason.other": "Other",
    # What is wrong with a field. Nothing was issued.
    "screen.wrong.summary": "Nothing was issued: one field needs a look.",
    "screen.wrong.amount": "Type the amount like {example}.",
    "screen.wrong.amount.digits": "{currency} has {digits} digits behind the point.",
    "screen.wrong.amount.none": "The amount must be above zero.",
    "screen.wrong.amount.large": "The amount is too large.",
    "screen.wrong.customer.missing": "Type it, or choose that the customer gave nothing.",
    "screen.wrong.customer.both": "Choose what this is, or take it out.",
    "screen.wrong.customer.email": "This is no e-mail address. Correct it, or go on without it.",
    "screen.wrong.customer.phone": "This is no phone number. Correct it, or go on without it.",
    "screen.wrong.customer.loyalty": (
        "This is no loyalty number. Correct it, or go on without it."
    ),
    "screen.wrong.reason": "Choose a reason, or type one of at most 40 characters.",
    "screen.wrong.operator": "Type your name or number, at most 40 characters.",
    "screen.wrong.receipt": "A receipt number has at most 40 characters.",
    "screen.wrong.pos": "A transaction number has at most 40 letters, digits and . _ / -",
    "screen.wrong.card": "This looks like a card number, which must never be typed here.",
    "screen.wrong.unfinished": (
        "Nothing new was issued: the credit on the screen is not finished. Your form is kept."
    ),
    "screen.wrong.changed": (
        "Nothing new was issued: what you answered was changed in another window. This is how it "
        "is now."
    ),
    "screen.wrong.answered": "Nothing new was issued: this was answered before.",
    "screen.resent": ("Nothing new was issued: this was sent before, at {time}, for {amount}."),
    "screen.resent.hint": "For another customer, fill in a new form.",
    "screen.wrong.used": (
        "Nothing new was issued: this form or this till number belongs to another credit. Look it "
        "over, correct the number, and send it again."
    ),
    # A question and an approval before anything is recorded.
    "screen.question.title": "Another one?",
    "screen.question.yes": "Yes, issue another one",
    "screen.question.no": "No, back to the form",
    "screen.question.other": "Show the first one",
    "screen.approval.title": "Manager needed",
    "screen.approval.sentence": "Nothing was issued yet: {amount} needs a manager's yes.",
    "screen.approval.yes": "Approve {amount}",
    "screen.trouble.title": "Nothing was issued",
    "screen.trouble.again": "Try again",
    "screen.form.back": "Back to the form",
    "screen.manager.name": "Manager's name",
    "screen.manager.pin": "Manager's PIN",
    # On its way.
    "screen.confirming.0": "The credit is being recorded.",
    "screen.confirming.1": "Asking the card system",
    "screen.confirming.2": "Still checking. Keep the receipt.",
    "screen.waiting.next": (
        "Do not promise the credit. It goes on by itself: save it for later and serve the next "
        "customer, or call a manager."
    ),
    "screen.untold.next": (
        "The register was interrupted. Ask the card system again, or withdraw the credit."
    ),
    # The ways out of a credit on the screen.
    "screen.say": "Say",
    "screen.exit.next": "Next customer",
    "screen.exit.save": "Save for later",
    "screen.exit.print-again": "Print again",
    "screen.exit.let-out": "Let the voucher out",
    "screen.exit.let-out.title": "A manager lets the voucher out",
    "screen.exit.came-out.yes": "Yes, it came out",
    "screen.exit.came-out.no": "No, nothing came out",
    "screen.exit.has-it": "Does the customer have the voucher or a picture of its code?",
    "screen.exit.has-it.yes": "Yes, the customer has it",
    "screen.exit.has-it.no": "No, neither of them",
    "screen.exit.owed": "Show the code",
    "screen.exit.owed.title": "Paper owed: a manager shows the code",
    "screen.exit.owed.hint": (
        "The code is as good as money. The customer photographs it from this screen."
    ),
    "screen.exit.again": "Ask again",
    "screen.exit.withdraw": "Withdraw it",
    "screen.exit.void": "Void the credit",
    "screen.owed.title": "PHOTOGRAPH THIS",
    "screen.owed.sentence": "{amount}: this code is the voucher.",
    "screen.owed.next": (
        "Let the customer photograph the code or write it down, then say whether they have it."
    ),
    "screen.owed.picture": "The voucher with its QR code",
    "screen.owed.yes": "The customer has it",
    "screen.owed.no": "Not yet",
    "screen.owed.slow.sentence": (
        "The code was not shown: it took too long until it was recorded. It counts as handed out."
    ),
    "screen.owed.slow.hint": "Ask the manager again if the customer still needs it.",
    "screen.owed.late.sentence": (
        "Nothing was recorded: the code was not on the screen any more when you pressed."
    ),
    "screen.owed.late.hint": "Read what this page says now, and answer that.",
    "screen.next.changed.sentence": (
        "This credit was not ended: its word has changed since you read it."
    ),
    "screen.next.changed.hint": "Read it again before the next customer comes.",
    "screen.open.unfinished": (
        "Nothing was changed: end or save the credit on the screen first, then open the other."
    ),
    # Lists and the page of one credit.
    "screen.list.title": "Waiting and saved",
    "screen.list.saved": "Saved on this screen",
    "screen.list.saved.none": "Nothing is saved.",
    "screen.list.elsewhere": "From another screen",
    "screen.list.elsewhere.hint": (
        "Another screen of this register began these, or this one before it was paired anew. Open "
        "one to end it here; leave those on which a colleague is still working."
    ),
    "screen.list.waiting": "Waiting at this register",
    "screen.list.waiting.none": "Nothing waits: every credit is confirmed, refused or voided.",
    "screen.list.more": "There are more: the oldest {count} are shown.",
    "screen.list.open": "Open",
    "screen.find.label": "Code or its last four, till number or key",
    "screen.find.go": "Find",
    "screen.find.found": "Found for {text}",
    "screen.find.hidden": "what you typed",
    "screen.find.code": "a code that ends in {last_four}",
    "screen.find.none": (
        "No credit fits among the last {count} of this register. A key is found however old."
    ),
    "screen.record.title": "About this credit",
    "screen.record.state": "State",
    "screen.record.amount": "Amount",
    "screen.record.key": "Key",
    "screen.record.code": "Code ends in",
    "screen.record.opened": "Opened",
    "screen.record.operator": "Operator",
    "screen.record.reason": "Reason",
    "screen.record.pos": "Till number",
    "screen.record.receipt": "Original receipt",
    "screen.record.customer": "Customer",
    "screen.record.customer.none": "none",
    "screen.record.customer.malformed": "not readable",
    "screen.record.customer.forgotten": "forgotten",
    "screen.record.paper": "Paper",
    "screen.record.void": "Voided by",
    "screen.record.void.by": "{by}: {reason}",
    "screen.record.prints": "Papers",
    "screen.record.print": "Copy {copy}, {time}: {state}",
    "screen.record.take-up": "Take it up on this screen",
    "screen.record.actions": "What can be done",
    "screen.record.nothing": "Nothing can be done here.",
    "screen.void.title": "Void the credit",
    "screen.void.warning": "Pay nothing out until it says VOIDED.",
    "screen.void.reason": "Why is it voided?",
    "screen.void.by": "Your name or number",
    "screen.reprint.title": "Print another copy",
    "screen.reprint.reason": "Why is it printed again?",
    "screen.reprint.manager": "Copies of this amount need a manager.",
    # To the shopper.
    "say.confirmed": "Your credit of {amount} is ready to use.",
    "say.confirmed.promised": (
        "Your credit of {amount} is confirmed. The voucher in your hand is the card now."
    ),
    "say.voucher": (
        "Your credit of {amount} is on this voucher. It will be in your account or on this code "
        "as soon as our card system answers."
    ),
    "say.voucher.identity": (
        "Your credit of {amount} is on this voucher. Scan it to collect the credit."
    ),
    "say.pending": (
        "We have recorded {amount} for you. This slip is no money; it helps us find the record."
    ),
    "say.refused": "I am sorry, the credit of {amount} could not be issued. Let me offer you "
    "another way.",
    "say.refused.undone": "The credit of {amount} was cancelled.",
    "say.held": "Your {amount} is recorded. I am calling a colleague to finish it.",
    "say.held.no-room": "Your {amount} is recorded. I am calling a colleague to release the paper.",
    "say.held.paper-unproved": (
        "Your {amount} is recorded. I am looking whether the paper came out."
    ),
    "say.held.paper-failed": (
        "Your {amount} is recorded. The printer needs a moment before you get your paper."
    ),
    "say.held.voiding": "We are cancelling the credit of {amount}. This takes a moment.",
    "say.wait": "Your {amount} is recorded. Our card system has not answered yet.",
    "say.owed": "Please photograph this code: it is your credit of {amount}.",
}
