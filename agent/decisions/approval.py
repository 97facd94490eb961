# SPDX-License-Identifier: Apache-2.0
"""Who must approve, and what an approval is good for."""

from __future__ import annotations

from typing import Final

from agent.domain.approval import Approval, PinTries
from agent.domain.faults import ApprovalInvalid, PinLocked, PinWrong
from agent.domain.money import Money

VALID_FOR_MS: Final = 5 * 60_000
TRIES_MAX: Final = 5
LOCKED_FOR_MS: Final = 15 * 60_000


def needs_approval(amount: Money, over_minor: int | None) -> bool:
    """Whether a manager must approve `amount` before a record is opened."""
    return over_minor is not None and amount.minor > over_minor


def check_approval(approval: Approval | None, body_digest: bytes, at_ms: int) -> Approval:
    """The approval, where it fits this body now; raises `ApprovalInvalid`."""
    if approval is None:
        raise ApprovalInvalid(why="unknown")
    if approval.used_by is not None:
        raise ApprovalInvalid(why="used")
    if not 0 <= at_ms - approval.given_ms <= VALID_FOR_MS:
        raise ApprovalInvalid(why="too-old")
    if approval.body_digest != body_digest:
        raise ApprovalInvalid(why="other-body")
    return approval


def before_pin(tries: PinTries, at_ms: int) -> PinTries:
    """Raises `PinLocked` while locked; after the lock the count starts anew."""
    if tries.locked_until_ms is None:
        return tries
    if at_ms < tries.locked_until_ms:
        left_ms = tries.locked_until_ms - at_ms
        raise PinLocked(minutes=-(-left_ms // 60_000))
    return PinTries()


def after_wrong_pin(tries: PinTries, at_ms: int) -> PinTries:
    """One more wrong try; the last one locks."""
    wrong = tries.wrong + 1
    if wrong >= TRIES_MAX:
        return PinTries(wrong, at_ms + LOCKED_FOR_MS)
    return PinTries(wrong)


def wrong_pin(tries: PinTries) -> PinWrong:
    """The fault to raise after `after_wrong_pin`."""
    return PinWrong(left=max(TRIES_MAX - tries.wrong, 0))
