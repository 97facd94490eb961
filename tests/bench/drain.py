# SPDX-License-Identifier: Apache-2.0
"""An outage is over: thousands wait, the platform takes so many a second, and cashiers go on.

The waiting credits are opened in the agent's own journal before it starts, without a link and
without room for paper. The platform has a bucket of one second's worth and says 429 when it is
empty; a cashier's credit comes every quarter of a second.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from agent.daemon.parts import journal_dir, seal_file
from agent.daemon.world import SystemChance, SystemClock, machine_digest
from agent.decisions.circumstances import Circumstances
from agent.decisions.decide import decide
from agent.decisions.limits import Limits
from agent.domain.action import Decision
from agent.domain.event import Begun
from agent.domain.exposure import Exposure
from agent.domain.record import CreditRecord
from agent.journal import load_or_make_key, open_inline, opening
from tests.bench.credits import Till as Drafts
from tests.bench.lines import Line
from tests.bench.register import Till, agent, control, pair, stub
from tests.bench.report import Bar, Part, Table
from tests.bench.samples import Samples

EVERY_S: Final = 0.25
PER_SECOND: Final = 100
PLATFORM_MS: Final = 10
LONGEST_S: Final = 240.0
BATCH: Final = 250


async def measure(folder: Path, quick: bool) -> Part:
    """Idle first, then the drain."""
    part = Part("drain")
    waiting = 2_000 if quick else 10_000
    with stub() as platform:
        await control(platform, delay_ms=PLATFORM_MS)
        idle = Cashier(first=900_000)
        with agent(folder, platform) as running:
            await idle.work(pair(running), asyncio.Event(), 40 if quick else 120)
        fill(folder / "state", waiting)
        await control(platform, delay_ms=PLATFORM_MS, per_second=PER_SECOND)
        fresh, drained = Cashier(first=800_000), asyncio.Event()
        with agent(folder, platform) as running:
            cashier = asyncio.create_task(fresh.work(pair(running), drained, 10**9))
            rate, took_s, throttled = await _drained(platform, waiting, fresh)
            drained.set()
            await cashier
    table = Table(
        "Drain",
        ("cashier", "credits", "p50 ms", "p99 ms", "not confirmed"),
    )
    for name, each in (("idle", idle), ("while draining", fresh)):
        found = each.found
        table.add(name, len(found.seconds), found.p50_ms, found.p99_ms, each.unconfirmed)
    part.tables.append(table)
    part.notes.append(
        f"{waiting} waiting, platform {PLATFORM_MS} ms and {PER_SECOND} a second: "
        f"{took_s:.1f} s, {rate:.0f} a second in all, {throttled} told to wait."
    )
    part.bars = [
        Bar("taken of the platform's limit", rate / PER_SECOND * 100, 95.0, "%", least=True),
        Bar("fresh p99 over idle", fresh.found.p99_ms / idle.found.p99_ms, 2.0),
    ]
    return part


@dataclass(slots=True)
class Cashier:
    """Asks for a credit every so often and waits for each."""

    first: int
    found: Samples = field(default_factory=Samples)
    unconfirmed: int = 0

    async def work(self, till: Till, ended: asyncio.Event, most: int) -> None:
        line = await Line.open(till.port)
        for number in range(most):
            asked = till.credit(self.first + number)
            began = time.perf_counter()
            answer = await line.ask(asked)
            self.found.seconds.append(time.perf_counter() - began)
            self.unconfirmed += answer.status != 200
            try:
                async with asyncio.timeout(EVERY_S):
                    await ended.wait()
                break
            except TimeoutError:
                continue
        line.close()


async def _drained(platform: int, waiting: int, fresh: Cashier) -> tuple[float, float, int]:
    """Credits a second until all are there, how long that took, and how many noes."""
    line = await Line.open(platform)
    before = await _count(line)
    began = time.monotonic()
    ended = asyncio.Event()
    while True:
        try:
            async with asyncio.timeout(0.1):
                await ended.wait()  # nobody sets it: a tenth of a second
        except TimeoutError:
            pass
        now, took_s = await _count(line), time.monotonic() - began
        done = now["issued"] - before["issued"]
        if done >= waiting + len(fresh.found.seconds) - 2 or took_s > LONGEST_S:
            line.close()
            return done / took_s, took_s, now["throttled"]


async def _count(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = (await line.ask(b"GET /count HTTP/1.1\r\n\r\n")).json
    return found


def fill(state: Path, count: int) -> None:
    """Credits that wait for the link, in the journal that the agent will open."""
    clock, chance, drafts = SystemClock(), SystemChance(), Drafts()
    journal = open_inline(
        journal_dir(state),
        seal_key=load_or_make_key(seal_file(state)),
        machine=machine_digest(),
        clock_ms=drafts.clock_ms,
        chance=chance,
    )

    def begin(record: CreditRecord, others: Exposure) -> Decision:
        full = replace(others, outstanding_minor=10**12)
        at = Circumstances(now=clock.now(), limits=Limits(), others=full, link_up=False)
        return decide(record, Begun(), at)

    made = [drafts.draft(number) for number in range(count)]
    for first in range(0, count, BATCH):
        results = journal.core.run(
            [
                lambda store, draft=draft: opening.open_credit(  # type: ignore[misc]
                    store, draft, lambda known, alike: None, begin
                )
                for draft in made[first : first + BATCH]
            ]
        )
        assert not any(result.fault for result in results)
    journal.close()
