# SPDX-License-Identifier: Apache-2.0
"""Another system at the platform: it makes cards of its own, and disables some of ours."""

from __future__ import annotations

from typing import Final

from agent.domain.code import Code
from agent.domain.symbols import digits
from tests.simulation.actors.act import Act
from tests.simulation.world import World


async def disables(world: World) -> None:
    """A person at the platform's own desk blocks a card of ours."""
    cards = [card for card in world.platform.cards if card.enabled and card.key is not None]
    if not cards:
        return
    card = world.dice.choice(cards)
    entry = world.oracle.book.entries.get(card.key or "")
    if entry is not None:
        entry.touched.add("disabled")
    world.oracle.bites("second_writer", "the platform")
    world.platform.disable_elsewhere(card.code)


async def creates(world: World) -> None:
    """A card of the other system, for as much as one of ours."""
    minor = world.dice.choice((2_000, 4_900, world.dice.randint(1, 9_000)))
    drawn = world.dice.randrange(32**14)
    code = Code.draw(world.dice.randrange(22), digits(drawn, 14)).reveal()
    world.platform.foreign(code, minor, world.plan.hosts[0][0].currency)


ACTS: Final = (
    Act("second_writer_disables", disables, 0.6, "second_writer"),
    Act("second_writer_creates", creates, 0.6, "second_writer"),
)
