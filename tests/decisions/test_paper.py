# SPDX-License-Identifier: Apache-2.0
"""Paper: what leaves sets its flags first, what ended is told as it was, copies have numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.answer import answer
from agent.decisions.decide import decide
from agent.domain.action import AskManager, PrintPaper
from agent.domain.event import (
    Answered,
    CodeShown,
    PaperAffirmed,
    PaperApproved,
    PaperEnded,
    PaperLeaving,
    ReprintAsked,
    VoidAsked,
)
from agent.domain.exposure import Exposure
from agent.domain.faults import NotNow, PaperRefused
from agent.domain.outcome import Confirmed, RefusalReason, Refused, Saying
from agent.domain.record import (
    Answer,
    CreditRecord,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
)
from tests.decisions.situations import ACCOUNT, CARD, VOID, WRITE_OFF, at, out, record

OPEN_WITH_PAPER = (State.SENDING, State.PARKED, State.UNSETTLED, State.REVIEW)
QUEUED: dict[str, Any] = {
    "paper": Paper.QUEUED,
    "paper_kind": PaperKind.VOUCHER,
    "copies": 1,
    "reserved": True,
}
OFFLINE = replace(record(State.PARKED), review=None)


def refused(here: CreditRecord, event: Any, **around: Any) -> bool:
    """Whether the event is refused with the record as it was."""
    kept = replace(here)
    with pytest.raises(NotNow):
        decide(here, event, at(**around))
    return here == kept


@pytest.mark.parametrize("state", [*OPEN_WITH_PAPER, State.CONFIRMED])
@pytest.mark.parametrize("kind", [PaperKind.VOUCHER, PaperKind.IDENTITY])
def test_money_paper_is_promised_and_shared_before_its_first_byte(
    state: State, kind: PaperKind
) -> None:
    after = decide(record(state, **QUEUED), PaperLeaving(kind), at()).record
    assert (after.promised, after.shared) == (True, True)


def test_a_receipt_is_shared_but_promises_nothing_more() -> None:
    after = decide(record(State.CONFIRMED), PaperLeaving(PaperKind.RECEIPT), at()).record
    assert (after.promised, after.shared) == (False, True)


@pytest.mark.parametrize("state", [*OPEN_WITH_PAPER, State.CONFIRMED])
def test_a_slip_sets_neither_shared_nor_promised(state: State) -> None:
    here = record(state, request=ACCOUNT)
    after = decide(here, PaperLeaving(PaperKind.SLIP), at()).record
    assert (after.promised, after.shared) == (False, False)


@pytest.mark.parametrize(
    "state",
    [State.RECEIVED, State.REFUSED, State.WITHDRAWN, State.VOIDING, State.VOIDED],
)
@pytest.mark.parametrize("kind", PaperKind)
def test_no_paper_leaves_a_record_that_is_over(state: State, kind: PaperKind) -> None:
    assert refused(record(state, **QUEUED), PaperLeaving(kind))


@pytest.mark.parametrize("state", sorted(set(State) - {State.CONFIRMED}))
def test_a_receipt_leaves_only_for_what_is_confirmed(state: State) -> None:
    assert refused(record(state), PaperLeaving(PaperKind.RECEIPT))


@pytest.mark.parametrize("state", OPEN_WITH_PAPER)
@pytest.mark.parametrize(
    ("paper", "reason", "word"),
    [
        (Paper.PRINTED, None, Answer.VOUCHER),
        (Paper.SENT, ManagerReason.PAPER_UNPROVED, Answer.ASK_A_MANAGER),
        (Paper.UNCERTAIN, ManagerReason.PAPER_UNPROVED, Answer.ASK_A_MANAGER),
        (Paper.FAILED, ManagerReason.PAPER_FAILED, Answer.ASK_A_MANAGER),
    ],
)
def test_how_a_voucher_ended_makes_the_word(
    state: State, paper: Paper, reason: ManagerReason | None, word: Answer
) -> None:
    here = record(state, **out(Paper.QUEUED))
    decision = decide(here, PaperEnded(PaperKind.VOUCHER, paper), at())
    assert (decision.record.paper, decision.record.manager) == (paper, reason)
    assert decision.actions == (() if reason is None else (AskManager(reason),))
    assert answer(decision.record) is word
    assert decision.record.promised


def test_paper_that_failed_leaves_the_promise_standing() -> None:
    after = decide(
        record(State.PARKED, **out(Paper.QUEUED)), PaperEnded(PaperKind.VOUCHER, Paper.FAILED), at()
    ).record
    assert after.promised
    sending = replace(after, state=State.SENDING)
    late = decide(sending, Answered(Refused(RefusalReason.LIMIT, Saying(422))), at()).record
    assert late.state is State.UNSETTLED


def test_a_proved_paper_stays_proved_whatever_a_copy_does() -> None:
    here = decide(record(State.PARKED, **out()), ReprintAsked("Ana", "torn"), at()).record
    assert here.paper is Paper.PRINTED
    for paper in (Paper.FAILED, Paper.SENT, Paper.UNCERTAIN):
        after = decide(here, PaperEnded(PaperKind.VOUCHER, paper, 2), at()).record
        assert answer(after) is Answer.VOUCHER


def test_a_paper_of_another_kind_says_nothing_about_this_one() -> None:
    here = record(State.CONFIRMED, **out(Paper.SENT))
    after = decide(here, PaperEnded(PaperKind.RECEIPT, Paper.PRINTED), at()).record
    assert after.paper is Paper.SENT


@pytest.mark.parametrize("before", [Paper.UNCERTAIN, Paper.SENT, Paper.FAILED])
def test_a_copy_that_failed_is_not_left_waiting_for_ever(before: Paper) -> None:
    """Else: no word, no affirming, no approval and no further copy, ever (I8)."""
    here = decide(record(State.PARKED, **out(before)), ReprintAsked("Ana", "torn"), at()).record
    after = decide(here, PaperEnded(PaperKind.VOUCHER, Paper.FAILED, 2), at()).record
    assert after.paper is not Paper.QUEUED
    assert answer(after) is Answer.ASK_A_MANAGER


def test_a_second_first_paper_that_failed_is_not_left_waiting_for_ever() -> None:
    here = record(State.PARKED, **out(Paper.FAILED))
    here = decide(here, PaperApproved("Mia"), at()).record
    assert (here.paper, here.copies) == (Paper.QUEUED, 2)
    after = decide(here, PaperEnded(PaperKind.VOUCHER, Paper.FAILED, 2), at()).record
    assert after.paper is Paper.FAILED


def test_a_receipt_that_failed_asks_nobody() -> None:
    here = record(
        State.CONFIRMED, paper=Paper.QUEUED, paper_kind=PaperKind.RECEIPT, copies=1, shared=True
    )
    decision = decide(here, PaperEnded(PaperKind.RECEIPT, Paper.FAILED), at())
    assert decision.actions == ()
    assert answer(decision.record) is Answer.CONFIRMED


@pytest.mark.parametrize("paper", [Paper.SENT, Paper.UNCERTAIN, Paper.FAILED])
def test_a_person_who_saw_the_paper_makes_it_a_voucher(paper: Paper) -> None:
    here = record(State.PARKED, manager=ManagerReason.PAPER_UNPROVED, **out(paper))
    after = decide(here, PaperAffirmed("Ana", True), at()).record
    assert answer(after) is Answer.VOUCHER


def test_what_a_person_calls_a_voucher_is_promised_and_shared() -> None:
    """The printer failed before the first byte, so nothing was promised; a word makes it so."""
    here = record(State.PARKED, **{**QUEUED, "paper": Paper.FAILED})
    after = decide(here, PaperAffirmed("Ana", True), at()).record
    assert answer(after) is Answer.VOUCHER
    assert after.promised
    assert after.shared


def test_paper_that_is_proved_is_promised_and_shared() -> None:
    """A POS that owns the printer may report the end without the beginning."""
    after = decide(
        record(State.PARKED, **QUEUED), PaperEnded(PaperKind.VOUCHER, Paper.PRINTED), at()
    ).record
    assert answer(after) is Answer.VOUCHER
    assert after.promised
    assert after.shared


def test_a_person_who_saw_no_paper_leaves_the_promise_standing() -> None:
    here = record(State.PARKED, **out(Paper.UNCERTAIN))
    decision = decide(here, PaperAffirmed("Ana", False), at())
    assert decision.record.paper is Paper.FAILED
    assert decision.record.promised
    assert decision.actions == (AskManager(ManagerReason.PAPER_FAILED),)


def test_proved_paper_is_not_unproved_by_a_word() -> None:
    after = decide(record(State.PARKED, **out()), PaperAffirmed("Ana", False), at()).record
    assert after.paper is Paper.PRINTED


@pytest.mark.parametrize("paper", [Paper.NONE, Paper.QUEUED])
def test_nobody_affirms_paper_that_did_not_leave(paper: Paper) -> None:
    assert refused(record(State.PARKED, **{**QUEUED, "paper": paper}), PaperAffirmed("Ana", True))


def test_a_manager_lets_paper_out_beyond_the_room() -> None:
    here = record(State.PARKED, reserved=False, manager=ManagerReason.NO_ROOM)
    decision = decide(here, PaperApproved("Mia"), at(others=Exposure(outstanding_minor=10**9)))
    assert decision.actions == (PrintPaper(PaperKind.VOUCHER, 1, "agent", "voucher"),)
    assert decision.record.paper_approved_by == "Mia"


def test_a_manager_lets_an_identity_voucher_out_beyond_its_bound() -> None:
    here = record(State.REVIEW, manager=ManagerReason.NO_ROOM)
    decision = decide(here, PaperApproved("Mia"), at(others=Exposure(unclaimed=10**9)))
    assert decision.actions == (PrintPaper(PaperKind.IDENTITY, 1, "agent", "identity"),)


@pytest.mark.parametrize("state", [State.PARKED, State.REVIEW])
def test_no_manager_lets_paper_out_that_nobody_could_verify(state: State) -> None:
    decision = decide(record(state), PaperApproved("Mia"), at(enrolled=False))
    assert decision.actions == (AskManager(ManagerReason.NOT_ENROLLED),)
    assert decision.record.paper is Paper.NONE


@pytest.mark.parametrize("paper", [Paper.QUEUED, Paper.SENT, Paper.PRINTED, Paper.UNCERTAIN])
def test_paper_that_is_out_is_not_approved_again(paper: Paper) -> None:
    assert refused(record(State.PARKED, **out(paper)), PaperApproved("Mia"))


@pytest.mark.parametrize("reason", [each for each in ReviewReason if not each.is_identity])
def test_a_review_that_a_platform_caused_gets_no_first_paper(reason: ReviewReason) -> None:
    assert refused(record(State.REVIEW, review=reason), PaperApproved("Mia"))


@pytest.mark.parametrize("state", OPEN_WITH_PAPER)
def test_a_code_that_is_shown_is_promised_and_shared_before_anybody_sees_it(state: State) -> None:
    here = record(state, **{**QUEUED, "paper": Paper.FAILED})
    decision = decide(here, CodeShown("Mia"), at())
    after = decision.record
    assert after.promised
    assert after.shared
    assert decision.actions == (AskManager(ManagerReason.PAPER_UNPROVED),)
    assert answer(after) is Answer.ASK_A_MANAGER, "until a person says that the customer has it"
    assert answer(decide(after, PaperAffirmed("Mia", True), at()).record) is Answer.VOUCHER


def test_a_code_that_is_shown_needs_no_room_but_a_name() -> None:
    here = record(State.PARKED, reserved=False, manager=ManagerReason.NO_ROOM)
    after = decide(here, CodeShown("Mia"), at(others=Exposure(outstanding_minor=10**9))).record
    assert (after.paper_approved_by, after.paper_kind) == ("Mia", PaperKind.VOUCHER)
    assert after.expires_on is not None


def test_a_customer_to_be_found_gets_the_code_of_an_identity_voucher() -> None:
    after = decide(record(State.REVIEW), CodeShown("Mia"), at()).record
    assert after.paper_kind is PaperKind.IDENTITY
    assert after.due_ms is not None, "a claim may settle it from now on"


def test_the_code_of_a_confirmed_card_that_nobody_has_yet_may_be_shown() -> None:
    here = record(State.CONFIRMED, paper=Paper.FAILED, paper_kind=PaperKind.RECEIPT, copies=1)
    after = decide(here, CodeShown("Mia"), at()).record
    assert (after.state, after.paper, after.promised) == (State.CONFIRMED, Paper.FAILED, False)
    assert after.shared
    assert refused(replace(here, linked=True), CodeShown("Mia")), "it stands in the account"


@pytest.mark.parametrize("reason", [each for each in ReviewReason if not each.is_identity])
def test_no_code_is_shown_of_what_a_platform_put_in_doubt(reason: ReviewReason) -> None:
    assert refused(record(State.REVIEW, review=reason), CodeShown("Mia"))


@pytest.mark.parametrize("paper", [Paper.QUEUED, Paper.PRINTED])
def test_no_code_is_shown_while_paper_comes_out_or_lies_there(paper: Paper) -> None:
    assert refused(record(State.PARKED, **{**QUEUED, "paper": paper}), CodeShown("Mia"))


@pytest.mark.parametrize("state", [State.RECEIVED, State.VOIDING, State.REFUSED, State.VOIDED])
def test_no_code_is_shown_of_what_is_over_or_not_begun(state: State) -> None:
    assert refused(record(state), CodeShown("Mia"))


def test_no_code_is_shown_that_nobody_could_verify_or_that_is_no_card() -> None:
    assert refused(record(State.PARKED), CodeShown("Mia"), enrolled=False)
    assert refused(record(State.PARKED, request=ACCOUNT), CodeShown("Mia"))
    assert refused(record(State.REVIEW, void=VOID), CodeShown("Mia"))


@pytest.mark.parametrize("state", OPEN_WITH_PAPER)
def test_a_reprint_is_the_same_paper_with_the_next_number(state: State) -> None:
    decision = decide(record(state, **out()), ReprintAsked("Ana", "torn"), at())
    assert decision.actions == (PrintPaper(PaperKind.VOUCHER, 2, "Ana", "torn"),)
    again = decide(decision.record, ReprintAsked("Ana", "wet"), at())
    assert again.actions == (PrintPaper(PaperKind.VOUCHER, 3, "Ana", "wet"),)


@pytest.mark.parametrize("state", OPEN_WITH_PAPER)
def test_what_had_no_paper_yet_is_not_reprinted_past_its_limits(state: State) -> None:
    assert refused(record(state), ReprintAsked("Ana", "torn"))


def test_a_confirmed_credit_without_paper_gets_its_receipt() -> None:
    decision = decide(record(State.CONFIRMED), ReprintAsked("Ana", "lost"), at())
    assert decision.actions == (PrintPaper(PaperKind.RECEIPT, 1, "Ana", "lost"),)


def test_a_register_without_a_printer_promises_no_receipt() -> None:
    sent = record(State.SENDING)
    confirmed = Answered(Confirmed(CARD), at_counter=True)
    assert decide(sent, confirmed, at(prints=False)).actions == ()
    assert decide(sent, confirmed, at(prints=False)).record.paper is Paper.NONE
    for around, here in (({}, sent), ({"prints": False}, replace(sent, pos_prints=True))):
        (action,) = decide(here, confirmed, at(**around)).actions
        assert action == PrintPaper(PaperKind.RECEIPT, 1, "agent", "receipt")


def test_a_slip_becomes_a_receipt_once_the_credit_is_confirmed() -> None:
    here = record(
        State.CONFIRMED, request=ACCOUNT, paper=Paper.PRINTED, paper_kind=PaperKind.SLIP, copies=1
    )
    decision = decide(here, ReprintAsked("Ana", "lost"), at())
    assert decision.actions == (PrintPaper(PaperKind.RECEIPT, 2, "Ana", "lost"),)


def test_paper_that_is_on_its_way_is_not_printed_twice() -> None:
    with pytest.raises(PaperRefused):
        decide(record(State.PARKED, **QUEUED), ReprintAsked("Ana", "torn"), at())


@pytest.mark.parametrize(
    "state",
    [State.RECEIVED, State.REFUSED, State.WITHDRAWN, State.VOIDING, State.VOIDED],
)
def test_no_copy_of_what_is_over(state: State) -> None:
    assert refused(record(state, **out()), ReprintAsked("Ana", "torn"))


DEAD = {"review": ReviewReason.SPENT_IN_PART, "void": VOID}


@pytest.mark.parametrize("void", [VOID, WRITE_OFF])
@pytest.mark.parametrize(
    ("paper", "event"),
    [
        (Paper.PRINTED, ReprintAsked("Ana", "torn")),
        (Paper.FAILED, ReprintAsked("Ana", "torn")),
        (Paper.FAILED, PaperApproved("Mia")),
        (Paper.QUEUED, PaperLeaving(PaperKind.VOUCHER)),
    ],
)
def test_no_paper_for_a_code_that_was_burnt_with_a_part_of_it_spent(
    void: Any, paper: Paper, event: Any
) -> None:
    assert refused(record(State.REVIEW, **{**out(paper), **DEAD, "void": void}), event)


def test_a_receipt_in_review_is_not_queued_where_it_could_never_leave() -> None:
    """Else it waits for ever, and the record with it: no word, no affirming (I8)."""
    here = record(
        State.REVIEW,
        review=ReviewReason.BURN_REFUSED,
        void=VOID,
        perhaps_sent=True,
        shared=True,
        paper=Paper.FAILED,
        paper_kind=PaperKind.RECEIPT,
        copies=1,
    )
    assert refused(here, ReprintAsked("Ana", "torn"))


def test_a_void_while_the_paper_is_queued_stops_the_paper() -> None:
    here = decide(record(State.PARKED, **QUEUED), VoidAsked(VOID), at()).record
    assert here.state is State.WITHDRAWN
    assert refused(here, PaperLeaving(PaperKind.VOUCHER))


def test_a_void_after_the_paper_left_burns_the_code() -> None:
    here = decide(record(State.PARKED, **QUEUED), PaperLeaving(PaperKind.VOUCHER), at()).record
    assert decide(here, VoidAsked(VOID), at()).record.state is State.VOIDING


def test_an_identity_voucher_keeps_its_own_bound_when_its_paper_failed() -> None:
    """It may lie on the floor. As *outstanding* it would age and block all vouchers in 72 hours."""
    for paper in (Paper.SENT, Paper.PRINTED, Paper.UNCERTAIN, Paper.FAILED):
        here = record(State.REVIEW, **out(paper, PaperKind.IDENTITY))
        assert here.is_unclaimed
        assert not here.exposed


def test_what_counts_as_outstanding_is_what_the_design_names() -> None:
    for state in State:
        exposed = record(state, reserved=False).exposed
        assert exposed is (state in {State.SENDING, State.PARKED, State.UNSETTLED})
    assert record(State.REVIEW, **out()).exposed
    assert record(State.RECEIVED, reserved=True).exposed
    assert not record(State.REVIEW, **out(kind=PaperKind.IDENTITY)).exposed
