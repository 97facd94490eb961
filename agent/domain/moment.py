# SPDX-License-Identifier: Apache-2.0
"""A point in time as this machine knows it: wall clock, time since boot, and which boot.

The wall clock may jump; boot time never runs backwards but starts anew with the machine. How
old an attempt is can only be judged from both (design section 4).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """`wall_ms`: UTC milliseconds; `boot_ms`: milliseconds since boot, sleep included.

    `trusted`: whether the wall clock is synchronised and has not stepped back.
    """

    wall_ms: int
    boot_ms: int
    boot_id: str
    trusted: bool = True

    def utc(self) -> datetime.datetime:
        """The wall clock as an aware datetime; raises ValueError beyond year 9999."""
        try:
            return datetime.datetime.fromtimestamp(self.wall_ms / 1000, datetime.UTC)
        except (OverflowError, OSError) as error:
            raise ValueError("the clock is out of range") from error


def age_most_ms(then: Moment, now: Moment) -> int | None:
    """The greatest age that cannot be ruled out, or None where nothing bounds it.

    None after a reboot where either clock was untrusted, and after a step back: who asks whether a
    vendor's key window is still open must then take it as closed.
    """
    wall = now.wall_ms - then.wall_ms
    if then.boot_id == now.boot_id:
        return max(wall, now.boot_ms - then.boot_ms, 0)
    if not (then.trusted and now.trusted) or wall < 0:
        return None
    return wall


def age_least_ms(then: Moment, now: Moment) -> int:
    """The age that has passed for certain: for rules that wait for something to settle."""
    if then.boot_id == now.boot_id:
        return max(now.boot_ms - then.boot_ms, 0)
    since_boot = now.boot_ms
    wall = now.wall_ms - then.wall_ms
    both = then.trusted and now.trusted
    return max(wall, since_boot, 0) if both else since_boot
