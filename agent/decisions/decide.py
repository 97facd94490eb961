# SPDX-License-Identifier: Apache-2.0
"""`decide`: what is next for a record. The one door to every change of state."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from agent.decisions import claimed, closing, paper, settle
from agent.decisions.circumstances import Circumstances
from agent.decisions.limits import offline_room
from agent.decisions.retry import delay_ms
from agent.decisions.transitions import move
from agent.domain.action import Action, AskManager, Decision, Resolve, Send
from agent.domain.customer import (
    Customer,
    CustomerPolicy,
    CustomerReference,
    Forgotten,
    Malformed,
    Skipped,
)
from agent.domain.event import (
    Answered,
    Begun,
    BudgetEnded,
    BurnEnded,
    Claimed,
    CodeShown,
    Event,
    Forwarding,
    Heard,
    LinkEnded,
    Looked,
    PaperAffirmed,
    PaperApproved,
    PaperEnded,
    PaperLeaving,
    PersonConfirmed,
    PersonLinked,
    PersonWithdrew,
    ReprintAsked,
    Resolved,
    Restarted,
    VoidAsked,
)
from agent.domain.outcome import Ambiguous, Matched, Unknown, Unmatched
from agent.domain.record import CreditRecord, ManagerReason, ReviewReason, State


def decide(record: CreditRecord, event: Event, at: Circumstances) -> Decision:
    """The record as it is to be saved and the actions to do after the commit.

    Raises `NotNow` where the table has no row for the event; the record is then unchanged.
    """
    decision = _decided(record, event, at)
    decided = decision.record
    if decided.saying is record.saying:
        return decision
    wiped = decided.saying.without(record.code.reveal())  # a vendor may echo what it was sent
    if wiped is decided.saying:
        return decision
    return replace(decision, record=replace(decided, saying=wiped))


def _decided(record: CreditRecord, event: Event, at: Circumstances) -> Decision:
    match event:
        case Begun():
            return _begun(record, event, at)
        case Resolved():
            return _resolved(record, event, at)
        case Forwarding():
            return Decision(_sending(move(record, event.name, "", at.at_ms), at))
        case Answered():
            return settle.on_answered(record, event, at)
        case Looked():
            return settle.on_looked(record, event, at)
        case BudgetEnded():
            return _budget_ended(record, event, at)
        case Restarted():
            return Decision(_restarted(record, event, at))
        case PaperApproved():
            return paper.on_approved(record, event, at)
        case PaperLeaving():
            return paper.on_leaving(record, event, at)
        case PaperEnded():
            return paper.on_ended(record, event, at)
        case PaperAffirmed():
            return paper.on_affirmed(record, event, at)
        case CodeShown():
            return paper.on_shown(record, event, at)
        case ReprintAsked():
            return paper.on_reprint(record, event, at)
        case VoidAsked():
            return closing.on_void_asked(record, event, at)
        case BurnEnded():
            return closing.on_burn_ended(record, event, at)
        case LinkEnded():
            return closing.on_link_ended(record, event, at)
        case PersonLinked() | PersonConfirmed() | PersonWithdrew():
            return closing.on_person(record, event, at)
        case Claimed():
            return claimed.on_claimed(record, event, at)
        case Heard():
            return Decision(replace(move(record, event.name, "", at.at_ms), heard=True))
        case _:
            assert_never(event)


def identity_defect(customer: Customer, policy: CustomerPolicy) -> ReviewReason | None:
    """Why a request takes the identity path whatever the link, or None."""
    if policy is CustomerPolicy.ANONYMOUS:
        return None
    match customer:
        case Malformed():
            return ReviewReason.CUSTOMER_MALFORMED
        case Skipped(knowingly):
            bearer = policy is CustomerPolicy.WANTED and knowingly
            return None if bearer else ReviewReason.CUSTOMER_MISSING
        case CustomerReference() | Forgotten():
            return None
        case _:
            assert_never(customer)


def _begun(record: CreditRecord, event: Begun, at: Circumstances) -> Decision:
    full = offline_room(at.limits, at.others, record.request.amount, at.at_ms)
    record = replace(record, reserved=full is None)
    defect = identity_defect(record.request.customer, at.policy)
    if defect is not None:
        moved = move(record, event.name, "identity", at.at_ms)
        return _into_review(replace(moved, reserved=False), defect, at)
    if record.shared or not at.link_up:
        case = "shared" if record.shared else "link-down"
        parked = _due_soon(move(record, event.name, case, at.at_ms), at)
        return paper.with_offline_paper(parked, at)
    if needs_resolving(record, at):
        return Decision(move(record, event.name, "resolve", at.at_ms), (Resolve(),))
    return Decision(_sending(move(record, event.name, "send", at.at_ms), at), (Send(),))


def needs_resolving(record: CreditRecord, at: Circumstances) -> bool:
    """Whether the platform must first say who the customer is."""
    return (
        at.resolves
        and isinstance(record.request.customer, CustomerReference)
        and record.customer_id is None
        and not record.unlinked_flag
    )


def _resolved(record: CreditRecord, event: Resolved, at: Circumstances) -> Decision:
    resolution = event.resolution
    at_counter = record.state is State.RECEIVED
    match resolution:
        case Matched(customer_id):
            known = replace(record, customer_id=customer_id)
            moved = move(known, event.name, "matched", at.at_ms)
            return Decision(_sending(moved, at), (Send(),)) if at_counter else Decision(moved)
        case Unmatched() | Ambiguous():
            on_paper = record.promised or record.paper in paper.OUT
            if not at_counter and (on_paper or record.state is State.UNSETTLED):
                flagged = replace(record, unlinked_flag=True)
                return Decision(move(flagged, event.name, "nobody-but-promised", at.at_ms))
            reason = (
                ReviewReason.CUSTOMER_UNMATCHED
                if isinstance(resolution, Unmatched)
                else ReviewReason.CUSTOMER_AMBIGUOUS
            )
            moved = replace(move(record, event.name, "nobody", at.at_ms), reserved=False)
            if at_counter:
                return _into_review(moved, reason, at)
            return _review_without_paper(moved, reason, at)
        case Unknown():
            tried = replace(record, attempts=record.attempts + 1)
            parked = _due_soon(move(tried, event.name, "unknown", at.at_ms), at)
            return paper.with_offline_paper(parked, at) if at_counter else Decision(parked)
        case _:
            assert_never(resolution)


def _budget_ended(record: CreditRecord, event: BudgetEnded, at: Circumstances) -> Decision:
    in_flight = record.state is State.SENDING
    moved = move(record, event.name, "", at.at_ms)
    moved = replace(moved, perhaps_sent=moved.perhaps_sent or in_flight)
    return paper.with_offline_paper(_due_soon(moved, at), at)


def _restarted(record: CreditRecord, event: Restarted, at: Circumstances) -> CreditRecord:
    in_flight = record.state is State.SENDING
    moved = move(record, event.name, "", at.at_ms)
    if record.state is State.RECEIVED:
        return replace(moved, reserved=False)
    if record.state is State.CONFIRMED:
        return moved
    return _due_soon(replace(moved, perhaps_sent=moved.perhaps_sent or in_flight), at)


def _into_review(record: CreditRecord, reason: ReviewReason, at: Circumstances) -> Decision:
    return paper.with_identity_paper(replace(record, review=reason, due_ms=None), at)


def _review_without_paper(
    record: CreditRecord, reason: ReviewReason, at: Circumstances
) -> Decision:
    """A shared one may have been settled by somebody else: it is looked up all the same."""
    due_ms = at.at_ms if record.shared else None
    waiting = replace(record, review=reason, due_ms=due_ms, manager=ManagerReason.REVIEW)
    actions: tuple[Action, ...] = (AskManager(ManagerReason.REVIEW),)
    return Decision(waiting, actions)


def _sending(record: CreditRecord, at: Circumstances) -> CreditRecord:
    return replace(
        record,
        first_sent=record.first_sent or at.now,
        last_sent=at.now,
        attempts=record.attempts + 1,
    )


def _due_soon(record: CreditRecord, at: Circumstances) -> CreditRecord:
    return replace(record, due_ms=at.at_ms + delay_ms(record.attempts, at.chance))
