# SPDX-License-Identifier: Apache-2.0
"""Clocks: they jump from a second to ten years, run apart, and are set right again."""

from __future__ import annotations

from typing import Final

from tests.simulation.actors.act import Act
from tests.simulation.loop import passes
from tests.simulation.world import World

JUMPS_S: Final = (1.0, 61.0, 3_600.0, 26 * 3_600.0, 40 * 86_400.0, 10 * 365 * 86_400.0)


async def jump(world: World) -> None:
    """A step, either way; mostly set right again after a while."""
    machine = world.dice.choice(world.machines)
    seconds = world.dice.choice(JUMPS_S) * world.dice.choice((-1, 1))
    if machine.clock.wall_ms() + seconds * 1000 < 0:
        return
    world.oracle.bites("clock_jump", machine.name)
    machine.clock.jump(seconds)
    await passes(world.dice.choice((5.0, 600.0, 30_000.0)))
    machine.clock.synchronise()


async def apart(world: World) -> None:
    """A crystal that runs up to a tenth of a percent too fast or too slow."""
    machine = world.dice.choice(world.machines)
    machine.clock.apart_ppm = world.dice.randint(-1_000, 1_000)
    world.oracle.bites("clock_apart", machine.name)


ACTS: Final = (
    Act("clock_jump", jump, 1.0, "clock_jump"),
    Act("clock_apart", apart, 0.3, "clock_apart"),
)
