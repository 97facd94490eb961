# SPDX-License-Identifier: Apache-2.0
"""The link to the platform as one thing: its breaker, and who may go first.

Counter requests go before the backlog: the forwarder asks `backlog_may_go` between records, and
waits while a cashier does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.decisions.retry import Breaker
from agent.domain.outcome import (
    SHUT_OUT,
    Absent,
    Accepted,
    Ambiguous,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    Refused,
    SpentInPart,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.flows.pace import Pace
from agent.ports import Chance, Clock

Said = (
    Confirmed
    | Refused
    | Accepted
    | Unsent
    | Unanswered
    | Throttled
    | Found
    | FoundVoid
    | FoundDifferent
    | Absent
    | Unknown
    | Burnt
    | SpentInPart
    | BurnUnknown
    | BurnRefused
    | Matched
    | Unmatched
    | Ambiguous
    | LinkResult
)


class Link:
    """One platform's link. All times come from the clock's monotonic seconds."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._breaker = Breaker()
        self._counters = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._paused_until_s = 0.0
        self._pace = Pace()
        self.last_heard_ms: int | None = None
        self.last_why = ""

    @property
    def is_up(self) -> bool:
        """False once the breaker is open: the last requests were not answered."""
        return not self._breaker.is_open

    @property
    def is_shut_out(self) -> bool:
        """The platform answers and refuses our token: store IT must act, nothing is lost."""
        return self._breaker.is_open and self.last_why in SHUT_OUT

    def counter_may_go(self, backlog: bool) -> bool:
        """Whether a cashier's request may go. With a backlog, the probe is one of it."""
        if self._breaker.is_open and backlog:
            return False
        return self._breaker.lets_through(self._now_ms())

    def backlog_wait_s(self) -> float:
        """How long the forwarder must still leave the platform alone; 0 where it may go."""
        paused = self._paused_until_s - self._clock.monotonic_s()
        until = self._breaker.open_until_ms
        if until is None:
            return max(paused, 0.0)
        if self._breaker.probing:
            return max(paused, 0.05)
        return max(paused, (until - self._now_ms()) / 1000, 0.0)

    async def backlog_may_go(self) -> None:
        """Returns when it is the backlog's turn and no cashier waits for the platform."""
        now_s = self._clock.monotonic_s()
        wait_s = max(self._pace.turn_s(now_s), self._paused_until_s - now_s)
        while wait_s > 0:
            await self._clock.sleep(wait_s)
            wait_s = self._paused_until_s - self._clock.monotonic_s()
        await self._quiet.wait()

    @asynccontextmanager
    async def counter(self) -> AsyncIterator[None]:
        """A cashier waits: the backlog holds still meanwhile."""
        self._counters += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._counters -= 1
            if not self._counters:
                self._quiet.set()

    def asking(self) -> None:
        """A request is about to go (as the probe, where the breaker is open)."""
        self._breaker = self._breaker.asked()

    def heard(self, said: Said) -> None:
        """Learns from an answer, or from its absence."""
        match said:
            case Unsent(why) | Unanswered(why) | Unknown(why) | BurnUnknown(why):
                self.last_why = why
                if isinstance(said, Unknown) and said.retry_after_s is not None:
                    self._throttled(said.retry_after_s)
                elif why in SHUT_OUT:  # one answer says it: no cashier need wait for two more
                    self._breaker = self._breaker.shut_out(self._now_ms(), self._chance.fraction())
                else:
                    self._breaker = self._breaker.failed(self._now_ms(), self._chance.fraction())
            case Throttled(retry_after_s):
                self._throttled(retry_after_s)
            case LinkResult.UNKNOWN if self.is_shut_out:  # it does not say why; it was begun before
                self._breaker = self._breaker.shut_out(self._now_ms(), self._chance.fraction())
            case LinkResult.UNKNOWN:
                self._breaker = self._breaker.failed(self._now_ms(), self._chance.fraction())
            case _:
                self._breaker = self._breaker.succeeded()
                self._pace.answered(self._clock.monotonic_s())
                self.last_heard_ms = self._clock.now().wall_ms
                self.last_why = ""

    def leave_alone(self, seconds: float) -> None:
        """The platform's own word about its limits: the backlog waits, a cashier does not."""
        if seconds > 0:
            until_s = self._clock.monotonic_s() + seconds
            self._paused_until_s = max(self._paused_until_s, until_s)

    def let_go(self) -> None:
        """The probe ended without a verdict: it was cancelled."""
        self._breaker = self._breaker.let_go()

    def _throttled(self, retry_after_s: int) -> None:
        self._breaker = self._breaker.let_go()
        self._pace.throttled(self._clock.monotonic_s())
        pause = min(max(retry_after_s, 1), 300)
        self._paused_until_s = self._clock.monotonic_s() + pause
        self.last_why = "throttled"

    def _now_ms(self) -> int:
        return int(self._clock.monotonic_s() * 1000)
