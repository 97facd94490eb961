# SPDX-License-Identifier: Apache-2.0
"""Money is neither lost nor doubled by any walk of faults, crashes, people and other holders.

Each seed is one walk of 40 acts over real parts, then everything mends, what is due is forwarded
until it is quiet, and the books are compared with the platform's own. COUNTERMARK_SEEDS=200 walks
many; COUNTERMARK_SEED=17 walks one again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from agent.decisions.limits import Limits
from agent.domain.customer import Customer, CustomerPolicy, Skipped
from agent.domain.event import VoidAsked
from agent.domain.faults import CannotJournal, Fault
from agent.domain.money import Money
from agent.domain.record import Answer, CreditRecord, Paper, ReviewReason, State, VoidRequest
from agent.domain.voucher import VoucherToken
from agent.flows.register import Register, Ring
from agent.journal import verify_journal
from agent.sandbox.faults import Fault as SandboxFault
from agent.sandbox.ledger import Entry
from tests.fakes.platform import MemoryEffects
from tests.flows.chaos import HOUR_S, NOBODY, SEAL, Intent, Shop
from tests.flows.chaos_acts import known_tokens, mend_printer, step, tokens_out, turns
from tests.flows.stage import ALICE, PLACE

STEPS: Final = int(os.environ.get("COUNTERMARK_STEPS", "40"))
ROUNDS_MAX: Final = 14
BUSY: Final = (State.SENDING, State.PARKED, State.UNSETTLED, State.VOIDING)


def seeds() -> list[int]:
    one = os.environ.get("COUNTERMARK_SEED")
    if one is not None:
        return [int(one)]
    return list(range(1, int(os.environ.get("COUNTERMARK_SEEDS", "6")) + 1))


def register_of(seed: int) -> Register:
    """Some stores are strict, poor in room, or not enrolled."""
    policies = (CustomerPolicy.WANTED, CustomerPolicy.ANONYMOUS, CustomerPolicy.REQUIRED)
    roomy = Limits(per_credit=100_000, outstanding=2_000_000, per_hour=1_000_000, unclaimed=200)
    return Register(
        PLACE,
        "USD",
        ring=Ring.ISSUE,
        policy=policies[0 if seed % 5 else seed % 3],
        limits=Limits() if seed % 3 == 0 else roomy,
        budget_s=0.35,
        enrolled=seed % 11 != 0,
        printer=None if seed % 13 == 7 else "front",
    )


@pytest.mark.parametrize("seed", seeds())
async def test_every_cent_once_whatever_happens(tmp_path: Path, seed: int) -> None:
    shop = Shop(tmp_path, seed, register_of(seed), forwards=seed % 2 == 0)
    await shop.open()
    try:
        for number in range(STEPS):
            shop.log.append(f"{number}:")
            await step(shop)
        await mend(shop)
        await drain(shop)
        await check(shop)
        await check_replays(shop)
        told = await shop.histories()
    finally:
        await shop.close()
    verdict = verify_journal(tmp_path / "journal", seal_key=SEAL)
    shop.wrong.extend(f"journal: {each}" for each in verdict.findings)
    again = f"COUNTERMARK_SEED={seed} .venv/bin/pytest tests/flows/test_chaos.py -q"
    walked = "\n".join(shop.log)
    assert not shop.wrong, "\n".join([*dict.fromkeys(shop.wrong), f"again: {again}", *told, walked])


async def mend(shop: Shop) -> None:
    """Every fault off, the printer well, what hangs let go, keys past their window."""
    for fault in SandboxFault:
        await shop.sandbox.switch(fault, on=False)
    mend_printer(shop)
    shop.full = shop.life.platform.refusals = shop.life.platform.burn_refusals = 0
    shop.life.journal.gate.set()
    shop.let_late_ones_arrive()
    for _ in range(200):
        shop.life.house.spools[PLACE.register].wake()
        await turns(3)
        running = shop.life.tasks - shop.lasting
        if not running:
            break
        await asyncio.wait(running, timeout=0.05)
    else:
        shop.wrong.append(f"these never end: {[repr(task) for task in running]}")
    await papers_out(shop)


async def papers_out(shop: Shop) -> None:
    """Until nothing is queued for our printer."""
    for _ in range(400):
        jobs = await shop.life.journal.waiting_prints((Paper.QUEUED,))
        known = {record.key: record for record in await shop.records()}
        if all(known[job.key].pos_prints for job in jobs):
            return
        shop.life.house.spools[PLACE.register].wake()
        await asyncio.wait({asyncio.ensure_future(turns(3))}, timeout=0.05)
        await asyncio.to_thread(int)
    shop.wrong.append("papers stay queued")


async def drain(shop: Shop) -> None:
    """What sweep and forwarder do for two days: only what is due, when it is due."""
    life = shop.life
    shop.clock.jump(10)  # what is younger than a sweep takes for forgotten waits for the next one
    for _ in range(ROUNDS_MAX):
        await life.house.recovery.sweep()
        shop.clock.jump(5 * HOUR_S)
        due = await life.journal.due(shop.clock.now().wall_ms, 1000)
        for key in due:
            try:
                await life.house.forwarder.forward(key)
            except Fault as fault:
                shop.wrong.append(f"{key} cannot be forwarded: {fault}")
        await papers_out(shop)
        left = await shop.records()
        if not any(record.state in BUSY or record.link_wanted for record in left):
            break
    else:
        restless = [f"{record.key} {record.state}" for record in left if record.state in BUSY]
        shop.wrong.append(f"it never became quiet: {restless}")


def cards_of(shop: Shop, record: CreditRecord) -> list[Entry]:
    """What the platform has under this key or this code."""
    names = (record.key.text, record.code.reveal())
    every = shop.sandbox.platform._ledger.listed(0, 0, 1000)
    return [card for card in every if card.key == names[0] or card.code == names[1]]


async def check(shop: Shop) -> None:
    records = await shop.records()
    wrong = shop.wrong
    keys = {record.key.text for record in records}
    for card in shop.sandbox.platform._ledger.listed(0, 0, 1000):
        if card.key not in keys:
            wrong.append(f"the platform has {card}, and the journal does not know it")
    by_line: dict[str, list[CreditRecord]] = {}
    for record in records:
        by_line.setdefault(record.request.pos.number, []).append(record)
        wrong.extend(f"{record.key} {record.state}: {each}" for each in faults_of(shop, record))
    for number, found in by_line.items():
        if len(found) > 1:
            wrong.append(f"{number} has {len(found)} records")
    for intent in shop.intents:
        if intent.key is not None and intent.key.text not in keys:
            wrong.append(f"{intent.key} was acknowledged, and the journal lost it")
    check_units(shop, records)
    check_sum(shop, records)
    for text in tokens_out(shop, await known_tokens(shop)):
        token = VoucherToken.from_text(text)
        found = [record for record in records if record.key == token.key]
        if [record.code for record in found] != [token.code]:
            wrong.append(f"the paper of {token.key} belongs to no record")


def check_units(shop: Shop, records: list[CreditRecord]) -> None:
    """A returned unit is credited once, unless that credit was undone."""
    undone = (State.VOIDED, State.WITHDRAWN, State.REFUSED)
    standing = [record for record in records if record.state not in undone]
    units = [unit for record in standing for unit in record.request.units]
    shop.wrong.extend(f"{unit} is credited twice" for unit in set(units) if units.count(unit) > 1)


def check_sum(shop: Shop, records: list[CreditRecord]) -> None:
    """Issued = on the platform + open; a person's word about an amount is the platform's."""
    settled = [
        record
        for record in records
        if record.state is State.CONFIRMED
        and record.key not in shop.voided_elsewhere | shop.confirmed_by_person
    ]
    open_ = [record for record in records if not record.is_settled]
    apart = {record.key.text for record in records if record not in settled + open_}
    live = [
        card
        for card in shop.sandbox.platform._ledger.listed(0, 0, 1000)
        if card.enabled and card.key not in apart
    ]
    open_keys = {record.key.text for record in open_}
    on_platform = sum(card.initial.minor for card in live if card.key not in open_keys)
    issued = sum(record.request.amount.minor for record in settled)
    if issued != on_platform:
        shop.wrong.append(f"issued {issued}, on the platform {on_platform}")


def faults_of(shop: Shop, record: CreditRecord) -> list[str]:
    """Everything that is wrong with one record and its cards at rest."""
    found = []
    cards = cards_of(shop, record)
    live = [card for card in cards if card.enabled]
    told = shop.told.get(record.key, set())
    elsewhere = record.key in shop.voided_elsewhere
    if len(cards) > 1:
        found.append(f"{len(cards)} cards: {cards}")
    match record.state:
        case State.CONFIRMED:
            if len(live) != 1 and not elsewhere:
                found.append(f"confirmed with {len(live)} live cards: {cards}")
            by_person = record.key in shop.confirmed_by_person
            if any(card.initial != record.request.amount for card in live) and not by_person:
                found.append(f"confirmed with another amount: {live}")
            if record.link_wanted and record.due_ms is None:
                found.append("its link is wanted and never tried again")
        case State.VOIDED | State.WITHDRAWN | State.REFUSED:
            found.extend(_faults_of_the_ended(shop, record, live))
            if told & {Answer.VOUCHER, Answer.CONFIRMED} and record.void is None and not elsewhere:
                found.append(f"told {sorted(told)}, and ended though nobody asked for it")
        case State.RECEIVED:
            pass
        case State.REVIEW:
            found.extend(_faults_of_review(record, live))
        case _:
            found.append("is not quiet" if record.due_ms is not None else "is forgotten (I8)")
    return found


def _faults_of_the_ended(shop: Shop, record: CreditRecord, live: list[Entry]) -> list[str]:
    found = [f"a live card: {live}"] if live else []
    if record.state is State.VOIDED and not cards_of(shop, record):
        found.append("voided, and its code is not burnt")
    if record.state is not State.VOIDED and shop.paper_is_out(record):
        found.append("its paper is out")
    return found


def _faults_of_review(record: CreditRecord, live: list[Entry]) -> list[str]:
    found = []
    if record.review is None:
        found.append("in review without a reason")
    if (record.promised or record.perhaps_sent) and not record.ending and record.due_ms is None:
        found.append(f"{record.review}: its paper is out, and nobody looks it up any more")
    equal = [card for card in live if card.initial == record.request.amount]
    if equal and record.void is None:
        found.append(f"{record.review}: its own card stands live, and it does not know: {equal}")
    return found


async def check_replays(shop: Shop) -> None:
    """Whoever kept the paper of an ended credit gets nothing for it."""
    deadline = shop.clock.monotonic_s() + 20
    for record in await shop.records(State.VOIDED, State.WITHDRAWN, State.REFUSED):
        out = record.shared or record.promised or shop.paper_is_out(record) or record.perhaps_sent
        if record.state is State.VOIDED or out:
            effects = MemoryEffects()
            await shop.life.platform.issue(record.credit, None, {}, effects, deadline)
            live = [card for card in cards_of(shop, record) if card.enabled]
            if live:
                shop.wrong.append(f"{record.key} {record.state}: a replay brought {live}")


# ---- what the walks and the reading of the code found, by name


def plain(shop: Shop, customer: Customer) -> Intent:
    """A till's wish with nothing left to chance but the key."""
    intent = shop.intent()
    amount = Money(2000, "USD")
    request = replace(
        intent.request, amount=amount, customer=customer, original_sale=None, units=()
    )
    intent.request, intent.pos_prints, intent.budget_s = request, False, 0.5
    return intent


@asynccontextmanager
async def shop_in(folder: Path) -> AsyncIterator[Shop]:
    shop = Shop(folder, 1, register_of(1))
    await shop.open()
    try:
        yield shop
    finally:
        await shop.close()


async def only(shop: Shop) -> CreditRecord:
    (record,) = await shop.records()
    return record


async def test_a_card_that_a_person_confirmed_is_still_linked_to_its_customer(
    tmp_path: Path,
) -> None:
    async with shop_in(tmp_path) as shop:
        await shop.sandbox.switch("wrong_amount", ledger="wrong")
        intent = plain(shop, ALICE)
        await shop.ask(intent, "one")
        await shop.sandbox.switch("wrong_amount", on=False)
        record = await only(shop)
        if record.state is State.UNSETTLED:
            await shop.life.house.forwarder.forward(record.key)
        (card,) = shop.sandbox.ledger()
        await shop.confirm(record, str(card["id"]))
        record = await only(shop)
        assert (record.state, record.link_wanted) == (State.CONFIRMED, True)
        assert record.due_ms is not None
        await drain(shop)
        assert (await only(shop)).linked


async def test_identity_paper_that_only_a_person_saw_is_looked_up_from_then_on(
    tmp_path: Path,
) -> None:
    async with shop_in(tmp_path) as shop:
        shop.printer.set_switch("refuse", True)
        await shop.ask(plain(shop, NOBODY), "one")
        await papers_out(shop)
        record = await only(shop)
        assert (record.state, record.paper) == (State.REVIEW, Paper.FAILED)
        shop.affirmed.add(record.key)
        affirmed = await shop.life.house.papers.affirm(record.key, "ann", True)
        assert affirmed.promised
        assert affirmed.due_ms is not None


async def test_a_credit_whose_burn_may_be_on_its_way_is_never_confirmed_again(
    tmp_path: Path,
) -> None:
    """A disable that comes late would kill a card that everybody takes for good."""
    async with shop_in(tmp_path) as shop:
        await shop.ask(plain(shop, ALICE), "one")
        record = await only(shop)
        assert record.state is State.CONFIRMED
        house = shop.life.house
        await house.steps.advance(record.key, VoidAsked(VoidRequest("bea", "a mistake")))
        await shop.sandbox.switch("slow", ms=5000, times=1, paths=["POST /v1/credits/disable"])
        assert (await house.forwarder.forward(record.key, 0.3)).state is State.VOIDING
        shop.life.platform.burn_refusals = 1
        refused = await house.forwarder.forward(record.key, 0.3)
        assert (refused.state, refused.review) == (State.REVIEW, ReviewReason.BURN_REFUSED)
        with contextlib.suppress(Fault):
            await house.closing.link(record.key, "dora", "cus_alice")
        shop.sandbox.platform._ledger.disable(record.code.reveal())  # the late one arrives now
        await drain(shop)
        record = await only(shop)
        assert faults_of(shop, record) == []


async def test_what_a_till_was_refused_for_a_slow_disk_is_not_issued_by_itself(
    tmp_path: Path,
) -> None:
    """The caller was told 503 while the commit hung, and the next commit fails as well."""
    async with shop_in(tmp_path) as shop:
        intent = plain(shop, Skipped())

        def fill(record: CreditRecord) -> None:
            if record.state is State.SENDING and record.revision == 1:
                shop.full = 1

        shop.life.house.steps.board.watch(fill)
        shop.life.journal.gate.clear()
        with pytest.raises(CannotJournal):
            await shop.ask(intent, "one")
        shop.life.journal.gate.set()
        await mend(shop)
        await drain(shop)
        assert shop.sandbox.ledger() == []
