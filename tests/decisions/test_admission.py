# SPDX-License-Identifier: Apache-2.0
"""New, known, or a contradiction: each rule about aliases of design section 4."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.admission import ALIKE_FOR_MS, SETTLED_FOR_MS, admit, looks_like
from agent.domain.credit import CreditRequest, PosTransaction, Unit
from agent.domain.faults import AliasConflict, AliasExpired, LooksLike
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State
from tests.decisions.situations import ANA, NAMED, OPENED, START_MS, record
from tests.domain.strategies import request

OTHER_KEY = IdempotencyKey("0421-03-1763600000000-00000000")
ASKED = request()
OTHER_BODY = replace(ASKED, amount=Money(4851, "USD"))


def at(wall_ms: int, stepped_ms: int = 0) -> Moment:
    """On the machine that opened the records; its wall clock stepped by so much since."""
    return Moment(wall_ms + stepped_ms, OPENED.boot_ms + wall_ms - OPENED.wall_ms, OPENED.boot_id)


def knows(*records: CreditRecord) -> list[tuple[str, CreditRecord]]:
    return [(f"alias-{number}", each) for number, each in enumerate(records)]


def test_a_request_that_nobody_knows_is_new() -> None:
    assert admit(ASKED, [], [], at(START_MS)) is None


@pytest.mark.parametrize("state", State)
def test_the_same_alias_with_the_same_body_is_that_record(state: State) -> None:
    here = record(state)
    assert admit(ASKED, knows(here), [], at(START_MS + 1)) is here


def test_operator_reason_and_time_do_not_make_another_body() -> None:
    here = record(State.PARKED)
    again = replace(ASKED, operator="Bob", reason="other", occurred_at_ms=START_MS + 5)
    assert admit(again, knows(here), [], at(START_MS)) is here


@pytest.mark.parametrize(
    "state", [State.RECEIVED, State.PARKED, State.UNSETTLED, State.REVIEW, State.VOIDING]
)
def test_an_open_record_is_the_answer_however_old_it_is(state: State) -> None:
    here = record(state)
    assert admit(ASKED, knows(here), [], at(START_MS + 1_000 * SETTLED_FOR_MS)) is here


@pytest.mark.parametrize("state", [State.CONFIRMED, State.REFUSED, State.WITHDRAWN, State.VOIDED])
def test_a_settled_record_is_the_answer_for_24_hours_and_expired_later(state: State) -> None:
    here = record(state)
    assert admit(ASKED, knows(here), [], at(START_MS + SETTLED_FOR_MS)) is here
    with pytest.raises(AliasExpired) as refused:
        admit(ASKED, knows(here), [], at(START_MS + SETTLED_FOR_MS + 1))
    assert refused.value.values == {
        "key": here.key.text,
        "state": state.value,
        "amount": "USD 48.50",
    }


@pytest.mark.parametrize("state", State)
def test_the_same_alias_with_another_body_is_a_conflict(state: State) -> None:
    here = record(state)
    with pytest.raises(AliasConflict) as refused:
        admit(OTHER_BODY, knows(here), [], at(START_MS))
    assert refused.value.values == {"key": here.key.text, "why": "other-body"}


def test_another_body_is_a_conflict_and_not_expired_however_late_it_comes() -> None:
    """ "That credit exists, do not issue again" would be false: this one never existed."""
    here = record(State.CONFIRMED)
    with pytest.raises(AliasConflict):
        admit(OTHER_BODY, knows(here), [], at(START_MS + SETTLED_FOR_MS + 1))


def test_one_known_alias_is_enough_to_mean_the_record() -> None:
    """The journal hands in what it knows; the alias that is new is added to the record."""
    here = record(State.CONFIRMED)
    assert admit(ASKED, knows(here), [], at(START_MS)) is here


def test_two_aliases_of_one_record_mean_it() -> None:
    here = record(State.PARKED)
    assert admit(ASKED, knows(here, here), [], at(START_MS)) is here


def test_two_aliases_of_two_records_are_a_conflict() -> None:
    here, there = record(State.PARKED), record(State.PARKED, key=OTHER_KEY)
    with pytest.raises(AliasConflict) as refused:
        admit(ASKED, knows(here, there), [], at(START_MS))
    assert refused.value.values["why"] == "two-records"


def test_a_known_alias_is_never_asked_whether_it_looks_like_another() -> None:
    here, there = record(State.PARKED), record(State.PARKED, key=OTHER_KEY)
    assert admit(ASKED, knows(here), [there], at(START_MS)) is here


def test_an_alike_credit_younger_than_ten_minutes_is_asked_about() -> None:
    alike = record(State.CONFIRMED, heard=True)
    with pytest.raises(LooksLike) as refused:
        admit(ASKED, [], [alike], at(START_MS + ALIKE_FOR_MS - 1))
    assert refused.value.values == {"key": alike.key.text, "amount": "USD 48.50"}
    assert admit(ASKED, [], [alike], at(START_MS + ALIKE_FOR_MS)) is None


@pytest.mark.parametrize("stepped_ms", [-315_576_000_000, -1_000, 1_000, 315_576_000_000])
def test_an_alike_credit_is_young_for_ten_minutes_whatever_the_clock_does(stepped_ms: int) -> None:
    alike = record(State.CONFIRMED, heard=True)
    assert looks_like(ASKED, alike, at(START_MS + ALIKE_FOR_MS - 1, stepped_ms))
    assert not looks_like(ASKED, alike, at(START_MS + ALIKE_FOR_MS, stepped_ms))


def test_an_alike_credit_whose_answer_is_unheard_is_asked_about_at_any_age() -> None:
    alike = record(State.CONFIRMED, heard=False)
    with pytest.raises(LooksLike):
        admit(ASKED, [], [alike], at(START_MS + 100 * ALIKE_FOR_MS))


def test_a_request_that_says_distinct_goes_on() -> None:
    alike = record(State.CONFIRMED)
    assert admit(replace(ASKED, distinct=True), [], [alike], at(START_MS)) is None


def test_a_tapped_slip_is_never_asked() -> None:
    alike = record(State.CONFIRMED)
    assert admit(ASKED, [], [alike], at(START_MS), ask_alike=False) is None


def test_distinct_does_not_open_a_second_record_under_a_known_alias() -> None:
    here = record(State.CONFIRMED)
    assert admit(replace(ASKED, distinct=True), knows(here), [], at(START_MS)) is here


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Money(4851, "USD")},
        {"amount": Money(4850, "CAD")},
        {"customer": ANA},
        {"place": Place("0421", "3")},
        {"units": (Unit("S-1", "1", 1),)},
    ],
    ids=str,
)
def test_a_credit_that_differs_in_what_counts_is_not_alike(changes: dict[str, Any]) -> None:
    assert looks_like(ASKED, record(State.CONFIRMED), at(START_MS))
    assert not looks_like(replace(ASKED, **changes), record(State.CONFIRMED), at(START_MS))


def test_what_is_alike_does_not_depend_on_the_till_s_number_or_the_order_of_units() -> None:
    units = (Unit("S-1", "1", 1), Unit("S-1", "2", 1))
    theirs = record(State.CONFIRMED, request=replace(NAMED, units=units))
    ours: CreditRequest = replace(
        NAMED,
        units=units[::-1],
        pos=PosTransaction(datetime.date(2025, 11, 21), "9999", "2"),
        operator="Bob",
    )
    assert looks_like(ours, theirs, at(START_MS))


def test_every_alike_record_is_looked_at() -> None:
    old = record(State.CONFIRMED, heard=True)
    young = record(State.PARKED, key=OTHER_KEY)
    with pytest.raises(LooksLike) as refused:
        admit(ASKED, [], [replace(old, request=OTHER_BODY), young], at(START_MS))
    assert refused.value.values["key"] == OTHER_KEY.text
