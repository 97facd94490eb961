# SPDX-License-Identifier: Apache-2.0
"""Real parts that can suffer: a clock that jumps, a journal that dies, a platform that says no.

Each is the real thing but for the one misfortune that a walk switches on.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from agent.daemon.world import SystemClock
from agent.domain.credit import Credit
from agent.domain.moment import Moment
from agent.domain.outcome import Burn, BurnRefused, Outcome, RefusalReason, Refused, Saying
from agent.journal import InlineJournal
from agent.journal.store import Operation
from agent.platforms.adapter import DrivenPlatform
from agent.ports import Done, EffectLog

T = TypeVar("T")


class JumpingClock(SystemClock):
    """The machine's clock, moved on by hand; `reboot` begins a new boot. Deadlines stay real."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 0
        self._boots = 0
        self._booted_ms = 0

    def now(self) -> Moment:
        real = super().now()
        wall, boot = real.wall_ms + self.ahead_ms, real.boot_ms + self.ahead_ms
        name = f"boot-{self._boots}"
        return Moment(wall, max(boot - self._booted_ms, 0), name, trusted=True)

    def jump(self, seconds: float) -> None:
        self.ahead_ms += int(seconds * 1000)

    def reboot(self) -> None:
        real = super().now()
        self._boots += 1
        self._booted_ms = real.boot_ms + self.ahead_ms - 20_000


class MortalJournal(InlineJournal):
    """The twin on a file with a slow disk (`gate`) and a death before or after the n-th write."""

    def __init__(self, twin: InlineJournal) -> None:
        super().__init__(twin.core, twin._lock, twin.restored, twin.journal_id)
        self.gate = asyncio.Event()
        self.gate.set()
        self.died = asyncio.Event()
        self.dies_in: int | None = None
        self.dies_committed = False

    async def write(self, operation: Operation[T], patient: bool = False) -> T:
        await self.gate.wait()
        doomed = self.dies_in is not None and self.dies_in <= 0
        self.dies_in = None if self.dies_in is None else self.dies_in - 1
        if doomed and not self.dies_committed:
            await self._die()
        written = await super().write(operation, patient)
        if doomed:
            await self._die()
        return written

    async def _die(self) -> None:
        self.crash()
        self.died.set()
        await asyncio.Event().wait()  # the process is gone: nothing comes after this line


class MoodyPlatform(DrivenPlatform):
    """The real one, which sometimes says a documented no: nothing leaves for it then."""

    def __init__(self, real: DrivenPlatform) -> None:
        super().__init__(real._adapter, real._wire)
        self.refusals = 0
        self.burn_refusals = 0

    async def issue(
        self,
        credit: Credit,
        customer_id: str | None,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> Outcome:
        if self.refusals > 0:
            self.refusals -= 1
            return Refused(RefusalReason.LIMIT, Saying(422, "limit"))
        return await super().issue(credit, customer_id, done, effects, deadline_s)

    async def burn(self, credit: Credit, done: Done, effects: EffectLog, deadline_s: float) -> Burn:
        if self.burn_refusals > 0:
            self.burn_refusals -= 1
            return BurnRefused(Saying(422, "refused"))
        return await super().burn(credit, done, effects, deadline_s)
