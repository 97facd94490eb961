# SPDX-License-Identifier: Apache-2.0
"""Which paper comes by itself, and what a print's end means.

"Voucher" is said only when paper came out, proved or affirmed (I6). A paper that may have left
makes the record shared and, where it is money, promised; neither becomes false again (I9).
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Final

from agent.decisions.circumstances import Circumstances
from agent.decisions.limits import identity_room, offline_room
from agent.decisions.retry import REVIEW_BASE_MS, REVIEW_CAP_MS, delay_ms
from agent.decisions.transitions import move
from agent.domain.action import Action, AskManager, Decision, PrintPaper
from agent.domain.event import (
    CodeShown,
    PaperAffirmed,
    PaperApproved,
    PaperEnded,
    PaperLeaving,
    ReprintAsked,
)
from agent.domain.faults import PaperRefused
from agent.domain.record import CreditRecord, ManagerReason, Paper, PaperKind, State

BY_ITSELF: Final = "agent"
OUT: Final = frozenset({Paper.QUEUED, Paper.SENT, Paper.PRINTED, Paper.UNCERTAIN})
_UNPROVED: Final = {
    Paper.SENT: ManagerReason.PAPER_UNPROVED,
    Paper.UNCERTAIN: ManagerReason.PAPER_UNPROVED,
    Paper.FAILED: ManagerReason.PAPER_FAILED,
}


def with_offline_paper(record: CreditRecord, at: Circumstances) -> Decision:
    """The voucher, or the slip without value, or the manager; nothing where paper is out."""
    if record.paper in OUT:
        return Decision(record)
    if not record.request.instrument.on_paper:
        return _queued(record, PaperKind.SLIP, at)
    full = offline_room(at.limits, at.others, record.request.amount, at.at_ms)
    roomy = record.reserved or record.paper_approved_by is not None or full is None
    return _money(record, PaperKind.VOUCHER, roomy, at)


def with_identity_paper(record: CreditRecord, at: Circumstances) -> Decision:
    """The "scan to collect" voucher, within its own bound."""
    if record.paper in OUT:
        return Decision(record)
    if not record.request.instrument.on_paper:
        return _queued(record, PaperKind.SLIP, at)
    full = identity_room(at.limits, at.others, record.request.amount)
    roomy = record.paper_approved_by is not None or full is None
    return _money(record, PaperKind.IDENTITY, roomy, at)


def with_receipt(record: CreditRecord, at: Circumstances) -> Decision:
    """The receipt of a confirmation within the call; nothing where money paper is out, or where
    the register has no printer: a word is then all that it has to give."""
    if record.paper in OUT or not (at.prints or record.pos_prints):
        return Decision(record)
    return _queued(replace(record, manager=None), PaperKind.RECEIPT, at)


def on_approved(record: CreditRecord, event: PaperApproved, at: Circumstances) -> Decision:
    """A manager lets paper out without room."""
    if record.paper in OUT:
        raise PaperRefused(state=record.state.value, paper=record.paper.value)
    moved = move(record, event.name, "", at.at_ms)
    _refuse_ending(record)
    _refuse_claimed(record)
    approved = replace(moved, paper_approved_by=event.by)
    if record.review is not None and record.review.is_identity:
        return with_identity_paper(approved, at)
    if record.review is not None and not record.promised:
        raise PaperRefused(state=record.state.value, paper=record.paper.value)
    return with_offline_paper(approved, at)


def on_leaving(record: CreditRecord, event: PaperLeaving, at: Circumstances) -> Decision:
    """Committed before the first byte of any print."""
    case = "money" if event.kind.is_money else event.kind.value
    moved = move(record, event.name, case, at.at_ms)
    _refuse_ending(record)
    if event.kind.is_money:
        _refuse_claimed(record)
    return Decision(_left(moved, event.kind, at))


def on_ended(record: CreditRecord, event: PaperEnded, at: Circumstances) -> Decision:
    """What came out. A failed copy does not make a proved paper unproved."""
    moved = move(record, event.name, "", at.at_ms)
    if event.kind is not record.paper_kind or record.paper is Paper.PRINTED:
        return Decision(moved)
    reason = _UNPROVED.get(event.paper) if event.kind.is_money else None
    if record.state is State.CONFIRMED:
        reason = None
    actions: tuple[Action, ...] = () if reason is None else (AskManager(reason),)
    ended = replace(moved, paper=event.paper, manager=reason)
    return Decision(ended if event.paper is Paper.FAILED else _left(ended, event.kind, at), actions)


def on_affirmed(record: CreditRecord, event: PaperAffirmed, at: Circumstances) -> Decision:
    """A person looked. A "no" leaves the promise standing: the paper may lie on the floor."""
    # Queued and shared: its bytes have left, to a POS that never said what became of them.
    never_left = record.paper is Paper.QUEUED and record.exclusive
    if record.paper is Paper.NONE or never_left:
        raise PaperRefused(state=record.state.value, paper=record.paper.value)
    moved = move(record, event.name, "", at.at_ms)
    if event.came_out:
        seen = replace(moved, paper=Paper.PRINTED, manager=None)
        return Decision(seen if record.paper_kind is None else _left(seen, record.paper_kind, at))
    if record.paper is Paper.PRINTED:
        return Decision(moved)
    return Decision(
        replace(moved, paper=Paper.FAILED, manager=ManagerReason.PAPER_FAILED),
        (AskManager(ManagerReason.PAPER_FAILED),),
    )


def on_shown(record: CreditRecord, event: CodeShown, at: Circumstances) -> Decision:
    """The paper is owed: the code leaves by a screen instead. Committed before it is shown.

    The screen is a printer that proves nothing: whether the customer has the code is a person's
    word, like paper that was only sent. The manager stands for the room that paper would need.
    """
    moved = move(record, event.name, "", at.at_ms)
    _refuse_ending(record)
    _refuse_claimed(record)
    confirmed = record.state is State.CONFIRMED
    identity = record.review is not None and record.review.is_identity
    decided = record.review is None or identity or record.promised
    printing = record.paper is Paper.QUEUED or (record.paper is Paper.PRINTED and not confirmed)
    known = confirmed and record.linked
    if printing or known or not (decided and at.enrolled and record.request.instrument.on_paper):
        raise PaperRefused(state=record.state.value, paper=record.paper.value)
    if confirmed:
        return Decision(replace(moved, shared=True))
    kind = record.paper_kind if record.promised else None
    kind = kind or (PaperKind.IDENTITY if identity else PaperKind.VOUCHER)
    shown = replace(
        moved,
        paper=Paper.SENT,
        paper_kind=kind,
        paper_approved_by=event.by,
        expires_on=_expiry(record, at),
        manager=ManagerReason.PAPER_UNPROVED,
    )
    return Decision(_left(shown, kind, at), (AskManager(ManagerReason.PAPER_UNPROVED),))


def on_reprint(record: CreditRecord, event: ReprintAsked, at: Circumstances) -> Decision:
    """COPY n of the same paper; where none came by itself yet, the first one by its own rules."""
    moved = move(record, event.name, "", at.at_ms)
    if record.paper is Paper.QUEUED:
        raise PaperRefused(state=record.state.value, paper=record.paper.value)
    _refuse_ending(record)
    kind = record.paper_kind
    if kind is None or (kind is PaperKind.SLIP and record.state is State.CONFIRMED):
        if record.state is not State.CONFIRMED:
            raise PaperRefused(state=record.state.value, paper=record.paper.value)
        kind = PaperKind.RECEIPT
    if kind is PaperKind.RECEIPT and record.state is not State.CONFIRMED:
        raise PaperRefused(state=record.state.value, paper=record.paper.value)
    if kind.is_money:
        _refuse_claimed(record)
    copies = record.copies + 1
    paper = record.paper if record.paper is Paper.PRINTED else Paper.QUEUED
    again = replace(moved, copies=copies, paper=paper, paper_kind=kind)
    return Decision(again, (PrintPaper(kind, copies, event.by, event.reason),))


def _left(record: CreditRecord, kind: PaperKind, at: Circumstances) -> CreditRecord:
    """It may be out: another may act on it, and a claim may settle it from now on."""
    if kind is PaperKind.SLIP:
        return record
    out = replace(record, shared=True, promised=record.promised or kind.is_money)
    if out.state is not State.REVIEW or not out.promised or out.due_ms is not None:
        return out
    wait_ms = delay_ms(out.attempts, at.chance, REVIEW_BASE_MS, REVIEW_CAP_MS)
    return replace(out, due_ms=at.at_ms + wait_ms)


def _refuse_ending(record: CreditRecord) -> None:
    if record.ending:
        raise PaperRefused(state=record.state.value, paper=record.paper.value)


def _refuse_claimed(record: CreditRecord) -> None:
    """Once it was brought back, no second money paper of it may go about (design 4)."""
    if record.claimed is not None:
        raise PaperRefused(state=record.state.value, paper=record.paper.value, why="claimed")


def _money(record: CreditRecord, kind: PaperKind, roomy: bool, at: Circumstances) -> Decision:
    if not at.enrolled:
        return _ask(record, ManagerReason.NOT_ENROLLED)
    if not roomy:
        return _ask(record, ManagerReason.NO_ROOM)
    return _queued(record, kind, at)


def _queued(record: CreditRecord, kind: PaperKind, at: Circumstances) -> Decision:
    expires = _expiry(record, at) if kind.is_money else record.expires_on
    copies = record.copies + 1
    queued = replace(
        record,
        paper=Paper.QUEUED,
        paper_kind=kind,
        copies=copies,
        expires_on=expires,
        manager=None,
    )
    return Decision(queued, (PrintPaper(kind, copies, BY_ITSELF, kind.value),))


def _expiry(record: CreditRecord, at: Circumstances) -> datetime.date | None:
    """The last day of the paper; none where the clock cannot be trusted."""
    if record.expires_on is not None or not at.now.trusted or not at.expires_days:
        return record.expires_on
    return at.now.utc().date() + datetime.timedelta(days=at.expires_days)


def _ask(record: CreditRecord, reason: ManagerReason) -> Decision:
    return Decision(replace(record, manager=reason), (AskManager(reason),))
