# SPDX-License-Identifier: Apache-2.0
"""Who must approve, and what an approval is good for."""

from __future__ import annotations

from typing import Final

from agent.domain.approval import Approval, PinTries
from agent.domain.faults import ApprovalInvalid, PinLocked, PinWrong
from agent.domain.moment import Moment, age_least_ms, age_most_ms
from agent.domain.money import Money

VALID_FOR_MS: Final = 5 * 60_000
TRIES_MAX: Final = 5
LOCKED_FOR_MS: Final = 15 * 60_000


def needs_approval(amount: Money, over_minor: int | None) -> bool:
    """Whether a manager must approve `amount` before a record is opened."""
    return over_minor is not None and amount.minor > over_minor


def check_approval(approval: Approval | None, body_digest: bytes, now: Moment) -> Approval:
    """The approval, where it fits this body now; raises `ApprovalInvalid`.

    One whose age nobody can tell (the machine was started anew with a clock that is not
    trusted) is too old: no jump of a clock makes it live longer.
    """
    if approval is None:
        raise ApprovalInvalid(why="unknown")
    if approval.used_by is not None:
        raise ApprovalInvalid(why="used")
    age_ms = None if approval.given is None else age_most_ms(approval.given, now)
    if age_ms is None or age_ms > VALID_FOR_MS:
        raise ApprovalInvalid(why="too-old")
    if approval.body_digest != body_digest:
        raise ApprovalInvalid(why="other-body")
    return approval


def before_pin(tries: PinTries, now: Moment) -> PinTries:
    """Raises `PinLocked` while locked; after the lock the count starts anew.

    Only time that has passed for certain counts, so a clock set forward opens nothing, and one
    set back locks for no longer than the machine runs.
    """
    if tries.locked_until_ms is None:
        return tries
    left_ms = LOCKED_FOR_MS - _locked_ms(tries, tries.locked_until_ms, now)
    if left_ms > 0:
        raise PinLocked(minutes=-(-left_ms // 60_000))
    return PinTries()


def _locked_ms(tries: PinTries, until_ms: int, now: Moment) -> int:
    """How long the lock has lasted. One that an older version wrote has no whole moment."""
    if tries.locked is not None:
        return age_least_ms(tries.locked, now)
    return max(now.wall_ms - (until_ms - LOCKED_FOR_MS), 0)


def after_wrong_pin(tries: PinTries, now: Moment) -> PinTries:
    """One more wrong try; the last one locks."""
    wrong = tries.wrong + 1
    if wrong >= TRIES_MAX:
        return PinTries(wrong, now.wall_ms + LOCKED_FOR_MS, now)
    return PinTries(wrong)


def wrong_pin(tries: PinTries) -> PinWrong:
    """The fault to raise after `after_wrong_pin`."""
    return PinWrong(left=max(TRIES_MAX - tries.wrong, 0))
