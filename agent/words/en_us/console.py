# SPDX-License-Identifier: Apache-2.0
"""Sentences of the commands. `--json` carries values and needs none of these."""

from typing import Final

WORDS: Final = {
    # status
    "status.running": "The agent runs since {since}, version {version}.",
    "status.not-running": "The agent does not answer at {address}.",
    "status.not-running.next": "Start it with `systemctl start countermark` and ask again.",
    "status.link.up": "The platform answers.",
    "status.link.down": "The platform has not answered since {since}.",
    "status.queue.empty": "Nothing waits.",
    "status.queue": "{count} credits wait, {amounts}; the oldest since {since}.",
    "status.on-paper": "{count} of them are on paper.",
    "status.register": "Register {register}: ring {ring}, printer {printer}.",
    "status.printer.silent": "does not say how it is",
    "status.printer.fault": "{fault}",
    # queue
    "queue.line": "{key}  {amount}  {state}  paper {paper}",
    "queue.more": "There are more; go on after {key}.",
    "queue.retried": "{key} is due now; the forwarder goes on with it.",
    "queue.withdrawn": "{key} is withdrawn: no credit was issued.",
    "queue.settled": "{key} is now {state}.",
    "queue.reason": "Why it waits: {reason}",
    # pair
    "pair.code": "Enter the code {code} at the till within {minutes} minutes.",
    "pair.done": "{name} is paired for the registers {registers}.",
    "pair.listed": "{id}  {name}  registers {registers}  since {since}",
    "pair.none": "No till is paired.",
    "pair.revoked": "{name} is no longer paired.",
    "pair.untested": "Not tested yet: it gets 504 until `countermark pos-test` has passed.",
    # voucher
    "voucher.valid": "The voucher is genuine: {amount}, credit {key}.",
    "voucher.claim-by": "It can be claimed until {date}.",
    "voucher.no-expiry": "It has no last day.",
    "voucher.identity": "It is not active before it is collected.",
    "voucher.state": "The credit is {state} here.",
    "voucher.not-here": "This register has no record of it.",
    "voucher.reprint": "COPY {copy} of {key} is on its way to the printer.",
    # journal
    "journal.whole": "The journal is whole: {events} events, {credits} credits.",
    "journal.damaged": "The journal is damaged at event {event}: {what}.",
    "journal.salvaged": (
        "The journal was damaged. On {at} {kept} credits were saved from it; {lost} could not be."
    ),
    "journal.salvaged.files": "In {folder}: the damaged file {aside}, and the list {list}.",
    "journal.salvaged.doubts": (
        "Some may be missing without a name: what looks like them asks a manager until that "
        "business day is over."
    ),
    "journal.salvaged.next": (
        "Look each up at the platform, then run `countermark journal acknowledge --by NAME`."
    ),
    "journal.noted": "Noted. Restart the agent: it saves what can be read before it goes on.",
    "journal.acknowledged": "Acknowledged by {by}; {file} keeps what was said.",
    "journal.nothing-to-acknowledge": "There is nothing to acknowledge.",
    "journal.progress": "{done} of {total} events read",
    "journal.exported": "{lines} lines were exported to {file}.",
    # keys
    "keys.own": "This register signs with {key}.",
    "keys.id": "Key id {id}",
    "keys.trusted": "{count} keys of other registers are trusted.",
    "keys.none": "This register has no key yet; it makes one at its first start.",
    # config
    "config.file": "read from {file}",
    "config.way": "register {register} goes to {platform}, by {said}",
    # all of them
    "command.aborted": "Stopped; nothing more was changed.",
    "command.next": "What to do: {hint}",
}
