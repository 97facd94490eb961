# SPDX-License-Identifier: Apache-2.0
"""Cashiers at the page: its own serial as the POS number, double clicks, reloads, and its paper."""

from __future__ import annotations

from typing import Final

from tests.simulation.actors.act import Act
from tests.simulation.actors.till import new_intent, once, serve
from tests.simulation.loop import passes
from tests.simulation.world import World


async def save(world: World) -> None:
    """One button; sometimes pressed twice."""
    machine = world.dice.choice(world.machines)
    intent = new_intent(world, machine, caller="screen")
    if intent is None:
        return
    if world.dice.random() < 0.3:
        world.begin(serve(world, machine, intent))
        await passes(world.dice.uniform(0.0, 0.4))
    await serve(world, machine, intent)


async def reload(world: World) -> None:
    """The browser sends the form again: the same key, however late."""
    machine = world.machine()
    if machine is None:
        return
    mine = [each for each in world.intents_of(machine) if each.caller == "screen"]
    if mine:
        await once(world, machine, mine[-1])


ACTS: Final = (Act("save", save, 10), Act("reload", reload, 2))
