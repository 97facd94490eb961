# SPDX-License-Identifier: Apache-2.0
"""A platform that says with each answer how much it still takes: the whole queue obeys, a cashier
never waits for it. The real flows, driver and transport, in virtual time."""

from __future__ import annotations

import asyncio
import datetime
import json
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from agent.daemon.build import House, World, join
from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.customer import Skipped
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State
from agent.flows.issue import Order
from agent.flows.register import Register, Registers, Ring
from agent.journal import open_inline
from agent.platforms.adapter import PAUSE_MAX_S
from agent.platforms.catalog import open_platform
from agent.platforms.messages import HttpReply
from agent.platforms.rest import platform as rest
from tests.fakes.chance import FakeChance
from tests.fakes.press import FakePress
from tests.flows.stage import PlainPins
from tests.simulation.clock import Quiet, SimClock
from tests.simulation.loop import passes, run, running
from tests.simulation.network import Network
from tests.simulation.wire import Reply, Request

PLACE: Final = Place("0421", "03")
URL: Final = "https://credit.example"
BUDGET_S: Final = 4.0
PARALLEL: Final = 4
"""What may be under way already when the platform's word is heard."""


def leave_alone_s(reply: HttpReply) -> float:
    """As a vendor's plug-in reads its rate headers."""
    return float(reply.header("x-leave-alone-s") or 0)


@dataclass
class Shop:
    """One register before a platform that confirms everything. `says`: the header of its next
    answers. `heard`: when each request came, in virtual seconds, by the credit's minor units."""

    says: str = "0"
    heard: list[tuple[float, int]] = field(default_factory=list)
    numbers: int = 0
    house: House = field(init=False)

    def answer(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        self.heard.append((running().time(), asked["amount"]["minor"]))
        card = {"id": asked["key"], "key": asked["key"], "code": asked["code"], "enabled": True}
        card |= {"initial": asked["amount"], "balance": asked["amount"], "customer_id": None}
        headers = (("Content-Type", "application/json"), ("X-Leave-Alone-S", self.says))
        return Reply(201, headers, json.dumps(card).encode())

    async def credit(self) -> CreditRecord:
        """What a till asks for; no amount comes twice."""
        self.numbers += 1
        pos = PosTransaction(datetime.date(2026, 11, 21), f"T{self.numbers:05d}")
        request = CreditRequest(
            place=PLACE,
            amount=Money(1000 + self.numbers, "USD"),
            operator="ann",
            reason="return",
            pos=pos,
            occurred_at_ms=self.house.steps.clock.now().wall_ms,
            customer=Skipped(),
            distinct=True,
        )
        aliases = (
            CallerAlias("pos", "03", f"key-{self.numbers}"),
            PosAlias(PLACE, pos.business_date, pos.number, pos.line),
        )
        record, _ = await self.house.issue.issue(Order(request, aliases, "pos", BUDGET_S))
        return record


@asynccontextmanager
async def shop(waiting: int) -> AsyncIterator[Shop]:
    """`waiting`: credits of an outage that has just ended, before the forwarder runs."""
    loop, tasks, here = running(), set[asyncio.Task[None]](), Shop()
    network = Network(random.Random(7))
    server = network.serve("credit.example", here.answer)
    clock = SimClock("till", loop.time, Quiet())
    chance = FakeChance(7)
    journal = open_inline(
        None, seal_key=b"s" * 32, machine=b"m" * 32, clock_ms=clock.wall_ms, chance=chance
    )

    def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    plugin = replace(rest({"url": URL}), pause_s=leave_alone_s)
    roads = network.roads("till")
    async with open_platform(plugin, lambda: "s3cret", roads=roads, now_s=loop.time) as platform:
        world = World(journal, journal, platform, FakePress(), PlainPins(), clock, chance)
        register = Register(PLACE, "USD", ring=Ring.ISSUE, printer="front", budget_s=BUDGET_S)
        here.house = join(world, Registers([register]), spawn)
        try:
            server.up = False
            for _ in range(waiting):
                await here.credit()
            server.up = True
            await passes(3600)  # every one of them is due, and the breaker lets go
            spawn(here.house.forwarder.run())
            yield here
        finally:
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*list(tasks), return_exceptions=True)
            journal.close()


def _later(here: Shop, after_s: float) -> list[float]:
    """How long after the first request the others came, of those behind what was under way."""
    first_s = here.heard[0][0]
    return [at_s - first_s for at_s, _ in here.heard if at_s - first_s > after_s]


@pytest.mark.parametrize(("said", "waits_s"), [("30", 30.0), ("1000000000", PAUSE_MAX_S)])
def test_the_whole_queue_waits_as_the_platform_asks_and_no_longer_than_the_bound(
    said: str, waits_s: float
) -> None:
    async def main() -> None:
        async with shop(waiting=12) as here:
            here.says = said
            await passes(20)
            assert 1 <= len(here.heard) <= PARALLEL
            here.says = "0"
            await passes(waits_s + 120)
            assert len({minor for _, minor in here.heard}) == 12
            later = _later(here, after_s=5)
            assert len(later) >= 12 - PARALLEL
            assert waits_s <= min(later) <= waits_s + 5

    run(1, main)


def test_a_cashier_is_not_held_back_while_the_queue_waits() -> None:
    async def main() -> None:
        async with shop(waiting=8) as here:
            here.says = "120"
            await passes(20)
            before, asked_s = len(here.heard), running().time()
            record = await here.credit()
            assert record.state is State.CONFIRMED
            assert running().time() - asked_s < 1
            assert here.heard[before:] == [(here.heard[before][0], record.request.amount.minor)]
            assert here.house.steps.link.backlog_wait_s() > 0

    run(2, main)


def test_a_word_that_comes_with_a_cashiers_answer_holds_the_queue_too() -> None:
    async def main() -> None:
        async with shop(waiting=0) as here:
            here.says = "45"
            await here.credit()
            assert 44 < here.house.steps.link.backlog_wait_s() <= 45

    run(3, main)


def test_without_a_word_the_queue_does_not_wait() -> None:
    async def main() -> None:
        async with shop(waiting=12) as here:
            await passes(60)
            assert len({minor for _, minor in here.heard}) == 12
            assert here.heard[-1][0] - here.heard[0][0] < 30

    run(4, main)
