# SPDX-License-Identifier: Apache-2.0
"""Money: exact, of one currency, within bounds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.currency import EXPONENTS, exponent
from agent.domain.money import MINOR_MAX, Money
from tests.domain.strategies import amounts, one_of_each_exponent

within = st.integers(-MINOR_MAX // 2, MINOR_MAX // 2)


@given(amounts)
def test_an_amount_that_was_printed_reads_back_as_itself(amount: Money) -> None:
    assert Money.parse(amount.decimal(), amount.currency) == amount


@given(st.integers(-MINOR_MAX, MINOR_MAX), one_of_each_exponent)
def test_the_printed_amount_is_the_exact_number_with_all_its_digits(
    minor: int, currency: str
) -> None:
    text = Money(minor, currency).decimal()
    digits = exponent(currency)
    assert Fraction(text) == Fraction(minor, 10**digits)
    assert len(text.partition(".")[2]) == digits
    assert ("." in text) == (digits > 0)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("48.50", "USD", 4850),
        ("48.5", "USD", 4850),
        ("48", "USD", 4800),
        ("0.01", "USD", 1),
        ("-0.01", "USD", -1),
        ("007", "USD", 700),
        ("1200", "JPY", 1200),
        ("-1", "JPY", -1),
        ("0.005", "KWD", 5),
        ("1.5", "KWD", 1500),
        ("10000000000.00", "USD", MINOR_MAX),
    ],
)
def test_a_written_amount_is_read(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.005", "USD"),
        ("1.0", "JPY"),
        ("0.0001", "KWD"),
        ("", "USD"),
        (".50", "USD"),
        ("1.", "USD"),
        ("+1", "USD"),
        ("--1", "USD"),
        ("1e3", "USD"),
        ("1,000", "USD"),
        ("1_000", "USD"),
        (" 1", "USD"),
        ("1\n", "USD"),
        ("١٢", "USD"),
        ("nan", "USD"),
        ("10000000000.01", "USD"),
        ("99999999999999", "USD"),
        ("1", "XXX"),
        ("1", "usd"),
        ("1", "XAU"),
    ],
)
def test_what_is_no_exact_amount_is_refused_and_never_rounded(text: str, currency: str) -> None:
    with pytest.raises(ValueError):
        Money.parse(text, currency)


@given(st.text(max_size=20), one_of_each_exponent)
def test_any_text_is_an_exact_amount_or_refused(text: str, currency: str) -> None:
    try:
        amount = Money.parse(text, currency)
    except ValueError:
        return
    assert Fraction(amount.decimal()) == Fraction(text)


@given(within, within, one_of_each_exponent)
def test_adding_and_taking_away_are_exact_inverses(one: int, two: int, currency: str) -> None:
    first, second = Money(one, currency), Money(two, currency)
    assert (first + second).minor == one + two
    assert first + second - second == first
    assert first + second == second + first


@given(st.integers(), st.integers(), one_of_each_exponent)
def test_order_is_that_of_the_numbers(one: int, two: int, currency: str) -> None:
    first, second = Money(one % MINOR_MAX, currency), Money(two % MINOR_MAX, currency)
    assert (first < second) == (first.minor < second.minor)
    assert (first <= second) == (first.minor <= second.minor)
    assert (first > second) == (first.minor > second.minor)


@given(amounts, amounts)
def test_two_currencies_never_mix(one: Money, two: Money) -> None:
    if one.currency == two.currency:
        two = Money(two.minor, "EUR" if one.currency != "EUR" else "USD")
    assert one != two
    for mixed in (
        lambda: one + two,
        lambda: one - two,
        lambda: one < two,
        lambda: one <= two,
        lambda: one > two,
    ):
        with pytest.raises(ValueError, match="do not mix"):
            mixed()


@pytest.mark.parametrize("minor", [MINOR_MAX + 1, -MINOR_MAX - 1, 10**30])
def test_an_amount_beyond_the_bounds_is_refused(minor: int) -> None:
    with pytest.raises(ValueError):
        Money(minor, "USD")


def test_a_sum_beyond_the_bounds_is_refused() -> None:
    with pytest.raises(ValueError):
        Money(MINOR_MAX, "USD") + Money(1, "USD")


@pytest.mark.parametrize("minor", [48.5, True, "4850", None])
def test_only_a_whole_number_is_an_amount(minor: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Money(minor, "USD")  # type: ignore[arg-type]


def test_only_an_amount_above_zero_is_positive() -> None:
    assert Money(1, "USD").positive
    assert not Money(0, "USD").positive
    assert not Money(-1, "USD").positive


def test_an_amount_names_its_currency_when_shown() -> None:
    assert str(Money(4850, "USD")) == "USD 48.50"
    assert str(Money(-5, "KWD")) == "KWD -0.005"
    assert str(Money(1200, "JPY")) == "JPY 1200"


def test_every_currency_has_none_two_or_three_minor_digits() -> None:
    assert set(EXPONENTS.values()) == {0, 2, 3}
    assert all(len(code) == 3 and code.isupper() and code.isascii() for code in EXPONENTS)
    assert (exponent("JPY"), exponent("USD"), exponent("KWD")) == (0, 2, 3)
