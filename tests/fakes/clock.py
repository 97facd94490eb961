# SPDX-License-Identifier: Apache-2.0
"""A clock that a test moves by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time

from agent.domain.moment import Moment

START_MS = 1_795_000_000_000
"""2026-11-18, an afternoon."""


class FakeClock:
    """`agent.ports.Clock`. Time stands still until `advance`; `running` lets it pass by itself,
    for tests of real deadlines. `trusted` and `boot_id` may be set."""

    def __init__(self, wall_ms: int = START_MS, running: bool = False) -> None:
        self.trusted = True
        self.boot_id = "boot-1"
        self.slept: list[float] = []
        self._wall_ms = wall_ms
        self._moved_s = 0.0
        self._running = running
        self._started_s = time.monotonic()
        self._numbers = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> Moment:
        passed_ms = int(self.monotonic_s() * 1000)
        return Moment(self._wall_ms + passed_ms, 60_000 + passed_ms, self.boot_id, self.trusted)

    def monotonic_s(self) -> float:
        passed_s = time.monotonic() - self._started_s if self._running else 0.0
        return self._moved_s + passed_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic_s() + seconds, next(self._numbers), waking))
        await waking

    def advance(self, seconds: float) -> None:
        """Lets time pass and wakes whoever's time has come."""
        self._moved_s += seconds
        now_s = self.monotonic_s()
        while self._sleepers and self._sleepers[0][0] <= now_s:
            _, _, waking = heapq.heappop(self._sleepers)
            if not waking.done():
                waking.set_result(None)

    def step_back(self, seconds: float) -> None:
        """The wall clock jumps; the time since boot does not."""
        self._wall_ms -= int(seconds * 1000)
