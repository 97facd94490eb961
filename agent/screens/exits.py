# SPDX-License-Identifier: Apache-2.0
"""Which ways lead out of a credit's page. Pure: the decisions themselves say what is possible,
so that no button is offered that the table of transitions would refuse."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from agent.decisions.answer import answer
from agent.decisions.circumstances import Circumstances
from agent.decisions.decide import decide
from agent.domain.event import (
    CodeShown,
    Event,
    PaperAffirmed,
    PaperApproved,
    PersonWithdrew,
    ReprintAsked,
    VoidAsked,
)
from agent.domain.faults import Fault
from agent.domain.record import Answer, CreditRecord, ManagerReason, Paper, State, VoidRequest

SOMEBODY: Final = "somebody"


class Exit(StrEnum):
    """A button, or a small form with one."""

    NEXT = "next"
    CAME_OUT = "came-out"
    LET_OUT = "let-out"
    REPRINT = "reprint"
    OWED = "owed"
    AGAIN = "again"
    WITHDRAW = "withdraw"
    VOID = "void"
    SAVE = "save"


FINAL: Final = frozenset({Answer.CONFIRMED, Answer.VOUCHER, Answer.PENDING, Answer.REFUSED})
"""Words after which the next customer may come."""

_SCOPES: Final = {Exit.LET_OUT: "approve", Exit.OWED: "approve", Exit.VOID: "void"}
_UNPROVED: Final = frozenset({Paper.SENT, Paper.UNCERTAIN})


def ways_out(
    record: CreditRecord, at: Circumstances, scopes: frozenset[str], reason: str | None = None
) -> tuple[Exit, ...]:
    """The exits of a credit on the screen, the likeliest first. `reason`: why it is held."""
    failed = record.paper is Paper.FAILED and _may(record, ReprintAsked(SOMEBODY, SOMEBODY), at)
    offered: list[Exit] = []
    if answer(record) in FINAL:
        return (Exit.NEXT, Exit.REPRINT) if failed else (Exit.NEXT,)
    if reason == ManagerReason.NO_ROOM and _may(record, PaperApproved(SOMEBODY), at):
        offered.append(Exit.LET_OUT)
    if record.paper in _UNPROVED and _may(record, PaperAffirmed(SOMEBODY, True), at):
        offered.append(Exit.CAME_OUT)
    if failed:
        offered.append(Exit.REPRINT)
    if record.state is State.RECEIVED:
        offered.append(Exit.AGAIN)
        if _may(record, PersonWithdrew(SOMEBODY, SOMEBODY), at):
            offered.append(Exit.WITHDRAW)
    elif may_be_owed(record, at):
        offered.append(Exit.OWED)
    offered.append(Exit.SAVE)
    # Not by the table: while it is being sent it cannot be voided for a moment, and a button that
    # comes and goes with each attempt would move the page under somebody's fingers.
    if record.state not in (State.RECEIVED, State.VOIDING):
        offered.append(Exit.VOID)
    return tuple(each for each in offered if _SCOPES.get(each, "issue") in scopes)


def may_be_owed(record: CreditRecord, at: Circumstances) -> bool:
    """Whether a manager may have the code shown on the screen."""
    return _may(record, CodeShown(SOMEBODY), at)


def is_worth_money(record: CreditRecord) -> bool:
    """Whether a customer who has its code has money: it is not undone, nobody is undoing it, and
    it is not in the customer's account already."""
    undone = record.state in (State.VOIDING, State.VOIDED, State.WITHDRAWN, State.REFUSED)
    return not (undone or record.ending or (record.state is State.CONFIRMED and record.linked))


def may_be_voided(record: CreditRecord, at: Circumstances) -> bool:
    """Whether it can still be undone; no for what is being undone already."""
    if record.state in (State.VOIDING, State.VOIDED, State.WITHDRAWN):
        return False
    return _may(record, VoidAsked(VoidRequest(SOMEBODY, SOMEBODY)), at)


def may_be_reprinted(record: CreditRecord, at: Circumstances) -> bool:
    """Whether another copy of its paper may be printed."""
    return _may(record, ReprintAsked(SOMEBODY, SOMEBODY), at)


def _may(record: CreditRecord, event: Event, at: Circumstances) -> bool:
    try:
        decide(record, event, at)
    except Fault:
        return False
    return True
