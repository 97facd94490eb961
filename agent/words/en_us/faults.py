# SPDX-License-Identifier: Apache-2.0
"""What a person reads when something did not go: the sentence, the hint, and who it is for.

`_FAULTS` has a line for every code of `agent.domain.faults`; a key `code.why` is the more exact
line for one value of `why`. A sentence says first what happened to the customer's money.
"""

from typing import Final

_CASHIER, _MANAGER, _STORE_IT, _POS = "cashier", "manager", "store-it", "pos-vendor"

_FAULTS: Final[dict[str, tuple[str, str, str]]] = {
    "bad-request": (
        "Nothing was issued or changed: the request was not understood.",
        "Compare the request with /openapi.json and send it again.",
        _POS,
    ),
    "bad-field": (
        "Nothing was issued or changed: {field} is wrong: {problem}.",
        "Correct {field} and send the request again.",
        _POS,
    ),
    "header-missing": (
        "Nothing was issued or changed: the header {header} is missing.",
        "Send {header} with every such request.",
        _POS,
    ),
    "unknown-credit": (
        "Nothing was changed: no credit is known here under this key, number or code.",
        "Check what was typed or scanned, and whether it belongs to another register.",
        _CASHIER,
    ),
    "unknown-card": (
        "Nothing was changed: no gift card with this code is known.",
        "Compare the code with the paper, letter by letter, and ask again.",
        _CASHIER,
    ),
    "unknown-card.on-its-way": (
        "The credit with this code is recorded here; the platform does not know it yet.",
        "Keep the paper and ask again later: {key} says how the credit stands.",
        _CASHIER,
    ),
    "conflict": (
        "Nothing new was issued: this contradicts the credit {key}.",
        "Open {key} and see what it is before going on.",
        _MANAGER,
    ),
    "alias-conflict": (
        "Nothing new was issued: this name belongs to the credit {key}, which says otherwise.",
        "Use a new Idempotency-Key or POS line for another credit; repeat the same body for this.",
        _POS,
    ),
    "alias-conflict.two-records": (
        "Nothing new was issued: the names given belong to two credits, one of them {key}.",
        "Send the Idempotency-Key and the POS number that were first used together.",
        _POS,
    ),
    "alias-expired": (
        "Nothing new was issued: this credit of {amount} was settled over a day ago ({state}).",
        "Do not issue it again. Open {key} to see it.",
        _CASHIER,
    ),
    "looks-like": (
        "Nothing new was issued yet: another credit of {amount} was just given here.",
        "If it is for another return, say so and go on; if not, use {key}.",
        _CASHIER,
    ),
    "record-lost": (
        "Nothing new was issued: {key} of {amount} was given before, and its record was lost.",
        "Do not issue it again. A manager looks it up at the platform; store IT has the list.",
        _MANAGER,
    ),
    "unit-taken": (
        "Nothing new was issued: this returned item was credited already, in {key}.",
        "Check the receipt and the line; a manager can open {key}.",
        _MANAGER,
    ),
    "not-allowed": (
        "Nothing was issued or changed: this is not allowed here.",
        "Ask a manager, or store IT for the right pairing.",
        _MANAGER,
    ),
    "unauthorised": (
        "Nothing was issued or changed: the till is not paired with this agent.",
        "Pair it again with `countermark pair` and use the new token.",
        _STORE_IT,
    ),
    "scope-missing": (
        "Nothing was issued or changed: this pairing lacks {scope}.",
        "Pair the till again with the scope and the registers that it needs.",
        _STORE_IT,
    ),
    "approval-required": (
        "Nothing was issued: a manager has to approve this credit first.",
        "A manager enters the PIN; then the same request goes on.",
        _MANAGER,
    ),
    "approval-required.expired": (
        "Nothing was paid or issued yet: this voucher of {amount} has expired.",
        "It is still owed. A manager enters the PIN and scans it again.",
        _MANAGER,
    ),
    "approval-invalid": (
        "Nothing was issued: the approval does not count.",
        "Ask a manager for a new approval of this very credit.",
        _MANAGER,
    ),
    "approval-invalid.unknown": (
        "Nothing was issued: no such approval was given here.",
        "Ask a manager for an approval of this very credit.",
        _MANAGER,
    ),
    "approval-invalid.used": (
        "Nothing was issued: the approval was used already.",
        "Ask a manager for a new approval of this very credit.",
        _MANAGER,
    ),
    "approval-invalid.too-old": (
        "Nothing was issued: the approval is older than five minutes.",
        "Ask a manager for a new approval of this very credit.",
        _MANAGER,
    ),
    "approval-invalid.other-body": (
        "Nothing was issued: the approval was given for another credit.",
        "Ask a manager for an approval of this very credit.",
        _MANAGER,
    ),
    "pin-wrong": (
        "Nothing was issued or changed: the PIN is wrong; tries left: {left}.",
        "Enter the manager's PIN again.",
        _MANAGER,
    ),
    "pin-locked": (
        "Nothing was issued or changed: too many wrong PINs; locked for {minutes} minutes.",
        "Ask another manager, or wait.",
        _MANAGER,
    ),
    "pairing-invalid": (
        "Nothing was changed: the pairing code is wrong, used or too old.",
        "Make a new code with `countermark pair` and enter it within its time.",
        _STORE_IT,
    ),
    "too-many-tries": (
        "Nothing was changed: too many unknown codes were asked for at this till.",
        "Wait {wait_s} seconds, then compare the code with the paper and ask again.",
        _CASHIER,
    ),
    "host-refused": (
        "Nothing was issued or changed: the request came for another host.",
        "Call the agent by a name that the settings allow, such as 127.0.0.1.",
        _POS,
    ),
    "origin-refused": (
        "Nothing was issued or changed: the page it came from is not allowed.",
        "Add the page's origin to the settings if it is the store's own.",
        _STORE_IT,
    ),
    "unavailable": (
        "Nothing was issued: the agent cannot do this now.",
        "Try again; if it stays so, call store IT.",
        _CASHIER,
    ),
    "observing": (
        "Nothing was issued by us: this register only observes.",
        "Issue the credit as before; store IT switches the register on with its ring.",
        _STORE_IT,
    ),
    "cannot-journal": (
        "Nothing was issued, sent or printed: this register cannot save to its disk.",
        "Use another register and call store IT: the disk is full, read-only or failing.",
        _STORE_IT,
    ),
    "cannot-journal.disk-full": (
        "Nothing was issued, sent or printed: the disk of this register is full.",
        "Use another register. Store IT makes room; new credits then go on by themselves.",
        _STORE_IT,
    ),
    "cannot-journal.read-only": (
        "Nothing was issued, sent or printed: the disk of this register cannot be written.",
        "Use another register. Store IT reads the system's log, mends the disk and restarts.",
        _STORE_IT,
    ),
    "cannot-journal.disk": (
        "Nothing was issued, sent or printed: the disk of this register reports errors.",
        "Use another register. Store IT reads the system's log; the disk may be failing.",
        _STORE_IT,
    ),
    "cannot-journal.broken": (
        "Nothing was issued, sent or printed: saving failed, and the agent starts anew.",
        "Ask again in a minute with the same Idempotency-Key; if it stays so, call store IT.",
        _STORE_IT,
    ),
    "cannot-journal.slow": (
        "Nothing was promised or printed: this register's disk did not answer in time.",
        "Ask again with the same Idempotency-Key: nothing is issued twice. Then call store IT.",
        _STORE_IT,
    ),
    "busy": (
        "Nothing new was issued: too many requests wait already.",
        "Wait a moment, then ask again with the same Idempotency-Key.",
        _CASHIER,
    ),
    "stopping": (
        "Nothing new was issued: the agent is shutting down.",
        "Ask again with the same Idempotency-Key when it is back.",
        _CASHIER,
    ),
    "platform-unavailable": (
        "Nothing was changed: the gift card platform could not be asked.",
        "Try again when the link is back; `countermark check` shows what is wrong.",
        _STORE_IT,
    ),
    "platform-unavailable.balance": (
        "The balance is not known now: the gift card platform could not be asked.",
        "Ask again when the link is back; nothing was changed.",
        _CASHIER,
    ),
    "not-now": (
        "Nothing was changed: a credit that is {state} does not allow this.",
        "Open the credit and use what it offers.",
        _MANAGER,
    ),
    "paper-refused.claimed": (
        "Nothing was printed: this voucher was brought back already, so no copy of it may go out.",
        "Open the credit: the paper that the customer has is the one that counts.",
        _MANAGER,
    ),
    "paper-refused": (
        "Nothing was printed and the credit is as it was: {state}, paper {paper}.",
        "Open the credit: it says what paper there is and what may be printed.",
        _MANAGER,
    ),
    "journal": (
        "No new credit is issued: the journal of this register has a fault.",
        "Use another register and call store IT.",
        _STORE_IT,
    ),
    "journal-damaged": (
        "No new credit is issued: the journal was changed or cut at {where}.",
        "Keep the file as it is, run `countermark journal verify`, and call support.",
        _STORE_IT,
    ),
    "journal-locked": (
        "Nothing was changed: another process ({pid}) holds the journal in {folder}.",
        "Stop the other agent first; only one may run on a journal.",
        _STORE_IT,
    ),
    "journal-newer": (
        "Nothing was changed: the journal was written by a newer version.",
        "Install that version again; an older one must not write to it.",
        _STORE_IT,
    ),
    "settings": (
        "Nothing was started or changed: {key} in {file} is wrong: {problem}.",
        "Correct it, then run `countermark check`.",
        _STORE_IT,
    ),
    "voucher-invalid": (
        "Nothing was paid or issued: this is not a valid voucher.",
        "Scan it again; if it stays so, a manager looks the credit up by its code.",
        _CASHIER,
    ),
    "voucher-invalid.unreadable": (
        "Nothing was paid or issued: what was scanned is no voucher that can be read.",
        "Scan the square on the paper again, flat and in good light.",
        _CASHIER,
    ),
    "voucher-invalid.unknown-key": (
        "Nothing was paid or issued yet: nobody here knows the register that signed the voucher.",
        "A manager puts it to review; store IT adds the register's key to the trusted keys.",
        _MANAGER,
    ),
    "voucher-invalid.bad-signature": (
        "Nothing was paid or issued: the voucher was changed or is not ours.",
        "Scan it again; if it stays so, keep the paper and call a manager.",
        _MANAGER,
    ),
    "voucher-void": (
        "No money is on this voucher any more: its credit was undone, and nothing was issued.",
        "Keep the paper and pay nothing out; a manager can open {key}.",
        _CASHIER,
    ),
    "voucher-differs": (
        "Nothing was paid or issued: this voucher says otherwise than the credit {key}.",
        "Keep the paper and call a manager: one of the two is not what it seems.",
        _MANAGER,
    ),
    "printer-missing": (
        "Nothing was printed and the credit is as it was: there is no printer called {printer}.",
        "Store IT names a printer for this register in the settings.",
        _STORE_IT,
    ),
    "internal": (
        "Nothing is certain: the agent made a mistake of its own, and a credit may be there.",
        "Ask again with the same Idempotency-Key and body; if it stays so, call store IT.",
        _CASHIER,
    ),
}

WORDS: Final[dict[str, str]] = {
    f"fault.{code}.{part}": text
    for code, words in _FAULTS.items()
    for part, text in zip(("sentence", "hint", "who"), words, strict=True)
}
