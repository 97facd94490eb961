# SPDX-License-Identifier: Apache-2.0
"""The table of states: each row is reached, nothing beside it is, and no state is a dead end."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import get_args

import pytest

from agent.decisions.decide import decide
from agent.decisions.transitions import ROWS, Row, move, target
from agent.domain.event import Event
from agent.domain.faults import NotNow
from agent.domain.record import OPEN, SETTLED, State
from tests.decisions.situations import NOW, SITUATIONS, at, record

TABLE = {(row.source, row.event, row.case): row.target for row in ROWS}
NAMES = sorted({row.event for row in ROWS})


def beside_the_table() -> Iterator[tuple[State, str, str]]:
    for state in State:
        for event, case in sorted({(row.event, row.case) for row in ROWS} | set(SITUATIONS)):
            if (state, event, case) not in TABLE:
                yield state, event, case


def named(row: Row) -> str:
    return f"{row.source}-{row.event}-{row.case}"


def test_no_two_rows_begin_alike() -> None:
    assert len(TABLE) == len(ROWS)


def test_every_event_has_a_row_and_every_row_an_event() -> None:
    assert {event.name for event in get_args(Event)} == set(NAMES)


def test_every_case_of_the_table_has_a_situation_and_none_is_left_over() -> None:
    assert {(row.event, row.case) for row in ROWS} == set(SITUATIONS)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_each_row_is_what_decide_does(row: Row) -> None:
    situation = SITUATIONS[row.event, row.case]
    before = record(row.source, **situation.changes)
    decision = decide(before, situation.event, at(**situation.around))
    assert decision.record.state is row.target
    assert (decision.record.key, decision.record.code) == (before.key, before.code)
    assert decision.record.request == before.request
    assert decision.record.changed_ms == NOW.wall_ms
    assert (decision.record.settled_ms is not None) == (row.target in SETTLED)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_decision_leaves_its_record_as_it_was(row: Row) -> None:
    situation = SITUATIONS[row.event, row.case]
    before = record(row.source, **situation.changes)
    kept = copy.deepcopy(before)
    decide(before, situation.event, at(**situation.around))
    assert before == kept


@pytest.mark.parametrize(("state", "event", "case"), list(beside_the_table()))
def test_what_is_not_in_the_table_raises_and_changes_nothing(
    state: State, event: str, case: str
) -> None:
    before = record(state)
    kept = copy.deepcopy(before)
    with pytest.raises(NotNow) as refused:
        target(state, event, case)
    assert refused.value.values == {"state": state.value, "event": event, "case": case}
    with pytest.raises(NotNow):
        move(before, event, case, NOW.wall_ms)
    assert before == kept


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(("event", "case"), sorted(SITUATIONS))
def test_an_event_that_its_state_does_not_know_is_refused_by_decide(
    state: State, event: str, case: str
) -> None:
    situation = SITUATIONS[event, case]
    before = record(state, **situation.changes)
    kept = copy.deepcopy(before)
    if any(row.source is state and row.event == event for row in ROWS):
        known = {row.target for row in ROWS if row.source is state and row.event == event}
        try:
            after = decide(before, situation.event, at(**situation.around)).record.state
        except NotNow:
            after = None
        assert after is None or after in known
    else:
        with pytest.raises(NotNow):
            decide(before, situation.event, at(**situation.around))
    assert before == kept


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_leads_to_a_settled_one(state: State) -> None:
    reached, waiting = {state}, [state]
    while waiting:
        here = waiting.pop()
        for row in ROWS:
            if row.source is here and row.target not in reached:
                reached.add(row.target)
                waiting.append(row.target)
    assert reached & SETTLED


@pytest.mark.parametrize("state", sorted(SETTLED - {State.CONFIRMED}))
def test_what_is_settled_stays_as_it_is(state: State) -> None:
    assert {row.target for row in ROWS if row.source is state} == {state}


def test_what_was_confirmed_can_only_be_voided() -> None:
    leaves = {
        (row.event, row.target)
        for row in ROWS
        if row.source is State.CONFIRMED and row.target is not State.CONFIRMED
    }
    assert leaves == {("void-asked", State.VOIDING)}


def test_only_proof_of_the_platform_leads_to_voided() -> None:
    ways = {(row.event, row.case) for row in ROWS if row.target is State.VOIDED} - {
        (row.event, row.case) for row in ROWS if row.source is State.VOIDED
    }
    assert ways == {("burn-ended", "burnt"), ("looked", "void")}


def test_unsettled_never_becomes_parked() -> None:
    assert not [row for row in ROWS if row.source is State.UNSETTLED and row.target is State.PARKED]


def test_a_person_leaves_review_only_by_a_row() -> None:
    by_person = {
        (row.event, row.case, row.target)
        for row in ROWS
        if row.source is State.REVIEW and row.event.startswith(("person", "void-asked"))
    }
    assert by_person == {
        ("person-linked", "exclusive", State.PARKED),
        ("person-linked", "perhaps-sent", State.UNSETTLED),
        ("person-confirmed", "", State.CONFIRMED),
        ("person-withdrew", "exclusive", State.WITHDRAWN),
        ("void-asked", "exclusive", State.WITHDRAWN),
        ("void-asked", "shared", State.VOIDING),
    }
