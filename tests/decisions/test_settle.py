# SPDX-License-Identifier: Apache-2.0
"""What the platform's words mean: six outcomes of a send, five findings of a look-up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.answer import answer
from agent.decisions.decide import decide
from agent.domain.action import AskManager, LinkCustomer, LookUp, PrintPaper, Send
from agent.domain.event import (
    Answered,
    Begun,
    BudgetEnded,
    Forwarding,
    Looked,
    PaperLeaving,
    PersonLinked,
)
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    RefusalReason,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.record import (
    Answer,
    CreditRecord,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
)
from tests.decisions.situations import (
    ACCOUNT,
    CARD,
    NAMED,
    NOW,
    START_MS,
    VOID,
    at,
    out,
    record,
)

REFUSED = Refused(RefusalReason.LIMIT, Saying(422, "limit"))
DAY_MS = 24 * 3_600_000


def walk(here: CreditRecord, *events: Any, **around: Any) -> CreditRecord:
    for event in events:
        here = decide(here, event, at(**around)).record
    return here


def test_a_confirmation_within_the_call_prints_the_receipt() -> None:
    decision = decide(record(State.SENDING), Answered(Confirmed(CARD), at_counter=True), at())
    assert decision.actions == (PrintPaper(PaperKind.RECEIPT, 1, "agent", "receipt"),)
    assert decision.record.reference == "gc-1"
    assert not decision.record.reserved
    assert answer(decision.record) is Answer.CONFIRMED


@pytest.mark.parametrize("event", [Answered(Confirmed(CARD)), Looked(Found(CARD))])
def test_a_late_confirmation_prints_nothing(event: Answered | Looked) -> None:
    decision = decide(record(State.UNSETTLED), event, at())
    assert decision.record.state is State.CONFIRMED
    assert decision.actions == ()


@pytest.mark.parametrize("paper", [Paper.QUEUED, Paper.SENT, Paper.PRINTED, Paper.UNCERTAIN])
def test_a_confirmation_beside_money_paper_prints_no_receipt(paper: Paper) -> None:
    """The paper is then the card."""
    here = record(State.UNSETTLED, **out(paper))
    decision = decide(here, Answered(Confirmed(CARD), at_counter=True), at())
    assert decision.actions == ()
    assert (decision.record.paper, decision.record.paper_kind) == (paper, PaperKind.VOUCHER)


def test_a_confirmed_card_of_a_known_customer_is_linked_next() -> None:
    here = record(State.SENDING, request=NAMED, customer_id="c-1")
    decision = decide(here, Answered(Confirmed(CARD)), at())
    assert LinkCustomer() in decision.actions
    assert decision.record.due_ms is not None
    linked = decide(here, Answered(Confirmed(CARD, linked=True)), at())
    assert LinkCustomer() not in linked.actions
    assert linked.record.due_ms is None


@pytest.mark.parametrize("kind", [PaperKind.RECEIPT, PaperKind.VOUCHER])
def test_a_link_that_is_due_survives_the_paper_that_comes_meanwhile(kind: PaperKind) -> None:
    here = record(State.SENDING, request=NAMED, customer_id="c-1")
    after = walk(here, Answered(Confirmed(CARD), at_counter=True), PaperLeaving(kind))
    assert after.link_wanted
    assert after.due_ms is not None


def test_what_was_confirmed_did_reach_the_platform() -> None:
    """Else a review after a burn that failed takes the record for one that was never sent."""
    assert decide(record(State.SENDING), Answered(Confirmed(CARD)), at()).record.perhaps_sent
    assert decide(record(State.PARKED), Looked(Found(CARD)), at()).record.perhaps_sent


def test_a_clean_refusal_ends_the_record() -> None:
    decision = decide(record(State.SENDING), Answered(REFUSED, at_counter=True), at())
    assert decision.record.state is State.REFUSED
    assert decision.actions == ()
    assert decision.record.saying == Saying(422, "limit")
    assert answer(decision.record) is Answer.REFUSED


@pytest.mark.parametrize(
    "changes", [{"perhaps_sent": True}, out(), out(Paper.FAILED), {"perhaps_sent": True, **out()}]
)
def test_a_refusal_after_a_doubt_or_a_promise_is_looked_up_then_reviewed(
    changes: dict[str, Any],
) -> None:
    decision = decide(record(State.SENDING, **changes), Answered(REFUSED), at())
    assert decision.record.state is State.UNSETTLED
    assert decision.record.refused
    assert decision.actions == (LookUp(),)
    review = decide(decision.record, Looked(Absent()), at()).record
    assert (review.state, review.review) == (State.REVIEW, ReviewReason.REFUSED_LATE)
    assert decide(decision.record, Looked(Found(CARD)), at()).record.state is State.CONFIRMED


def test_a_refusal_of_a_restored_record_does_not_end_it() -> None:
    """In the life that was lost it may have been promised: another copy of it may be on paper."""
    decision = decide(record(State.SENDING, shared=True), Answered(REFUSED), at())
    assert decision.record.state is State.UNSETTLED
    assert decision.actions == (LookUp(),)


def test_a_refusal_after_an_unanswered_send_never_ends_the_record() -> None:
    here = walk(
        record(State.SENDING), Answered(Unanswered("timeout")), Forwarding(), Answered(REFUSED)
    )
    assert here.state is State.UNSETTLED
    assert here.refused


@pytest.mark.parametrize("outcome", [Unsent("connect"), Throttled(1)])
def test_what_was_not_executed_is_parked_only_where_nothing_else_may_have_left(
    outcome: Unsent | Throttled,
) -> None:
    clean = decide(record(State.SENDING), Answered(outcome), at()).record
    assert (clean.state, clean.perhaps_sent) == (State.PARKED, False)
    doubted = decide(record(State.SENDING, perhaps_sent=True), Answered(outcome), at()).record
    assert doubted.state is State.UNSETTLED
    late = walk(record(State.SENDING), BudgetEnded(), Answered(outcome))
    assert late.state is State.UNSETTLED


def test_a_throttled_send_waits_as_long_as_it_was_told() -> None:
    after = decide(record(State.SENDING), Answered(Throttled(30)), at()).record
    assert after.due_ms is not None
    assert after.due_ms >= NOW.wall_ms + 30_000


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.SENDING, Answered(Throttled(10**9))),
        (State.UNSETTLED, Looked(Unknown("429", retry_after_s=10**9))),
    ],
)
def test_no_platform_puts_a_credit_off_for_longer_than_a_day(
    state: State, event: Answered | Looked
) -> None:
    after = decide(record(state), event, at()).record
    assert after.due_ms is not None
    assert after.due_ms <= NOW.wall_ms + DAY_MS


@pytest.mark.parametrize(
    ("outcome", "actions"),
    [
        (Unanswered("timeout"), ()),
        (Unanswered("amount", differs=True), (LookUp(),)),
        (Accepted("job-1", Saying(202)), ()),
    ],
)
def test_what_may_have_left_is_unsettled_and_due(
    outcome: Unanswered | Accepted, actions: tuple[LookUp, ...]
) -> None:
    decision = decide(record(State.SENDING), Answered(outcome), at())
    assert decision.record.state is State.UNSETTLED
    assert decision.record.perhaps_sent
    assert decision.record.due_ms is not None
    assert decision.actions == actions


def test_an_accepted_account_credit_is_never_on_paper_of_value() -> None:
    here = record(State.SENDING, request=ACCOUNT)
    after = walk(here, Answered(Accepted("job-1", Saying(202))), BudgetEnded())
    assert after.paper_kind is PaperKind.SLIP
    assert not after.promised


@pytest.mark.parametrize("state", [State.PARKED, State.UNSETTLED, State.REVIEW])
def test_a_dead_code_is_voided_and_no_word_of_a_credit_is_said(state: State) -> None:
    dead = replace(CARD, enabled=False)
    after = decide(record(state, **out()), Looked(FoundVoid(dead)), at()).record
    assert after.state is State.VOIDED
    assert answer(after) is Answer.REFUSED


@pytest.mark.parametrize("state", [State.PARKED, State.UNSETTLED, State.REVIEW])
def test_something_else_under_our_key_or_code_goes_to_a_person(state: State) -> None:
    other = replace(CARD, initial=Money(1, "USD"))
    decision = decide(record(state, review=None), Looked(FoundDifferent(other, Saying(200))), at())
    assert decision.record.state is State.REVIEW
    assert decision.record.review is ReviewReason.DIFFERS
    assert decision.actions == (AskManager(ManagerReason.REVIEW),)


def test_absent_under_a_unique_code_sends_the_same_bytes_again() -> None:
    decision = decide(
        record(State.UNSETTLED), Looked(Absent()), at(dedupes=True, settling_ms=10**9)
    )
    assert decision.record.state is State.UNSETTLED
    assert decision.actions == (Send(),)


@pytest.mark.parametrize(
    ("passed_ms", "sends"), [(0, False), (4_999, False), (5_000, True), (10**6, True)]
)
def test_absent_without_a_unique_code_counts_only_after_the_settling_time(
    passed_ms: int, sends: bool
) -> None:
    sent = Moment(NOW.wall_ms, NOW.boot_ms - passed_ms, NOW.boot_id)
    here = record(State.UNSETTLED, last_sent=sent)
    decision = decide(here, Looked(Absent()), at(dedupes=False))
    assert (Send() in decision.actions) is sends
    assert decision.record.state is State.UNSETTLED
    if not sends:
        assert decision.record.due_ms == NOW.wall_ms + 5_000 - passed_ms


def test_a_wall_clock_that_leapt_does_not_shorten_the_settling_time() -> None:
    sent = Moment(START_MS - DAY_MS, NOW.boot_ms, NOW.boot_id)
    here = record(State.UNSETTLED, last_sent=sent)
    assert decide(here, Looked(Absent()), at(dedupes=False)).actions == ()


def test_absent_from_an_inexact_look_up_goes_to_a_person() -> None:
    decision = decide(
        record(State.UNSETTLED), Looked(Absent()), at(dedupes=False, exact_lookup=False)
    )
    assert decision.record.review is ReviewReason.CANNOT_RESEND
    assert Send() not in decision.actions


@pytest.mark.parametrize(
    ("window_ms", "age_ms", "trusted", "sends"),
    [
        (None, 400 * DAY_MS, True, True),
        (7 * DAY_MS, 10_000, True, True),
        (7 * DAY_MS, 7 * DAY_MS - 3_600_001, True, True),
        (7 * DAY_MS, 7 * DAY_MS - 3_600_000, True, False),
        (7 * DAY_MS, 8 * DAY_MS, True, False),
        (7 * DAY_MS, 10_000, False, False),
        (0, 10_000, True, False),
    ],
)
def test_a_live_key_lets_the_same_bytes_go_again_where_nothing_can_be_looked_up(
    window_ms: int | None, age_ms: int, trusted: bool, sends: bool
) -> None:
    """After a reboot with a clock that nobody trusts the window counts as closed."""
    boot = NOW.boot_id if trusted else "another"
    sent = Moment(NOW.wall_ms - age_ms, NOW.boot_ms - age_ms, boot, trusted)
    here = record(State.UNSETTLED, first_sent=sent, last_sent=sent)
    around = at(dedupes=False, exact_lookup=False, key_window_ms=window_ms)
    decision = decide(here, Looked(Absent()), around)
    assert (Send() in decision.actions) is sends
    review = None if sends else ReviewReason.CANNOT_RESEND
    assert decision.record.review is review


def test_what_is_due_later_is_not_sent_sooner_for_an_absent() -> None:
    """A platform that is asked over and over keeps its distance."""
    here = record(State.UNSETTLED, last_sent=NOW, due_ms=NOW.wall_ms + 60_000)
    decision = decide(here, Looked(Absent()), at(dedupes=False))
    assert decision.record.due_ms == NOW.wall_ms + 60_000


def test_absent_from_an_inexact_look_up_never_sends_what_others_may_have_sent() -> None:
    """On paper, never sent by us; another register may have replayed it a moment ago."""
    here = record(State.PARKED, **out())
    decision = decide(here, Looked(Absent()), at(dedupes=False, exact_lookup=False))
    assert Send() not in decision.actions


@pytest.mark.parametrize("exact", [True, False])
def test_a_unique_code_does_not_guard_a_credit_that_is_no_card(exact: bool) -> None:
    """An account credit carries no code: absent counts only when exact and settled."""
    sent = Moment(NOW.wall_ms, NOW.boot_ms, NOW.boot_id)
    here = record(State.UNSETTLED, request=ACCOUNT, last_sent=sent)
    decision = decide(here, Looked(Absent()), at(dedupes=True, exact_lookup=exact))
    assert Send() not in decision.actions


@pytest.mark.parametrize("state", [State.PARKED, State.UNSETTLED])
def test_a_look_up_that_failed_teaches_nothing(state: State) -> None:
    here = record(state)
    after = decide(here, Looked(Unknown("timeout")), at()).record
    assert after.state is state
    assert after.attempts == here.attempts + 1
    assert after.due_ms is not None


def test_a_review_with_paper_is_looked_up_on_and_one_without_waits_for_its_person() -> None:
    with_paper = decide(record(State.REVIEW, **out()), Looked(Absent()), at()).record
    assert with_paper.due_ms is not None
    without = decide(record(State.REVIEW), Looked(Absent()), at()).record
    assert without.due_ms is None


def test_a_claim_settles_a_review_that_has_paper() -> None:
    here = record(State.REVIEW, **out(kind=PaperKind.IDENTITY))
    after = decide(here, Looked(Found(CARD, linked=True)), at()).record
    assert (after.state, after.review, after.linked) == (State.CONFIRMED, None, True)


def test_a_look_up_never_undoes_a_void_that_a_person_asked_for() -> None:
    here = record(State.REVIEW, review=ReviewReason.BURN_REFUSED, void=VOID, **out())
    assert decide(here, Looked(Found(CARD)), at()).record.state is State.REVIEW


def test_a_review_never_sends_by_itself() -> None:
    for finding in (Absent(), Unknown("timeout"), Found(CARD), FoundVoid(CARD)):
        decision = decide(record(State.REVIEW, **out()), Looked(finding), at())
        assert Send() not in decision.actions


def test_an_offline_record_that_drains_is_confirmed_without_a_print() -> None:
    here = walk(record(), Begun(), link_up=False)
    here = walk(here, PaperLeaving(PaperKind.VOUCHER), Looked(Absent()), Forwarding())
    decision = decide(here, Answered(Confirmed(CARD)), at())
    assert decision.record.state is State.CONFIRMED
    assert decision.actions == ()
    assert decision.record.promised


@pytest.mark.parametrize("state", [State.PARKED, State.UNSETTLED, State.REVIEW])
def test_a_card_that_is_void_and_was_spent_in_part_goes_to_a_person(state: State) -> None:
    """VOIDED would say that all of it may be paid out."""
    card = replace(CARD, enabled=False, balance=Money(100, "USD"))
    after = decide(record(state, **out()), Looked(FoundVoid(card)), at()).record
    assert (after.state, after.review) == (State.REVIEW, ReviewReason.SPENT_IN_PART)
    assert after.ending


def test_a_copy_that_was_put_back_sends_nothing_that_may_have_been_withdrawn() -> None:
    """Shared, and by its own account never sent nor promised: only a restored journal says so."""
    here = record(State.PARKED, shared=True)
    decision = decide(here, Looked(Absent()), at())
    assert Send() not in decision.actions
    assert decision.record.review is ReviewReason.RESTORED
    person = decide(decision.record, PersonLinked("Mia", "c-1"), at()).record
    assert (person.state, person.promised) == (State.PARKED, True)
    assert decide(person, Looked(Absent()), at()).actions == (Send(),)


def test_a_copy_that_was_put_back_goes_on_where_its_paper_is_out() -> None:
    here = record(State.PARKED, **out())
    assert decide(here, Looked(Absent()), at()).actions == (Send(),)
