# SPDX-License-Identifier: Apache-2.0
"""Flows over real parts: sandbox platform on a socket, rest adapter, journal's twin, real press.

The forwarder runs only where a test asks for it, so that what the counter left can be seen.
"""

from __future__ import annotations

import asyncio
import datetime
import itertools
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.daemon.build import House, World, join
from agent.daemon.world import SystemChance, SystemClock
from agent.decisions.answer import answer
from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.customer import Customer, CustomerKind, CustomerReference, Skipped
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import Answer, CreditRecord, State
from agent.flows.issue import Order
from agent.flows.register import Register, Registers, Ring
from agent.journal import InlineJournal, open_inline
from agent.platforms.catalog import Catalog, open_platform
from agent.ports import Admit, Begin, Draft, Opened
from agent.printing.options import PaperOptions
from agent.printing.press import Press, Route
from agent.sandbox import RunningSandbox, start_sandbox
from agent.signing import RegisterKey
from hardware.printers.simulated import SimulatedPrinter
from hardware.profiles import load as load_profile

TOKEN = "sandbox-token-of-the-tests"
PLACE = Place("0421", "03")
ALICE = CustomerReference(CustomerKind.EMAIL, "alice@example.com")
OPEN = frozenset({State.PARKED, State.UNSETTLED, State.VOIDING})


class PlainPins:
    """PINs without the cost of argon2: the hash is the PIN with a mark before it."""

    async def check(self, pin_hash: str, pin: str) -> bool:
        return pin_hash == f"plain:{pin}"

    async def make(self, pin: str) -> str:
        return f"plain:{pin}"


class GatedJournal(InlineJournal):
    """The twin with a gate before and one behind the opening of a credit, both open at first."""

    def __init__(self, twin: InlineJournal) -> None:
        super().__init__(twin.core, twin._lock, twin.restored, twin.journal_id)
        self.before_open = asyncio.Event()
        self.before_open.set()
        self.after_open = asyncio.Event()
        self.after_open.set()
        self.opening_ended = asyncio.Event()

    async def open(self, draft: Draft, admit: Admit, begin: Begin) -> Opened:
        await self.before_open.wait()
        try:
            opened = await super().open(draft, admit, begin)
        finally:
            self.opening_ended.set()
        await self.after_open.wait()
        return opened


@dataclass(slots=True)
class Stage:
    """A register with its world; `issue` is what a till does."""

    house: House
    sandbox: RunningSandbox
    printer: SimulatedPrinter
    journal: GatedJournal
    register: Register
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def request(
        self, minor: int = 2000, customer: Customer | None = None, **more: Any
    ) -> CreditRequest:
        number = f"T{next(self.numbers):05d}"
        now_ms = self.house.steps.clock.now().wall_ms
        return CreditRequest(
            place=self.register.place,
            amount=Money(minor, "USD"),
            operator="ann",
            reason="return",
            pos=PosTransaction(datetime.date(2026, 11, 21), number),
            occurred_at_ms=now_ms,
            customer=Skipped() if customer is None else customer,
            distinct=True,
            **more,
        )

    def order(self, request: CreditRequest, name: str | None = None, **more: Any) -> Order:
        pos, place = request.pos, self.register.place
        return Order(
            request=request,
            aliases=(
                CallerAlias("pos", place.register, name or f"key-{pos.number}"),
                PosAlias(place, pos.business_date, pos.number, pos.line),
            ),
            caller="pos",
            budget_s=self.register.budget_s,
            **more,
        )

    async def issue(self, request: CreditRequest, name: str | None = None) -> CreditRecord:
        """Until the word is known, or three budgets have passed."""
        record, _ = await self.house.issue.issue(self.order(request, name))
        return await self.worded(record)

    async def worded(self, record: CreditRecord) -> CreditRecord:
        return await self.house.steps.board.wait_until(
            record, lambda latest: answer(latest) is not None, 5.0
        )

    async def known(self, record: CreditRecord) -> CreditRecord:
        found = await self.journal.get(record.key)
        assert found is not None
        return found

    async def settle(self, record: CreditRecord, tries: int = 12) -> CreditRecord:
        """Forwards one record until it is no longer open."""
        latest = await self.known(record)
        for _ in range(tries):
            if latest.state not in OPEN:
                break
            latest = await self.house.forwarder.forward(record.key)
        return latest

    def cards(self, record: CreditRecord) -> list[dict[str, object]]:
        """What the platform's own ledger has under this key."""
        return [card for card in self.sandbox.ledger() if card["key"] == record.key.text]


def word(record: CreditRecord) -> Answer | None:
    return answer(record)


@asynccontextmanager
async def stage(
    folder: Path, place: Place = PLACE, beside: Stage | None = None, **register: Any
) -> AsyncIterator[Stage]:
    """A whole register in one process. `register`: fields of `Register` to change.

    `beside`: another register, whose platform this one shares; its journal it does not.
    """
    if beside is None:
        sandbox = await start_sandbox(folder / "sandbox.db", "127.0.0.1", 0, TOKEN)
    else:
        sandbox = beside.sandbox
    clock, chance = SystemClock(), SystemChance()
    twin = open_inline(
        folder / "journal",
        seal_key=b"s" * 32,
        machine=b"m" * 32,
        clock_ms=lambda: clock.now().wall_ms,
        chance=chance,
    )
    kept = GatedJournal(twin)
    printer = SimulatedPrinter("front")
    press = Press(
        {place.register: Route(printer, load_profile("epson-tm-t20iii"), 3.0)},
        PaperOptions(),
        RegisterKey(b"k" * 32),
        without_printer=load_profile("generic-80"),
    )
    here = replace(Register(place, "USD", ring=Ring.ISSUE, printer="front"), **register)
    plugin = Catalog().plugin("rest", {"url": sandbox.url, "settling_ms": 0})
    tasks: set[asyncio.Task[None]] = set()

    def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    async with open_platform(plugin, lambda: TOKEN) as platform:
        world = World(kept, kept, platform, press, PlainPins(), clock, chance)
        house = join(world, Registers([here]), spawn)
        spool = asyncio.ensure_future(house.spools[place.register].run())
        try:
            yield Stage(house, sandbox, printer, kept, here)
        finally:
            await house.issue.close()
            await house.spools[place.register].stop()
            await spool
            for task in list(tasks):
                task.cancel()
            await printer.close()
            if beside is None:
                await sandbox.aclose()
            await kept.aclose()
