# SPDX-License-Identifier: Apache-2.0
"""Our own paper comes back: what a scan may change in a record, and what never."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.answer import answer
from agent.decisions.decide import decide
from agent.domain.event import Claimed, PaperApproved, PaperLeaving, ReprintAsked
from agent.domain.faults import NotNow, PaperRefused
from agent.domain.record import (
    Answer,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
)
from tests.decisions.situations import ACCOUNT, NAMED, SCAN, VOID, at, out, record

ALICE = replace(SCAN, customer_id="c-1")


def claimed(state: State, scan: Any = SCAN, **changes: Any) -> Any:
    return decide(record(state, **changes), Claimed(scan), at()).record


@pytest.mark.parametrize("state", [State.RECEIVED, State.PARKED, State.SENDING, State.UNSETTLED])
def test_who_holds_the_paper_proves_that_it_is_out(state: State) -> None:
    after = claimed(state, paper=Paper.FAILED, manager=ManagerReason.PAPER_FAILED)
    assert (after.shared, after.promised, after.paper) == (True, True, Paper.PRINTED)
    assert answer(after) is Answer.VOUCHER
    assert after.due_ms is not None


def test_what_was_in_flight_was_perhaps_sent() -> None:
    assert claimed(State.SENDING).perhaps_sent
    assert not claimed(State.PARKED).perhaps_sent


def test_identity_paper_goes_on_only_with_a_customer_or_by_the_stores_leave() -> None:
    plain = out(kind=PaperKind.IDENTITY)
    assert claimed(State.REVIEW, **plain).state is State.REVIEW
    linked = claimed(State.REVIEW, ALICE, **plain)
    assert (linked.state, linked.customer_id, linked.review) == (State.PARKED, "c-1", None)
    bearer = claimed(State.REVIEW, replace(SCAN, bearer=True), **plain)
    assert (bearer.state, bearer.unlinked_flag) == (State.PARKED, True)


@pytest.mark.parametrize("reason", [reason for reason in ReviewReason if not reason.is_identity])
def test_any_other_review_waits_for_a_person(reason: ReviewReason) -> None:
    after = claimed(State.REVIEW, ALICE, review=reason, **out())
    assert (after.state, after.review, after.customer_id) == (State.REVIEW, reason, None)


def test_a_void_that_was_asked_for_is_not_undone_by_a_scan() -> None:
    after = claimed(State.REVIEW, ALICE, void=VOID, **out(kind=PaperKind.IDENTITY))
    assert after.state is State.REVIEW
    for state in (State.VOIDING, State.VOIDED, State.REFUSED, State.WITHDRAWN):
        before = record(state)
        after = claimed(state, ALICE)
        assert after.claimed is not None
        assert replace(after, claimed=None, changed_ms=before.changed_ms) == before


def test_a_confirmed_card_is_linked_only_while_it_is_nobodys() -> None:
    free = claimed(State.CONFIRMED, ALICE, **out())
    assert free.link_wanted
    assert free.due_ms is not None
    for changes in ({"linked": True}, {"customer_id": "c-2"}, {"request": NAMED}):
        kept = claimed(State.CONFIRMED, ALICE, **{**out(), **changes})
        assert kept.customer_id == changes.get("customer_id")
    nobody = claimed(State.CONFIRMED, ALICE, request=NAMED, unlinked_flag=True, **out())
    assert nobody.customer_id == "c-1"


def test_the_first_claim_stays_the_first() -> None:
    first = claimed(State.PARKED)
    again = decide(first, Claimed(replace(SCAN, by="Cy")), at()).record
    assert again.claimed == first.claimed
    assert again.claimed is not None
    assert again.claimed.by == "Bea"


def test_no_money_paper_leaves_after_the_claim_and_a_receipt_may() -> None:
    voucher = claimed(State.CONFIRMED, **out())
    for event in (
        ReprintAsked("Ana", "torn", "Mia"),
        PaperLeaving(PaperKind.VOUCHER),
    ):
        with pytest.raises(PaperRefused):
            decide(voucher, event, at())
    with pytest.raises(PaperRefused):
        decide(claimed(State.PARKED, paper=Paper.NONE), PaperApproved("Mia"), at())
    decide(voucher, PaperLeaving(PaperKind.RECEIPT), at())


def test_a_slip_is_no_money_whatever_is_scanned() -> None:
    with pytest.raises(NotNow):
        decide(record(State.PARKED, request=ACCOUNT), Claimed(SCAN), at())
