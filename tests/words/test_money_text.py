# SPDX-License-Identifier: Apache-2.0
"""Amounts as text: the ISO code, all the digits of the currency, plain ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.currency import EXPONENTS
from agent.domain.money import MINOR_MAX, Money
from agent.words import money_text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(4850, "USD"), "USD 48.50"),
        (Money(5, "USD"), "USD 0.05"),
        (Money(-5, "USD"), "USD -0.05"),
        (Money(1200, "JPY"), "JPY 1200"),
        (Money(1, "KWD"), "KWD 0.001"),
        (Money(10**12, "EUR"), "EUR 10000000000.00"),
    ],
)
def test_an_amount_reads_as_code_and_digits(amount: Money, text: str) -> None:
    assert money_text(amount) == text


@given(
    minor=st.integers(min_value=-MINOR_MAX, max_value=MINOR_MAX),
    currency=st.sampled_from(sorted(EXPONENTS)),
)
def test_what_people_read_is_the_very_amount(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    code, digits = money_text(amount).split(" ")
    assert Money.parse(digits, code) == amount
    assert money_text(amount).isascii()
