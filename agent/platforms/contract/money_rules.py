# SPDX-License-Identifier: Apache-2.0
"""Rules about amounts: currencies of two, of no and of three decimals, right or not sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from agent.domain.credit import Credit
from agent.domain.currency import exponent
from agent.domain.outcome import Refused
from agent.platforms.contract.subject import Subject
from agent.words import say

CURRENCIES: Final = ("USD", "JPY", "KWD")
"""Two decimals, none, three (ISO 4217)."""
_NUMBER: Final = re.compile(r"(?<![\w.+-])[0-9]+(?:\.[0-9]+)?(?![\w.-])")


def amounts_cross_exactly(subject: Subject) -> Iterator[str]:
    """The amount in what is sent is the credit's, in the vendor's own form; a currency that the
    vendor cannot take is refused before anything is sent."""
    for currency in CURRENCIES:
        credit = subject.in_currency(currency)
        held = subject.issued(credit)
        does = [do for each in held for do in each.does]
        if not does:
            refused = held and all(isinstance(each.value, Refused) for each in held)
            if not refused or currency == "USD":
                yield say("contract.breach.amount.unseen", currency=currency)
            continue
        if any(isinstance(each.value, Refused) and each.does for each in held[:1]):
            yield say("contract.breach.amount.late", currency=currency)
        numbers = {
            Decimal(number)
            for do in does
            for number in _NUMBER.findall(do.request.body.decode(errors="replace"))
        }
        if not numbers & _right(subject, credit):
            yield say("contract.breach.amount.wrong", currency=currency)


def _right(subject: Subject, credit: Credit) -> set[Decimal]:
    amount = credit.amount
    value = Decimal(amount.minor).scaleb(-exponent(amount.currency))
    forms = {"minor": Decimal(amount.minor), "decimal": value, "hundredths": value * 100}
    form = subject.examples.amount
    return set(forms.values()) if form is None else {forms[form]}
