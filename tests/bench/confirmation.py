# SPDX-License-Identifier: Apache-2.0
"""The confirmation path: a till's request through the agent, against the platform itself.

Both are asked by the same thin client and answered by the same stub, in turns.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.lines import Line, Request, drive
from tests.bench.register import agent, control, direct, pair, stub
from tests.bench.report import Bar, Part, Table
from tests.bench.samples import Samples

ROUNDS = 8
DELAYS_MS = (0, 40)


@dataclass(frozen=True, slots=True)
class Way:
    """Where requests go, and what a yes looks like there."""

    lines: list[Line]
    request: Request
    wanted: int

    async def drive(self, numbers: Iterator[int], found: Samples) -> None:
        await drive(self.lines, numbers, self.request, self.wanted, found)


async def measure(folder: Path, quick: bool) -> Part:
    """1 and 16 callers, a platform that takes 0 and 40 ms."""
    part = Part("confirmation")
    with stub() as platform, agent(folder, platform) as running:
        till = pair(running)
        numbers = itertools.count()
        for callers in (1, 16):
            ways = {
                "direct": Way([await Line.open(platform) for _ in range(callers)], direct, 201),
                "agent": Way(
                    [await Line.open(till.port) for _ in range(callers)], till.credit, 200
                ),
            }
            table = Table(
                f"Confirmation: {callers} caller{'s' if callers > 1 else ''}",
                ("way", "platform ms", "p50 ms", "p99 ms", "added p50", "added p99", "credits/s"),
            )
            part.tables.append(table)
            for delay_ms in DELAYS_MS:
                await control(platform, delay_ms=delay_ms)
                each = (60 if delay_ms else 250) if quick else (100 if delay_ms else 500)
                found = await _in_turns(ways, numbers, each * min(callers, 4))
                _tell(part, table, callers, delay_ms, found)
            for way in ways.values():
                for line in way.lines:
                    line.close()
    return part


async def _in_turns(ways: dict[str, Way], numbers: Iterator[int], each: int) -> dict[str, Samples]:
    found = {name: Samples() for name in ways}
    for turn in range(ROUNDS + 1):
        for name, way in ways.items():
            await way.drive(itertools.islice(numbers, each), found[name])
        if turn == 0:  # to warm up
            found = {name: Samples() for name in ways}
    return found


def _tell(part: Part, table: Table, callers: int, delay_ms: int, found: dict[str, Samples]) -> None:
    straight, ours = found["direct"], found["agent"]
    added_p50 = ours.p50_ms - straight.p50_ms
    added_p99 = ours.p99_ms - straight.p99_ms
    table.add("direct", delay_ms, straight.p50_ms, straight.p99_ms, None, None, straight.per_second)
    table.add("agent", delay_ms, ours.p50_ms, ours.p99_ms, added_p50, added_p99, ours.per_second)
    if callers == 1:
        part.bars += [
            Bar(f"one caller, platform {delay_ms} ms, added p50", added_p50, 1.5, "ms"),
            Bar(f"one caller, platform {delay_ms} ms, added p99", added_p99, 3.5, "ms"),
        ]
    elif delay_ms == 0:
        part.bars.append(
            Bar("16 callers, confirmations", ours.per_second, 1400, "a second", least=True)
        )
