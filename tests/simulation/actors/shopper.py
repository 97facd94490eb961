# SPDX-License-Identifier: Apache-2.0
"""Shoppers: they keep paper, photograph it, bring it back here or elsewhere, twice, late; they
spend.

A claim goes through the real flow of whatever register it is brought to, with the token as it was
printed. The oracle remembers how each ended.
"""

from __future__ import annotations

from typing import Final

from agent.domain.customer import Skipped
from agent.domain.faults import ApprovalRequired, Fault
from agent.domain.voucher import VoucherToken
from agent.flows.claim import ClaimOrder, ClaimResult
from agent.signing import require_valid
from tests.simulation.actors.act import Act
from tests.simulation.book import Entry
from tests.simulation.host import Machine
from tests.simulation.people import ALICE, BOB, NOBODY
from tests.simulation.world import MANAGER, World


async def claim(world: World) -> None:
    """A paper is brought back, somewhere."""
    held = [each for each in world.oracle.book.entries.values() if each.out and each.token]
    machine = world.machine()
    if held and machine is not None:
        await bring(world, machine, world.dice.choice(held))


async def claim_twice_at_once(world: World) -> None:
    """The paper at one register, its photograph at another, at the same moment."""
    held = [each for each in world.oracle.book.entries.values() if each.out and each.token]
    machine, other = world.machine(), world.machine()
    if held and machine is not None and other is not None:
        entry = world.dice.choice(held)
        world.begin(_brought(world, other, entry))
        await bring(world, machine, entry)


async def _brought(world: World, machine: Machine, entry: Entry) -> None:
    await bring(world, machine, entry)


async def bring(world: World, machine: Machine, entry: Entry) -> ClaimResult | None:
    """One scan; None where it was refused."""
    token = VoucherToken.from_text(entry.token or "")
    require_valid(token, world.ring())
    named = world.dice.choice((Skipped(), Skipped(), ALICE, BOB, NOBODY))
    approved = MANAGER if world.dice.random() < 0.3 else None
    order = ClaimOrder(token, "ann", world.place_at(machine), named, approved)
    world.oracle.figures["claims"] += 1
    try:
        result = await machine.ask(lambda house: house.claims.claim(order), 30.0)
    except ApprovalRequired:
        return None
    except Fault as fault:
        entry.claims.append(fault.code)
        raise
    world.say(f"{machine.name}: claim of {entry.key}: {result.state} {result.news}")
    world.oracle.claimed(machine, entry, result.state)
    return result


async def spend(world: World) -> None:
    """Somebody pays with a card, wholly or in part."""
    cards = [card for card in world.platform.cards if card.enabled and card.balance]
    if not cards:
        return
    card = world.dice.choice(cards)
    minor = world.dice.choice((1, card.balance, card.balance))
    if world.platform.spend(card.code, minor):
        world.oracle.figures["spent"] += 1


ACTS: Final = (
    Act("claim", claim, 7),
    Act("claim_twice_at_once", claim_twice_at_once, 2),
    Act("spend", spend, 5),
)
