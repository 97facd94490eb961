# SPDX-License-Identifier: Apache-2.0
"""Undoing a credit, and the ways in which a person ends a review.

A record that is shared, confirmed or perhaps sent is VOIDED only when its code is burnt on the
platform. Until then VOIDING, and nothing is paid out: paper handed back proves nothing, it may
have been photographed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from agent.decisions.circumstances import Circumstances
from agent.decisions.fresh_key import (
    hopeless,
    in_vain,
    linking_anew,
    next_epoch,
    worn_out,
)
from agent.decisions.retry import delay_ms
from agent.decisions.transitions import move
from agent.domain.action import AskManager, BurnCode, Decision
from agent.domain.event import (
    BurnEnded,
    LinkEnded,
    PersonConfirmed,
    PersonLinked,
    PersonWithdrew,
    VoidAsked,
)
from agent.domain.faults import NotNow
from agent.domain.outcome import BurnRefused, Burnt, BurnUnknown, LinkResult, SpentInPart
from agent.domain.record import (
    CreditRecord,
    ManagerReason,
    ReviewReason,
    State,
    VoidKind,
    VoidRequest,
)


def on_void_asked(record: CreditRecord, event: VoidAsked, at: Circumstances) -> Decision:
    """Withdrawn where nobody else can know of it; else the code is burnt first."""
    case = "exclusive" if untouched(record) else "shared"
    moved = move(record, event.name, case, at.at_ms)
    writes_off = event.request.kind is VoidKind.WRITE_OFF
    asked = event.request if writes_off or record.void is None else record.void
    moved = replace(moved, void=asked)
    if moved.state is State.WITHDRAWN:
        return Decision(replace(moved, reserved=False, manager=None, review=None))
    waiting = replace(
        moved,
        due_ms=at.at_ms,
        manager=ManagerReason.VOIDING,
        attempts=0,
        perhaps_sent=True,
    )
    return Decision(waiting, (BurnCode(),))


def untouched(record: CreditRecord) -> bool:
    """Never sent, and neither code nor token may have left the register."""
    sent = record.perhaps_sent or record.state in (State.CONFIRMED, State.VOIDING)
    return record.exclusive and not sent


def on_burn_ended(record: CreditRecord, event: BurnEnded, at: Circumstances) -> Decision:
    """Only proof that the code is dead ends VOIDING.

    What was spent before goes to a person; a write-off is that person's word about the loss.
    """
    burn = event.burn
    match burn:
        case Burnt(card):
            moved = move(record, event.name, "burnt", at.at_ms)
            return Decision(
                replace(moved, reference=card.reference, reserved=False, manager=None, review=None)
            )
        case SpentInPart(card, _):
            if record.void is not None and record.void.kind is VoidKind.WRITE_OFF:
                return on_burn_ended(record, BurnEnded(Burnt(card)), at)
            moved = move(record, event.name, "spent", at.at_ms)
            moved = replace(moved, reference=card.reference)
            return _to_person(moved, ReviewReason.SPENT_IN_PART)
        case BurnUnknown(_, saying, perhaps_sent):
            moved = move(record, event.name, "unknown", at.at_ms)
            waiting = replace(
                moved,
                saying=saying,
                perhaps_sent=moved.perhaps_sent or perhaps_sent,
                attempts=moved.attempts + 1,
                due_ms=at.at_ms + delay_ms(moved.attempts, at.chance),
            )
            counted = in_vain(waiting, saying) if perhaps_sent else waiting
            if at.dedupes:
                return Decision(next_epoch(counted) if worn_out(counted) else counted)
            if not hopeless(counted, at.now):
                return Decision(counted)
            refused = replace(move(record, event.name, "refused", at.at_ms), saying=saying)
            return _to_person(refused, ReviewReason.BURN_REFUSED)
        case BurnRefused(saying):
            moved = replace(move(record, event.name, "refused", at.at_ms), saying=saying)
            return _to_person(moved, ReviewReason.BURN_REFUSED)
        case _:
            assert_never(burn)


def on_link_ended(record: CreditRecord, event: LinkEnded, at: Circumstances) -> Decision:
    """A card that is linked elsewhere is never re-linked; it stays as it is, flagged."""
    moved = move(record, event.name, "", at.at_ms)
    match event.result:
        case LinkResult.LINKED:
            return Decision(replace(moved, linked=True, attempts=0, due_ms=None))
        case LinkResult.ELSEWHERE | LinkResult.REFUSED:
            return Decision(replace(moved, customer_id=None, unlinked_flag=True, due_ms=None))
        case LinkResult.UNKNOWN:
            due = at.at_ms + delay_ms(moved.attempts, at.chance)
            tried = replace(moved, due_ms=due, attempts=moved.attempts + 1)
            return Decision(linking_anew(tried))
        case _:
            assert_never(event.result)


def on_person(
    record: CreditRecord,
    event: PersonLinked | PersonConfirmed | PersonWithdrew,
    at: Circumstances,
) -> Decision:
    """Review's endings but for the void. No word of a person closes what is out."""
    match event:
        case PersonLinked(_, customer_id):
            _refuse_dying(record, event)
            case = "perhaps-sent" if record.perhaps_sent else "exclusive"
            moved = move(record, event.name, case, at.at_ms)
            onward = replace(
                moved,
                # A person's word stands for what a restored journal cannot know.
                promised=moved.promised or record.review is ReviewReason.RESTORED,
                customer_id=customer_id,
                void=None,
                review=None,
                manager=None,
                due_ms=at.at_ms,
                attempts=0,
            )
            return Decision(onward)
        case PersonConfirmed(_, reference):
            _refuse_dying(record, event)
            moved = move(record, event.name, "", at.at_ms)
            settled = replace(moved, reference=reference, reserved=False, void=None)
            settled = replace(settled, review=None, manager=None, perhaps_sent=True, attempts=0)
            return Decision(replace(settled, due_ms=at.at_ms if settled.link_wanted else None))
        case PersonWithdrew(by, reason):
            case = "exclusive" if untouched(record) else "shared"
            moved = move(record, event.name, case, at.at_ms)
            asked = VoidRequest(by, reason, VoidKind.VOID)
            return Decision(replace(moved, void=asked, reserved=False, review=None, manager=None))
        case _:
            assert_never(event)


def _refuse_dying(record: CreditRecord, event: PersonLinked | PersonConfirmed) -> None:
    """Once a burn was begun, its bytes may still arrive: what lives today may be dead tomorrow.

    Such a record ends by the burn alone (void or write off again, or a hand at the platform). A
    void that the platform refused before anything was sent is over, and a person may go on.
    """
    spent = record.review is ReviewReason.SPENT_IN_PART
    if spent or (record.void is not None and event.burn_begun):
        raise NotNow(state=record.state.value, event=event.name, case="ending")


def _to_person(record: CreditRecord, reason: ReviewReason) -> Decision:
    waiting = replace(record, review=reason, manager=ManagerReason.REVIEW, due_ms=None)
    return Decision(waiting, (AskManager(ManagerReason.REVIEW),))
