# SPDX-License-Identifier: Apache-2.0
"""What a start finds, and what a failed commit left behind.

SENDING after a restart is UNSETTLED: its bytes may have left. RECEIVED was told to nobody; its
alias resumes it, a person may withdraw it, and it is never forwarded by itself.

A start looks at one bite of each before the doors open, and at the rest behind them: a till must
not wait for a long queue. An alias that leads to one of the rest takes it up at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

from agent.domain.event import Restarted
from agent.domain.faults import NotNow, Unavailable
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import State
from agent.flows.steps import Steps
from agent.flows.turns import Turns

SWEEP_S: Final = 10.0
YOUNG_MS: Final = 5_000
BITE: Final = 128
"""Records that are looked at together, and share a commit."""


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
        self._through = 0
        self._after: dict[State, int] = {}
        """What the last daemon left and nobody has looked at yet: behind this number."""

    async def at_start(self) -> Recovered:
        """Records that were half-way when the last daemon ended: the first of them, all where
        they are few. Before any door opens, so nobody else has taken one up."""
        self._through = await self._steps.journal.newest_number()
        self._after = {State.SENDING: 0, State.RECEIVED: 0}
        unsettled = len(await self._bite(State.SENDING))
        return Recovered(unsettled, len(await self._bite(State.RECEIVED)))

    async def catch_up(self) -> None:
        """The rest of them, bite by bite, those first that may have been sent."""
        for state in (State.SENDING, State.RECEIVED):
            while state in self._after:
                await self._bite(state)

    async def _bite(self, state: State) -> list[IdempotencyKey]:
        """The next of this state that nobody holds, in one commit."""
        found = await self._steps.journal.interrupted(
            state, self._after[state], self._through, BITE
        )
        free = [key for _, key in found if not self._turns.taken(key)]
        await asyncio.gather(*(self._restarted(key, state) for key in free))
        if len(found) < BITE:
            del self._after[state]
        else:
            self._after[state] = found[-1][0]
        return free

    async def _restarted(self, key: IdempotencyKey, state: State) -> None:
        async with self._turns.turn(key):
            record = await self._steps.journal.get(key)
            if record is not None and record.state is state:
                with contextlib.suppress(NotNow):  # it was erased: nothing is left to be done
                    await self._steps.advance(key, Restarted())

    async def sweep(self) -> int:
        """Records in SENDING that no conversation holds: their last commit failed."""
        found, now_ms = 0, self._steps.clock.now().wall_ms
        journal, after = self._steps.journal, 0
        newest = await journal.newest_number()
        while bite := await journal.interrupted(State.SENDING, after, newest, BITE):
            after = bite[-1][0]
            for key in (key for _, key in bite if not self._turns.taken(key)):
                record = await journal.get(key)
                settled_in = record and abs(now_ms - record.changed_ms) > self._young_ms
                if settled_in:
                    await self._restarted(key, State.SENDING)
                    found += 1
        return found

    async def run(self) -> None:
        """Catches up, and then sweeps for ever, every ten seconds."""
        while True:
            with contextlib.suppress(Unavailable):
                await self.catch_up()
                break
            await self._steps.clock.sleep(SWEEP_S)
        while True:
            await self._steps.clock.sleep(SWEEP_S)
            with contextlib.suppress(Unavailable):  # the journal says so itself; the next sweep
                await self.sweep()
