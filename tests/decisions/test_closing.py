# SPDX-License-Identifier: Apache-2.0
"""Voids, burns, links and a person's endings: nothing is over while a code is alive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.answer import answer
from agent.decisions.decide import decide
from agent.domain.action import AskManager, BurnCode
from agent.domain.event import (
    Answered,
    BurnEnded,
    LinkEnded,
    PersonConfirmed,
    PersonLinked,
    PersonWithdrew,
    VoidAsked,
)
from agent.domain.faults import NotNow
from agent.domain.money import Money
from agent.domain.outcome import (
    BurnRefused,
    Burnt,
    BurnUnknown,
    Card,
    Confirmed,
    LinkResult,
    Saying,
    SpentInPart,
)
from agent.domain.record import (
    Answer,
    CreditRecord,
    ManagerReason,
    ReviewReason,
    State,
)
from tests.decisions.situations import CARD, NAMED, NOW, VOID, WRITE_OFF, at, out, record

DEAD = replace(CARD, enabled=False)
SPENT = BurnEnded(SpentInPart(DEAD, Money(850, "USD")))
NOT_BURNT = BurnEnded(BurnRefused(Saying(405)))


def walk(here: CreditRecord, *events: Any) -> CreditRecord:
    for event in events:
        here = decide(here, event, at()).record
    return here


@pytest.mark.parametrize("state", [State.RECEIVED, State.PARKED, State.REVIEW])
def test_what_nobody_else_can_know_is_withdrawn_at_once(state: State) -> None:
    decision = decide(record(state), VoidAsked(VOID), at())
    assert decision.record.state is State.WITHDRAWN
    assert decision.actions == ()
    assert (decision.record.void, decision.record.reserved) == (VOID, False)
    assert answer(decision.record) is Answer.REFUSED


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (State.PARKED, {"shared": True}),
        (State.PARKED, out()),
        (State.UNSETTLED, {}),
        (State.REVIEW, {"perhaps_sent": True}),
        (State.REVIEW, out()),
        (State.CONFIRMED, {}),
        (State.VOIDING, {}),
    ],
)
def test_everything_else_is_voiding_until_its_code_is_burnt(
    state: State, changes: dict[str, Any]
) -> None:
    decision = decide(record(state, **changes), VoidAsked(VOID), at())
    assert decision.record.state is State.VOIDING
    assert decision.actions == (BurnCode(),)
    assert decision.record.due_ms == NOW.wall_ms
    assert answer(decision.record) is Answer.ASK_A_MANAGER


def test_what_is_being_sent_cannot_be_voided_yet() -> None:
    here = record(State.SENDING)
    with pytest.raises(NotNow):
        decide(here, VoidAsked(VOID), at())
    assert here.void is None


@pytest.mark.parametrize("event", [VoidAsked(VOID), PersonWithdrew("Mia", "left")])
@pytest.mark.parametrize("state", [State.RECEIVED, State.PARKED])
def test_a_restored_record_is_not_withdrawn_as_if_nobody_knew_it(
    state: State, event: VoidAsked | PersonWithdrew
) -> None:
    """In the life that was lost it may have been sent or promised."""
    here = record(state, shared=True)
    try:
        after = decide(here, event, at()).record
    except NotNow:
        return
    assert after.state is not State.WITHDRAWN


def test_a_restored_record_that_was_only_received_can_still_be_voided() -> None:
    after = decide(record(State.RECEIVED, shared=True), VoidAsked(VOID), at()).record
    assert after.state is State.VOIDING


def test_a_burnt_code_ends_the_record() -> None:
    decision = decide(record(State.VOIDING, **out()), BurnEnded(Burnt(DEAD)), at())
    assert decision.record.state is State.VOIDED
    assert decision.actions == ()
    assert answer(decision.record) is Answer.REFUSED


def test_a_burn_without_proof_ends_nothing() -> None:
    here = record(State.VOIDING)
    for number in range(5):
        here = decide(here, BurnEnded(BurnUnknown("timeout")), at()).record
        assert here.state is State.VOIDING
        assert here.perhaps_sent
        assert here.due_ms is not None
        assert here.attempts == number + 1


def test_what_was_spent_goes_to_a_person() -> None:
    decision = decide(record(State.VOIDING), SPENT, at())
    assert decision.record.state is State.REVIEW
    assert decision.record.review is ReviewReason.SPENT_IN_PART
    assert decision.actions == (AskManager(ManagerReason.REVIEW),)


def test_a_write_off_of_what_was_spent_ends_it() -> None:
    here = walk(record(State.VOIDING), SPENT, VoidAsked(WRITE_OFF))
    assert (here.state, here.void) == (State.VOIDING, WRITE_OFF)
    assert walk(here, SPENT).state is State.VOIDED


def test_a_plain_void_does_not_weaken_a_write_off() -> None:
    here = record(State.VOIDING, void=WRITE_OFF)
    assert walk(here, VoidAsked(VOID)).void == WRITE_OFF


def test_a_burn_that_a_platform_refuses_goes_to_a_person() -> None:
    here = walk(record(State.VOIDING), NOT_BURNT)
    assert (here.state, here.review) == (State.REVIEW, ReviewReason.BURN_REFUSED)
    assert walk(here, VoidAsked(VOID)).state is State.VOIDING


@pytest.mark.parametrize("burn", [SPENT, NOT_BURNT])
@pytest.mark.parametrize("event", [VoidAsked(VOID), PersonWithdrew("Mia", "left")])
def test_a_card_that_stood_on_the_platform_is_never_withdrawn(
    burn: BurnEnded, event: VoidAsked | PersonWithdrew
) -> None:
    """Confirmed, no paper left, void asked, burn failed: the card lives. Withdrawn would say that
    nothing was ever issued, and the shopper would be paid out beside a live card."""
    here = walk(record(State.SENDING), Answered(Confirmed(CARD)), VoidAsked(VOID), burn)
    assert here.state is State.REVIEW
    try:
        after = decide(here, event, at()).record
    except NotNow:
        return
    assert after.state is not State.WITHDRAWN


@pytest.mark.parametrize("burn", [SPENT, NOT_BURNT])
def test_a_card_that_stood_on_the_platform_is_never_parked_as_unsent(burn: BurnEnded) -> None:
    """Parked means never sent: where codes do not deduplicate it would be issued again."""
    here = walk(record(State.SENDING), Answered(Confirmed(CARD)), VoidAsked(VOID), burn)
    try:
        after = decide(here, PersonLinked("Mia", "c-1"), at()).record
    except NotNow:
        return
    assert after.state is not State.PARKED


def test_linking_a_code_that_was_burnt_does_not_go_on_with_the_issue() -> None:
    here = walk(record(State.VOIDING), SPENT)
    with pytest.raises(NotNow):
        decide(here, PersonLinked("Mia", "c-1"), at())


@pytest.mark.parametrize(
    "ending",
    [PersonLinked("Mia", "c-1", burn_begun=False), PersonConfirmed("Mia", "gc-1", False)],
)
def test_what_goes_on_after_a_void_that_was_refused_unsent_is_no_longer_asked_to_be_void(
    ending: PersonLinked | PersonConfirmed,
) -> None:
    """Else a later look-up that finds the card is ignored for ever."""
    here = walk(record(State.VOIDING), NOT_BURNT)
    assert decide(here, ending, at()).record.void is None


@pytest.mark.parametrize("ending", [PersonLinked("Mia", "c-1"), PersonConfirmed("Mia", "gc-1")])
def test_once_a_burn_was_begun_only_the_burn_ends_a_record(
    ending: PersonLinked | PersonConfirmed,
) -> None:
    """Its bytes may still arrive, and kill what everybody took for good."""
    here = walk(record(State.VOIDING), NOT_BURNT)
    with pytest.raises(NotNow):
        decide(here, ending, at())
    assert decide(here, VoidAsked(VOID), at()).record.state is State.VOIDING


@pytest.mark.parametrize(
    ("result", "linked", "flagged", "due"),
    [
        (LinkResult.LINKED, True, False, False),
        (LinkResult.ELSEWHERE, False, True, False),
        (LinkResult.REFUSED, False, True, False),
        (LinkResult.UNKNOWN, False, False, True),
    ],
)
def test_how_a_link_ended(result: LinkResult, linked: bool, flagged: bool, due: bool) -> None:
    here = record(State.CONFIRMED, request=NAMED, customer_id="c-1", due_ms=NOW.wall_ms)
    after = decide(here, LinkEnded(result), at()).record
    assert after.state is State.CONFIRMED
    assert (after.linked, after.unlinked_flag) == (linked, flagged)
    assert (after.due_ms is not None) is due
    assert after.link_wanted is due


@pytest.mark.parametrize(
    ("changes", "state"),
    [({}, State.PARKED), ({"perhaps_sent": True}, State.UNSETTLED), (out(), State.PARKED)],
)
def test_a_match_by_a_person_lets_the_issue_go_on(changes: dict[str, Any], state: State) -> None:
    after = decide(record(State.REVIEW, **changes), PersonLinked("Mia", "c-1"), at()).record
    assert (after.state, after.customer_id) == (state, "c-1")
    assert (after.review, after.due_ms) == (None, NOW.wall_ms)


def test_a_person_confirms_by_naming_the_platform_s_own_card() -> None:
    here = record(State.REVIEW, review=ReviewReason.DIFFERS, **out())
    after = decide(here, PersonConfirmed("Mia", "gc-9"), at()).record
    assert (after.state, after.reference, after.review) == (State.CONFIRMED, "gc-9", None)


@pytest.mark.parametrize("changes", [{"perhaps_sent": True}, {"shared": True}, out()])
@pytest.mark.parametrize("state", [State.PARKED, State.REVIEW])
def test_no_word_of_a_person_withdraws_what_is_out(state: State, changes: dict[str, Any]) -> None:
    here = record(state, **changes)
    kept = replace(here)
    with pytest.raises(NotNow):
        decide(here, PersonWithdrew("Mia", "left"), at())
    assert here == kept


@pytest.mark.parametrize("state", [State.UNSETTLED, State.SENDING, State.CONFIRMED])
def test_no_person_withdraws_what_was_sent(state: State) -> None:
    with pytest.raises(NotNow):
        decide(record(state), PersonWithdrew("Mia", "left"), at())
    assert record(state).void is None


def test_a_burn_names_the_card_it_killed() -> None:
    card = Card("gc-7", Money(1, "USD"), Money(0, "USD"), False, None)
    assert walk(record(State.VOIDING), BurnEnded(Burnt(card))).reference == "gc-7"
