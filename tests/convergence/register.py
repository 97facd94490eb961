# SPDX-License-Identifier: Apache-2.0
"""A register that stands for one event: its journal comes from bytes and goes back into them.

Journal, flows, decisions, adapter and driver are the agent's own. The line to the platform is a
function call that can lose an answer, and the printer is a tray; the paper's token is real.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from agent.daemon.build import House, World, join
from agent.domain.customer import CustomerPolicy
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.place import Place
from agent.domain.record import CreditRecord, PaperKind
from agent.flows.register import Register, Registers, Ring
from agent.journal import InlineJournal, origin
from agent.journal.core import Core
from agent.journal.schema import connect, prepare
from agent.journal.seal import Seal
from agent.journal.store import Store, random_bytes
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.ports import Composed
from agent.printing.options import PaperOptions
from agent.printing.press import Press, Route
from agent.signing import RegisterKey
from hardware.printers.printer import BeforeFirstByte, Printed, PrintResult
from hardware.profiles import load as load_profile
from hardware.wire.escpos_status import PrinterStatus
from tests.convergence.kind import Kind
from tests.convergence.shelf import Shelf
from tests.fakes.chance import FakeChance
from tests.flows.stage import PlainPins

START_MS: Final = 1_795_000_000_000
A: Final = Place("0421", "03")
B: Final = Place("0421", "04")
_SEAL: Final = b"s" * 32
MACHINE: Final = b"m" * 32
_PAPER: Final = load_profile("generic-80")
SIGNING: Final = {A: RegisterKey(b"a" * 32), B: RegisterKey(b"b" * 32)}


@dataclass(slots=True)
class Line:
    """What lies between the registers and the platform. `up`: whether requests get through;
    `armed`: the next effect is carried out, its answer is lost, and so is whatever the same
    event says after it where the line was not `up`."""

    shelf: Shelf
    kind: Kind
    at_ms: int
    up: bool = True
    armed: bool = False

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        """`agent.platforms.exchange.Wire`."""
        losing = self.armed and self.kind.is_effect(request)
        if not self.up and not losing:
            return NotSent("connect")
        self.shelf, reply = self.kind.serve(self.shelf, request, self.at_ms)
        if losing:
            self.armed = False
            return NoAnswer("reset")
        return reply


class WalkClock:
    """`agent.ports.Clock`: stands still within an event."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def now(self) -> Moment:
        return Moment(self.at_ms, self.at_ms - START_MS, "boot-1")

    def monotonic_s(self) -> float:
        return (self.at_ms - START_MS) / 1000

    async def sleep(self, seconds: float) -> None:
        await quiet(seconds)


async def quiet(seconds: float = 1.0) -> None:
    """Until nothing else is to be done: the walk's loop has no time of its own."""
    loop = asyncio.get_running_loop()
    waking: asyncio.Future[None] = loop.create_future()
    loop.call_later(seconds, waking.set_result, None)
    await waking


class _Tray:
    """A printer that proves every paper."""

    name = "tray"

    async def status(self, deadline_s: float) -> PrinterStatus:
        raise NotImplementedError("nobody asks a tray how it is")

    async def print_job(
        self, job: bytes, *, deadline_s: float, before_first_byte: BeforeFirstByte
    ) -> PrintResult:
        await before_first_byte()
        return Printed("process-id")

    async def close(self) -> None:
        return


class WalkPress(Press):
    """Checks and signs as the real one does, and draws nothing."""

    def compose(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: str | None
    ) -> Composed:
        self._check(record, kind)
        signed = self._token(record, kind, token) if kind.is_money else None
        return Composed(b"paper", "", (), None if signed is None else signed.text())


@dataclass(slots=True)
class Standing:
    """A register at work."""

    house: House
    journal: InlineJournal
    place: Place
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def print_all(self) -> None:
        """Whatever waits in the spool comes out."""
        spool = self.house.spools[self.place.register]
        running = asyncio.ensure_future(spool.run())
        await quiet()
        await spool.stop()
        await running
        if spool.fault is not None:
            raise spool.fault

    async def record(self, key: IdempotencyKey | None) -> CreditRecord | None:
        return None if key is None else await self.journal.get(key)

    def blob(self) -> bytes:
        return bytes(self.journal.core.store.connection.serialize())


def empty_journal() -> bytes:
    """A journal that was just made; every walk begins with the same one.

    In small pages: worlds are kept by the thousand.
    """
    connection = connect(None)
    connection.execute("PRAGMA page_size = 512")
    prepare(connection, None)
    journal = _journal(connection, START_MS, seed=1)
    try:
        (made,) = journal.core.run([lambda store: origin.settle_in(store, MACHINE, None)])
        if made.fault is not None:
            raise made.fault
        return bytes(connection.serialize())
    finally:
        journal.crash()


def open_bytes(blob: bytes, at_ms: int, seed: int) -> InlineJournal:
    """The journal of a register at a moment. `seed`: where its salts come from."""
    connection = connect(None)
    connection.deserialize(blob)
    return _journal(connection, at_ms, seed)


def _journal(connection: sqlite3.Connection, at_ms: int, seed: int) -> InlineJournal:
    chance = FakeChance(seed)
    seal = Seal(_SEAL, lambda count: random_bytes(chance, count))
    core = Core(Store(connection, seal, lambda: at_ms, chance))
    return InlineJournal(core, None, False, "walked")


@asynccontextmanager
async def standing(
    blob: bytes, place: Place, line: Line, policy: CustomerPolicy
) -> AsyncIterator[Standing]:
    """A register for the length of one event. Ends when its tasks have."""
    journal = open_bytes(blob, line.at_ms, seed=line.at_ms % 9973)
    clock = WalkClock(line.at_ms)
    press = WalkPress(
        {place.register: Route(_Tray(), _PAPER, 3.0)},
        PaperOptions(),
        SIGNING[place],
        without_printer=_PAPER,
    )
    platform = DrivenPlatform(line.kind.adapter(), line)
    world = World(journal, journal, platform, press, PlainPins(), clock, FakeChance(7))
    here = Register(place, "USD", ring=Ring.ISSUE, policy=policy, printer=place.register)
    tasks: set[asyncio.Task[None]] = set()

    def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        return task

    try:
        house = join(world, Registers([here]), spawn)
        yield Standing(house, journal, place, tasks)
        await ended(tasks)
    finally:
        journal.core.store.connection.close()


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Waits for every task and raises what broke one."""
    for task in list(tasks):
        await task
