# SPDX-License-Identifier: Apache-2.0
"""How much a register may promise that no platform has confirmed (I7).

No room never stops sending, only paper. All amounts are minor units of the store's currency;
each register and currency is counted apart, from the journal's own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.domain.exposure import Exposure
from agent.domain.money import Money

FRESH_PART: Final = 4
"""A fresh journal starts at a quarter of every limit."""
FRESH_UNTIL: Final = 20
"""... until this many credits are confirmed, or a manager or the hub lifts it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings' `[limits]`; minor units, hours, and a count of identity vouchers."""

    per_credit: int = 20_000
    outstanding: int = 200_000
    per_hour: int = 100_000
    oldest_hours: int = 72
    unclaimed: int = 50

    def __post_init__(self) -> None:
        for name in ("per_credit", "outstanding", "per_hour", "oldest_hours", "unclaimed"):
            if getattr(self, name) < 0:
                raise ValueError(f"limits.{name} is zero or more")


class NoRoom(StrEnum):
    """Which limit is reached."""

    PER_CREDIT = "per-credit"
    OUTSTANDING = "outstanding"
    PER_HOUR = "per-hour"
    OLDEST = "oldest"
    UNCLAIMED = "unclaimed"


def offline_room(limits: Limits, others: Exposure, amount: Money, at_ms: int) -> NoRoom | None:
    """None where `amount` may be promised beside `others`, else the limit that stands against it.

    `others` counts every exposed record of the register and currency but this one.
    """
    part = FRESH_PART if others.fresh else 1
    if amount.minor > limits.per_credit // part:
        return NoRoom.PER_CREDIT
    if others.outstanding_minor + amount.minor > limits.outstanding // part:
        return NoRoom.OUTSTANDING
    if others.hour_minor + amount.minor > limits.per_hour // part:
        return NoRoom.PER_HOUR
    oldest = others.oldest_opened_ms
    if oldest is not None and at_ms - oldest > limits.oldest_hours * 3_600_000:
        return NoRoom.OLDEST
    return None


def identity_room(limits: Limits, others: Exposure, amount: Money) -> NoRoom | None:
    """The same for identity vouchers, which have a bound of their own and no age."""
    part = FRESH_PART if others.fresh else 1
    if amount.minor > limits.per_credit // part:
        return NoRoom.PER_CREDIT
    if others.unclaimed >= limits.unclaimed // part:
        return NoRoom.UNCLAIMED
    return None
