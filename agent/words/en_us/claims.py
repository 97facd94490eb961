# SPDX-License-Identifier: Apache-2.0
"""What a cashier reads when a voucher comes back. The money first, then what to do.

Titles are those of the five words (`answer.*` in `cashier`).
"""

from typing import Final

WORDS: Final = {
    "claim.confirmed.sentence": "{amount} is confirmed: the code on the paper is the card now.",
    "claim.confirmed.next": "The customer keeps the paper and may spend it at once.",
    "claim.confirmed.linked.sentence": "{amount} is confirmed, in the customer's account.",
    "claim.confirmed.linked.next": "Tell the customer. Keep the voucher or mark it as used.",
    "claim.confirmed.unlinked.sentence": (
        "{amount} is confirmed, but it does not stand in the customer's account yet."
    ),
    "claim.confirmed.unlinked.next": "Scan the voucher again in a moment. The paper stays good.",
    "claim.confirmed.other-customer.sentence": (
        "{amount} is confirmed, and belongs to another account than was named now."
    ),
    "claim.confirmed.other-customer.next": (
        "It stays where it is. Ask the customer for their other account, or call a manager."
    ),
    "claim.on-its-way.sentence": "{amount} is not confirmed yet; the paper stays good.",
    "claim.on-its-way.next": "Give the paper back. Scan it again when the platform answers.",
    "claim.void.sentence": "No money is on this voucher: its credit was undone.",
    "claim.void.next": "Keep the paper and pay nothing out.",
    "claim.review.sentence": "{amount} is not confirmed: a person has to look at this voucher.",
    "claim.review.next": "Give the paper back and call a manager. Pay nothing out yet.",
    "claim.customer-needed.sentence": "{amount} waits for the customer; nothing is active yet.",
    "claim.customer-needed.next": (
        "Ask for the customer's e-mail, phone or membership number and scan again."
    ),
    "claim.customer-malformed.sentence": (
        "Nothing was changed: what was entered for the customer of {amount} cannot be right."
    ),
    "claim.customer-malformed.next": "Enter it again, or scan without a customer.",
    "claim.customer-unmatched.sentence": (
        "Nothing was changed: no account was found for the customer of {amount}."
    ),
    "claim.customer-unmatched.next": (
        "Check what was entered, or try another identifier. The paper stays good."
    ),
    "claim.customer-ambiguous.sentence": (
        "Nothing was changed: more than one account fits the customer of {amount}."
    ),
    "claim.customer-ambiguous.next": "Ask for another identifier, or call a manager.",
    "claim.customer-unknown.sentence": (
        "Nothing was changed: nobody could be asked for the customer of {amount} now."
    ),
    "claim.customer-unknown.next": "Give the paper back. Scan it again when the platform answers.",
}
