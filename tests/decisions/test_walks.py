# SPDX-License-Identifier: Apache-2.0
"""The promise over random walks: whatever happens, in whatever order, these stay true."""

from __future__ import annotations

from hypothesis import given, settings

from agent.decisions.answer import answer, held_reason, told_paper
from agent.domain.action import BurnCode, LookUp, PrintPaper, Resolve, Send
from agent.domain.event import (
    Answered,
    BurnEnded,
    Looked,
    PaperEnded,
    PaperLeaving,
    PersonConfirmed,
    PersonWithdrew,
    VoidAsked,
)
from agent.domain.outcome import (
    Accepted,
    Burnt,
    Confirmed,
    Found,
    FoundVoid,
    Refused,
    SpentInPart,
    Throttled,
    Unanswered,
    Unsent,
)
from agent.domain.record import SETTLED, Answer, Paper, State, VoidKind
from tests.decisions.walks import Step, walks

_TALKS = (Send, LookUp, BurnCode, Resolve)
WALKING = settings(max_examples=200)


@WALKING
@given(walks())
def test_what_may_have_left_and_what_was_promised_never_become_false(steps: list[Step]) -> None:
    for step in steps:
        assert step.after.perhaps_sent >= step.before.perhaps_sent
        assert step.after.promised >= step.before.promised
        assert step.after.shared >= step.before.shared
        assert step.after.refused >= step.before.refused
        assert step.after.copies >= step.before.copies


@WALKING
@given(walks())
def test_confirmed_comes_only_from_the_platform_or_from_a_person(steps: list[Step]) -> None:
    for step in steps:
        if step.after.state is not State.CONFIRMED or step.before.state is State.CONFIRMED:
            continue
        match step.event:
            case Answered(Confirmed()) | Looked(Found()) | PersonConfirmed():
                assert step.after.reference == "gc-1"
            case _:
                raise AssertionError(step.event)


@WALKING
@given(walks())
def test_a_refusal_never_ends_what_is_unanswered_or_promised(steps: list[Step]) -> None:
    unanswered = promised = False
    for step in steps:
        match step.event:
            case Answered(Unanswered() | Accepted()):
                unanswered = True
            case PaperLeaving(kind) if kind.is_money:
                promised = True
            case _:
                pass
        if step.after.state is State.REFUSED and step.before.state is not State.REFUSED:
            assert isinstance(step.event, Answered)
            assert isinstance(step.event.outcome, Refused)
            assert not unanswered
            assert not promised
            assert not step.before.perhaps_sent
            assert not step.before.promised


@WALKING
@given(walks())
def test_a_send_that_was_not_executed_never_makes_the_unsettled_parked(steps: list[Step]) -> None:
    for step in steps:
        match step.event:
            case Answered(Unsent() | Throttled()) if (
                step.before.state is State.UNSETTLED or step.before.perhaps_sent
            ):
                assert step.after.state is State.UNSETTLED
            case _:
                pass
        if step.before.state is State.UNSETTLED:
            assert step.after.state is not State.PARKED


@WALKING
@given(walks())
def test_what_was_perhaps_sent_never_becomes_parked(steps: list[Step]) -> None:
    for step in steps:
        if step.after.state is State.PARKED and step.before.state is not State.PARKED:
            assert not step.after.perhaps_sent


@WALKING
@given(walks())
def test_voided_comes_only_from_proof_that_the_code_is_dead(steps: list[Step]) -> None:
    for step in steps:
        if step.after.state is not State.VOIDED or step.before.state is State.VOIDED:
            continue
        match step.event:
            case BurnEnded(Burnt()) | Looked(FoundVoid()):
                pass
            case BurnEnded(SpentInPart()):
                assert step.before.void is not None
                assert step.before.void.kind is VoidKind.WRITE_OFF
            case _:
                raise AssertionError(step.event)


@WALKING
@given(walks())
def test_withdrawn_is_only_what_nobody_else_can_know(steps: list[Step]) -> None:
    for step in steps:
        if step.after.state is State.WITHDRAWN and step.before.state is not State.WITHDRAWN:
            assert isinstance(step.event, VoidAsked | PersonWithdrew)
            assert not step.before.perhaps_sent
            assert not step.before.promised
            assert not step.before.shared


@WALKING
@given(walks())
def test_withdrawn_is_never_what_the_platform_once_confirmed(steps: list[Step]) -> None:
    confirmed = False
    for step in steps:
        confirmed = confirmed or step.after.state is State.CONFIRMED
        if step.after.state is State.WITHDRAWN and step.before.state is not State.WITHDRAWN:
            assert not confirmed


@WALKING
@given(walks())
def test_voucher_is_said_only_of_money_paper_that_came_out(steps: list[Step]) -> None:
    for step in steps:
        word = answer(step.after)
        if word is Answer.VOUCHER:
            assert step.after.paper is Paper.PRINTED
            assert step.after.paper_kind is not None
            assert step.after.paper_kind.is_money
            assert step.after.request.instrument.on_paper
        if word is Answer.CONFIRMED:
            assert step.after.state is State.CONFIRMED
        if word is Answer.REFUSED:
            assert step.after.state in SETTLED
        assert (held_reason(step.after) is not None) == (word is Answer.ASK_A_MANAGER)
        assert told_paper(step.after) is not Paper.QUEUED


@WALKING
@given(walks())
def test_money_paper_that_is_leaving_is_promised_and_shared_first(steps: list[Step]) -> None:
    for step in steps:
        if isinstance(step.event, PaperLeaving) and step.event.kind.is_money:
            assert step.after.promised
            assert step.after.shared


@WALKING
@given(walks())
def test_there_is_one_first_copy_and_every_further_one_has_its_own_number(
    steps: list[Step],
) -> None:
    copies = [
        action.copy for step in steps for action in step.actions if isinstance(action, PrintPaper)
    ]
    assert copies == list(range(1, len(copies) + 1))
    if steps:
        assert steps[-1].after.copies == len(copies)


@WALKING
@given(walks())
def test_paper_of_an_account_credit_has_no_value(steps: list[Step]) -> None:
    for step in steps:
        if not step.before.request.instrument.on_paper:
            for action in step.actions:
                assert not (isinstance(action, PrintPaper) and action.kind.is_money)


@WALKING
@given(walks())
def test_a_first_money_paper_needs_a_key_that_verifiers_hold(steps: list[Step]) -> None:
    """Of an open record: never while it is settled, refused or about to be voided."""
    for step in steps:
        for action in step.actions:
            if isinstance(action, PrintPaper) and action.kind.is_money:
                assert step.after.state not in {
                    State.REFUSED,
                    State.WITHDRAWN,
                    State.VOIDING,
                    State.VOIDED,
                    State.RECEIVED,
                }


@WALKING
@given(walks())
def test_a_settled_record_is_not_sent_burnt_or_looked_up(steps: list[Step]) -> None:
    for step in steps:
        if step.after.is_settled:
            assert not [action for action in step.actions if isinstance(action, _TALKS)]


@WALKING
@given(walks())
def test_an_open_record_always_has_a_next_step(steps: list[Step]) -> None:
    """Due at a time, at the counter, on its way, or waiting for a person with a reason (I8)."""
    for step in steps:
        here = step.after
        match here.state:
            case State.PARKED | State.UNSETTLED | State.VOIDING:
                assert here.due_ms is not None
            case State.REVIEW:
                assert here.review is not None
            case _:
                pass


@WALKING
@given(walks())
def test_when_it_was_settled_is_known_exactly_of_settled_records(steps: list[Step]) -> None:
    for step in steps:
        assert (step.after.settled_ms is not None) == step.after.is_settled
        if step.before.is_settled and step.after.state is step.before.state:
            assert step.after.settled_ms == step.before.settled_ms


@WALKING
@given(walks())
def test_paper_that_ended_is_never_queued_again_by_its_end(steps: list[Step]) -> None:
    for step in steps:
        if isinstance(step.event, PaperEnded) and step.before.paper is Paper.PRINTED:
            assert step.after.paper is Paper.PRINTED


@WALKING
@given(walks())
def test_what_a_credit_is_never_changes(steps: list[Step]) -> None:
    for step in steps:
        assert step.after.key == step.before.key
        assert step.after.code == step.before.code
        assert step.after.request == step.before.request
        assert step.after.opened == step.before.opened
        assert step.after.epoch == step.before.epoch
