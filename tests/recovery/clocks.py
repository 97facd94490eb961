# SPDX-License-Identifier: Apache-2.0
"""A thousand jumps of the wall clock over the real flows, in virtual time.

A register takes credits, loses answers, prints, is restarted and rebooted (now and then with a
dead battery), while its clock steps by anything from a second to ten years, both ways. What must
hold is told by the loop's own time, which the register never sees.
"""

from __future__ import annotations

import asyncio
import datetime
import random
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from agent.daemon.build import House, World, join
from agent.decisions.approval import LOCKED_FOR_MS, TRIES_MAX, VALID_FOR_MS, check_approval
from agent.domain.approval import Approval
from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.customer import Skipped
from agent.domain.event import Heard
from agent.domain.faults import ApprovalInvalid, LooksLike, PinLocked, PinWrong
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.moment import Moment, age_least_ms, age_most_ms
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, PaperKind
from agent.flows.issue import Order
from agent.flows.register import Register, Registers, Ring
from agent.journal import InlineJournal, open_inline
from agent.ports import JobSpan
from tests.fakes.chance import FakeChance
from tests.fakes.platform import Fail, FakePlatform
from tests.fakes.press import FakePress
from tests.flows.stage import PlainPins
from tests.simulation.loop import passes, run

START_MS: Final = 1_795_000_000_000
PLACE: Final = Place("0421", "03")
YEAR_MS: Final = 31_557_600_000
MINUTE_S: Final = 60.0
DEAD: Final = (0, 1_735_689_600_000)
"""1970, and the time at which somebody built the machine's software."""
SETTLED_WITHIN_S: Final = 20 * MINUTE_S


class JumpingClock:
    """`agent.ports.Clock`, with the trust that `agent.daemon.world.SystemClock` would have."""

    def __init__(self) -> None:
        self.boots = 1
        self._booted_s = -100.0
        self.offset_ms = 0
        self.trusted = True

    def true_s(self) -> float:
        """What has really passed."""
        return asyncio.get_running_loop().time()

    def now(self) -> Moment:
        true_ms = int(self.true_s() * 1000)
        boot_ms = true_ms - int(self._booted_s * 1000)
        wall_ms = START_MS + true_ms + self.offset_ms
        return Moment(wall_ms, boot_ms, f"boot-{self.boots}", self.trusted)

    def monotonic_s(self) -> float:
        return self.true_s()

    async def sleep(self, seconds: float) -> None:
        await passes(seconds)

    def jump(self, by_ms: int) -> None:
        self.offset_ms = max(self.offset_ms + by_ms, -START_MS)
        self.trusted = False

    def put_right(self) -> None:
        """Somebody's time server answers."""
        self.offset_ms, self.trusted = 0, True

    def reboot(self, wall_ms: int | None) -> None:
        """`wall_ms`: where a clock without a battery begins; None: it kept going."""
        self.boots += 1
        self._booted_s = self.true_s()
        self.trusted = False
        if wall_ms is not None:
            self.offset_ms = wall_ms - START_MS - int(self.true_s() * 1000)


@dataclass(slots=True)
class Life:
    """The agent between two starts."""

    house: House
    journal: InlineJournal


@dataclass
class Jumps:
    """One run. `wrong`: sentences; `figures`: what was done."""

    seed: int
    folder: Path
    wrong: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    given: list[tuple[float, Approval]] = field(default_factory=list)
    seen: list[tuple[float, Moment]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"clock {self.seed}")
        self.clock = JumpingClock()
        self.platform = FakePlatform()
        self.platform.abilities = replace(self.platform.abilities, resolves=False)
        self.press = FakePress()
        self.chance = FakeChance(self.seed)
        self.number = 0

    async def play(self, jumps: int) -> None:
        """A life for every 25 jumps; every second one on a machine that was rebooted."""
        done = 0
        while done < jumps:
            count = min(25, jumps - done)
            async with self._life() as life:
                for _ in range(count):
                    await self._jump(life)
            done += count
            if self.dice.random() < 0.5:
                self.figures["reboots"] += 1
                self.clock.reboot(self.dice.choice((None, *DEAD)))
        self.figures["jumps"] += done

    async def _jump(self, life: Life) -> None:
        """Something is under way, the clock steps in the middle of it, and time goes on."""
        waiting = [await self._credit(life, lost=self.dice.random() < 0.6)]
        if self.dice.random() < 0.5:
            waiting += await self._outage(life)
        under_way = asyncio.ensure_future(self._credit(life, lost=True))
        await passes(self.dice.random() * 0.01)
        self._step()
        waiting.append(await under_way)
        await self._looks_alike(life, waiting[-1])
        await self._approvals(life)
        self._ages()
        await passes(self.dice.choice((1.0, 30.0, 90.0)))
        if self.dice.random() < 0.3:
            self.clock.put_right()
        await self._settles(life, waiting)
        if self.dice.random() < 0.1:
            await self._lock(life)
            await self._stale(life)

    async def _outage(self, life: Life) -> list[CreditRecord]:
        """The clock steps while credits wait for the link; some were tried many times before."""
        self.platform.down = True
        waiting = [await self._credit(life, lost=False) for _ in range(4)]
        await passes(self.dice.choice((1.0, 60.0, 900.0)))
        self._step()
        await passes(self.dice.choice((0.0, 5.0)))
        self.platform.down = False
        self.figures["outages"] += 1
        return waiting

    def _step(self) -> None:
        size_ms = int(1_000 * (10 * YEAR_MS / 1_000) ** self.dice.random())
        self.clock.jump(size_ms if self.dice.random() < 0.5 else -size_ms)

    async def _credit(self, life: Life, lost: bool) -> CreditRecord:
        self.number += 1
        if lost:
            self.platform.fails.append(Fail(self.dice.choice(("lost", "unanswered")), "issue"))
        order = self._order(self.number, minor=1_000 + self.number, distinct=True)
        record, _ = await life.house.issue.issue(order)
        self.figures["credits"] += 1
        for kept, one in ((self.keys, record.key.text), (self.codes, record.code.reveal())):
            if one in kept:
                self.wrong.append(f"{record.key}: a key or a code came twice")
            kept.add(one)
        return record

    def _order(self, number: int, minor: int, distinct: bool) -> Order:
        pos = PosTransaction(datetime.date(2026, 11, 21), f"T{number:06d}")
        request = CreditRequest(
            place=PLACE,
            amount=Money(minor, "USD"),
            operator="ann",
            reason="return",
            pos=pos,
            occurred_at_ms=min(max(self.clock.now().wall_ms, 0), 10**13 - 1),
            customer=Skipped(),
            distinct=distinct,
        )
        names = (
            CallerAlias("pos", PLACE.register, f"key-{number}"),
            PosAlias(PLACE, pos.business_date, pos.number, pos.line),
        )
        return Order(request=request, aliases=names, caller="pos", budget_s=4.0)

    async def _looks_alike(self, life: Life, record: CreditRecord) -> None:
        """Seconds later, under another name: asked about, wherever the clock stands."""
        self.number += 1
        minor = record.request.amount.minor
        await life.house.steps.advance(record.key, Heard())  # else it is asked about at any age
        try:
            await life.house.issue.issue(self._order(self.number, minor, distinct=False))
        except LooksLike:
            self.figures["asked"] += 1
        else:
            self.wrong.append(f"{record.key}: an equal credit was not asked about")

    async def _approvals(self, life: Life) -> None:
        """Every approval that is still kept is tried now, against what has really passed."""
        approval = await life.house.approvals.approve("mia", "1234", bytes(32))
        self.given.append((self.clock.true_s(), approval))
        for at_s, each in self.given[-8:]:
            age_ms = (self.clock.true_s() - at_s) * 1000
            try:
                check_approval(each, bytes(32), self.clock.now())
            except ApprovalInvalid:
                continue
            self.figures["approved"] += 1
            if age_ms > VALID_FOR_MS + 1:
                self.wrong.append(f"an approval was good after {age_ms / 1000:.0f} s")

    async def _stale(self, life: Life) -> None:
        """An approval that is too old stays so, though somebody sets the clock back to its time."""
        approval = await life.house.approvals.approve("mia", "1234", bytes(32))
        await passes(VALID_FOR_MS / 1000 + 1)
        self.clock.jump(-VALID_FOR_MS)
        try:
            check_approval(approval, bytes(32), self.clock.now())
        except ApprovalInvalid:
            return
        self.wrong.append("an approval came to life again")

    def _ages(self) -> None:
        """No age is called more than certain, or less than possible."""
        now = self.clock.now()
        self.seen.append((self.clock.true_s(), now))
        for at_s, then in self.seen[-20:]:
            true_ms = (self.clock.true_s() - at_s) * 1000
            most = age_most_ms(then, now)
            if most is not None and most < true_ms - 2:
                self.wrong.append(f"an age of {true_ms:.0f} ms was called at most {most}")
            if age_least_ms(then, now) > true_ms + 2:
                self.wrong.append(f"an age of {true_ms:.0f} ms was called more")
            self.figures["ages"] += 1

    async def _settles(self, life: Life, records: list[CreditRecord]) -> None:
        """With the platform up, everything ends: nothing waits for a time that never comes."""
        until_s = self.clock.true_s() + SETTLED_WITHIN_S
        while self.clock.true_s() < until_s:
            totals = await life.journal.totals(None)
            if totals.count == 0:
                break
            await passes(5.0)
        for record in records:
            latest = await life.journal.get(record.key)
            if latest is None or not latest.is_settled:
                state = "gone" if latest is None else latest.state.value
                self.wrong.append(f"{record.key} is still {state} after twenty minutes")
            elif latest.paper is Paper.FAILED and latest.paper_kind is not PaperKind.RECEIPT:
                self.wrong.append(f"{record.key}: its paper was called old at once")
        span = JobSpan(limit=5)
        left = await life.journal.waiting_prints((Paper.QUEUED,), PLACE.register, span)
        self.wrong += [f"{job.key}: its paper still waits" for job in left]

    async def _lock(self, life: Life) -> None:
        """Five wrong PINs lock for a quarter of an hour: no less, and no longer."""
        approvals = life.house.approvals
        for _ in range(TRIES_MAX):
            await self._refused(life)
        for _ in range(4):
            self._step()
            await passes(LOCKED_FOR_MS / 1000 / 5)
            if not await self._refused(life):
                self.wrong.append("a lock was open before its time")
        await passes(LOCKED_FOR_MS / 1000 / 4)
        try:
            await approvals.manager("mia", "1234")
        except PinLocked:
            self.wrong.append("a lock outlived its time")
        self.figures["locks"] += 1

    async def _refused(self, life: Life) -> bool:
        """Whether the manager is locked out; a wrong PIN where not."""
        try:
            await life.house.approvals.manager("mia", "0000")
        except PinLocked:
            return True
        except PinWrong:
            return False
        return False

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[Life]:
        journal = open_inline(
            self.folder,
            seal_key=b"s" * 32,
            machine=b"m" * 32,
            clock_ms=lambda: self.clock.now().wall_ms,
            chance=self.chance,
        )
        tasks: set[asyncio.Task[None]] = set()

        def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
            task = asyncio.ensure_future(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            return task

        world = World(
            journal, journal, self.platform, self.press, PlainPins(), self.clock, self.chance
        )
        register = Register(PLACE, "USD", ring=Ring.ISSUE, printer="front")
        house = join(world, Registers([register]), spawn)
        await house.recovery.at_start()
        for spool in house.spools.values():
            await spool.resume()
            spawn(spool.run())
        spawn(house.forwarder.run())
        spawn(house.recovery.run())
        await house.approvals.add_manager("mia", "1234")
        try:
            yield Life(house, journal)
        finally:
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*list(tasks), return_exceptions=True)
            journal.close()
            self.figures["lives"] += 1


def prove(folder: Path, jumps: int, seed: int) -> Jumps:
    """`jumps` jumps on one register, in virtual time."""

    async def main() -> Jumps:
        played = Jumps(seed, folder)
        await played.play(jumps)
        return played

    return run(seed, main)
