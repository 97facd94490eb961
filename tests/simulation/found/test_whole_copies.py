# SPDX-License-Identifier: Apache-2.0
"""Seeds 272 and 937 of 2026-11-21: a whole copy of a register's folder is put back, unnoticed.

What it had sent since the copy it takes for never sent and nobody else's. Where neither a unique
code nor a key for ever stands in the way, a blind send made a second card.
"""

from __future__ import annotations

import shutil

import pytest

from agent.domain.record import State
from tests.simulation.found.scene import calm_plan, play, sold
from tests.simulation.loop import passes
from tests.simulation.world import World


async def _put_back_after_it_was_sent(world: World) -> None:
    machine = world.machines[0]
    line = world.network.line(machine.name)
    line.refuse = True
    record = await sold(world)
    assert record.exclusive
    assert record.state in (State.PARKED, State.UNSETTLED)
    copy = world.folder / "copy"
    machine.copy_of_folder(copy)
    world.oracle.backed_up(machine)
    line.refuse = False
    await passes(3 * 3_600.0)
    assert len(world.platform.cards) == 1
    await machine.stop()
    await machine.buried()
    shutil.rmtree(machine.folder)
    shutil.copytree(copy, machine.folder)
    world.oracle.rewound(machine, whole=True)
    await world.start(machine)
    await passes(3 * 3_600.0)
    assert len(world.platform.cards) == 1


@pytest.mark.parametrize("profile", ["keys_an_hour", "keys_lagging", "rest"])
def test_what_a_whole_copy_takes_for_unsent_is_looked_up_first(profile: str) -> None:
    assert play(_put_back_after_it_was_sent, calm_plan(profile, printer=None)) == ()
