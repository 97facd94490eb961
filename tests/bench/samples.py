# SPDX-License-Identifier: Apache-2.0
"""Durations, and what is read off them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


def percentile(seconds: Sequence[float], percent: float) -> float:
    """The smallest duration that `percent` of all do not exceed; 0.0 where there is none."""
    if not seconds:
        return 0.0
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


@dataclass(slots=True)
class Samples:
    """Durations of one sort in seconds, and how long all of them took together."""

    seconds: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0

    @property
    def p50_ms(self) -> float:
        return percentile(self.seconds, 50) * 1000

    @property
    def p99_ms(self) -> float:
        return percentile(self.seconds, 99) * 1000

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed_s if self.elapsed_s else 0.0


@dataclass(slots=True)
class Cycles:
    """What a contender was measured at: each enqueue, each finish."""

    enqueue: Samples = field(default_factory=Samples)
    finish: Samples = field(default_factory=Samples)

    def took(self, elapsed_s: float) -> None:
        """A round of so many seconds ended."""
        self.enqueue.elapsed_s += elapsed_s
        self.finish.elapsed_s += elapsed_s
