# SPDX-License-Identifier: Apache-2.0
"""Every misfortune by name, as one table: where it bites, how often worlds have it, how strong.

A world draws a subset with strengths. What bit is counted by the same names, by whoever makes it
bite; `tests/simulation/test_simulation.py` shows that every name did bite somewhere. Add a line
here and whoever reads its place will take it up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Named:
    """`place`: who makes it bite; `share`: of all worlds that have it; from `low` to `high`: the
    chance per occasion (line, platform), or the weight of the act that brings it (all others)."""

    name: str
    place: str
    share: float
    low: float
    high: float


def _each(place: str, share: float, low: float, high: float, *names: str) -> tuple[Named, ...]:
    return tuple(Named(name, place, share, low, high) for name in names)


FAULTS: Final[tuple[Named, ...]] = (
    *_each("line", 0.35, 0.005, 0.06, "name", "refused", "unreachable", "certificate", "tls"),
    *_each("line", 0.5, 0.01, 0.12, "reset_before_read", "reset_after_read", "reset_in_answer"),
    *_each("line", 0.5, 0.02, 0.2, "kept_reset", "kept_reset_read"),
    *_each("line", 0.5, 0.01, 0.15, "duplicate", "line_answer_lost", "stall"),
    *_each("act", 0.8, 1.0, 6.0, "outage", "platform_faults"),
    *_each("act", 0.6, 0.5, 4.0, "crash", "crash_at_a_point", "printer_trouble"),
    *_each("act", 0.4, 0.3, 2.0, "disk_full", "read_only", "io_fault"),
    *_each("act", 0.4, 0.3, 2.0, "clock_jump", "clock_apart", "clock_dead"),
    *_each("act", 0.35, 0.2, 1.0, "restore_backup", "restore_whole", "clone", "reimage"),
    *_each("act", 0.4, 0.2, 1.5, "rotate_key", "second_process", "restart", "lift_limits"),
    *_each("act", 0.35, 0.3, 2.0, "second_writer", "other_body", "wrapped_number"),
)


def drawn(dice: random.Random) -> dict[str, float]:
    """A world's subset, with its strengths."""
    return {
        each.name: dice.uniform(each.low, each.high)
        for each in FAULTS
        if dice.random() < each.share
    }


def at(place: str, strengths: dict[str, float]) -> dict[str, float]:
    """Those of one place."""
    names = {each.name for each in FAULTS if each.place == place}
    return {name: value for name, value in strengths.items() if name in names}
