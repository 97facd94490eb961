# SPDX-License-Identifier: Apache-2.0
"""One credit's two transactions, side by side: the journal, its floor, and who does less."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from tests.bench.callers import by_tasks, by_threads
from tests.bench.contenders import Blocking, Floor, Ours, Own, Shared, Stepwise, Waiting
from tests.bench.recorded import record
from tests.bench.report import Bar, Part, Table
from tests.bench.samples import Cycles

ROUNDS = 10
COLUMNS = (
    "contender",
    "enqueue p50 ms",
    "p99 ms",
    "of floor",
    "finish p50 ms",
    "p99 ms",
    "cycles/s",
)
FLOOR, SHARED, OWN = "append + fdatasync", "sqlite3, one connection", "sqlite3, one each"
STEPWISE, OURS = "aiosqlite, by statement", "the journal"


async def measure(folder: Path, quick: bool) -> Part:
    """1 and 32 callers, in rounds."""
    part = Part("journal")
    single = await _course(_made(folder / "one"), callers=1, cycles=40 if quick else 150)
    many = await _course(_made(folder / "many"), callers=32, cycles=320 if quick else 640)
    for title, found in (("1 caller", single), ("32 callers", many)):
        table = Table(f"Journal: enqueue and finish, {title}", COLUMNS)
        floor = found[FLOOR].enqueue.p50_ms
        for name, cycles in found.items():
            table.add(
                name,
                cycles.enqueue.p50_ms,
                cycles.enqueue.p99_ms,
                cycles.enqueue.p50_ms / floor,
                cycles.finish.p50_ms,
                cycles.finish.p99_ms,
                cycles.enqueue.per_second,
            )
        part.tables.append(table)
    ours = single[OURS].enqueue.p50_ms
    rate = many[OURS].enqueue.per_second
    part.bars = [
        Bar("one caller, enqueue p50 over the floor's", ours / single[FLOOR].enqueue.p50_ms, 2.5),
        Bar(
            "32 callers, cycles/s over one commit each on one connection",
            rate / many[SHARED].enqueue.per_second,
            6.0,
            least=True,
        ),
        Bar(
            "32 callers, cycles/s over one commit each with a connection each",
            rate / many[OWN].enqueue.per_second,
            6.0,
            least=True,
        ),
    ]
    return part


async def _course(folder: Path, callers: int, cycles: int) -> dict[str, Cycles]:
    total = cycles * (ROUNDS + 1)
    writes = record(total)
    async with AsyncExitStack() as stack:
        floor = Floor(folder / "floor", writes.each[0].enqueue_bytes)
        stack.callback(floor.close)
        shared = Shared(folder / "shared.db", writes)
        stack.callback(shared.close)
        stepwise = await Stepwise.open(folder / "stepwise.db", writes)
        stack.push_async_callback(stepwise.aclose)
        ours = await Ours.open(folder / "ours", range(total))
        stack.push_async_callback(ours.aclose)
        blocking: dict[str, Blocking] = {
            FLOOR: floor,
            SHARED: shared,
            OWN: Own(folder / "own.db", writes),
        }
        waiting: dict[str, Waiting] = {STEPWISE: stepwise, OURS: ours}
        found = {name: Cycles() for name in (*blocking, *waiting)}
        for turn in range(ROUNDS + 1):
            numbers = range(turn * cycles, (turn + 1) * cycles)
            for name, each in blocking.items():
                by_threads(each, numbers, callers, found[name])
            for name, one in waiting.items():
                await by_tasks(one, numbers, callers, found[name])
            if turn == 0:  # to warm up
                found = {name: Cycles() for name in found}
        return found


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
