# SPDX-License-Identifier: Apache-2.0
"""The end of a world: everything mends, everything drains, people answer, and the accounts close.

Then every paper that ever came out is brought back once more, and every ended credit is replayed
by whoever kept its code: neither may bring anything.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from agent.daemon.build import House
from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.faults import Fault
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.record import SETTLED, CreditRecord, State, VoidKind, VoidRequest
from agent.domain.voucher import VoucherToken
from agent.flows.claim import ClaimOrder, ClaimResult
from agent.journal import verify_journal
from agent.journal.verify import Damage
from tests.simulation import invariants
from tests.simulation.book import Entry
from tests.simulation.host import SEAL, Gone, Machine, Unheard
from tests.simulation.loop import passes
from tests.simulation.people import ALICE, IDS
from tests.simulation.platform_cards import SimCard
from tests.simulation.world import MANAGER, World

ROUNDS_MAX: Final = 6
TWICE: Final = 0.4
"""How many papers are brought back a second time at the end."""
ROUND_S: Final = 7 * 3_600.0
"""Longer than a review waits for its next look."""
REWINDS: Final = (Damage.ANCHOR, Damage.CUT)
"""What reading a journal must say where an older one was put in its place: it is what anchors
are for."""
Asked = Callable[[House], Coroutine[Any, Any, CreditRecord]]
BUSY: Final = (State.SENDING, State.PARKED, State.UNSETTLED, State.VOIDING)


async def mend(world: World) -> None:
    """Every fault off, everybody's clock right, every machine up."""
    world.ended = True
    for task in list(world.tasks):
        task.cancel()
    await passes(0.0)
    world.ended = False
    world.platform.board.calm()
    for machine in world.machines:
        line = world.network.line(machine.name)
        line.up, line.blackhole, line.refuse = True, False, False
        line.faults.clear()
        machine.disk.mended()
        machine.doom = None
        machine.clock.apart_ppm = 0
        machine.clock.synchronise()
        for printer in machine.printers.values():
            printer.mended()
    for machine in world.machines:
        life = machine.life
        if life is not None and (life.closing or life.journal.core.broken):
            world.crash(machine)
        await world.start(machine)
        if machine.life is None:
            world.oracle.find([f"{machine.name} does not start on a healthy disk"])


async def drain(world: World, patient: bool = False) -> None:
    """Time passes, and the agents do what is due, until nothing waits for them.

    `patient`: what is still open after a day then waits for a person, not for the agent.
    """
    for _ in range(ROUNDS_MAX):
        for machine in world.machines:
            if machine.life is not None:
                for spool in machine.life.house.spools.values():
                    spool.wake()
        world.quiet.since_s = world.loop.time()
        world.quiet.until_s = world.loop.time() + ROUND_S
        await passes(ROUND_S + 1.0)
        if not any(_restless(machine) for machine in world.machines):
            return
    if patient:
        return
    left = [f"{name} {each}" for machine in world.machines for name, each in _restless(machine)]
    world.oracle.find([f"I8: it never became quiet: {', '.join(left[:5])}"])


def _restless(machine: Machine) -> list[tuple[str, str]]:
    """What still waits for the agent, by the journal's own table."""
    if machine.life is None:
        return []
    states = ", ".join(f"'{state.value}'" for state in BUSY)
    rows = machine.life.journal.core.store.connection.execute(
        f"SELECT key, state FROM credits WHERE state IN ({states}) "
        "OR (state = 'confirmed' AND due_ms IS NOT NULL)"
    )
    return [(row["key"], row["state"]) for row in rows]


async def people_answer(world: World) -> None:
    """Somebody sits down at the desk and ends every review, one way or another."""
    for machine in world.machines:
        life = machine.life
        if life is None:
            continue
        for record in await life.journal.listed((State.REVIEW,), False, 10_000, None):
            await _answered(world, machine, record)
        for record in await life.journal.listed(BUSY, False, 10_000, None):
            await _given_up(world, machine, record)
        for record in await life.journal.listed((State.RECEIVED,), False, 10_000, None):
            if world.dice.random() < 0.5:
                world.oracle.entry_of(record.key.text).void_asked = True
                await _tried(machine, _withdrawing(record.key))


async def _answered(world: World, machine: Machine, record: CreditRecord) -> None:
    entry = world.oracle.entry_of(record.key.text)
    live = [card for card in world.oracle.cards_of(entry) if card.enabled]
    key = record.key
    if live and world.dice.random() < 0.5:
        before, entry.by_person = entry.by_person, True
        if await _tried(machine, lambda house: house.closing.confirm(key, MANAGER, live[0].id)):
            return
        entry.by_person = before
    if world.dice.random() < 0.5:
        who = world.dice.choice(IDS)
        if await _tried(machine, lambda house: house.closing.link(key, MANAGER, who)):
            return
    entry.void_asked = entry.written_off = True
    asked = VoidRequest(MANAGER, "the end", VoidKind.WRITE_OFF)
    await _tried(machine, lambda house: house.closing.void(key, asked))


def _withdrawing(key: IdempotencyKey) -> Asked:
    return lambda house: house.closing.withdraw(key, MANAGER, "untold")


def _claiming(order: ClaimOrder) -> Callable[[House], Coroutine[Any, Any, ClaimResult]]:
    return lambda house: house.claims.claim(order)


async def _given_up(world: World, machine: Machine, record: CreditRecord) -> None:
    """Open for a day on a healthy link: the platform keeps an error under its key for ever, say.
    A manager voids it, and its code is burnt."""
    world.oracle.figures["given_up"] += 1
    world.oracle.entry_of(record.key.text).void_asked = True
    asked = VoidRequest(MANAGER, "open for a day")
    await _tried(machine, lambda house: house.closing.void(record.key, asked))


async def _tried(machine: Machine, work: Asked) -> bool:
    try:
        await machine.ask(work, 60.0)
    except (Fault, Gone, Unheard):
        return False
    return True


async def check(world: World, finally_: bool = True) -> None:
    """Everything that can only be said at rest. Not `finally_`: something may still be open."""
    oracle = world.oracle
    for machine in world.machines:
        life = machine.life
        if life is None:
            continue
        for record in await life.journal.listed((), False, 100_000, None):
            entry = oracle.book.entries.get(record.key.text)
            if entry is None:
                oracle.find([f"I1: {record.key} is in a journal, and was told to nobody"])
                continue
            if finally_ or record.state not in BUSY:
                _check_record(world, machine, entry, record)
    for machine in world.machines:
        oracle.find(invariants.i3_units(oracle.held(machine)))
    held = {key for machine in world.machines for key in _keys(machine)}
    for intent in oracle.book.intents:
        known = intent.key is None or oracle.entry_of(intent.key).excused
        if not known and intent.key not in held:
            oracle.find([f"I1: {intent.key} was acknowledged, and no journal has it"])
    _check_sums(world)


def _check_record(world: World, machine: Machine, entry: Entry, record: CreditRecord) -> None:
    oracle = world.oracle
    row = entry.rows.get(machine.name)
    if row is None:
        oracle.find([f"I1: {entry.key} is in a journal that never told of it"])
        return
    if row.state is not record.state:
        oracle.find([f"I1: {entry.key} was told {row.state}, and the journal says {record.state}"])
    cards = oracle.cards_of(entry)
    oracle.find(invariants.i2_at_rest(entry, row, cards))
    oracle.one_effect(entry, cards)
    equal = any(card.enabled and card.minor == entry.minor for card in cards)
    review = None if record.review is None else record.review.value
    oracle.find(invariants.i8_reachable(entry, row, record.due_ms, review, record.ending, equal))


def _check_sums(world: World) -> None:
    """I2 over all: what stands on the platform is what was promised and not reversed."""
    promised: dict[str, int] = {}
    issued: dict[str, int] = {}
    for entry in world.oracle.book.entries.values():
        if entry.excused or entry.undone_elsewhere or entry.by_person:
            continue
        states = {row.state for row in entry.rows.values()}
        if not states & {State.CONFIRMED}:
            if states <= SETTLED:
                live = [card for card in world.oracle.cards_of(entry) if card.enabled]
                issued[entry.currency] = issued.get(entry.currency, 0) + _sum(live)
            continue
        promised[entry.currency] = promised.get(entry.currency, 0) + entry.minor
        live = [card for card in world.oracle.cards_of(entry) if card.enabled]
        issued[entry.currency] = issued.get(entry.currency, 0) + _sum(live)
    for currency, minor in promised.items():
        if issued.get(currency, 0) != minor:
            world.oracle.find(
                [f"I2: {minor} {currency} promised, {issued.get(currency, 0)} on the platform"]
            )


def _sum(cards: list[SimCard]) -> int:
    return sum(card.minor for card in cards)


def _keys(machine: Machine) -> set[str]:
    if machine.life is None:
        return set()
    rows = machine.life.journal.core.store.connection.execute("SELECT key FROM credits")
    return {row["key"] for row in rows}


async def papers_come_back(world: World) -> None:
    """Every token that was ever printed is claimed once more, here or elsewhere; some twice."""
    oracle = world.oracle
    held = [each for each in oracle.book.entries.values() if each.token and each.out]
    for entry in held:
        settled = {row.state for row in entry.rows.values()} <= SETTLED and bool(entry.rows)
        forgotten = entry.rewound and any(not row.shared for row in entry.rows.values())
        before = [card.id for card in oracle.cards_of(entry) if card.enabled]
        for _ in range(1 + (world.dice.random() < TWICE)):
            await _claimed(world, entry)
        cards = oracle.cards_of(entry)
        live = [card.id for card in cards if card.enabled]
        oracle.one_effect(entry, cards)
        if settled and not forgotten:  # a whole copy took it back, and did not know of its paper
            oracle.find(invariants.i4_claimed_again(entry, before, live))
    if world.profile.unique_codes:
        await _paper_alone(world, [each for each in held if each.lost and not each.rows])


async def _paper_alone(world: World, lost: list[Entry]) -> None:
    """No journal has them any more: what their shoppers hold brings exactly one card. Where the
    platform kept an error under the key, it does so once the key's window is over; where it
    keeps that for ever, or refused the credit, a person must help: nothing is promised."""
    oracle, window_ms = world.oracle, world.profile.key_window_ms
    waiting = [entry for entry in lost if not oracle.cards_of(entry)]
    if waiting and window_ms is None and world.platform.bitten["saved_500"]:
        oracle.figures["not_promised"] += len(waiting)
        return
    if waiting:
        wait_s = (window_ms or 0) / 1000 + ROUND_S
        world.quiet.since_s = world.loop.time()
        world.quiet.until_s = world.quiet.since_s + wait_s
        await passes(wait_s + 1.0)
    helpless = {entry.key for entry in waiting if await _claimed(world, entry) is State.REVIEW}
    oracle.figures["not_promised"] += len(helpless)
    for entry in lost:
        made = len(oracle.cards_of(entry))
        if made != (0 if entry.key in helpless else 1):
            oracle.find([f"I4: {entry.key} is on paper alone, and its claim made {made}"])


async def _claimed(world: World, entry: Entry) -> State | None:
    """One scan at some register, by a known customer, with a manager beside: what it says."""
    machine = world.machine()
    if machine is None or entry.token is None:
        return None
    token = VoucherToken.from_text(entry.token)
    order = ClaimOrder(token, "ann", world.place_at(machine), ALICE, MANAGER, 20.0)
    world.oracle.figures["claims"] += 1
    try:
        result = await machine.ask(_claiming(order), 60.0)
    except Fault:
        return None
    world.oracle.claimed(machine, entry, result.state)
    return result.state


async def codes_come_back(world: World) -> None:
    """Whoever kept the code of an ended credit replays it blindly, where codes are unique."""
    machine = world.machine()
    life = None if machine is None else machine.life
    if life is None or not world.profile.unique_codes:
        return
    for entry in world.oracle.book.entries.values():
        ended = any(row.state is State.VOIDED for row in entry.rows.values())
        if not ended or entry.code is None:
            continue
        credit = Credit(
            IdempotencyKey(entry.key), Code(entry.code), Money(entry.minor, entry.currency)
        )
        before = [card.id for card in world.oracle.cards_of(entry) if card.enabled]
        await world.replay(credit)
        live = [card.id for card in world.oracle.cards_of(entry) if card.enabled]
        world.oracle.find(invariants.i4_claimed_again(entry, before, live))


async def close(world: World) -> None:
    """Stops every machine in order, and reads every journal from its first event to its last."""
    for machine in world.machines:
        await machine.stop()
        if machine.life is not None:
            world.crash(machine)
        await machine.buried()
        if (machine.folder / "journal" / "journal.db").exists():
            verdict = verify_journal(machine.folder / "journal", seal_key=SEAL)
            world.oracle.find(
                f"{machine.name}: journal: {each}"
                for each in verdict.findings
                if machine.name not in world.oracle.came_back or each.damage not in REWINDS
            )


async def settle(world: World) -> None:
    """All of it, in order."""
    await mend(world)
    await drain(world, patient=True)
    await check(world, finally_=False)
    await people_answer(world)
    await drain(world)
    await check(world)
    await papers_come_back(world)
    await codes_come_back(world)
    await drain(world)
    await check(world)
    await close(world)
