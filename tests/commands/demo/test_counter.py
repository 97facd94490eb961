# SPDX-License-Identifier: Apache-2.0
"""The counter's arithmetic, as tables: what each key adds, and what is never hidden."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent.commands.demo.counter import Card, Count, Line, Oddity, Promise, Why, count
from agent.domain.money import Money
from agent.domain.record import SETTLED, State

KEY = "0421-03-1763600000000-7K3QF2ZA"
OTHER = "0421-03-1763600000001-7K3QF2ZB"
OPEN_AND_PROMISED = (State.SENDING, State.PARKED, State.UNSETTLED, State.REVIEW, State.VOIDING)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def counted(
    till: Mapping[str, Promise] | None = None,
    journal: Mapping[str, Line] | None = None,
    *ledger: Card,
) -> Count:
    return count(till or {}, journal or {}, ledger, "USD")


def sums(found: Count) -> tuple[int, int, int, int, int]:
    """Issued, on the platform, on paper, waiting, difference."""
    return (
        found.issued.minor,
        found.on_platform.minor,
        found.on_paper.minor,
        found.waiting.minor,
        found.difference.minor,
    )


def test_nothing_adds_up_to_nothing() -> None:
    assert sums(counted()) == (0, 0, 0, 0, 0)
    assert counted().holds


def test_what_was_confirmed_stands_on_the_platform() -> None:
    line = Line(usd(4850), State.CONFIRMED)
    found = counted({KEY: Promise(usd(4850))}, {KEY: line}, Card(KEY, usd(4850)))
    assert sums(found) == (4850, 4850, 0, 0, 0)
    assert (found.credits, found.cards, found.papers, found.holds) == (1, 1, 0, True)


@pytest.mark.parametrize("state", OPEN_AND_PROMISED)
def test_a_voucher_stands_on_paper_until_the_platform_has_it(state: State) -> None:
    till, journal = {KEY: Promise(usd(2000))}, {KEY: Line(usd(2000), state, promised=True)}
    assert sums(counted(till, journal)) == (2000, 0, 2000, 0, 0)
    assert counted(till, journal).papers == 1
    assert sums(counted(till, journal, Card(KEY, usd(2000)))) == (2000, 2000, 0, 0, 0)


def test_a_credit_whose_answer_was_lost_counts_once() -> None:
    line = Line(usd(3300), State.UNSETTLED, promised=True)
    found = counted({KEY: Promise(usd(3300))}, {KEY: line}, Card(KEY, usd(3300)))
    assert sums(found) == (3300, 3300, 0, 0, 0)


def test_a_card_of_another_amount_under_a_promised_key_is_not_money_yet() -> None:
    line = Line(usd(2500), State.REVIEW, promised=True)
    found = counted({KEY: Promise(usd(2500))}, {KEY: line}, Card(KEY, usd(2600)))
    assert sums(found) == (2500, 0, 2500, 0, 0)
    assert found.holds


@pytest.mark.parametrize("state", sorted(frozenset(State) - SETTLED))
def test_what_was_promised_to_nobody_waits(state: State) -> None:
    line = Line(usd(25_000), state)
    assert sums(counted({}, {KEY: line})) == (0, 0, 0, 25_000, 0)
    assert sums(counted({}, {KEY: line}, Card(KEY, usd(25_100)))) == (0, 0, 0, 25_000, 0)


def test_a_confirmation_that_the_till_has_not_heard_waits() -> None:
    found = counted({}, {KEY: Line(usd(100), State.CONFIRMED)}, Card(KEY, usd(100)))
    assert sums(found) == (0, 0, 0, 100, 0)
    assert found.holds


@pytest.mark.parametrize("state", [State.VOIDED, State.WITHDRAWN])
def test_what_a_person_undid_is_in_no_sum(state: State) -> None:
    till = {KEY: Promise(usd(500), void_asked=True)}
    dead = Card(KEY, usd(500), enabled=False)
    assert sums(counted(till, {KEY: Line(usd(500), state, promised=True)}, dead)) == (0,) * 5


@pytest.mark.parametrize("promised", [True, False])
def test_while_a_code_is_being_burnt_the_promise_stands(promised: bool) -> None:
    till = {KEY: Promise(usd(500), void_asked=True)}
    journal = {KEY: Line(usd(500), State.VOIDING, promised)}
    assert sums(counted(till, journal, Card(KEY, usd(500)))) == (500, 500, 0, 0, 0)
    dead = Card(KEY, usd(500), enabled=False)
    assert sums(counted(till, journal, dead)) == (500, 0, 500, 0, 0)


@pytest.mark.parametrize(
    ("till", "journal", "ledger", "why", "by"),
    [
        ({KEY: Promise(usd(700))}, {}, (), Why.MISSING, 700),
        (
            {KEY: Promise(usd(700))},
            {KEY: Line(usd(700), State.CONFIRMED)},
            (),
            Why.MISSING,
            700,
        ),
        (
            {KEY: Promise(usd(700))},
            {KEY: Line(usd(700), State.VOIDED, promised=True)},
            (Card(KEY, usd(700), enabled=False),),
            Why.MISSING,
            700,
        ),
        (
            {KEY: Promise(usd(700))},
            {KEY: Line(usd(700), State.UNSETTLED)},
            (),
            Why.MISSING,
            700,
        ),
        (
            {KEY: Promise(usd(700))},
            {KEY: Line(usd(700), State.CONFIRMED)},
            (Card(KEY, usd(600)),),
            Why.OTHER_AMOUNT,
            100,
        ),
        (
            {KEY: Promise(usd(700))},
            {KEY: Line(usd(600), State.PARKED, promised=True)},
            (),
            Why.OTHER_AMOUNT,
            100,
        ),
        (
            {KEY: Promise(usd(700))},
            {KEY: Line(usd(700), State.CONFIRMED)},
            (Card(KEY, usd(700)), Card(KEY, usd(700))),
            Why.TWICE,
            -700,
        ),
        (
            {KEY: Promise(usd(700), void_asked=True)},
            {KEY: Line(usd(700), State.VOIDED)},
            (Card(KEY, usd(700)),),
            Why.SURPLUS,
            -700,
        ),
        ({}, {}, (Card(KEY, usd(700)),), Why.SURPLUS, -700),
        ({}, {KEY: Line(usd(700), State.REFUSED)}, (Card(KEY, usd(700)),), Why.SURPLUS, -700),
        (
            {},
            {KEY: Line(usd(700), State.PARKED)},
            (Card(KEY, usd(700)), Card(KEY, usd(700))),
            Why.TWICE,
            -1400,
        ),
    ],
)
def test_what_does_not_add_up_is_named_with_its_key_and_amount(
    till: Mapping[str, Promise],
    journal: Mapping[str, Line],
    ledger: tuple[Card, ...],
    why: Why,
    by: int,
) -> None:
    found = counted(till, journal, *ledger)
    assert found.oddities == (Oddity(KEY, why, usd(by)),)
    assert found.difference == usd(by)
    assert not found.holds


def test_two_wrongs_that_hide_each_other_do_not_hold() -> None:
    found = counted({KEY: Promise(usd(700))}, {}, Card(OTHER, usd(700)))
    assert found.difference == usd(0)
    assert [each.why for each in found.oddities] == [Why.MISSING, Why.SURPLUS]
    assert not found.holds


@pytest.mark.parametrize("cards", [(), (Card(KEY, usd(1)),)])
def test_a_confirmation_without_its_card_does_not_hold_though_nobody_heard_it(
    cards: tuple[Card, ...],
) -> None:
    found = counted({}, {KEY: Line(usd(700), State.CONFIRMED)}, *cards)
    assert not found.holds
