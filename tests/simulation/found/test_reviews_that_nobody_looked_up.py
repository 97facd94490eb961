# SPDX-License-Identifier: Apache-2.0
"""Seed 46 of 2026-11-21: an older backup held a review that had been settled since.

The record had no paper, so nobody looked it up again, and a manager was asked about a credit that
stood on the platform. A journal that came back looks up every open record.
"""

from __future__ import annotations

from agent.domain.record import State
from tests.simulation.actors.store_it import back_up, restore_backup
from tests.simulation.found.scene import calm_plan, play, sold
from tests.simulation.loop import passes
from tests.simulation.people import NOBODY
from tests.simulation.world import World


async def _settled_since_the_backup(world: World) -> None:
    record = await sold(world, NOBODY)
    assert record.state is State.REVIEW
    machine = world.machines[0]
    await back_up(world)
    linked = await machine.ask(
        lambda house: house.closing.link(record.key, "dora", "cus_alice"), 60.0
    )
    assert linked.state is State.CONFIRMED
    await machine.stop()
    await world.start(machine)
    await restore_backup(world)
    await passes(3600.0)
    found = await machine.ask(lambda house: house.steps.journal.get(record.key))
    assert found is not None
    assert found.state is State.CONFIRMED


def test_a_review_that_came_back_with_a_backup_is_looked_up() -> None:
    assert play(_settled_since_the_backup, calm_plan(printer=None)) == ()
