# SPDX-License-Identifier: Apache-2.0
"""Every ten minutes: what is settled for long loses its secrets and its person.

Nothing that was erased comes back, so the wall clock must be believed before anything is called
old: a clock that jumped ten years ahead would take the code of every credit of yesterday.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from agent.domain.faults import Fault
from agent.domain.moment import Moment
from agent.journal import WrittenJournal
from agent.ports import Clock

EVERY_S: Final = 600.0
CALM_MS: Final = 86_400_000
"""A clock that nobody synchronises is believed after a day without a step."""
STEP_MS: Final = 2_000


class Calm:
    """Whether the wall clock may say what is old. Asked every few minutes."""

    def __init__(self) -> None:
        self._last: Moment | None = None
        self._since: Moment | None = None

    def believes(self, now: Moment) -> bool:
        """A clock that is trusted; else one that went evenly for a day of this process."""
        last, self._last = self._last, now
        if last is None or self._since is None or _stepped(last, now):
            self._since = now
        return now.trusted or now.boot_ms - self._since.boot_ms >= CALM_MS


def _stepped(last: Moment, now: Moment) -> bool:
    passed_ms, told_ms = now.boot_ms - last.boot_ms, now.wall_ms - last.wall_ms
    return abs(told_ms - passed_ms) > STEP_MS


async def upkeep(
    journal: WrittenJournal,
    clock: Clock,
    keep_secrets_ms: int,
    forget_days: int,
    afterwards: Callable[[], None],
) -> None:
    """For ever. `afterwards` is called after each round, whatever became of it."""
    calm = Calm()
    while True:
        await clock.sleep(EVERY_S)
        try:
            if calm.believes(clock.now()):
                await journal.erase_secrets(keep_secrets_ms)
                await journal.forget_older(forget_days)
            await journal.checkpoint()
        except Fault:
            continue  # the journal says so itself at /readyz; the next round tries again
        finally:
            afterwards()
