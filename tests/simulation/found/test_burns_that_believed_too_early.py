# SPDX-License-Identifier: Apache-2.0
"""Seed 34 of 2026-11-21: a void seconds after a confirmation, where look-ups lag and codes repeat.

The burn looked the card up, did not see it yet, and made a second one of a cent, to be disabled
in its place. A burn believes an absence no sooner than a send does.
"""

from __future__ import annotations

from agent.domain.outcome import Unsent
from agent.domain.record import State, VoidRequest
from tests.simulation.found.scene import calm_plan, play, sold
from tests.simulation.loop import passes
from tests.simulation.world import World


async def _voided_at_once(world: World) -> None:
    record = await sold(world)
    assert record.state is State.CONFIRMED
    await passes(2.0)
    asked = VoidRequest("bea", "a mistake")
    machine = world.machines[0]
    world.oracle.entry_of(record.key.text).void_asked = True
    voiding = await machine.ask(lambda house: house.closing.void(record.key, asked))
    assert voiding.state is State.VOIDING
    await passes(4 * 3600.0)
    assert len(world.platform.cards) == 1
    assert not any(card.enabled for card in world.platform.cards)


def test_a_void_right_after_a_confirmation_waits_until_its_card_can_be_seen() -> None:
    assert play(_voided_at_once, calm_plan("keys_lagging")) == ()


async def _voided_as_the_line_went_down(world: World) -> None:
    """Seed 104: without a link whatever waits is tried as its probe, however young it is."""
    record = await sold(world)
    machine = world.machines[0]
    assert machine.life is not None
    line, link = world.network.line(machine.name), machine.life.house.steps.link
    line.refuse = True
    for _ in range(3):
        link.heard(Unsent("connect"))
    assert not link.is_up
    world.oracle.entry_of(record.key.text).void_asked = True
    asked = VoidRequest("bea", "a mistake")
    await machine.ask(lambda house: house.closing.void(record.key, asked))
    await passes(60.0)
    line.refuse = False


def test_a_burn_that_waits_is_not_tried_without_a_pause() -> None:
    assert play(_voided_as_the_line_went_down, calm_plan("keys_lagging")) == ()
