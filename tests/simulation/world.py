# SPDX-License-Identifier: Apache-2.0
"""A simulated store: its machines, people, platform and network, and the hours that pass in it.

One seed makes all of it (`plan.py`). Acts are drawn one after the other by their weights
(`actors`), each runs as a task beside the others, and the oracle watches every step. At the end
`rest.py` mends everything and settles the accounts.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Final

from agent.domain.credit import Credit
from agent.domain.faults import Fault
from agent.domain.place import Place
from agent.domain.record import State
from agent.domain.symbols import from_values
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.transport import Transport
from agent.printing.options import PaperOptions
from agent.signing import KeyRing
from tests.fakes.platform import MemoryEffects
from tests.simulation import faults
from tests.simulation.book import Entry, Intent
from tests.simulation.chance import SimChance
from tests.simulation.clock import Quiet, SimClock
from tests.simulation.host import Gone, Machine, Unheard, where
from tests.simulation.loop import passes, running
from tests.simulation.mortal import HeardRoad
from tests.simulation.network import Network
from tests.simulation.oracle import Oracle
from tests.simulation.paper import SimPrinter
from tests.simulation.people import move_in
from tests.simulation.plan import Plan
from tests.simulation.profiles import HOST, named
from tests.simulation.watcher import Watcher

MANAGER: Final = "dora"
PIN: Final = "4711"
_COPY: Final = re.compile(rb"COPY ([0-9]+)\n")
"""What `paper.SimPress` puts on a plain paper."""


class World:
    """Made inside the running loop. `folder`: for the machines' disks, on something fast."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.loop = running()
        self.dice = random.Random(f"acts of {plan.seed}")
        self.quiet = Quiet()
        self.profile = named(plan.profile)
        self.network = Network(random.Random(f"network of {plan.seed}"))
        self.platform_clock = SimClock("platform", self.loop.time, self.quiet)
        self.platform = self.profile.platform(
            random.Random(f"platform of {plan.seed}"), self.platform_clock.wall_ms
        )
        move_in(self.platform.customers)
        self.network.serve(HOST, self.platform.handle)
        self.oracle = Oracle(self.platform, self.loop.time)
        self.machines: list[Machine] = []
        self.publics: dict[bytes, None] = {}
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self.lines: list[str] = []
        self.verbose = False
        self.acts: Counter[str] = Counter()
        self.sold = 0
        self.ended = False
        self.serial = 0
        self.backups: dict[str, str] = {}
        self.oracle.story = self.say
        for number, registers in enumerate(plan.hosts):
            self.add_machine(f"host{number + 1}", registers)

    def add_machine(self, name: str, registers: tuple[Any, ...]) -> Machine:
        """A machine with its disk, clock, line and printers; not started yet."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        printers: Mapping[str, SimPrinter] = {
            each.place.register: SimPrinter(each.place.register, self._paper) for each in registers
        }
        machine = Machine(
            name,
            folder,
            registers,
            SimClock(name, self.loop.time, self.quiet),
            SimChance(self.plan.seed, name),
            self._connect,
            lambda machine: Watcher(self.oracle, machine),
            printers,
            PaperOptions(),
        )
        machine.happens = self._happened
        line = self.network.line(name)
        line.faults.update(faults.at("line", self.plan.strengths))
        line.duplicate_s = (0.0, self.profile.late_s[1])
        self.machines.append(machine)
        return machine

    async def _connect(self, name: str) -> tuple[Transport, Any]:
        plugin = self.profile.plugin()
        credentials = plugin.credentials(lambda: self.platform.token, self.loop.time)
        transport = Transport(plugin.transport, credentials, roads=self.network.roads(name))
        await transport.__aenter__()

        def driven(road: HeardRoad) -> DrivenPlatform:
            return DrivenPlatform(plugin.adapter, road)

        return transport, driven

    def _paper(self, raw: bytes) -> None:
        """A paper came out of a printer: whoever stands there may read its code."""
        copy = _COPY.search(raw)
        for code in self.codes_on(raw):
            self.oracle.on_paper(code)
            if copy is not None:
                self.oracle.printed(code, int(copy[1]))

    def codes_on(self, raw: bytes) -> list[str]:
        """The whole codes that can be read on a paper, of all that are known."""
        found = []
        for code in self.oracle.book.by_code:
            grouped = "-".join(code[at : at + 4] for at in range(0, 16, 4))
            if grouped.encode() in raw:
                found.append(code)
        return found

    def _happened(self, machine: Machine, what: str) -> None:
        if what == "died":
            self.network.kill(machine.name)
            self.begin(self.revive(machine, self.dice.uniform(1, 90)))
        else:
            self.begin(self.ends_itself(machine))

    # ---- starts and ends of machines

    async def start(self, machine: Machine) -> None:
        """Starts it, again and again as its unit would, until its disk lets it."""
        for _ in range(50):
            if self.ended or machine.life is not None:
                return
            await machine.buried()
            if await machine.start():
                break
            await passes(5.0)
        if machine.key is not None:
            self.publics.setdefault(machine.key.public)
        try:
            await machine.ask(lambda house: house.approvals.add_manager(MANAGER, PIN))
        except (Fault, Gone):
            return

    async def revive(self, machine: Machine, after_s: float) -> None:
        await passes(after_s)
        await self.start(machine)

    async def ends_itself(self, machine: Machine) -> None:
        """After a failed fsync the daemon ends, and its unit starts it anew."""
        await passes(self.dice.uniform(0.0, 1.0))
        await machine.stop()
        await self.revive(machine, self.dice.uniform(1, 5))

    def crash(self, machine: Machine) -> None:
        """kill -9, or the cord: now."""
        machine.kill()
        self.network.kill(machine.name)

    # ---- what acts need

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs beside everything else; an act that meets a fault met an answer."""
        task = asyncio.ensure_future(work)
        self.tasks[task] = None

        def ended(task: asyncio.Task[None]) -> None:
            self.tasks.pop(task, None)
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, (Fault, Gone, Unheard)):
                self.oracle.find([f"an act broke: {error!r} at {where(error)}"])
            elif error is not None:
                self.say(f"  met {error!r}")

        task.add_done_callback(ended)

    def say(self, line: str) -> None:
        """The story, for `--verbose` and for a violation."""
        if self.verbose:
            self.lines.append(f"{self.loop.time() - 1000:12.3f} {line}")

    def machine(self) -> Machine | None:
        """One that runs."""
        alive = [each for each in self.machines if each.life is not None]
        return self.dice.choice(alive) if alive else None

    def machine_of(self, entry: Entry) -> Machine | None:
        """One that holds its record, and runs."""
        holders = [
            each for each in self.machines if each.name in entry.rows and each.life is not None
        ]
        return self.dice.choice(holders) if holders else None

    def some(self, *states: State) -> tuple[Machine, Entry] | None:
        """A record that a running machine was seen to hold in one of these states, mostly a
        young one."""
        machine = self.machine()
        if machine is None:
            return None
        found = [
            entry
            for entry in self.oracle.book.entries.values()
            if (row := entry.rows.get(machine.name)) is not None
            and (not states or row.state in states)
        ]
        if not found:
            return None
        return machine, self.dice.choice(found[-6:] if self.dice.random() < 0.7 else found)

    def name(self, prefix: str) -> str:
        """A new outside name."""
        self.serial += 1
        return f"{prefix}-{self.serial:06d}"

    def symbols(self) -> str:
        return from_values([self.dice.randrange(32) for _ in range(8)])

    def intents_of(self, machine: Machine) -> list[Intent]:
        return [each for each in self.oracle.book.intents if each.machine == machine.name]

    def ring(self) -> KeyRing:
        """What every verifier trusts: each key that a machine of this chain ever had."""
        return KeyRing(self.publics)

    def place_at(self, machine: Machine) -> Place:
        return self.dice.choice(machine.registers).place

    async def replay(self, credit: Credit) -> None:
        """A stranger who kept the code sends the issuance again, with nothing of ours."""
        transport, driven = await self._connect("stranger")
        platform = driven(transport)
        await platform.issue(credit, None, {}, MemoryEffects(), self.loop.time() + 20.0)
        await transport.__aexit__(None, None, None)
