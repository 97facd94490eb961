# SPDX-License-Identifier: Apache-2.0
"""What comes after the last event: the link is good, time passes, and everybody does their part.

The register starts anew, prints what waits, forwards until nothing is due; then whoever holds
the paper scans it at another register, and the first one looks again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from agent.domain.faults import Fault
from agent.domain.place import Place
from agent.domain.record import CreditRecord
from tests.convergence.events import Lie, Scene, heard, scanned
from tests.convergence.oracle import Words, end_of, wrong_after, wrong_at_rest
from tests.convergence.register import A, B, Line, standing
from tests.convergence.world import World

HOUR_MS: Final = 3_600_000
ROUNDS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Rest:
    """An end and what is wrong with it."""

    end: str
    wrong: tuple[str, ...]


async def at_rest(world: World, scene: Scene) -> Rest:
    """Lets a world come to rest and judges it."""
    before = replace(world, armed=False)
    after, _ = await _drained(before, scene)
    after, at_b = await _scanned(after, scene, B)
    after, record = await _drained(after, scene)
    after, at_a = await _scanned(after, scene, A)
    words = Words(record, at_b, at_a)
    wrong = wrong_after(before, after, record) + wrong_at_rest(after, words)
    return Rest(end_of(after, words), tuple(wrong))


async def _scanned(world: World, scene: Scene, place: Place) -> tuple[World, str | None]:
    """The paper is scanned once more, and the word is said."""
    world = replace(world, at_ms=world.at_ms + HOUR_MS)
    line = Line(world.shelf, scene.kind, world.at_ms)
    blob = world.b if place == B else world.a
    async with standing(blob, place, line, scene.policy) as here:
        try:
            result = await scanned(here, world)
        except Fault as fault:
            return world, fault.code
        blob = here.blob()
    world = replace(world, shelf=line.shelf)
    world = replace(world, b=blob) if place == B else replace(world, a=blob)
    if result is None:
        return world, None
    try:
        return heard(world, result, line), result.news.value
    except Lie as lie:
        return world, str(lie)


async def _drained(world: World, scene: Scene) -> tuple[World, CreditRecord | None]:
    """Register A until nothing of it is due any more; every round is an hour later."""
    record = None
    for number in range(ROUNDS_MAX):
        world = replace(world, at_ms=world.at_ms + HOUR_MS)
        line = Line(world.shelf, scene.kind, world.at_ms)
        async with standing(world.a, A, line, scene.policy) as here:
            if number == 0:
                await here.house.recovery.at_start()
                await here.print_all()
            due = await here.journal.due(world.at_ms, 10)
            for key in due:
                await here.house.forwarder.forward(key)
            record = await here.record(world.key)
            world = replace(world, a=here.blob(), shelf=line.shelf)
        if not due:
            break
    return world, record
