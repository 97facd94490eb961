# SPDX-License-Identifier: Apache-2.0
"""Whether a card is the credit that was asked for. By the initial amount, never by the balance: a
confirmed card may be spent. Pure."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from agent.domain.credit import Credit
from agent.domain.money import Money
from agent.domain.outcome import Saying
from agent.platforms.reading import Seen


class Match(Enum):
    """EQUAL: this very credit. VOID: dead for ever under our key, or at the burn's amount."""

    EQUAL = auto()
    VOID = auto()
    DIFFERENT = auto()


def burn_amount(credit: Credit) -> Money:
    """The smallest amount: what a code is created with only to be disabled."""
    return Money(1, credit.amount.currency)


def is_ours(seen: Seen, credit: Credit) -> bool:
    return seen.code == credit.code.reveal() and seen.card.key == credit.key.text


def compare(seen: Seen, credit: Credit, burnt_at: Money | None = None) -> Match:
    """`burnt_at`: what burns of this platform create a code with, where not the smallest."""
    card = seen.card
    if card.enabled:
        equal = is_ours(seen, credit) and card.initial == credit.amount
        return Match.EQUAL if equal else Match.DIFFERENT
    dead = seen.code == credit.code.reveal() and (
        card.key == credit.key.text or card.initial == (burnt_at or burn_amount(credit))
    )
    return Match.VOID if dead else Match.DIFFERENT


def difference(seen: Seen, credit: Credit) -> Saying:
    """In what a card differs, by name and never by value."""
    card = seen.card
    parts = {
        "code": seen.code != credit.code.reveal(),
        "key": card.key != credit.key.text,
        "amount": card.initial.minor != credit.amount.minor,
        "currency": card.initial.currency != credit.amount.currency,
        "disabled": not card.enabled,
    }
    names = ", ".join(name for name, differs in parts.items() if differs)
    return replace(seen.saying, code="differs", message=names)
