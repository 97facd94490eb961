# SPDX-License-Identifier: Apache-2.0
"""Tills: they ask, time out, ask again under the same name or a new one, and sometimes lie.

A till is as patient as it declared at pairing, hears words or hears nothing, and prints itself
where it owns the printer. Whatever it heard is an acknowledgement.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Final

from agent.daemon.build import House
from agent.decisions.answer import answer
from agent.domain.credit import CreditRequest, PosTransaction, Unit
from agent.domain.customer import Customer, CustomerKind, Malformed, Skipped
from agent.domain.event import Heard
from agent.domain.faults import (
    AliasConflict,
    AliasExpired,
    ApprovalRequired,
    Conflict,
    Fault,
    LooksLike,
    Unavailable,
)
from agent.domain.idempotency import CallerAlias, IdempotencyKey, PosAlias
from agent.domain.money import Money
from agent.domain.record import CreditRecord, Paper
from agent.flows.issue import Order
from tests.simulation.actors.act import Act
from tests.simulation.book import Intent
from tests.simulation.host import Gone, Machine, Unheard
from tests.simulation.loop import passes
from tests.simulation.people import ALICE, BOB, NOBODY, TWINS
from tests.simulation.world import MANAGER, PIN, World

CUSTOMERS: Final[tuple[tuple[Customer, int], ...]] = (
    (Skipped(), 50),
    (ALICE, 25),
    (BOB, 12),
    (NOBODY, 4),
    (TWINS, 3),
    (Skipped(knowingly=False), 3),
    (Malformed(CustomerKind.EMAIL), 3),
)
"""Who is named, and how often: most reviews begin here, and each costs look-ups for days."""
AMOUNTS: Final = (1, 100, 2_000, 4_900, 15_000)
WHO: Final = tuple(who for who, _ in CUSTOMERS)
HOW_OFTEN: Final = tuple(often for _, often in CUSTOMERS)
TRIES_MAX: Final = 5
DAY_MS: Final = 25 * 3_600_000


async def sale(world: World) -> None:
    """A new return at some till of a machine that ought to run."""
    machine = world.dice.choice(world.machines)
    intent = new_intent(world, machine)
    if intent is not None:
        await serve(world, machine, intent)


async def sale_twice_at_once(world: World) -> None:
    """A till that sends the same request twice at the same moment."""
    machine = world.dice.choice(world.machines)
    intent = new_intent(world, machine)
    if intent is None:
        return
    if world.dice.random() < 0.5:
        intent.names.append(world.name("key"))
    world.begin(serve(world, machine, intent))
    await serve(world, machine, intent)


async def ask_once_more(world: World) -> None:
    """A till that comes back to an old sale, minutes or days later."""
    machine = world.machine()
    if machine is None or not (mine := world.intents_of(machine)):
        return
    intent = world.dice.choice(mine[-10:] if world.dice.random() < 0.8 else mine)
    if world.dice.random() < 0.4:
        intent.names.append(world.name("key"))
    await once(world, machine, intent)


async def other_body(world: World) -> None:
    """The same names with another amount: refused, whatever became of the first."""
    machine = world.machine()
    known = [] if machine is None else [each for each in world.intents_of(machine) if each.key]
    if machine is None or not known:
        return
    intent = world.dice.choice(known)
    entry = world.oracle.entry_of(intent.key or "")
    request = intent.request
    other = replace(request, amount=Money(request.amount.minor + 1, request.amount.currency))
    order = replace(order_of(world, machine, intent), request=other, approval_id=None)
    world.oracle.bitten["other_body"] += 1
    try:
        record, _ = await machine.ask(lambda house: house.issue.issue(order), 8.0)
    except (Conflict, ApprovalRequired):
        return
    if not entry.excused and entry.home == machine.name:
        world.oracle.find([f"I3: {entry.key} answered for another body with {record.key}"])


async def wrapped_number(world: World) -> None:
    """A POS whose counter has come round, with a calendar that stands still: a new sale under an
    old one's number. The old one was settled a day ago or more, so it is never the answer."""
    machine = world.machine()
    if machine is None:
        return
    olds = [each for each in world.intents_of(machine) if each.key and each.wraps is None]
    if not olds:
        return
    old = world.dice.choice(olds[:5])
    key = IdempotencyKey(old.key or "")
    record = await machine.ask(lambda house: house.steps.journal.get(key))
    now_ms = machine.clock.wall_ms()
    if record is None or record.settled_ms is None or world.oracle.entry_of(key.text).excused:
        return
    told_s = old.told[-1].at_s if old.told else world.loop.time()
    passed_ms = min(now_ms - record.settled_ms, (world.loop.time() - told_s) * 1000)
    intent = new_intent(world, machine) if passed_ms > DAY_MS else None  # by no clock less
    if intent is None:
        return
    intent.request = replace(old.request, occurred_at_ms=max(now_ms, 0))
    intent.wraps = old
    world.oracle.bitten["wrapped_number"] += 1
    try:
        await once(world, machine, intent)
    except (AliasExpired, AliasConflict):
        return


def new_intent(world: World, machine: Machine, caller: str = "till") -> Intent | None:
    """A sale that nobody has asked for yet; None once enough were made."""
    if world.sold >= world.plan.credits:
        return None
    world.sold += 1
    dice = world.dice
    register = dice.choice(machine.registers)
    number = world.name("T" if caller == "till" else "P")
    amount = dice.choice(AMOUNTS) if dice.random() < 0.2 else dice.randint(1, 18_000)
    unit = Unit(f"S-{dice.randint(1, 9)}", "1", dice.randint(1, 3))
    returned = dice.random() < 0.2
    day = datetime.date(2026, 11, 18) + datetime.timedelta(days=int(world.loop.time() // 86_400))
    request = CreditRequest(
        place=register.place,
        amount=Money(amount, register.currency),
        operator="ann",
        reason="return",
        pos=PosTransaction(day, number),
        occurred_at_ms=max(machine.clock.wall_ms(), 0),
        customer=dice.choices(WHO, HOW_OFTEN)[0],
        original_sale=unit.sale if returned else None,
        units=(unit,) if returned else (),
        distinct=dice.random() < 0.2,
    )
    intent = Intent(
        len(world.oracle.book.intents),
        machine.name,
        request,
        caller,
        [world.name("key")],
        pos_prints=caller == "till" and dice.random() < 0.12,
        budget_s=register.budget_s,
    )
    world.oracle.book.intents.append(intent)
    return intent


def order_of(world: World, machine: Machine, intent: Intent) -> Order:
    request, name = intent.request, world.dice.choice(intent.names)
    pos = request.pos
    return Order(
        request=request,
        aliases=(
            CallerAlias(intent.caller, str(request.place), name),
            PosAlias(request.place, pos.business_date, pos.number, pos.line),
        ),
        caller=intent.caller,
        budget_s=intent.budget_s,
        approval_id=intent.approval_id,
        pos_prints=intent.pos_prints,
    )


async def serve(world: World, machine: Machine, intent: Intent) -> None:
    """Asks until there is a word, or until the shopper has had enough."""
    dice = world.dice
    for _ in range(TRIES_MAX):
        try:
            record = await once(world, machine, intent)
        except (Gone, Unheard, Unavailable):
            if dice.random() < 0.12:
                return
            await passes(dice.choice((0.2, 3.0, 30.0, 300.0)))
            if dice.random() < 0.35:
                intent.names.append(world.name("key"))
            continue
        except LooksLike:
            if dice.random() < 0.5:
                return
            intent.request = replace(intent.request, distinct=True)
            continue
        except ApprovalRequired:
            if not await approved(world, machine, intent):
                return
            continue
        if answer(record) is not None or dice.random() < 0.6:
            return
        await passes(dice.uniform(1, 20))


async def once(world: World, machine: Machine, intent: Intent) -> CreditRecord:
    """One request and what was heard of it."""
    order = order_of(world, machine, intent)
    world.oracle.asked(intent, intent.key)
    patience_s = intent.budget_s + world.dice.choice((0.5, 0.5, 0.5, -0.6))
    record, _ = await machine.ask(lambda house: house.issue.issue(order), patience_s)
    word = answer(record)
    world.say(f"{machine.name}: sale {intent.number} {record.key} {record.state} {word}")
    world.oracle.answered(machine, intent, record, word)
    if word is not None and not record.heard and world.dice.random() < 0.9:
        world.begin(heard(machine, record.key))
    if record.pos_prints:
        await take_paper(world, machine, record)
    return record


async def heard(machine: Machine, key: IdempotencyKey) -> None:
    await machine.ask(lambda house: house.steps.advance(key, Heard()))


async def approved(world: World, machine: Machine, intent: Intent) -> bool:
    """A manager comes, and says yes; mostly."""
    if world.dice.random() < 0.2:
        return False
    digest = intent.request.body_digest()
    try:
        given = await machine.ask(lambda house: house.approvals.approve(MANAGER, PIN, digest))
    except (Fault, Gone):
        return False
    intent.approval_id = given.id
    return True


async def take_paper(world: World, machine: Machine, record: CreditRecord) -> None:
    """A till that owns the printer: takes the paper, prints it, and says so, or not."""
    dice = world.dice
    handed = await machine.ask(lambda house: house.papers.hand_over(record.key), 5.0)
    if handed is None:
        return
    job, composed = handed
    said = dice.choice((Paper.PRINTED, Paper.PRINTED, Paper.PRINTED, Paper.FAILED, None))
    if composed.token is not None and said is not Paper.FAILED:
        world.oracle.on_paper(record.code.reveal())

    async def report(house: House) -> CreditRecord:
        assert said is not None
        return await house.papers.reported(record.key, job.id, said)

    if said is not None:
        await machine.ask(report, 5.0)


ACTS: Final = (
    Act("sale", sale, 55),
    Act("sale_twice_at_once", sale_twice_at_once, 5),
    Act("ask_once_more", ask_once_more, 7),
    Act("other_body", other_body, 2.0, "other_body"),
    Act("wrapped_number", wrapped_number, 4.0, "wrapped_number"),
)
