# SPDX-License-Identifier: Apache-2.0
"""The five words, and what stands behind each."""

from __future__ import annotations

from typing import Any

import pytest

from agent.decisions.answer import answer, held_reason, told_paper
from agent.domain.record import (
    Answer,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
    VoidKind,
    VoidRequest,
)
from tests.decisions.situations import ACCOUNT, VOID, out, record

WAITING = (State.SENDING, State.PARKED, State.UNSETTLED)
SLIP: dict[str, Any] = {"request": ACCOUNT, "paper_kind": PaperKind.SLIP, "copies": 1}


@pytest.mark.parametrize("paper", Paper)
def test_a_confirmed_credit_is_confirmed_whatever_its_paper_did(paper: Paper) -> None:
    assert answer(record(State.CONFIRMED, **out(paper))) is Answer.CONFIRMED


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN, State.VOIDED])
def test_refused_is_said_where_nothing_is_issued(state: State) -> None:
    assert answer(record(state)) is Answer.REFUSED


@pytest.mark.parametrize("state", [State.RECEIVED, *WAITING])
def test_nothing_is_said_while_nothing_is_known(state: State) -> None:
    assert answer(record(state)) is None
    assert held_reason(record(state)) is None


@pytest.mark.parametrize("state", [*WAITING, State.REVIEW])
@pytest.mark.parametrize("kind", [PaperKind.VOUCHER, PaperKind.IDENTITY])
def test_voucher_is_said_once_the_paper_is_proved(state: State, kind: PaperKind) -> None:
    assert answer(record(state, **out(Paper.PRINTED, kind))) is Answer.VOUCHER
    assert answer(record(state, **out(Paper.QUEUED, kind))) is None


@pytest.mark.parametrize("state", [*WAITING, State.REVIEW])
@pytest.mark.parametrize(
    ("paper", "reason"),
    [
        (Paper.SENT, ManagerReason.PAPER_UNPROVED),
        (Paper.UNCERTAIN, ManagerReason.PAPER_UNPROVED),
        (Paper.FAILED, ManagerReason.PAPER_FAILED),
    ],
)
def test_a_manager_is_asked_where_the_paper_is_not_proved(
    state: State, paper: Paper, reason: ManagerReason
) -> None:
    here = record(state, manager=reason, **out(paper))
    assert answer(here) is Answer.ASK_A_MANAGER
    assert held_reason(here) is reason


@pytest.mark.parametrize("state", WAITING)
def test_a_slip_without_value_says_pending(state: State) -> None:
    assert answer(record(state, paper=Paper.PRINTED, **SLIP)) is Answer.PENDING


def test_a_slip_in_review_asks_a_manager() -> None:
    assert answer(record(State.REVIEW, paper=Paper.PRINTED, **SLIP)) is Answer.ASK_A_MANAGER


@pytest.mark.parametrize("state", WAITING)
def test_no_room_asks_a_manager(state: State) -> None:
    here = record(state, manager=ManagerReason.NO_ROOM)
    assert answer(here) is Answer.ASK_A_MANAGER
    assert held_reason(here) is ManagerReason.NO_ROOM


def test_a_review_without_paper_asks_a_manager() -> None:
    assert held_reason(record(State.REVIEW)) is ManagerReason.REVIEW


@pytest.mark.parametrize("paper", Paper)
def test_a_credit_that_is_being_voided_is_no_voucher_any_more(paper: Paper) -> None:
    here = record(State.VOIDING, **out(paper))
    assert answer(here) is Answer.ASK_A_MANAGER
    assert held_reason(here) is ManagerReason.VOIDING


@pytest.mark.parametrize("reason", [ReviewReason.SPENT_IN_PART, ReviewReason.BURN_REFUSED])
@pytest.mark.parametrize("kind", VoidKind)
def test_a_voucher_whose_void_waits_for_a_person_is_no_voucher_any_more(
    reason: ReviewReason, kind: VoidKind
) -> None:
    """Its code may be dead: the word VOUCHER would send the shopper off with it."""
    here = record(
        State.REVIEW, review=reason, void=VoidRequest(VOID.by, VOID.reason, kind), **out()
    )
    assert answer(here) is Answer.ASK_A_MANAGER


def test_queued_paper_is_told_as_none() -> None:
    assert told_paper(record(paper=Paper.QUEUED)) is Paper.NONE
    for paper in set(Paper) - {Paper.QUEUED}:
        assert told_paper(record(paper=paper)) is paper
