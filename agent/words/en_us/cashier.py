# SPDX-License-Identifier: Apache-2.0
"""What a cashier or manager reads about one credit. The money comes first, then what to do.

Titles stand once, under `answer.*` and in lists under `state.*`; reasons have a sentence and a
next step of their own.
"""

from typing import Final

WORDS: Final = {
    # The five words, and the moment before one of them is true.
    "answer.waiting.title": "ONE MOMENT",
    "answer.waiting.sentence": "{amount} is recorded; nothing is confirmed yet.",
    "answer.waiting.next": "Wait for the word. Do not promise the credit yet.",
    "answer.confirmed.title": "CONFIRMED",
    "answer.confirmed.sentence": "{amount} of store credit is confirmed.",
    "answer.confirmed.next": "Give the receipt to the customer.",
    "answer.confirmed.promised.sentence": (
        "{amount} of store credit is confirmed; the printed voucher is the card now."
    ),
    "answer.confirmed.promised.next": "The customer keeps the voucher. Print nothing else.",
    "answer.confirmed.no-paper.sentence": (
        "{amount} of store credit is confirmed, but its receipt did not come out."
    ),
    "answer.confirmed.no-paper.next": (
        "Mend the printer, then print the receipt again. Do not issue the credit again."
    ),
    "answer.confirmed.bare.sentence": (
        "{amount} of store credit is confirmed. No receipt was printed."
    ),
    "answer.confirmed.bare.next": (
        "Tell the customer. Where no account was named, have the code printed or shown."
    ),
    "answer.voucher.title": "VOUCHER",
    "answer.voucher.sentence": (
        "{amount} is promised on the printed voucher and will be confirmed by itself."
    ),
    "answer.voucher.next": "Give the voucher to the customer.",
    "answer.voucher.identity.sentence": (
        "{amount} waits for the customer, who collects it with the printed voucher."
    ),
    "answer.voucher.identity.next": (
        "Give the voucher to the customer and point at the line that says how to collect."
    ),
    "answer.pending.title": "PENDING",
    "answer.pending.sentence": "{amount} is recorded, but it is not money yet.",
    "answer.pending.next": "Give the slip to the customer and say that it has no value by itself.",
    "answer.refused.title": "REFUSED",
    "answer.refused.sentence": "No credit was issued: {amount} was refused.",
    "answer.refused.next": "Tell the customer, and offer another way. Nothing has to be undone.",
    "answer.ask-a-manager.title": "ASK A MANAGER",
    "answer.ask-a-manager.sentence": "{amount} is recorded and waits for a manager.",
    "answer.ask-a-manager.next": "Call a manager. Do not promise the credit and do not repeat it.",
    # Why a manager is asked.
    "manager.no-room.sentence": (
        "{amount} is recorded but not promised: this register has promised as much as it may."
    ),
    "manager.no-room.next": (
        "A manager may let the voucher out, or the customer waits for the link."
    ),
    "manager.not-enrolled.sentence": (
        "{amount} is recorded but not promised: nobody could verify this register's vouchers."
    ),
    "manager.not-enrolled.next": (
        "Store IT enrolls the register. The credit goes on by itself when the link is back."
    ),
    "manager.paper-unproved.sentence": (
        "{amount} is recorded, and the printer does not say whether the voucher came out."
    ),
    "manager.paper-unproved.next": (
        "Look at the printer, then say whether the paper came out. Print nothing before that."
    ),
    "manager.paper-failed.sentence": "{amount} is recorded, but its voucher did not come out.",
    "manager.paper-failed.next": (
        "See to the printer's paper, cover and cable, then print this credit's voucher again."
    ),
    "manager.review.sentence": "{amount} is recorded and waits for a person.",
    "manager.review.next": "A manager opens the credit and decides.",
    "manager.voiding.sentence": "{amount} is being cancelled and is not dead yet.",
    "manager.voiding.next": "Pay nothing out for it until it says VOIDED.",
    "manager.held.sentence": "{amount} is recorded and held here; nothing was promised.",
    "manager.held.next": "A manager opens the credit and decides.",
    # Why a credit waits for a person.
    "review.customer-missing.sentence": "{amount} is not active: no customer was named.",
    "review.customer-missing.next": (
        "The customer collects it with the voucher, or a manager names the customer."
    ),
    "review.customer-malformed.sentence": (
        "{amount} is not active: what was entered is no e-mail, phone or loyalty number."
    ),
    "review.customer-malformed.next": (
        "The customer collects it with the voucher, or a manager names the customer."
    ),
    "review.customer-unmatched.sentence": (
        "{amount} is not active: the platform knows no such customer."
    ),
    "review.customer-unmatched.next": (
        "The customer collects it with the voucher, or a manager names the customer."
    ),
    "review.customer-ambiguous.sentence": (
        "{amount} is not active: more than one customer has this identifier."
    ),
    "review.customer-ambiguous.next": (
        "The customer collects it with the voucher, or a manager names the right customer."
    ),
    "review.refused-late.sentence": (
        "{amount} was refused by the platform after it may have been promised or sent."
    ),
    "review.refused-late.next": (
        "A manager reads the platform's reason, then confirms the platform's own card or voids."
    ),
    "review.differs.sentence": (
        "{amount} stands on the platform with another amount, currency or key."
    ),
    "review.differs.next": (
        "A manager compares both cards, then confirms the platform's own card or voids."
    ),
    "review.cannot-resend.sentence": (
        "{amount} may or may not be issued, and sending it again could issue it twice."
    ),
    "review.cannot-resend.next": (
        "A manager looks it up on the platform, then confirms the platform's own card or voids."
    ),
    "review.spent-in-part.sentence": "{amount} was cancelled, but a part of it had been spent.",
    "review.spent-in-part.next": (
        "A manager settles the part that was spent with the customer, then writes it off."
    ),
    "review.burn-refused.sentence": (
        "{amount} could not be cancelled: the platform refused to close its code."
    ),
    "review.burn-refused.next": (
        "Pay nothing out. A manager closes the card on the platform, then voids again."
    ),
    "review.restored.sentence": (
        "{amount} stands in a copy that was put back, and may have been taken back since the copy."
    ),
    "review.restored.next": (
        "A manager asks whether it is still owed, then names the customer, or voids it and issues"
        " it anew."
    ),
    # Where a credit stands, for lists.
    "state.received.title": "RECEIVED",
    "state.received.sentence": "{amount} is recorded; nothing was sent and nothing promised.",
    "state.received.next": "Ask for it again at the till, or withdraw it.",
    "state.sending.title": "SENDING",
    "state.sending.sentence": "{amount} is being sent to the platform.",
    "state.sending.next": "Wait.",
    "state.parked.title": "PARKED",
    "state.parked.sentence": "{amount} is recorded and was not sent; it waits for the link.",
    "state.parked.next": "It goes on by itself.",
    "state.unsettled.title": "UNSETTLED",
    "state.unsettled.sentence": "{amount} may have been issued; the platform will be asked.",
    "state.unsettled.next": "It goes on by itself.",
    "state.review.title": "REVIEW",
    "state.review.sentence": "{amount} is recorded and waits for a person.",
    "state.review.next": "A manager opens the credit and decides.",
    "state.confirmed.title": "CONFIRMED",
    "state.confirmed.sentence": "{amount} is confirmed by the platform.",
    "state.confirmed.next": "Nothing is left to do.",
    "state.refused.title": "REFUSED",
    "state.refused.sentence": "No credit was issued: the platform refused {amount}.",
    "state.refused.next": "Nothing has to be undone.",
    "state.withdrawn.title": "WITHDRAWN",
    "state.withdrawn.sentence": "No credit was issued: {amount} was withdrawn before it was sent.",
    "state.withdrawn.next": "Nothing has to be undone.",
    "state.voiding.title": "VOIDING",
    "state.voiding.sentence": "{amount} is being cancelled and is not dead yet.",
    "state.voiding.next": "Pay nothing out for it until it says VOIDED.",
    "state.voided.title": "VOIDED",
    "state.voided.sentence": "{amount} was cancelled: its code is worth nothing any more.",
    "state.voided.next": "Any paper of it can be thrown away.",
    # What the paper did.
    "paper-state.none.title": "no paper",
    "paper-state.none.sentence": "No paper was made.",
    "paper-state.none.next": "",
    "paper-state.queued.title": "paper on its way",
    "paper-state.queued.sentence": "The paper is on its way to the printer.",
    "paper-state.queued.next": "Wait for it.",
    "paper-state.sent.title": "sent to the printer",
    "paper-state.sent.sentence": (
        "The paper was sent; the printer does not say whether it came out."
    ),
    "paper-state.sent.next": "Look at the printer, then say whether it came out.",
    "paper-state.printed.title": "printed",
    "paper-state.printed.sentence": "The paper came out.",
    "paper-state.printed.next": "Give it to the customer.",
    "paper-state.uncertain.title": "perhaps printed",
    "paper-state.uncertain.sentence": "The paper may have come out: the printing was interrupted.",
    "paper-state.uncertain.next": "Look at the printer, then say whether it came out.",
    "paper-state.failed.title": "not printed",
    "paper-state.failed.sentence": "The paper did not come out.",
    "paper-state.failed.next": "See to the printer's paper, cover and cable, then print it again.",
    # Why a platform said no.
    "refusal.platform.sentence": "No credit was issued: the platform refused {amount}.",
    "refusal.platform.next": "Tell the customer, and offer another way.",
    "refusal.limit.sentence": "No credit was issued: {amount} is over the platform's limit.",
    "refusal.limit.next": "Offer a smaller credit or another way.",
    "refusal.currency.sentence": (
        "No credit was issued: the platform has no credit in the currency of {amount}."
    ),
    "refusal.currency.next": "Store IT checks the currency in the settings and on the platform.",
    # Questions on a screen.
    "question.looks-like": (
        "{amount} was just given here. Is this another credit for another return?"
    ),
    "question.came-out": "Did the voucher for {amount} come out of the printer?",
}
