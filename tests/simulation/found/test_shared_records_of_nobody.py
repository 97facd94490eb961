# SPDX-License-Identifier: Apache-2.0
"""Seed 96 of 2026-11-21: a journal came back, and the customer of an open record was gone.

The record went to a manager, as every record of nobody does, and nobody looked whether its credit
stood already. Whatever is shared is looked up in review too.
"""

from __future__ import annotations

from agent.domain.record import State
from tests.simulation.actors.store_it import back_up, restore_backup
from tests.simulation.found.scene import calm_plan, play, sold
from tests.simulation.loop import passes
from tests.simulation.people import ALICE
from tests.simulation.world import World


async def _gone_since_the_backup(world: World) -> None:
    machine = world.machines[0]
    line = world.network.line(machine.name)
    line.refuse = True
    record = await sold(world, ALICE)
    assert record.state is State.PARKED
    await back_up(world)
    line.refuse = False
    await passes(600.0)
    await machine.stop()
    await world.start(machine)
    world.platform.customers.remove("cus_alice")
    await restore_backup(world)
    await passes(3600.0)
    found = await machine.ask(lambda house: house.steps.journal.get(record.key))
    assert found is not None
    assert found.state is State.CONFIRMED


def test_a_shared_record_whose_customer_is_gone_is_still_looked_up() -> None:
    assert play(_gone_since_the_backup, calm_plan(printer=None)) == ()
