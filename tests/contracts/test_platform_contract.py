# SPDX-License-Identifier: Apache-2.0
"""What flows may expect of any platform: held by the fake, and by the `rest` adapter over real
sockets against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    Burnt,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    SpentInPart,
    Unanswered,
    Unmatched,
    Unsent,
)
from agent.platforms.catalog import Catalog, open_platform
from agent.ports import Platform
from agent.sandbox import Fault, start_sandbox
from agent.sandbox.ledger import Ledger, SandboxCustomer
from tests.fakes.platform import FakePlatform, MemoryEffects

NOW_MS = 1_763_600_000_000
ANNA = CustomerReference(CustomerKind.EMAIL, "anna@example.com")
TWINS = CustomerReference(CustomerKind.PHONE, "+4915112345678")
NOBODY = CustomerReference(CustomerKind.LOYALTY, "NOBODY-1")


def credit(number: int = 0, minor: int = 4850, currency: str = "USD") -> Credit:
    """A credit of its own for each number."""
    key = IdempotencyKey(f"0421-03-{NOW_MS}-7K3QF2Z{number}")
    code = Code.draw(3, (number, *range(13)))
    return Credit(key, code, Money(minor, currency))


def soon() -> float:
    return asyncio.get_running_loop().time() + 5


@dataclass
class World:
    """A platform and the two things that happen to it from outside."""

    platform: Platform
    spend: Callable[[Code, Money], None]
    set_down: Callable[[bool], Awaitable[None]]


async def _fake() -> World:
    fake = FakePlatform(now_ms=NOW_MS)
    fake.add_customer("email", ANNA.value, "cus_1")
    fake.add_customer("phone", TWINS.value, "cus_2", "cus_3")

    async def set_down(down: bool) -> None:
        fake.down = down

    return World(fake, fake.spend, set_down)


async def _sandbox(folder: Path, stack: AsyncExitStack) -> World:
    path = folder / "sandbox.db"
    running = await start_sandbox(path, "127.0.0.1", 0, "secret", clock=lambda: NOW_MS)
    stack.push_async_callback(running.aclose)
    ledger = Ledger(path)
    stack.callback(ledger.close)
    ledger.add_customer(SandboxCustomer("cus_1", "A*** B."), [("email", ANNA.value)])
    ledger.add_customer(SandboxCustomer("cus_2", "T*** 1"), [("phone", TWINS.value)])
    ledger.add_customer(SandboxCustomer("cus_3", "T*** 2"), [("phone", TWINS.value)])
    plugin = Catalog().plugin("rest", {"url": running.url})
    platform = await stack.enter_async_context(open_platform(plugin, lambda: "secret"))

    def spend(code: Code, amount: Money) -> None:
        ledger.spend(code.reveal(), amount)

    async def set_down(down: bool) -> None:
        await running.switch(Fault.DOWN, on=down)

    return World(platform, spend, set_down)


@pytest.fixture(params=["fake", "sandbox"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        if request.param == "fake":
            yield await _fake()
        else:
            yield await _sandbox(tmp_path, stack)


async def test_an_issued_credit_is_confirmed_with_its_own_amount_and_key(world: World) -> None:
    wanted = credit()
    outcome = await world.platform.issue(wanted, None, {}, MemoryEffects(), soon())
    assert isinstance(outcome, Confirmed)
    assert outcome.card.initial == wanted.amount == outcome.card.balance
    assert outcome.card.key == wanted.key.text
    assert outcome.card.enabled
    assert not outcome.linked


async def test_the_same_issue_twice_is_one_credit(world: World) -> None:
    effects = MemoryEffects()
    first = await world.platform.issue(credit(), None, {}, effects, soon())
    second = await world.platform.issue(credit(), None, effects.done, effects, soon())
    assert isinstance(first, Confirmed)
    assert isinstance(second, Confirmed)
    assert first.card == second.card
    assert len(effects.journalled) == 1
    assert len([card async for card in world.platform.list_since(0, soon())]) == 1


async def test_the_opening_effect_is_the_one_that_the_issue_journals(world: World) -> None:
    effects = MemoryEffects()
    await world.platform.issue(credit(), None, {}, effects, soon())
    assert effects.journalled[0] == world.platform.opening(credit())


async def test_an_issue_with_a_customer_links_and_a_second_link_changes_nothing(
    world: World,
) -> None:
    effects = MemoryEffects()
    outcome = await world.platform.issue(credit(), "cus_1", {}, effects, soon())
    assert isinstance(outcome, Confirmed)
    assert outcome.linked
    assert outcome.card.customer_id == "cus_1"
    again = await world.platform.link(credit(), "cus_1", effects.done, effects, soon())
    assert again is LinkResult.LINKED


async def test_a_linked_card_is_never_linked_to_another(world: World) -> None:
    effects = MemoryEffects()
    await world.platform.issue(credit(), "cus_1", {}, effects, soon())
    result = await world.platform.link(credit(), "cus_2", effects.done, effects, soon())
    assert result is LinkResult.ELSEWHERE
    found = await world.platform.find(credit(), soon())
    assert isinstance(found, Found)
    assert found.card.customer_id == "cus_1"


async def test_a_customer_whom_the_platform_does_not_know_is_refused_as_a_link(
    world: World,
) -> None:
    effects = MemoryEffects()
    await world.platform.issue(credit(), None, {}, effects, soon())
    result = await world.platform.link(credit(), "cus_9", effects.done, effects, soon())
    assert result is LinkResult.REFUSED


async def test_what_was_never_issued_is_absent(world: World) -> None:
    assert await world.platform.find(credit(), soon()) == Absent()
    assert await world.platform.balance(credit().code, soon()) is None


async def test_a_spent_credit_is_still_found_by_its_initial_amount(world: World) -> None:
    await world.platform.issue(credit(), None, {}, MemoryEffects(), soon())
    world.spend(credit().code, Money(4850, "USD"))
    found = await world.platform.find(credit(), soon())
    assert isinstance(found, Found)
    assert found.card.balance == Money(0, "USD")
    assert await world.platform.balance(credit().code, soon()) == Money(0, "USD")


@pytest.mark.parametrize(
    "other",
    [
        replace(credit(), amount=Money(4851, "USD")),
        replace(credit(), amount=Money(4850, "EUR")),
        replace(credit(), key=credit(1).key),
        replace(credit(), code=credit(1).code),
    ],
    ids=["amount", "currency", "key", "code"],
)
async def test_a_credit_that_differs_in_anything_is_never_confirmed(
    world: World, other: Credit
) -> None:
    await world.platform.issue(credit(), None, {}, MemoryEffects(), soon())
    finding = await world.platform.find(other, soon())
    assert isinstance(finding, FoundDifferent)
    outcome = await world.platform.issue(other, None, {}, MemoryEffects(), soon())
    assert isinstance(outcome, Unanswered)
    assert outcome.differs
    assert isinstance(await world.platform.find(credit(), soon()), Found)


async def test_burning_an_absent_code_kills_it_for_every_later_issue(world: World) -> None:
    burn = await world.platform.burn(credit(), {}, MemoryEffects(), soon())
    assert isinstance(burn, Burnt)
    assert not burn.card.enabled
    late = await world.platform.issue(credit(), None, {}, MemoryEffects(), soon())
    assert isinstance(late, Unanswered)
    assert late.differs
    assert isinstance(await world.platform.find(credit(), soon()), FoundVoid)
    assert await world.platform.balance(credit().code, soon()) == Money(0, "USD")


async def test_burning_an_issued_code_disables_it_and_may_be_repeated(world: World) -> None:
    effects = MemoryEffects()
    await world.platform.issue(credit(), None, {}, effects, soon())
    first = await world.platform.burn(credit(), effects.done, effects, soon())
    second = await world.platform.burn(credit(), effects.done, effects, soon())
    assert isinstance(first, Burnt)
    assert first == second
    assert isinstance(await world.platform.find(credit(), soon()), FoundVoid)


async def test_burning_what_is_spent_in_part_says_how_much(world: World) -> None:
    effects = MemoryEffects()
    await world.platform.issue(credit(), None, {}, effects, soon())
    world.spend(credit().code, Money(850, "USD"))
    burn = await world.platform.burn(credit(), effects.done, effects, soon())
    assert isinstance(burn, SpentInPart)
    assert burn.spent == Money(850, "USD")
    assert not burn.card.enabled


async def test_resolving_tells_one_none_and_several_apart(world: World) -> None:
    one = await world.platform.resolve(ANNA, soon())
    assert isinstance(one, Matched)
    assert one.customer_id == "cus_1"
    assert await world.platform.resolve(NOBODY, soon()) == Unmatched()
    assert await world.platform.resolve(TWINS, soon()) == Ambiguous(2)


async def test_notes_may_be_repeated(world: World) -> None:
    effects = MemoryEffects()
    await world.platform.issue(credit(), None, {}, effects, soon())
    for _ in range(2):
        fields = {"pos_number": "4711", "reason": "return"}
        assert await world.platform.annotate(credit(), fields, effects.done, effects, soon())
    assert not await world.platform.annotate(credit(5), {"reason": "x"}, {}, effects, soon())


async def test_every_credit_since_a_moment_is_listed_oldest_first(world: World) -> None:
    for number in range(5):
        await world.platform.issue(credit(number), None, {}, MemoryEffects(), soon())
    listed = [card.key async for card in world.platform.list_since(NOW_MS, soon())]
    assert listed == [credit(number).key.text for number in range(5)]
    assert [card async for card in world.platform.list_since(NOW_MS + 1, soon())] == []


async def test_a_platform_that_is_down_is_unsent_and_comes_back(world: World) -> None:
    await world.set_down(True)
    effects = MemoryEffects()
    outcome = await world.platform.issue(credit(), "cus_1", {}, effects, soon())
    assert isinstance(outcome, Unsent)
    await world.set_down(False)
    assert await world.platform.find(credit(), soon()) == Absent()
    outcome = await world.platform.issue(credit(), "cus_1", effects.done, effects, soon())
    assert isinstance(outcome, Confirmed)
    assert outcome.linked


async def test_abilities_are_free_of_contradictions(world: World) -> None:
    from agent.platforms.abilities import contradictions

    assert contradictions(world.platform.abilities) == ()
