# SPDX-License-Identifier: Apache-2.0
"""The counter's first steps: begin, who the customer is, the end of the budget, a restart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.decide import decide, identity_defect, needs_resolving
from agent.decisions.limits import Limits
from agent.domain.action import AskManager, PrintPaper, Resolve, Send
from agent.domain.customer import (
    Customer,
    CustomerKind,
    CustomerPolicy,
    Forgotten,
    Malformed,
    Skipped,
)
from agent.domain.event import Begun, BudgetEnded, Forwarding, Heard, Resolved, Restarted
from agent.domain.exposure import Exposure
from agent.domain.moment import Moment
from agent.domain.outcome import Ambiguous, Matched, Unknown, Unmatched
from agent.domain.record import ManagerReason, Paper, PaperKind, ReviewReason, State
from tests.decisions.situations import ACCOUNT, ANA, NAMED, NOW, OPENED, at, out, record
from tests.domain.strategies import request

NO_ROOM = Exposure(outstanding_minor=200_000)
VOUCHER = (PrintPaper(PaperKind.VOUCHER, 1, "agent", "voucher"),)
IDENTITY = (PrintPaper(PaperKind.IDENTITY, 1, "agent", "identity"),)
SLIP = (PrintPaper(PaperKind.SLIP, 1, "agent", "slip"),)


@pytest.mark.parametrize(
    ("customer", "policy", "reason"),
    [
        (ANA, CustomerPolicy.REQUIRED, None),
        (ANA, CustomerPolicy.WANTED, None),
        (ANA, CustomerPolicy.ANONYMOUS, None),
        (Skipped(True), CustomerPolicy.REQUIRED, ReviewReason.CUSTOMER_MISSING),
        (Skipped(False), CustomerPolicy.REQUIRED, ReviewReason.CUSTOMER_MISSING),
        (Skipped(True), CustomerPolicy.WANTED, None),
        (Skipped(False), CustomerPolicy.WANTED, ReviewReason.CUSTOMER_MISSING),
        (Skipped(False), CustomerPolicy.ANONYMOUS, None),
        (Malformed(CustomerKind.PHONE), CustomerPolicy.REQUIRED, ReviewReason.CUSTOMER_MALFORMED),
        (Malformed(CustomerKind.PHONE), CustomerPolicy.WANTED, ReviewReason.CUSTOMER_MALFORMED),
        (Malformed(CustomerKind.PHONE), CustomerPolicy.ANONYMOUS, None),
        (Forgotten(CustomerKind.EMAIL), CustomerPolicy.REQUIRED, None),
    ],
)
def test_each_policy_knows_which_customers_take_the_identity_path(
    customer: Customer, policy: CustomerPolicy, reason: ReviewReason | None
) -> None:
    assert identity_defect(customer, policy) is reason


@pytest.mark.parametrize("link_up", [True, False])
def test_a_local_defect_takes_the_identity_path_whatever_the_link(link_up: bool) -> None:
    here = record(request=request(customer=Malformed(CustomerKind.EMAIL)))
    decision = decide(here, Begun(), at(link_up=link_up))
    assert decision.record.state is State.REVIEW
    assert decision.record.review is ReviewReason.CUSTOMER_MALFORMED
    assert decision.actions == IDENTITY
    assert not decision.record.promised


def test_a_plain_credit_is_sent_at_once_and_its_room_is_reserved() -> None:
    decision = decide(record(), Begun(), at())
    assert decision.actions == (Send(),)
    assert decision.record.reserved
    assert (decision.record.attempts, decision.record.first_sent) == (1, NOW)
    assert not decision.record.perhaps_sent


def test_no_room_never_stops_sending() -> None:
    decision = decide(record(), Begun(), at(others=NO_ROOM))
    assert decision.actions == (Send(),)
    assert not decision.record.reserved


def test_a_named_customer_is_resolved_before_anything_is_sent() -> None:
    decision = decide(record(request=NAMED), Begun(), at())
    assert decision.actions == (Resolve(),)
    assert decision.record.state is State.RECEIVED


def test_a_platform_that_cannot_resolve_is_sent_to_directly() -> None:
    assert not needs_resolving(record(request=NAMED), at(resolves=False))
    assert decide(record(request=NAMED), Begun(), at(resolves=False)).actions == (Send(),)


def test_with_the_link_down_the_voucher_comes_at_once() -> None:
    decision = decide(record(), Begun(), at(link_up=False))
    assert decision.record.state is State.PARKED
    assert decision.actions == VOUCHER
    assert decision.record.paper is Paper.QUEUED
    assert not decision.record.promised
    assert decision.record.due_ms is not None


def test_with_the_link_down_a_well_formed_customer_goes_on_offline_paper() -> None:
    assert decide(record(request=NAMED), Begun(), at(link_up=False)).actions == VOUCHER


def test_an_account_credit_gets_a_slip_without_value() -> None:
    decision = decide(record(request=ACCOUNT), Begun(), at(link_up=False))
    assert decision.actions == SLIP


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        ({"others": NO_ROOM}, ManagerReason.NO_ROOM),
        ({"limits": Limits(per_credit=4_849)}, ManagerReason.NO_ROOM),
        ({"enrolled": False}, ManagerReason.NOT_ENROLLED),
    ],
)
def test_without_room_or_key_a_manager_is_asked_and_the_record_stays_open(
    around: dict[str, Any], reason: ManagerReason
) -> None:
    decision = decide(record(), Begun(), at(link_up=False, **around))
    assert decision.record.state is State.PARKED
    assert decision.actions == (AskManager(reason),)
    assert (decision.record.manager, decision.record.paper) == (reason, Paper.NONE)
    assert decision.record.due_ms is not None


def test_identity_vouchers_beyond_their_bound_ask_a_manager() -> None:
    here = record(request=request(customer=Malformed(CustomerKind.EMAIL)))
    decision = decide(here, Begun(), at(others=Exposure(unclaimed=50)))
    assert decision.record.state is State.REVIEW
    assert decision.actions == (AskManager(ManagerReason.NO_ROOM),)


@pytest.mark.parametrize("link_up", [True, False])
def test_a_shared_record_is_never_sent_before_it_was_looked_up(link_up: bool) -> None:
    """A restored journal: in the life that was lost it may have gone further than RECEIVED."""
    decision = decide(record(shared=True), Begun(), at(link_up=link_up))
    assert Send() not in decision.actions


def test_a_matched_customer_is_kept_and_the_credit_sent() -> None:
    decision = decide(record(request=NAMED), Resolved(Matched("c-1")), at())
    assert decision.record.customer_id == "c-1"
    assert decision.actions == (Send(),)


@pytest.mark.parametrize(
    ("resolution", "reason"),
    [
        (Unmatched(), ReviewReason.CUSTOMER_UNMATCHED),
        (Ambiguous(2), ReviewReason.CUSTOMER_AMBIGUOUS),
    ],
)
def test_nobody_at_the_counter_is_an_identity_voucher(
    resolution: Unmatched | Ambiguous, reason: ReviewReason
) -> None:
    decision = decide(record(request=NAMED), Resolved(resolution), at())
    assert decision.record.review is reason
    assert decision.actions == IDENTITY
    assert not decision.record.reserved


def test_a_customer_nobody_could_look_up_goes_on_offline_paper() -> None:
    decision = decide(record(request=NAMED, reserved=True), Resolved(Unknown("timeout")), at())
    assert decision.record.state is State.PARKED
    assert decision.actions == VOUCHER
    assert not decision.record.perhaps_sent


@pytest.mark.parametrize("resolution", [Unmatched(), Ambiguous(3)])
@pytest.mark.parametrize("state", [State.PARKED, State.UNSETTLED])
def test_nobody_after_offline_paper_is_issued_unlinked_and_flagged(
    state: State, resolution: Unmatched | Ambiguous
) -> None:
    here = record(state, request=NAMED, **out())
    decision = decide(here, Resolved(resolution), at())
    assert decision.record.state is state
    assert decision.record.unlinked_flag
    assert not needs_resolving(decision.record, at())


def test_nobody_after_a_voucher_was_queued_is_issued_unlinked_and_flagged() -> None:
    """The paper comes in a moment and says that its code is the credit: no review may hold it."""
    here = record(
        State.PARKED, request=NAMED, paper=Paper.QUEUED, paper_kind=PaperKind.VOUCHER, copies=1
    )
    decision = decide(here, Resolved(Unmatched()), at())
    assert decision.record.state is State.PARKED
    assert decision.record.unlinked_flag


def test_nobody_before_any_paper_asks_a_person_and_prints_nothing() -> None:
    decision = decide(record(State.PARKED, request=NAMED), Resolved(Unmatched()), at())
    assert decision.record.state is State.REVIEW
    assert decision.actions == (AskManager(ManagerReason.REVIEW),)


@pytest.mark.parametrize(
    ("state", "sent"),
    [(State.RECEIVED, False), (State.PARKED, False), (State.SENDING, True)],
)
def test_the_budget_s_end_prints_the_voucher_and_knows_what_may_have_left(
    state: State, sent: bool
) -> None:
    decision = decide(record(state, reserved=True), BudgetEnded(), at())
    assert decision.actions == VOUCHER
    assert decision.record.perhaps_sent is sent
    assert decision.record.due_ms is not None


@pytest.mark.parametrize("paper", [Paper.QUEUED, Paper.SENT, Paper.PRINTED, Paper.UNCERTAIN])
def test_the_budget_s_end_prints_no_second_paper(paper: Paper) -> None:
    here = record(State.PARKED, **out(paper))
    assert decide(here, BudgetEnded(), at()).actions == ()


def test_reserved_room_is_used_though_others_filled_the_rest() -> None:
    here = record(State.SENDING, reserved=True)
    assert decide(here, BudgetEnded(), at(others=NO_ROOM)).actions == VOUCHER
    here = record(State.SENDING, reserved=False)
    assert decide(here, BudgetEnded(), at(others=NO_ROOM)).actions == (
        AskManager(ManagerReason.NO_ROOM),
    )


def test_a_clock_that_is_not_trusted_prints_no_expiry() -> None:
    trusted = decide(record(), Begun(), at(link_up=False)).record
    unsure = decide(record(), Begun(), at(link_up=False, now=replace(NOW, trusted=False))).record
    assert trusted.expires_on is not None
    assert (trusted.expires_on - NOW.utc().date()).days == 30
    assert unsure.expires_on is None


@pytest.mark.parametrize("state", State)
def test_a_restart_prints_nothing_and_sends_nothing(state: State) -> None:
    if state in {State.REFUSED, State.WITHDRAWN, State.VOIDED}:
        return
    decision = decide(record(state), Restarted(), at())
    assert decision.actions == ()
    assert decision.record.paper is Paper.NONE


def test_what_was_being_sent_is_perhaps_sent_after_a_restart() -> None:
    after = decide(record(State.SENDING), Restarted(), at()).record
    assert (after.state, after.perhaps_sent) == (State.UNSETTLED, True)
    assert after.due_ms is not None


def test_what_was_received_waits_for_its_alias_after_a_restart() -> None:
    after = decide(record(reserved=True), Restarted(), at()).record
    assert (after.state, after.reserved, after.due_ms) == (State.RECEIVED, False, None)


def test_a_link_that_was_still_due_is_due_after_a_restart() -> None:
    """Else the credit stays off the customer's account for ever, and nobody is told (I8)."""
    here = record(State.CONFIRMED, request=NAMED, customer_id="c-1", due_ms=NOW.wall_ms)
    after = decide(here, Restarted(), at()).record
    assert after.link_wanted
    assert after.due_ms is not None


def test_hearing_the_answer_changes_nothing_else() -> None:
    here = record(State.PARKED, **out())
    after = decide(here, Heard(), at()).record
    assert after == replace(here, heard=True, changed_ms=NOW.wall_ms)


def test_hearing_the_answer_does_not_forget_a_link_that_is_due() -> None:
    here = record(State.CONFIRMED, request=NAMED, customer_id="c-1", due_ms=NOW.wall_ms)
    assert decide(here, Heard(), at()).record.due_ms == NOW.wall_ms


def test_the_forwarder_s_send_is_counted_before_its_first_byte() -> None:
    after = decide(record(State.PARKED, attempts=3, first_sent=OPENED), Forwarding(), at()).record
    assert (after.attempts, after.first_sent, after.last_sent) == (4, OPENED, NOW)
    assert after.state is State.SENDING


def test_the_wall_clock_of_a_decision_is_the_circumstances_own() -> None:
    now = Moment(5, 6, "boot-z")
    assert decide(record(), Begun(), at(now=now)).record.changed_ms == 5
