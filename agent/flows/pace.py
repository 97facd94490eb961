# SPDX-License-Identifier: Apache-2.0
"""How fast the backlog goes: as fast as it can until the platform throttles it, then a little
slower than what the platform took, and slowly faster again until the next no.

A chain's registers come back together after an outage, and a platform that says "too many" means
all of them; each finds its share by itself. Only the backlog is paced, never a cashier. Times are
monotonic seconds. Rates are requests, not money.
"""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_S: Final = 5.0
"""Over how long it is counted what the platform takes."""
SLOWER: Final = 0.95
FASTER: Final = 1.01
FASTER_EVERY_S: Final = 5.0
SLOWEST: Final = 0.1
"""Requests a second that the backlog always may try: a platform that takes less is down."""
COUNTED_MAX: Final = 4096


class Pace:
    """Unlimited until `throttled` was told once."""

    def __init__(self) -> None:
        self.per_second: float | None = None
        self._answered: deque[float] = deque(maxlen=COUNTED_MAX)
        self._next_s = 0.0
        self._faster_s = 0.0

    def answered(self, now_s: float) -> None:
        """The platform took a request, whoever sent it."""
        self._answered.append(now_s)

    def throttled(self, now_s: float) -> None:
        """It took one too many: a little slower than what it did take. Several noes within a
        second are one, for they were on their way together."""
        if self.per_second is not None and now_s < self._faster_s - FASTER_EVERY_S + 1.0:
            return
        taken = self._taken_per_second(now_s)
        known = taken if self.per_second is None else min(self.per_second, taken)
        self.per_second = max(known * SLOWER, SLOWEST)
        self._faster_s = now_s + FASTER_EVERY_S

    def turn_s(self, now_s: float) -> float:
        """Takes the next turn of the backlog, and says how many seconds away it is."""
        if self.per_second is None:
            return 0.0
        if now_s >= self._faster_s:
            self.per_second *= FASTER
            self._faster_s = now_s + FASTER_EVERY_S
        turn_s = max(self._next_s, now_s)
        self._next_s = turn_s + 1 / self.per_second
        return turn_s - now_s

    def _taken_per_second(self, now_s: float) -> float:
        while self._answered and self._answered[0] < now_s - WINDOW_S:
            self._answered.popleft()
        if len(self._answered) < 2:
            return SLOWEST
        return len(self._answered) / max(now_s - self._answered[0], 1.0)
