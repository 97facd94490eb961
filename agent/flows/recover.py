# SPDX-License-Identifier: Apache-2.0
"""What a start finds, and what a failed commit left behind.

SENDING after a restart is UNSETTLED: its bytes may have left. RECEIVED was told to nobody; its
alias resumes it, a person may withdraw it, and it is never forwarded by itself.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final

from agent.domain.event import Restarted
from agent.domain.faults import Unavailable
from agent.domain.record import State
from agent.flows.steps import Steps
from agent.flows.turns import Turns

SWEEP_S: Final = 10.0
YOUNG_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many records were found half-way: perhaps sent, and told to nobody."""

    unsettled: int
    untold: int


class Recovery:
    """Runs once before the doors open, and then sweeps for what a failed commit left."""

    def __init__(self, steps: Steps, turns: Turns, young_ms: int = YOUNG_MS) -> None:
        """`young_ms`: a record that changed this recently may just be taken up."""
        self._steps = steps
        self._turns = turns
        self._young_ms = young_ms

    async def at_start(self) -> Recovered:
        """Every record that was half-way when the last daemon ended."""
        unsettled = untold = 0
        for record in await self._steps.journal.unfinished():
            await self._steps.advance(record.key, Restarted())
            if record.state is State.SENDING:
                unsettled += 1
            else:
                untold += 1
        return Recovered(unsettled, untold)

    async def sweep(self) -> int:
        """Records in SENDING that no conversation holds: their last commit failed."""
        found, now_ms = 0, self._steps.clock.now().wall_ms
        for record in await self._steps.journal.unfinished():
            settled_in = abs(now_ms - record.changed_ms) > self._young_ms
            free = settled_in and not self._turns.taken(record.key)
            if record.state is State.SENDING and free:
                await self._steps.advance(record.key, Restarted())
                found += 1
        return found

    async def run(self) -> None:
        """Sweeps for ever, every ten seconds."""
        while True:
            await self._steps.clock.sleep(SWEEP_S)
            with contextlib.suppress(Unavailable):  # the journal says so itself; the next sweep
                await self.sweep()
