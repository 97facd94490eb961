# SPDX-License-Identifier: Apache-2.0
"""Seed 95 of 2026-11-21: a record left in SENDING by a failed commit was due, and nobody could
take it up before the sweep; the forwarder asked for it again and again without a pause.

In virtual time that is a loop in which time stands still; on a register it took a whole processor
for fifteen seconds.
"""

from __future__ import annotations

from agent.domain.record import CreditRecord, State
from tests.simulation.found.scene import calm_plan, play, sold
from tests.simulation.loop import passes
from tests.simulation.world import World


async def _commit_fails_under_the_forwarder(world: World) -> None:
    machine = world.machines[0]
    line = world.network.line(machine.name)
    line.up = False
    record = await sold(world)
    assert record.state is State.PARKED
    assert machine.life is not None

    def failing(changed: CreditRecord) -> None:
        if changed.state is State.SENDING and not machine.disk.left:
            machine.disk.trouble("read_only", 1)

    machine.life.house.steps.board.watch(failing)
    line.up = True
    await passes(60.0)
    assert world.oracle.bitten["read_only"] > 0
    found = await machine.ask(lambda house: house.steps.journal.get(record.key))
    assert found is not None
    machine.life.house.steps.board._watchers.remove(failing)
    await passes(600.0)


def test_a_record_left_half_way_is_not_asked_for_without_a_pause() -> None:
    assert play(_commit_fails_under_the_forwarder, calm_plan(printer=None)) == ()
