# SPDX-License-Identifier: Apache-2.0
"""The task that owns one route's queue: composes the papers, one after the other, and sends each
once.

The queue itself is the journal's spool table, so it is as durable and as bounded as the credits
are; this task keeps no list of its own and asks for what waits each time it is woken. It decides
nothing about a credit: what leaves and how it ended goes out through the calls it was given. When
it is cancelled, whatever was under way stays in the journal as it was committed: *queued*, or
*sent*, which a restart reports as uncertain.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.domain.faults import Fault, Unavailable
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, Paper, PaperKind
from agent.ports import Clock, Composed, JobSpan, Press, PrintEnd, PrintJob
from agent.printing.condition import UNKNOWN, condition_after

FRESH_FOR_MS: Final = 10 * 60_000
"""Older paper is not printed by itself: the customer has gone, and somebody else may take it."""

STALE: Final = "stale"
RESTART: Final = "restart"
NO_PRINTER: Final = "no-printer"
CANNOT_COMPOSE: Final = "cannot-compose"
BY_TAP: Final = "tap"
"""`PrintJob.by` of the slips that a print job taken at the tap is waiting for."""

BITE: Final = 64
"""Jobs that are asked for at once, and, of what the last run left, ended in one commit."""
KEYS_MAX: Final = 1_024
"""Credits whose time of queueing is remembered; more than a printer prints in ten minutes."""

Waiting = Callable[[Sequence[Paper], JobSpan], Awaitable[Sequence[PrintJob]]]
"""This route's jobs in these states, oldest first (`Journal.waiting_prints` by route)."""

Load = Callable[[PrintJob], Awaitable[tuple[CreditRecord, str | None]]]
"""The record as it is now, and the token that was first printed for it."""

Leaving = Callable[[PrintJob, Composed], Awaitable[None]]
"""Commits `PaperLeaving` with the paper SENT and its bytes sealed. May raise: nothing leaves."""

Ended = Callable[[PrintJob, PrintEnd], Awaitable[None]]
"""Commits `PaperEnded`."""


@dataclass(frozen=True, slots=True)
class SpoolCalls:
    """What the spool asks of the flows. Each returns when its commit is on disk."""

    waiting: Waiting
    load: Load
    leaving: Leaving
    ended: Ended


class Spool:
    """One route's printing. `run` once, in a task; `wake` whenever a job was queued."""

    def __init__(self, route: str, press: Press, calls: SpoolCalls, clock: Clock) -> None:
        self._route = route
        self._press = press
        self._calls = calls
        self._clock = clock
        self._woken = asyncio.Event()
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._left_before: int | None = None
        """Jobs of the last run stand before this number, and nobody has looked at them yet; 0
        where all of them were. None before `resume`."""
        self._queued_s: OrderedDict[IdempotencyKey, float] = OrderedDict()
        self._owed: tuple[PrintJob, PrintEnd] | None = None
        self.fault: Fault | None = None
        """What kept the last round from being carried through; None after a good one."""
        self.condition = UNKNOWN
        """How the printer was when its last paper ended (`condition.CONDITIONS`)."""

    @property
    def route(self) -> str:
        return self._route

    def wake(self, queued: IdempotencyKey | None = None) -> None:
        """A job may wait: one was just `queued` for this credit, or who knows. Cheap, and may
        be called any number of times."""
        if queued is not None:
            self._queued_s[queued] = self._clock.monotonic_s()
            self._queued_s.move_to_end(queued)
            if len(self._queued_s) > KEYS_MAX:
                self._queued_s.popitem(last=False)
        self._woken.set()

    async def resume(self) -> None:
        """Sorts out what the last run left, before any door opens: *sent* is uncertain, and only
        fresh money paper is printed. Of a long queue the newest alone, for somebody may wait for
        those; `run` sees to the others. Raises `Fault` where the journal cannot be used; `run`
        then tries again, and takes all that waits by then for left over.
        """
        newest = await self._calls.waiting(
            (Paper.SENT, Paper.QUEUED), JobSpan(limit=1, newest=True)
        )
        self._left_before = newest[0].id + 1 if newest else 0
        await self._sort_out()

    async def _sort_out(self) -> None:
        """A bite of what the last run left, the newest of it first, in one commit."""
        if not self._left_before:
            return
        span = JobSpan(before=self._left_before, limit=BITE, newest=True)
        left = await self._calls.waiting((Paper.SENT, Paper.QUEUED), span)
        ends = [(job, self._end_at_restart(job)) for job in left]
        await asyncio.gather(*(self._calls.ended(job, end) for job, end in ends if end is not None))
        self._left_before = left[0].id if len(left) == BITE else 0

    async def run(self) -> None:
        """Prints what waits until `stop`; after `resume`, which it makes up for where needed."""
        self._idle.clear()
        try:
            while not self._stopping:
                self._woken.clear()
                await self._round()
                if not self._stopping:
                    await self._woken.wait()
        finally:
            self._idle.set()

    async def stop(self) -> None:
        """Lets the paper under way end (the printer's deadline bounds it); the rest stays."""
        self._stopping = True
        self._woken.set()
        await self._idle.wait()

    async def _round(self) -> None:
        """Everything that waits now. A journal that cannot be used ends the round, not the task:
        what is under way stays as it was committed, and the next wake goes on from there."""
        try:
            await self._pay_owed()
            if self._left_before is None:
                await self.resume()
            await self._print_waiting()
            while self._left_before and not self._stopping:
                await self._sort_out()
                await self._print_waiting()
            self.fault = None
        except Fault as fault:
            self.fault = fault

    def _stops(self) -> bool:
        return self._stopping

    async def _print_waiting(self) -> None:
        """Everything that waits and was sorted out, each once, in the order of queueing."""
        last = max(self._left_before or 0, 1) - 1
        while not self._stopping:
            waiting = await self._calls.waiting((Paper.QUEUED,), JobSpan(after=last, limit=BITE))
            if not waiting:
                return
            for job in waiting:
                if self._stops():
                    return
                last = job.id
                await self._end(job, await self._print(job))

    async def _print(self, job: PrintJob) -> PrintEnd:
        """One paper, to its end. Raises `Unavailable` where the journal cannot be asked."""
        if not self._is_fresh(job):
            return PrintEnd(Paper.FAILED, STALE)
        if not self._press.has(self._route):
            return PrintEnd(Paper.FAILED, NO_PRINTER)
        try:
            record, token = await self._calls.load(job)
            composed = await asyncio.to_thread(
                self._press.compose, record, job.kind, job.copy, token
            )
            # A fault from here on comes from `leaving`: no byte has left then.
            return await self._press.out(
                self._route, composed, lambda: self._calls.leaving(job, composed)
            )
        except Unavailable:
            raise
        except Fault as fault:
            return PrintEnd(Paper.FAILED, fault.code)
        except ValueError:
            return PrintEnd(Paper.FAILED, CANNOT_COMPOSE)

    async def _end(self, job: PrintJob, end: PrintEnd) -> None:
        """Commits how a job ended. What cannot be committed now is kept for the next round: a
        paper's proof is not lost to a full disk, as long as this process lives."""
        self.condition = condition_after(end, self.condition)
        try:
            await self._calls.ended(job, end)
        except Unavailable:
            self._owed = (job, end)
            raise

    async def _pay_owed(self) -> None:
        if self._owed is not None:
            job, end = self._owed
            await self._calls.ended(job, end)
            self._owed = None

    def _end_at_restart(self, job: PrintJob) -> PrintEnd | None:
        """How a job ends by the restart alone; None for one that may still print."""
        if job.state is Paper.SENT:
            return PrintEnd(Paper.UNCERTAIN, RESTART)
        wanted = job.kind.is_money or (job.kind is PaperKind.SLIP and job.by == BY_TAP)
        if not wanted:
            return PrintEnd(Paper.FAILED, RESTART)
        return None if self._is_fresh(job) else PrintEnd(Paper.FAILED, STALE)

    def _is_fresh(self, job: PrintJob) -> bool:
        """Of a job that this process queued the clock tells that never jumps; of an older one
        the wall clock must, where it can be believed."""
        queued_s = self._queued_s.get(job.key)
        if queued_s is not None:
            return (self._clock.monotonic_s() - queued_s) * 1000 <= FRESH_FOR_MS
        now = self._clock.now()
        age_ms = now.wall_ms - job.queued_ms
        # A clock that is not trusted still tells the age of what was queued since this boot; a
        # clock restored from a file after a power cut makes old jobs look young, and is younger
        # itself.
        known = now.trusted or age_ms < now.boot_ms
        return known and 0 <= age_ms <= FRESH_FOR_MS
