# SPDX-License-Identifier: Apache-2.0
"""A shop in trouble: a register over real parts that a seed drives, breaks, kills and wakes again.

`Shop` holds what outlives a process (platform, printer, folder, clock, chance, tills) and one
`Life` at a time. It watches every change; what may never happen is written down in `wrong`. It
judges nothing at the end: `test_chaos` does.
"""

from __future__ import annotations

import asyncio
import datetime
import random
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from agent.daemon.build import House, World, join
from agent.decisions.answer import answer
from agent.domain.credit import CreditRequest, PosTransaction, Unit
from agent.domain.customer import Customer, CustomerKind, CustomerReference, Malformed, Skipped
from agent.domain.faults import Fault
from agent.domain.idempotency import CallerAlias, IdempotencyKey, PosAlias
from agent.domain.money import Money
from agent.domain.record import Answer, CreditRecord, State
from agent.domain.voucher import VoucherToken
from agent.flows.issue import Order
from agent.flows.register import Register, Registers
from agent.journal import open_inline
from agent.platforms.catalog import Catalog, open_platform
from agent.printing.options import PaperOptions
from agent.printing.press import Press, Route
from agent.sandbox import RunningSandbox, start_sandbox
from agent.sandbox.ledger import SandboxCustomer
from agent.signing import RegisterKey
from hardware.printers.simulated import SimulatedPrinter
from hardware.profiles import load as load_profile
from tests.fakes.chance import FakeChance
from tests.flows.chaos_parts import JumpingClock, MoodyPlatform, MortalJournal
from tests.flows.stage import ALICE, PLACE, TOKEN, PlainPins

SEAL: Final = b"s" * 32
HOUR_S: Final = 3600.0
PATIENCE_S: Final = 0.12
"""How long the walk waits for one act before it goes on beside it."""
NOBODY: Final = CustomerReference(CustomerKind.EMAIL, "nobody@example.com")
TWINS: Final = CustomerReference(CustomerKind.PHONE, "+15550100")
CUSTOMERS: Final[tuple[Customer, ...]] = (
    Skipped(),
    Skipped(),
    Skipped(knowingly=False),
    ALICE,
    ALICE,
    NOBODY,
    TWINS,
    Malformed(CustomerKind.EMAIL),
)
T = TypeVar("T")


@dataclass(slots=True)
class Intent:
    """What a till wants once: one POS line, however often and by whatever name it asks."""

    request: CreditRequest
    pos_prints: bool
    names: list[str]
    key: IdempotencyKey | None = None
    budget_s: float = 0.25


@dataclass(slots=True)
class Life:
    """One run of the agent."""

    journal: MortalJournal
    house: House
    platform: MoodyPlatform
    stack: AsyncExitStack
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)


class Shop:
    """Everything that a crash leaves standing, and the life at hand."""

    def __init__(self, folder: Path, seed: int, register: Register, forwards: bool = False) -> None:
        """`forwards`: the forwarder runs by itself, beside what the walk asks of it."""
        self.folder = folder
        self.dice = random.Random(seed)
        self.chance = FakeChance(seed)
        self.clock = JumpingClock()
        self.register = register
        self.forwards = forwards
        self.lasting: set[asyncio.Task[None]] = set()
        self.printer = SimulatedPrinter("front")
        self.intents: list[Intent] = []
        self.wrong: list[str] = []
        self.log: list[str] = []
        self.affirmed: set[IdempotencyKey] = set()
        self.told: dict[IdempotencyKey, set[Answer]] = {}
        self.pos_papers: list[str] = []
        self.voided_elsewhere: set[IdempotencyKey] = set()
        self.confirmed_by_person: set[IdempotencyKey] = set()
        self.full = 0
        self.late = asyncio.Event()
        self._known: dict[IdempotencyKey, CreditRecord] = {}
        self._machine = b"m" * 32
        self.sandbox: RunningSandbox
        self.life: Life

    async def open(self) -> None:
        self.sandbox = await start_sandbox(
            self.folder / "sandbox.db",
            "127.0.0.1",
            0,
            TOKEN,
            clock=lambda: self.clock.now().wall_ms,
            sleep=self._late_request,
        )
        ledger = self.sandbox.platform._ledger
        ledger.add_customer(SandboxCustomer("cus_alice", "a***"), [("email", ALICE.value)])
        for twin in ("cus_tom", "cus_tim"):
            ledger.add_customer(SandboxCustomer(twin, "t***"), [("phone", TWINS.value)])
        await self.wake()

    async def _late_request(self, seconds: float) -> None:
        """A slow platform: the request arrives once somebody lets late ones arrive."""
        if seconds > 1:
            await self.late.wait()

    def let_late_ones_arrive(self) -> None:
        self.late.set()
        self.late = asyncio.Event()

    async def wake(self) -> None:
        """A start of the agent, in the daemon's order."""
        stack = AsyncExitStack()
        twin = open_inline(
            self.folder / "journal",
            seal_key=SEAL,
            machine=self._machine,
            clock_ms=lambda: self.clock.now().wall_ms,
            chance=self.chance,
            before_commit=self._commit,
        )
        journal = MortalJournal(twin)
        plugin = Catalog().plugin("rest", {"url": self.sandbox.url, "settling_ms": 0})
        real = await stack.enter_async_context(open_platform(plugin, lambda: TOKEN))
        platform = MoodyPlatform(real)
        route = Route(self.printer, load_profile("epson-tm-t20iii"), 3.0)
        press = Press(
            {PLACE.register: route},
            PaperOptions(),
            RegisterKey(self._machine),
            without_printer=load_profile("generic-80"),
        )
        world = World(journal, journal, platform, press, PlainPins(), self.clock, self.chance)
        house = join(world, Registers([self.register]), self.spawn)
        self.life = Life(journal, house, platform, stack)
        house.steps.board.watch(self._watch)
        for record in await journal.listed((), False, 1000, None):
            self._seen(record)
        await house.recovery.at_start()
        if any(record.state is State.SENDING for record in await journal.unfinished()):
            self.wrong.append("a start left a record in SENDING")
        spool = house.spools[PLACE.register]
        await spool.resume()
        self.lasting = {self.spawn(spool.run())}
        if self.forwards:
            self.lasting.add(self.spawn(house.forwarder.run()))

    def _commit(self) -> None:
        if self.full > 0:
            self.full -= 1
            fault = sqlite3.OperationalError("database or disk is full")
            fault.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise fault

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task of this life. A `Fault` may end it; anything else is written down."""
        tasks = self.life.tasks
        task = asyncio.ensure_future(work)
        tasks.add(task)

        def ended(task: asyncio.Task[T]) -> None:
            tasks.discard(task)
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, Fault):
                self.wrong.append(f"a task broke: {error!r} at {_where(error)}")

        task.add_done_callback(ended)
        return task

    async def act(self, work: Coroutine[Any, Any, Any]) -> None:
        """Does it, or lets it go on beside the walk."""
        await asyncio.wait({self.spawn(work)}, timeout=PATIENCE_S)

    async def crash(self, restored: bool = False, reboot: bool = False) -> None:
        """Power cut, or kill -9, and a new start; `restored`: on another machine."""
        self.life.journal.crash()
        await self._bury()
        if restored:
            self._machine = bytes([self._machine[0] + 1]) * 32
        if reboot:
            self.clock.reboot()
        self.full = 0
        await self.wake()

    async def _bury(self) -> None:
        tasks = list(self.life.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.life.stack.aclose()

    async def close(self) -> None:
        self.printer.release()
        await self._bury()
        self.let_late_ones_arrive()
        await self.printer.close()
        await self.sandbox.aclose()
        await self.life.journal.aclose()

    # ---- what is watched at every change

    def _watch(self, record: CreditRecord) -> None:
        self._seen(record)
        word = answer(record)
        if word is None:
            return
        self.told.setdefault(record.key, set()).add(word)
        if word is Answer.CONFIRMED and not self._stands(record):
            self.wrong.append(f"{record.key} says CONFIRMED, and the ledger has no such card")
        if word is Answer.VOUCHER and not self._has_paper(record):
            self.wrong.append(f"{record.key} says VOUCHER, and no paper came out")

    def _seen(self, record: CreditRecord) -> None:
        before = self._known.get(record.key)
        self._known[record.key] = record
        for flag in ("perhaps_sent", "promised", "shared"):
            if before is not None and getattr(before, flag) and not getattr(record, flag):
                self.wrong.append(f"{record.key}: {flag} became false again")

    def _stands(self, record: CreditRecord) -> bool:
        for card in self.sandbox.platform._ledger.listed(0, 0, 1000):
            if (card.key, card.code) == (record.key.text, record.code.reveal()):
                by_person = record.key in self.confirmed_by_person
                elsewhere = record.key in self.voided_elsewhere
                equal = by_person or card.initial == record.request.amount
                return equal and (card.enabled or elsewhere)
        return False

    def _has_paper(self, record: CreditRecord) -> bool:
        return record.key in self.affirmed or self.paper_is_out(record)

    def paper_is_out(self, record: CreditRecord) -> bool:
        """Whether a paper with this code came out, of our printer or of the POS's own."""
        shown = record.code.grouped().encode()
        printed = any(shown in paper.raw for paper in self.printer.papers)
        return printed or any(
            record.code == VoucherToken.from_text(each).code for each in self.pos_papers
        )

    async def histories(self) -> list[str]:
        """What the journal tells about the credits that are named in `wrong`."""
        said = "".join(self.wrong)
        told = []
        for record in await self.records():
            if record.key.text in said:
                told.append(f"{record.key} {record.request.customer} pos={record.pos_prints}")
                for each in await self.life.journal.history(record.key):
                    told.append(f"    {each.kind} {each.source} > {each.target} {each.details}")
        return told

    # ---- what tills do

    def intent(self) -> Intent:
        number = f"T{len(self.intents) + 1:05d}"
        returned = self.dice.random() < 0.25
        unit = Unit("S-1", "1", self.dice.randrange(1, 7))
        made = Intent(
            CreditRequest(
                place=PLACE,
                amount=Money(self.dice.choice((1, 100, 2000, 4900, 15_000)), "USD"),
                operator="ann",
                reason="return",
                pos=PosTransaction(datetime.date(2026, 11, 21), number),
                occurred_at_ms=self.clock.now().wall_ms,
                customer=self.dice.choice(CUSTOMERS),
                distinct=True,
                original_sale="S-1" if returned else None,
                units=(unit,) if returned else (),
            ),
            pos_prints=self.dice.random() < 0.12,
            names=[f"key-{number}"],
            budget_s=self.dice.choice((0.2, 0.2, 0.35, 0.9)),
        )
        self.intents.append(made)
        return made

    async def ask(self, intent: Intent, name: str) -> None:
        """One request of a till. The key that it is told must always be the same."""
        pos = intent.request.pos
        order = Order(
            request=intent.request,
            aliases=(
                CallerAlias("pos", PLACE.register, name),
                PosAlias(PLACE, pos.business_date, pos.number, pos.line),
            ),
            caller="pos",
            budget_s=intent.budget_s,
            pos_prints=intent.pos_prints,
        )
        record, _ = await self.life.house.issue.issue(order)
        if intent.key not in (None, record.key):
            self.wrong.append(f"{pos.number} was first {intent.key}, then {record.key}")
        intent.key = record.key

    async def records(self, *states: State) -> list[CreditRecord]:
        found = await self.life.journal.listed(states, False, 1000, None)
        return list(found)

    async def confirm(self, record: CreditRecord, reference: str) -> None:
        """A person names the platform's card, whatever its amount."""
        with self.by_person(record.key):
            await self.life.house.closing.confirm(record.key, "dora", reference)

    @contextmanager
    def by_person(self, key: IdempotencyKey) -> Iterator[None]:
        self.confirmed_by_person.add(key)
        try:
            yield
        finally:
            record = self._known[key]
            if record.state is not State.CONFIRMED:
                self.confirmed_by_person.discard(key)


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "-" if trace is None else f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
