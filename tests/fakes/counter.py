# SPDX-License-Identifier: Apache-2.0
"""The agent's flows over the journal's thread-free twin, a fake platform and a fake press.

All that a daemon joins, but without a process, a disk or a printer. Papers go out by themselves
as the spool would send them, except those of a POS that prints.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerReference
from agent.domain.faults import Fault
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import (
    Burn,
    BurnUnknown,
    Finding,
    Outcome,
    Resolution,
    Unanswered,
    Unknown,
)
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, State
from agent.flows.approvals import Approvals
from agent.flows.board import Board
from agent.flows.claim import Claims
from agent.flows.closing import Closing
from agent.flows.forward import Forwarder
from agent.flows.issue import Issue
from agent.flows.link import Link
from agent.flows.papers import Papers
from agent.flows.register import Register, Registers, Ring
from agent.flows.replay import Replay
from agent.flows.steps import Steps
from agent.flows.talk import Talk
from agent.flows.turns import Turns
from agent.intake.pins import ArgonPins
from agent.journal import InlineJournal, open_inline
from agent.journal.store import Operation
from agent.ports import Done, EffectLog
from tests.fakes.chance import FakeChance
from tests.fakes.clock import FakeClock
from tests.fakes.platform import FakePlatform
from tests.fakes.press import FakePress

T = TypeVar("T")
PLACE = Place("0421", "03")
OTHER_PLACE = Place("0421", "04")


class PunctualPlatform(FakePlatform):
    """The fake platform, which a real driver would cut off at its deadline."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def _left(self, deadline_s: float) -> asyncio.Timeout:
        return asyncio.timeout(max(deadline_s - self._clock.monotonic_s(), 0))

    async def issue(
        self,
        credit: Credit,
        customer_id: str | None,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> Outcome:
        try:
            async with self._left(deadline_s):
                return await super().issue(credit, customer_id, done, effects, deadline_s)
        except TimeoutError:
            return Unanswered("deadline")

    async def find(self, credit: Credit, deadline_s: float) -> Finding:
        try:
            async with self._left(deadline_s):
                return await super().find(credit, deadline_s)
        except TimeoutError:
            return Unknown("deadline")

    async def resolve(self, customer: CustomerReference, deadline_s: float) -> Resolution:
        try:
            async with self._left(deadline_s):
                return await super().resolve(customer, deadline_s)
        except TimeoutError:
            return Unknown("deadline")

    async def burn(self, credit: Credit, done: Done, effects: EffectLog, deadline_s: float) -> Burn:
        try:
            async with self._left(deadline_s):
                return await super().burn(credit, done, effects, deadline_s)
        except TimeoutError:
            return BurnUnknown("deadline")

    async def balance(self, code: Code, deadline_s: float) -> Money | Unknown | None:
        try:
            async with self._left(deadline_s):
                return await super().balance(code, deadline_s)
        except TimeoutError:
            return Unknown("deadline")


class HeldJournal(InlineJournal):
    """The twin behind two gates: a test shuts one and every write or read waits in front of it."""

    def __init__(self, twin: InlineJournal) -> None:
        super().__init__(twin.core, None, twin.restored, twin.journal_id)
        self.writes = asyncio.Event()
        self.writes.set()
        self.reads = asyncio.Event()
        self.reads.set()

    async def write(self, operation: Operation[T], patient: bool = False) -> T:
        await self.writes.wait()
        return await super().write(operation, patient)

    async def read(self, operation: Operation[T]) -> T:
        await self.reads.wait()
        return await super().read(operation)


class Disk:
    """A switch under the journal: the next commits fail as a full disk makes them fail."""

    def __init__(self) -> None:
        self.full = False
        self.commits = 0

    def before_commit(self) -> None:
        if self.full:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        self.commits += 1


def issuing(place: Place = PLACE, **options: Any) -> Register:
    """A register that issues. Its budget is short, and long enough for a disk that is busy."""
    options.setdefault("budget_s", 2.0)
    known = {"ring": Ring.ISSUE, "printer": "front", **options}
    return Register(place, "USD", **known)


class Counter:
    """`async with Counter() as counter`. Every part is open to the test.

    The link is opened and the platform made reachable; a fresh journal's quarter is lifted.
    """

    def __init__(
        self, registers: Iterable[Register] = (), running_clock: bool = False, lift: bool = True
    ) -> None:
        self.clock = FakeClock(running=running_clock)
        self.chance = FakeChance()
        self.disk = Disk()
        self.platform = PunctualPlatform(self.clock)
        self.press = FakePress()
        twin = open_inline(
            None,
            seal_key=bytes(32),
            machine=b"machine",
            clock_ms=lambda: self.clock.now().wall_ms,
            chance=self.chance,
            before_commit=self.disk.before_commit,
        )
        self.journal = HeldJournal(twin)
        self.link = Link(self.clock, self.chance)
        self.board = Board()
        self.turns = Turns()
        self.faults: list[BaseException] = []
        self._lift = lift
        self._tasks: set[asyncio.Task[None]] = set()
        self.steps = Steps(
            journal=self.journal,
            clock=self.clock,
            chance=self.chance,
            link=self.link,
            registers=Registers(list(registers) or [issuing(), issuing(OTHER_PLACE)]),
            board=self.board,
            abilities=self.platform.abilities,
            paper_queued=self._paper_queued,
        )
        talk = Talk(self.platform, self.journal, self.link, self.clock)
        self.forwarder = Forwarder(self.steps, talk, self.turns)
        self.issue = Issue(self.steps, talk, self.forwarder, self.turns, self.spawn)
        self.closing = Closing(self.steps, talk, self.forwarder, self.turns)
        replay = Replay(self.steps, talk, self.turns)
        self.claims = Claims(self.steps, talk, self.forwarder, self.turns, replay)
        self.papers = Papers(self.steps, self.press)
        pins = ArgonPins(memory_kib=64, passes=1)
        self.approvals = Approvals(self.journal, pins, self.clock, self.chance)

    async def __aenter__(self) -> Self:
        if self._lift:
            await self.journal.lift_limits("test")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.platform.released.set()
        self.press.free.set()
        self.disk.full = False
        self.journal.writes.set()
        self.journal.reads.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.journal.aclose()
        if fault is None and self.faults:
            raise self.faults[0]

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs a task of the agent's own; what it raises fails the test at its end."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def cut_off(self) -> None:
        """Ends every task of the agent's where it stands, as a kill would."""
        for task in list(self._tasks):
            task.cancel()

    async def settled(self) -> None:
        """Returns when no task of the agent's runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def records(self) -> Sequence[CreditRecord]:
        """Everything in the journal, in the order of opening."""
        return await self.journal.listed(list(State), False, 1000, None)

    async def only(self) -> CreditRecord:
        """The one record there is."""
        (record,) = await self.records()
        return record

    def issued(self) -> Mapping[str, Money]:
        """What the platform has, by whole code."""
        return {code: card.initial for code, card in self.platform.cards.items() if card.enabled}

    def balance(self, code: Code) -> Money | None:
        card = self.platform.cards.get(code.reveal())
        return None if card is None else card.balance

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.faults.append(task.exception())  # type: ignore[arg-type]

    def _paper_queued(self, record: CreditRecord) -> None:
        if not record.pos_prints:
            self.spawn(self._print(record.key))

    async def _print(self, key: IdempotencyKey) -> None:
        for job in await self.journal.prints(key):
            if job.state is not Paper.QUEUED:
                continue
            record, token = await self.papers.load(job)
            composed = self.press.compose(record, job.kind, job.copy, token)

            leaving = partial(self.papers.leaving, job, composed)
            try:
                end = await self.press.out(job.route, composed, leaving)
                await self.papers.ended(job, end)
            except Fault:
                continue
