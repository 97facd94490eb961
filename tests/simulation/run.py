# SPDX-License-Identifier: Apache-2.0
"""One seed, one verdict: a world is made, lives its days, comes to rest and is judged."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.simulation import plan as plans
from tests.simulation import rest
from tests.simulation.actors.table import ACTS
from tests.simulation.host import where
from tests.simulation.loop import Stuck, Unheard, passes, run
from tests.simulation.plan import Plan
from tests.simulation.world import World

CREDITS: Final = 100
MEMORY: Final = Path("/dev/shm")  # noqa: S108
IDLE_ACTS_MAX: Final = 4
"""How many acts there are for a credit at most: a store may be closed to sales."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a seed came to. `violations`: sentences; `trace`: equal for equal runs."""

    seed: int
    violations: tuple[str, ...]
    figures: dict[str, int] = field(default_factory=dict)
    bitten: Counter[str] = field(default_factory=Counter)
    trace: str = ""
    story: Sequence[str] = ()
    seconds: float = 0.0


def judge(
    seed: int, sales: int = CREDITS, verbose: bool = False, profile: str | None = None
) -> Verdict:
    """Plays the seed, with another platform than its own where `profile` names one. Its disks are
    in memory, and gone when this returns."""
    began = time.process_time()
    where = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="countermark-world-", dir=where))
    plan = plans.drawn(seed, sales)
    if profile is not None:
        plan = plans.on(plan, profile)
    worlds: list[World] = []
    broke: list[str] = []
    try:

        async def main() -> None:
            world = World(plan, folder)
            world.verbose = verbose
            worlds.append(world)
            told = asyncio.ensure_future(_whole(world))
            await asyncio.wait({told})
            error = told.exception()
            if error is not None:
                broke.append(f"the world broke: {_told(error)}")

        try:
            run(seed, main)
        except (Stuck, Unheard) as error:
            broke.append(f"the world broke: {_told(error)}")
        return _verdict(worlds[0], plan, broke, time.process_time() - began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _whole(world: World) -> None:
    await live(world)
    await rest.settle(world)


async def live(world: World) -> None:
    """Acts follow each other through every session, and the quiet after it."""
    for machine in list(world.machines):
        await world.start(machine)
    sold = 0
    for sales, gap_s in zip(world.plan.sessions, world.plan.gaps_s, strict=True):
        sold += sales
        await session(world, sold, sales * IDLE_ACTS_MAX)
        world.quiet.since_s = world.loop.time()
        world.quiet.until_s = world.loop.time() + gap_s
        await passes(gap_s)


async def session(world: World, until_sold: int, acts_max: int) -> None:
    dice = world.dice
    weights = [act.weight_in(world) for act in ACTS]
    for _ in range(acts_max):
        if world.sold >= until_sold:
            return
        await passes(dice.expovariate(1 / world.plan.pace_s))
        (act,) = dice.choices(ACTS, weights)
        world.acts[act.name] += 1
        world.say(f"* {act.name}")
        world.begin(act.do(world))


def _verdict(world: World, plan: Plan, broke: list[str], seconds: float) -> Verdict:
    loop = world.loop
    bitten = world.oracle.bitten + world.network.bitten + world.platform.bitten
    crashes = sum(count for name, count in bitten.items() if name.startswith("crash"))
    figures = {
        "credits": len(world.oracle.book.entries),
        "claims": world.oracle.figures["claims"],
        "crashes": crashes,
        "lives": sum(machine.lives for machine in world.machines),
        "hours": int(loop.time() // 3600),
        "requests": world.network.requests,
        "faults": sum(bitten.values()),
        "acts": sum(world.acts.values()),
        **{name: world.oracle.figures[name] for name in ("spent", "asked_again_after_a_loss")},
    }
    return Verdict(
        plan.seed,
        (*world.oracle.book.wrong, *broke),
        figures,
        bitten,
        f"{loop.trace & 0xFFFFFFFFFFFFFFFF:016x}",
        world.lines,
        seconds,
    )


def _told(error: BaseException) -> str:
    """An error and everything inside of it, in one line."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_told(each) for each in error.exceptions)
    return f"{error!r} at {where(error)}"
