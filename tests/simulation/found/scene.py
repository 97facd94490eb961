# SPDX-License-Identifier: Apache-2.0
"""A calm world for one short scene: nothing is left to chance but what the scene asks for.

After the scene the world comes to rest as every other, and is judged by the same invariants.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from agent.domain.customer import Customer, Skipped
from agent.domain.place import Place
from agent.domain.record import CreditRecord
from agent.flows.register import Register, Ring
from tests.simulation import rest
from tests.simulation.actors.till import new_intent, once
from tests.simulation.loop import run
from tests.simulation.plan import ROOMY, STORE, Plan
from tests.simulation.world import World

Scene = Callable[[World], Awaitable[None]]


def calm_plan(profile: str = "rest", printer: str | None = "front") -> Plan:
    """One register, no misfortune."""
    register = Register(
        Place(STORE, "01"), "USD", ring=Ring.ISSUE, limits=ROOMY, budget_s=4.0, printer=printer
    )
    return Plan(1, 100, profile, ((register,),), (100,), (0.0,), 1.0)


def play(scene: Scene, plan: Plan) -> tuple[str, ...]:
    """What is wrong after the scene and the rest; nothing, where all is well."""
    worlds: list[World] = []
    with tempfile.TemporaryDirectory() as folder:

        async def main() -> None:
            world = World(plan, Path(folder))
            worlds.append(world)
            for machine in list(world.machines):
                await world.start(machine)
            await scene(world)
            await rest.settle(world)

        run(1, main)
    return tuple(worlds[0].oracle.book.wrong)


async def sold(world: World, customer: Customer | None = None) -> CreditRecord:
    """One sale at the first machine, as it stands when its till has heard."""
    machine = world.machines[0]
    intent = new_intent(world, machine)
    assert intent is not None
    intent.request = replace(intent.request, customer=customer or Skipped())
    intent.pos_prints = False
    intent.budget_s = 8.0
    return await once(world, machine, intent)
