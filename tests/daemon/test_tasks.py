# SPDX-License-Identifier: Apache-2.0
"""A task that breaks with what nobody expected ends the daemon, and says why."""

from __future__ import annotations

import asyncio
import json
import signal

from agent.daemon.run import _Tasks
from agent.domain.faults import CannotJournal
from agent.telemetry import Log


def logging(lines: list[str]) -> Log:
    return Log(lines.append, lambda: 0)


async def test_a_surprise_stops_the_agent_and_names_its_place() -> None:
    lines: list[str] = []
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    try:
        tasks = _Tasks(logging(lines))

        async def surprise() -> None:
            raise KeyError("what nobody expected")

        tasks.keep(surprise())
        async with asyncio.timeout(5):
            await told.wait()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
    assert tasks.broken is not None
    assert "KeyError" in tasks.broken
    assert "surprise" in tasks.broken
    assert json.loads(lines[0])["event"] == "broken"
    assert "what nobody expected" not in lines[0]


async def test_a_fault_in_a_callers_task_is_told_and_stops_nothing() -> None:
    lines: list[str] = []
    tasks = _Tasks(logging(lines))

    async def refused() -> None:
        raise CannotJournal(why="disk-full")

    await tasks.spawn(refused())
    assert tasks.broken is None
    assert json.loads(lines[0])["code"] == "cannot-journal"
    await tasks.close()
