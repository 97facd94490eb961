# SPDX-License-Identifier: Apache-2.0
"""The events of a walk, each done by the agent's own flows.

An event that cannot be done is tried all the same: the flow refuses it (a `Fault`), and then
nothing may have changed.

    issue          the till asks register A for a credit, in the weather of the story
    lost answer    the next effect at the platform will be carried out and its answer lost
    voucher        whatever waits at A's printer comes out
    replay         A's forwarder holds one conversation about the credit
    replay twice   and two, one after the other
    claim          the paper is scanned at A; nobody has one before it came out
    claim twice    two scans of it at A in the same instant
    claim at B     the paper is scanned at another register, with a journal of its own
    spend          the shopper pays a part with the card, where one lives
    void           the till takes the credit back at A
    restore        A's journal becomes the copy that was taken, and A finds that out
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from agent.domain.claim import ClaimNews
from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.customer import CustomerKind, CustomerPolicy, CustomerReference, Skipped
from agent.domain.faults import Fault
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.domain.record import CreditRecord, Paper, State, VoidRequest
from agent.domain.voucher import TokenFlag, VoucherToken
from agent.flows.claim import ClaimOrder, ClaimResult
from agent.flows.issue import Order
from agent.journal import origin
from agent.journal.anchors import Anchor
from agent.journal.chain import head_of
from agent.signing import KeyRing, require_valid
from tests.convergence.kind import Kind
from tests.convergence.register import (
    MACHINE,
    SIGNING,
    START_MS,
    A,
    B,
    Line,
    Standing,
    open_bytes,
    standing,
)
from tests.convergence.world import World

AMOUNT: Final = Money(2_000, "USD")
SPENT: Final = 500
ALICE: Final = CustomerReference(CustomerKind.EMAIL, "alice@example.com")
RING: Final = KeyRing(key.public for key in SIGNING.values())
VOID: Final = VoidRequest("bea", "changed their mind")
DEAD: Final = frozenset({State.VOIDED, State.WITHDRAWN, State.REFUSED})


class Event(StrEnum):
    ISSUE = "issue"
    LOST_ANSWER = "lost answer"
    VOUCHER = "voucher"
    REPLAY = "replay"
    REPLAY_TWICE = "replay twice"
    CLAIM = "claim"
    CLAIM_TWICE = "claim twice"
    CLAIM_AT_B = "claim at B"
    SPEND = "spend"
    VOID = "void"
    RESTORE = "restore"


class Story(StrEnum):
    """How the counter goes. `OFFLINE`: the platform does not answer it; `IDENTITY`: the customer
    is missing, so nothing is sent before a claim or a match."""

    OFFLINE = "offline"
    ONLINE = "online"
    IDENTITY = "identity"


class Copy(StrEnum):
    """When the copy of A's journal was taken: at the start, or right after an event."""

    AT_START = "copy-at-start"
    ISSUED = "copy-issued"
    PRINTED = "copy-printed"


@dataclass(frozen=True, slots=True)
class Scene:
    """What does not change in a walk."""

    kind: Kind
    story: Story
    copy: Copy

    @property
    def name(self) -> str:
        return f"{self.kind.name}/{self.story}/{self.copy}"

    @property
    def policy(self) -> CustomerPolicy:
        identity = self.story is Story.IDENTITY
        return CustomerPolicy.REQUIRED if identity else CustomerPolicy.ANONYMOUS


@dataclass(frozen=True, slots=True)
class Happened:
    """The world after an event. `refused`: the fault's code, where the event was refused;
    `lie`: what somebody was told that is not so."""

    world: World
    refused: str | None = None
    lie: str | None = None


class Lie(Exception):
    """Somebody was told what is not so. The sentence is the breach."""


Act = Callable[[Standing, World, Line], Awaitable[World]]


async def happen(world: World, event: Event, scene: Scene) -> Happened:
    """One event, one step later."""
    world = world.later()
    match event:
        case Event.LOST_ANSWER:
            return Happened(replace(world, armed=True))
        case Event.SPEND:
            return Happened(_spend(world, scene.kind))
        case Event.RESTORE:
            return Happened(_restore(world))
        case Event.CLAIM | Event.CLAIM_TWICE | Event.CLAIM_AT_B if world.told.token is None:
            return Happened(world)
        case event if world.key is None and event is not Event.ISSUE:
            return Happened(world)  # nobody can name what was never asked for
        case Event.CLAIM_AT_B:
            return await _at(world, scene, _claim, at_b=True)
        case Event.ISSUE:
            up = scene.story is not Story.OFFLINE
            after = await _at(world, scene, _issue, up=up)
            return _copied(after, scene, Copy.ISSUED)
        case Event.VOUCHER:
            return _copied(await _at(world, scene, _voucher), scene, Copy.PRINTED)
        case _:
            return await _at(world, scene, _ACTS[event])


def _copied(after: Happened, scene: Scene, copy: Copy) -> Happened:
    if scene.copy is not copy or after.refused:
        return after
    return replace(after, world=replace(after.world, backup=after.world.a))


async def _at(
    world: World, scene: Scene, act: Act, up: bool = True, at_b: bool = False
) -> Happened:
    """An act at a register; what it did to journal, platform and people is the world after."""
    line = Line(world.shelf, scene.kind, world.at_ms, up, world.armed)
    place, blob = (B, world.b) if at_b else (A, world.a)
    refused = lie = None
    async with standing(blob, place, line, scene.policy) as here:
        after = world
        try:
            after = await act(here, world, line)
        except Fault as fault:
            refused = fault.code
        except Lie as told:
            lie = str(told)
        after = await _told(after, here)
        blob = here.blob()
    after = replace(after, shelf=line.shelf, armed=line.armed)
    after = replace(after, b=blob) if at_b else replace(after, a=blob)
    return Happened(after, refused, lie)


async def _told(world: World, here: Standing) -> World:
    """What the register says of its record now is what people were told."""
    record = await here.record(world.key)
    if record is None:
        return world
    told = world.told
    identity = record.review is not None and record.review.is_identity
    told = replace(
        told,
        dead=told.dead or record.state in DEAD,
        confirmed=told.confirmed or record.state is State.CONFIRMED,
        asked=told.asked
        or record.state is State.VOIDING
        or (record.state is State.REVIEW and not identity),
    )
    return replace(world, told=told)


async def _issue(here: Standing, world: World, line: Line) -> World:
    request = CreditRequest(
        place=A,
        amount=AMOUNT,
        operator="ann",
        reason="return",
        pos=PosTransaction(datetime.date(2026, 11, 18), "T00001"),
        occurred_at_ms=START_MS,
    )
    aliases = (
        CallerAlias("pos", A.register, "key-1"),
        PosAlias(A, request.pos.business_date, request.pos.number, request.pos.line),
    )
    order = Order(request, aliases, "pos", 4.0)
    record, _ = await here.house.issue.issue(order)
    await here.house.issue.close()
    record = await here.journal.get(record.key) or record
    if record.state is State.CONFIRMED and record.paper is Paper.QUEUED:
        await here.print_all()
    return replace(world, key=record.key)


async def _voucher(here: Standing, world: World, line: Line) -> World:
    await here.print_all()
    return await _paper(here, world)


async def _paper(here: Standing, world: World) -> World:
    if world.key is None:
        return world
    token = await here.journal.token(world.key)
    if token is None:
        return world
    return replace(world, told=replace(world.told, token=VoucherToken.from_text(token)))


async def _replay(here: Standing, world: World, line: Line) -> World:
    if world.key is not None:
        await here.house.forwarder.forward(world.key)
    return world


async def _replay_twice(here: Standing, world: World, line: Line) -> World:
    await _replay(here, world, line)
    return await _replay(here, world, line)


async def _void(here: Standing, world: World, line: Line) -> World:
    if world.key is not None:
        await here.house.closing.void(world.key, VOID)
    return world


async def _claim(here: Standing, world: World, line: Line) -> World:
    result = await scanned(here, world)
    return world if result is None else heard(world, result, line)


async def _claim_twice(here: Standing, world: World, line: Line) -> World:
    both = await asyncio.gather(scanned(here, world), scanned(here, world))
    for result in both:
        world = world if result is None else heard(world, result, line)
    return world


async def scanned(here: Standing, world: World) -> ClaimResult | None:
    """One scan of the paper at this register; None where there is no paper."""
    token = world.told.token
    if token is None:
        return None
    require_valid(token, RING)
    customer = ALICE if TokenFlag.IDENTITY in token.flags else Skipped()
    order = ClaimOrder(token, "ann", here.place, customer, budget_s=4.0)
    return await here.house.claims.claim(order)


def heard(world: World, result: ClaimResult, line: Line) -> World:
    """What a scan told. Raises `Lie` for a confirmation of nothing."""
    told = world.told
    whole = [card for card in line.shelf.cards if card.enabled and card.initial == AMOUNT.minor]
    if result.news is ClaimNews.CONFIRMED and not whole:
        raise Lie("I6: a scan says confirmed, and no live card stands")
    told = replace(
        told,
        dead=told.dead or result.state in DEAD,
        confirmed=told.confirmed or result.news is ClaimNews.CONFIRMED,
        asked=told.asked or result.news is ClaimNews.REVIEW,
    )
    return replace(world, told=told)


def _spend(world: World, kind: Kind) -> World:
    if world.key is None:
        return world
    codes = {card.code for card in world.shelf.cards}
    shelf = world.shelf
    for code in sorted(codes):
        shelf = kind.spend(shelf, code, SPENT)
    return replace(world, shelf=shelf)


def _restore(world: World) -> World:
    """The file is put back; the anchors beside it know better, as after a real restore."""
    newer = open_bytes(world.a, world.at_ms, seed=3)
    seq, hash_ = head_of(newer.core.store)
    newer.crash()
    back = open_bytes(world.backup, world.at_ms, seed=5)
    anchor = Anchor(seq, hash_, seq, world.at_ms)
    (result,) = back.core.run([lambda store: origin.settle_in(store, MACHINE, anchor)])
    if result.fault is not None:
        raise result.fault
    blob = bytes(back.core.store.connection.serialize())
    back.crash()
    return replace(world, a=blob)


def state_of(record: CreditRecord | None) -> str:
    if record is None:
        return "unknown"
    if record.review is not None and record.state is State.REVIEW:
        return f"review ({record.review.value})"
    return record.state.value


_ACTS: Final[Mapping[Event, Act]] = {
    Event.REPLAY: _replay,
    Event.REPLAY_TWICE: _replay_twice,
    Event.CLAIM: _claim,
    Event.CLAIM_TWICE: _claim_twice,
    Event.VOID: _void,
}
