# SPDX-License-Identifier: Apache-2.0
"""Ready while the journal can be written; degraded is told in words and stops nothing."""

from __future__ import annotations

import asyncio

from agent.domain.faults import CannotJournal
from agent.telemetry import Health


async def well() -> None:
    return None


async def test_all_well_is_ready_without_reasons() -> None:
    found = await Health(well, [lambda: None]).readiness()
    assert (found.ready, found.reasons) == (True, ())


async def test_a_degraded_part_is_told_and_leaves_the_agent_ready() -> None:
    found = await Health(well, [lambda: "The platform does not answer.", lambda: None]).readiness()
    assert found.ready
    assert found.reasons == ("The platform does not answer.",)


async def test_a_journal_that_cannot_be_written_is_not_ready_and_comes_first() -> None:
    async def full() -> None:
        raise CannotJournal(why="disk-full")

    found = await Health(full, [lambda: "Printer front is out of paper."]).readiness()
    assert not found.ready
    assert "disk of this register is full" in found.reasons[0]
    assert found.reasons[1] == "Printer front is out of paper."


async def test_a_journal_that_hangs_is_not_ready_and_the_answer_still_comes() -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    found = await Health(hangs, probe_s=0.01).readiness()
    assert not found.ready
