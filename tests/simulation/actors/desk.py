# SPDX-License-Identifier: Apache-2.0
"""Managers and cashiers about records: approve paper, look whether it came out, show the code,
print again, name customers and cards, void, write off, withdraw, try again.
"""

from __future__ import annotations

from typing import Final

from agent.domain.faults import Fault
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import Paper, State, VoidKind, VoidRequest
from tests.simulation.actors.act import Act
from tests.simulation.actors.till import take_paper
from tests.simulation.host import Machine
from tests.simulation.people import IDS
from tests.simulation.world import MANAGER, World

WAITING: Final = (State.PARKED, State.UNSETTLED, State.REVIEW)


async def approve_paper(world: World) -> None:
    found = world.some(*WAITING)
    if found is not None:
        machine, entry = found
        key = IdempotencyKey(entry.key)
        await machine.ask(lambda house: house.papers.approve(key, MANAGER))


async def affirm(world: World) -> None:
    """Somebody looks at the printer; one in ten says what is not so."""
    found = world.some()
    if found is None:
        return
    machine, entry = found
    row = entry.rows[machine.name]
    if row.paper in (Paper.NONE, Paper.PRINTED) and world.dice.random() < 0.8:
        return
    truth = entry.out if world.dice.random() < 0.9 else not entry.out
    before = entry.affirmed
    entry.affirmed = entry.affirmed or truth
    key = IdempotencyKey(entry.key)
    try:
        await machine.ask(lambda house: house.papers.affirm(key, "ann", truth))
    except Fault:
        entry.affirmed = before
        raise


async def show_code(world: World) -> None:
    """Paper owed: the shopper photographs the screen."""
    found = world.some(*WAITING)
    if found is None:
        return
    machine, entry = found
    key = IdempotencyKey(entry.key)
    composed = await machine.ask(lambda house: house.papers.show(key, MANAGER))
    if composed.token is not None and entry.code is not None:
        world.oracle.on_paper(entry.code)
    if world.dice.random() < 0.7:
        entry.affirmed = True
        await machine.ask(lambda house: house.papers.affirm(key, MANAGER, True))


async def reprint(world: World) -> None:
    found = world.some()
    if found is not None:
        machine, entry = found
        key = IdempotencyKey(entry.key)
        by = MANAGER if world.dice.random() < 0.5 else None
        record = await machine.ask(lambda house: house.papers.reprint(key, "ann", "torn", by))
        if record.pos_prints:
            await take_paper(world, machine, record)


async def void(world: World) -> None:
    """Anything may be voided; sometimes twice at once, from two screens."""
    found = world.some()
    if found is None:
        return
    machine, entry = found
    key, asked = IdempotencyKey(entry.key), VoidRequest("bea", "changed their mind")
    entry.void_asked = True
    if world.dice.random() < 0.2:
        world.begin(_void(machine, key, asked))
    await _void(machine, key, asked)


async def _void(machine: Machine, key: IdempotencyKey, asked: VoidRequest) -> None:
    await machine.ask(lambda house: house.closing.void(key, asked))


async def write_off(world: World) -> None:
    found = world.some(State.REVIEW)
    if found is not None:
        machine, entry = found
        entry.void_asked = entry.written_off = True
        asked = VoidRequest(MANAGER, "lost", VoidKind.WRITE_OFF)
        await _void(machine, IdempotencyKey(entry.key), asked)


async def withdraw(world: World) -> None:
    found = world.some(State.RECEIVED, State.PARKED, State.REVIEW)
    if found is not None:
        machine, entry = found
        entry.void_asked = True
        key = IdempotencyKey(entry.key)
        await machine.ask(lambda house: house.closing.withdraw(key, "bea", "typo"))


async def link(world: World) -> None:
    """A manager names the customer; sometimes one that the platform does not know."""
    found = world.some(State.REVIEW)
    if found is not None:
        machine, entry = found
        key, who = IdempotencyKey(entry.key), world.dice.choice((*IDS, "cus_unknown"))
        await machine.ask(lambda house: house.closing.link(key, MANAGER, who))


async def confirm(world: World) -> None:
    """A manager takes the platform's own card for it, whatever its amount."""
    found = world.some(State.REVIEW)
    if found is None:
        return
    machine, entry = found
    cards = [card for card in world.oracle.cards_of(entry) if card.enabled]
    if not cards:
        return
    key, reference, before = IdempotencyKey(entry.key), cards[0].id, entry.by_person
    entry.by_person = True
    try:
        await machine.ask(lambda house: house.closing.confirm(key, MANAGER, reference))
    except Fault:
        entry.by_person = before
        raise


async def retry(world: World) -> None:
    """The desk's button: one try of the forwarder, now."""
    found = world.some(*WAITING, State.VOIDING, State.CONFIRMED)
    if found is not None:
        machine, entry = found
        key = IdempotencyKey(entry.key)
        await machine.ask(lambda house: house.forwarder.forward(key))


ACTS: Final = (
    Act("approve_paper", approve_paper, 3),
    Act("affirm", affirm, 5),
    Act("show_code", show_code, 2),
    Act("reprint", reprint, 3),
    Act("void", void, 6),
    Act("write_off", write_off, 1.5),
    Act("withdraw", withdraw, 3),
    Act("link", link, 5),
    Act("confirm", confirm, 3),
    Act("retry", retry, 4),
)
