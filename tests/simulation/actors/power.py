# SPDX-License-Identifier: Apache-2.0
"""The cord, and kill -9: at any moment, or at a named point of whatever runs next."""

from __future__ import annotations

from typing import Final

from tests.simulation.actors.act import Act
from tests.simulation.loop import passes
from tests.simulation.mortal import POINTS, Doom
from tests.simulation.world import World


async def crash(world: World) -> None:
    """Now, at whatever await everybody stands."""
    machine = world.machine()
    if machine is None:
        return
    await passes(world.dice.choice((0.0, 0.0, world.dice.uniform(0, 3))))
    if machine.life is None:
        return
    world.oracle.bites("crash", machine.name)
    world.crash(machine)
    if world.dice.random() < 0.4:
        dead = world.dice.random() < world.plan.strengths.get("clock_dead", 0) / 4
        if dead:
            world.oracle.bites("clock_dead", machine.name)
        machine.clock.reboot(dead)
    await world.revive(machine, world.dice.choice((1.0, 10.0, 300.0)))
    if not machine.clock.trusted and world.dice.random() < 0.8:
        await passes(world.dice.uniform(1, 3000))
        machine.clock.synchronise()


async def crash_at_a_point(world: World) -> None:
    """The next to come by there does not come further."""
    machine = world.machine()
    if machine is not None:
        machine.doom = Doom(world.dice.choice(POINTS), world.dice.randrange(6))


ACTS: Final = (
    Act("crash", crash, 1.2, "crash"),
    Act("crash_at_a_point", crash_at_a_point, 1.6, "crash_at_a_point"),
)
