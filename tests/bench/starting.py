# SPDX-License-Identifier: Apache-2.0
"""From the start of the process to its first answer, and what it keeps in memory."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from tests.bench.lines import Line, drive
from tests.bench.register import agent, pair, resident_mb, stub
from tests.bench.report import Bar, Part, Table
from tests.bench.samples import Samples, percentile

CREDITS = 1_000


async def measure(folder: Path, quick: bool) -> Part:
    """Starts over and over with a journal that is there already; then a thousand credits."""
    part = Part("starting")
    answered: list[float] = []
    started: list[float] = []
    with stub() as platform:
        for _ in range(4 if quick else 12):
            began = time.perf_counter()
            with agent(folder, platform) as running:
                running.client.get("/healthz")
                answered.append(time.perf_counter() - began)
                started.append(resident_mb(running.child.pid))
        with agent(folder, platform) as running:
            pid = running.child.pid
            till = pair(running)
            lines = [await Line.open(till.port) for _ in range(4)]
            await drive(lines, iter(range(CREDITS)), till.credit, 200, Samples())
            for line in lines:
                line.close()
            for page in itertools.islice(itertools.cycle(("/v1/status", "/metrics")), 20):
                running.client.text(page)
            after_mb = resident_mb(pid)
    started_mb = sorted(started)[len(started) // 2]
    table = Table("Starting and memory", ("what", "median", "worst"))
    table.add("start to first answer, ms", percentile(answered, 50) * 1e3, max(answered) * 1e3)
    table.add("resident just started, MB", started_mb, max(started))
    table.add(f"resident after {CREDITS} credits, MB", after_mb, None)
    part.tables.append(table)
    part.bars = [
        Bar("resident just started", started_mb, 64.0, "MB"),
        Bar(f"resident after {CREDITS} credits", after_mb, 80.0, "MB"),
    ]
    return part
