# SPDX-License-Identifier: Apache-2.0
"""The word that a cashier reads for a record, or None while the answer is on its way."""

from __future__ import annotations

from typing import assert_never

from agent.domain.record import Answer, CreditRecord, ManagerReason, Paper, PaperKind, State


def answer(record: CreditRecord) -> Answer | None:
    """One of five words. "Voucher" only where paper came out, proved or affirmed (I6)."""
    match record.state:
        case State.CONFIRMED:
            return Answer.CONFIRMED
        case State.REFUSED | State.WITHDRAWN | State.VOIDED:
            return Answer.REFUSED
        case State.VOIDING:
            return Answer.ASK_A_MANAGER
        case State.RECEIVED | State.SENDING | State.PARKED | State.UNSETTLED | State.REVIEW:
            return _open_answer(record)
        case _:
            assert_never(record.state)


def _open_answer(record: CreditRecord) -> Answer | None:
    kind, paper = record.paper_kind, record.paper
    if record.state is State.REVIEW and record.ending:
        return Answer.ASK_A_MANAGER
    if paper is Paper.QUEUED:
        return None
    if kind is not None and kind.is_money and paper is Paper.PRINTED:
        return Answer.VOUCHER
    if kind is PaperKind.SLIP and record.state is not State.REVIEW:
        return Answer.PENDING
    if record.manager is not None or record.state is State.REVIEW:
        return Answer.ASK_A_MANAGER
    return None


def told_paper(record: CreditRecord) -> Paper:
    """What callers are told the paper did: `queued` is still `none` for them."""
    return Paper.NONE if record.paper is Paper.QUEUED else record.paper


def held_reason(record: CreditRecord) -> ManagerReason | None:
    """Why the word is ASK A MANAGER, where it is."""
    if answer(record) is not Answer.ASK_A_MANAGER:
        return None
    if record.state is State.VOIDING:
        return ManagerReason.VOIDING
    return record.manager or ManagerReason.REVIEW
