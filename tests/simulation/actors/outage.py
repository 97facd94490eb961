# SPDX-License-Identifier: Apache-2.0
"""The network and the platform's bad hours: seconds to ten days, one register or all of them."""

from __future__ import annotations

from typing import Final

from tests.simulation.actors.act import Act
from tests.simulation.loop import passes
from tests.simulation.platform_faults import PLATFORM_FAULTS
from tests.simulation.world import World

LENGTHS_S: Final = (3.0, 30.0, 300.0, 3_600.0, 86_400.0, 10 * 86_400.0)
LASTING: Final = ("token_revoked", "outage_503", "html_200", "throttled", "hang", "refused_422")
ONE_BY_ONE: Final = tuple(name for name in PLATFORM_FAULTS if name != "token_revoked")
REMEMBERED: Final = tuple(name for name in ONE_BY_ONE if name != "key_forgotten")
"""Where nothing but the key deduplicates, a network that delivers twice and a platform that
forgets the key at once are more than anybody can promise against."""


async def outage(world: World) -> None:
    """A line is down: no name, nobody there, or nothing comes back. It always comes again."""
    machine = world.dice.choice(world.machines)
    line = world.network.line(machine.name)
    how = world.dice.choice(("up", "blackhole", "refuse"))
    world.oracle.bites(f"outage_{how}", machine.name)
    setattr(line, how, how != "up")
    await passes(world.dice.choices(LENGTHS_S, (4, 5, 4, 2, 1.0, 0.4))[0])
    setattr(line, how, how == "up")


async def platform_hours(world: World) -> None:
    """The platform does one thing to everybody, for minutes or hours."""
    name = world.dice.choice(LASTING)
    length_s = world.dice.choice((5.0, 60.0, 900.0, 3_600.0))
    world.say(f"the platform: {name} for {length_s} s")
    world.platform.board.last(name, world.platform_clock.wall_ms() + int(length_s * 1000))


async def platform_moods(world: World) -> None:
    """Some of its faults become likely for a while; then others are."""
    board = world.platform.board
    known = ONE_BY_ONE if world.profile.unique_codes else REMEMBERED
    names = world.dice.sample(known, world.dice.randint(1, 4))
    strength = world.plan.strengths["platform_faults"]
    for name in names:
        board.chances[name] = world.dice.uniform(0.05, 0.12 * strength)
    world.say(f"the platform: {names} become likely")
    await passes(world.dice.choice((30.0, 300.0, 3_000.0)))
    for name in names:
        board.chances.pop(name, None)


ACTS: Final = (
    Act("outage", outage, 1.0, "outage"),
    Act("platform_moods", platform_moods, 1.6, "platform_faults"),
    Act("platform_hours", platform_hours, 0.4, "platform_faults"),
)
