# SPDX-License-Identifier: Apache-2.0
"""A machine: what a crash leaves standing, and the life of the agent at hand.

A start goes the daemon's way: journal, key, platform, press, flows, recovery, spools, tasks. A
kill takes everything that was not committed, at any point; an orderly stop drains as the daemon
does. Nothing here judges; what happens is told to the `Witness`.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from agent.daemon.build import House, World, join
from agent.decisions.answer import answer
from agent.domain.faults import CannotJournal, Fault, JournalLocked
from agent.domain.record import Answer, CreditRecord
from agent.flows.register import Register, Registers
from agent.journal import open_inline
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.transport import Transport
from agent.printing.options import PaperOptions
from agent.printing.press import Route
from agent.signing import RegisterKey, load_or_make, make_anew
from hardware.profiles import load as load_profile
from tests.flows.stage import PlainPins
from tests.simulation.chance import SimChance
from tests.simulation.clock import SimClock
from tests.simulation.mortal import Disk, Doom, Ear, HeardRoad, MortalJournal, never
from tests.simulation.paper import SimPress, SimPrinter

SEAL: Final = b"s" * 32
DRAIN_S: Final = 12.0
T = TypeVar("T")


class Gone(Exception):
    """Nobody is there: the process is not running, or died before it answered."""


class Unheard(Exception):
    """The caller hung up before the answer; the work goes on."""


class Witness(Ear, Protocol):
    """Who is told what a machine did."""

    def opened(self, machine: Machine, restored: bool) -> None: ...

    def changed(self, machine: Machine, record: CreditRecord, word: Answer | None) -> None: ...

    def token(self, code: str, token: str) -> None: ...

    def recovered(self, machine: Machine, unfinished: Sequence[CreditRecord]) -> None: ...

    def broke(self, what: str) -> None: ...

    def bites(self, fault: str) -> None: ...


@dataclass(slots=True)
class Life:
    """One run of the agent."""

    journal: MortalJournal
    house: House
    platform: DrivenPlatform
    transport: Transport
    tasks: dict[asyncio.Task[Any], None] = field(default_factory=dict)
    lasting: list[asyncio.Task[Any]] = field(default_factory=list)
    closing: bool = False


Connect = Callable[[str], Awaitable[tuple[Transport, Callable[[HeardRoad], DrivenPlatform]]]]
"""Opens the road of a machine to the platform, and says how the adapter takes it."""


class Machine:
    """One host of the store. `registers` are those of its settings."""

    def __init__(
        self,
        name: str,
        folder: Path | None,
        registers: Sequence[Register],
        clock: SimClock,
        chance: SimChance,
        connect: Connect,
        witness: Callable[[Machine], Witness],
        printers: Mapping[str, SimPrinter],
        options: PaperOptions,
    ) -> None:
        self.name = name
        self.disk_folder = folder
        self.registers = tuple(registers)
        self.clock = clock
        self.chance = chance
        self.printers = printers
        self.machine_id = name.encode().ljust(32, b".")
        self.life: Life | None = None
        self.lives = 0
        self.doom: Doom | None = None
        self.new_key = False
        self.key: RegisterKey | None = None
        self.dead: list[asyncio.Future[None]] = []
        self.happens: Callable[[Machine, str], None] = lambda machine, what: None
        """Told `died`, where a doom was met, and `broken`, where the disk failed for good."""
        self._connect = connect
        self._witness = witness(self)
        self._options = options
        self.disk = Disk(self._disk_failed)

    @property
    def folder(self) -> Path:
        """Its disk. Raises TypeError for a machine that lives in memory, for one life only."""
        if self.disk_folder is None:
            raise TypeError(f"{self.name} has no disk")
        return self.disk_folder

    # ---- a start and its ends

    async def start(self) -> bool:
        """As the daemon starts; False where the journal would not open (the unit tries again)."""
        if self.life is not None:
            raise RuntimeError("it runs already")
        self.lives += 1
        self.doom = None
        try:
            life = await self._built()
        except CannotJournal:
            return False
        self.life = life
        house, journal = life.house, life.journal
        self._witness.opened(self, journal.restored)
        house.steps.board.watch(self._changed)
        try:
            await self._run(life)
        except CannotJournal:
            await self.stop()
            return False
        return True

    async def _run(self, life: Life) -> None:
        house = life.house
        await house.recovery.at_start()
        self._witness.recovered(self, await life.journal.unfinished())
        for spool in house.spools.values():
            await spool.resume()
        for spool in house.spools.values():
            life.lasting.append(self.spawn(spool.run()))
        life.lasting.append(self.spawn(house.forwarder.run()))
        life.lasting.append(self.spawn(house.recovery.run()))
        house.forwarder.nudge()

    async def _built(self) -> Life:
        twin = open_inline(
            None if self.disk_folder is None else self.disk_folder / "journal",
            seal_key=SEAL,
            machine=self.machine_id,
            clock_ms=self.clock.wall_ms,
            chance=self.chance,
            before_commit=self.disk.before_commit,
        )
        journal = MortalJournal(twin, self)
        try:
            self.key = self._signing_key(journal.restored)
            transport, driven = await self._connect(self.name)
        except BaseException:
            journal.crash()
            raise
        platform = driven(HeardRoad(transport, self, self._witness))
        routes = {
            register.place.register: Route(
                self.printers[register.place.register], load_profile("epson-tm-t20iii"), 3.0
            )
            for register in self.registers
            if register.printer is not None
        }
        press = SimPress(
            routes, self._options, self.key, without_printer=load_profile("generic-80")
        )
        press.made = lambda code, token: self._witness.token(code.reveal(), token)
        world = World(journal, journal, platform, press, PlainPins(), self.clock, self.chance)
        house = join(world, Registers(self.registers), self.spawn)
        return Life(journal, house, platform, transport)

    def _signing_key(self, restored: bool) -> RegisterKey:
        if self.disk_folder is None:
            return RegisterKey(self.chance.below(1 << 256).to_bytes(32, "big"))
        make = make_anew if restored or self.new_key else load_or_make
        self.new_key = False
        return make(self.disk_folder / "signing.key", self.machine_id, self.chance)

    def _changed(self, record: CreditRecord) -> None:
        self._witness.changed(self, record, answer(record))

    async def stop(self) -> None:
        """The daemon's own end: the counter drains, papers end, the journal closes."""
        life = self.life
        if life is None or life.closing:
            return
        life.closing = True
        try:
            async with asyncio.timeout(DRAIN_S):
                await life.house.issue.close()
        except TimeoutError:
            pass
        for spool in life.house.spools.values():
            await spool.stop()
        if self.life is not life:
            return  # it died while it drained
        self.life = None
        await self._bury(life)
        await life.journal.aclose()

    def kill(self) -> None:
        """The process is gone, this instant. What was committed stays; nothing else does."""
        life = self.life
        if life is None:
            return
        life.journal.crash()
        self.life = None
        self.doom = None
        for task in list(life.tasks):
            task.cancel()
        self.dead.append(asyncio.ensure_future(self._bury(life)))

    async def _bury(self, life: Life) -> None:
        tasks = list(life.tasks)
        for task in tasks:
            task.cancel()
        for printer in self.printers.values():
            printer.release()
        if tasks:
            await asyncio.wait(tasks)
        await life.transport.__aexit__(None, None, None)

    async def buried(self) -> None:
        """Returns when nothing of the lives before is left."""
        while self.dead:
            await self.dead.pop()

    # ---- points of death and trouble

    async def reach(self, point: str) -> None:
        """As `Mortal`: whoever comes to the point of a waiting doom dies there."""
        if self.doom is None or self.doom.point != point:
            return
        self.doom.passes -= 1
        if self.doom.passes < 0:
            self._witness.bites(f"crash_{point.replace('-', '_')}")
            self.kill()
            self.happens(self, "died")
            await never()

    def _disk_failed(self, fault: str) -> None:
        self._witness.bites(fault)
        if fault == "io_fault":
            self.happens(self, "broken")

    # ---- what a life is asked

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task of this life. A `Fault` may end it; anything else is a fault of the product."""
        life = self.life
        task = asyncio.ensure_future(work)
        if life is None:
            task.cancel()
            return task
        life.tasks[task] = None

        def ended(task: asyncio.Task[T]) -> None:
            life.tasks.pop(task, None)
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, Fault):
                self._witness.broke(f"a task broke: {error!r} at {where(error)}")

        task.add_done_callback(ended)
        return task

    async def ask(
        self, work: Callable[[House], Coroutine[Any, Any, T]], patience_s: float | None = None
    ) -> T:
        """What a door asks of the flows. Raises what they raise, `Gone` where the process is not
        there or dies, `Unheard` after the caller's patience; the work then goes on."""
        life = self.life
        if life is None or life.closing:
            raise Gone
        task = self.spawn(work(life.house))
        await asyncio.wait({task}, timeout=patience_s)
        if not task.done():
            raise Unheard
        if task.cancelled():
            raise Gone
        return task.result()

    # ---- what befalls a folder

    def copy_of_folder(self, target: Path) -> None:
        """A copy of all that is on disk, taken between two commits."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.folder, target)

    def second_process_is_refused(self) -> bool:
        """Whether another process on this journal is turned away."""
        try:
            twin = open_inline(
                self.folder / "journal",
                seal_key=SEAL,
                machine=self.machine_id,
                clock_ms=self.clock.wall_ms,
                chance=self.chance,
            )
        except JournalLocked:
            return True
        twin.crash()
        return False


def where(error: BaseException) -> str:
    """The innermost function of an error, for a sentence about it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "-" if trace is None else f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
