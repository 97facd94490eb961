# SPDX-License-Identifier: Apache-2.0
"""Sales and refunds through the real driver and adapter: pending ones are polled, lost answers
refund nothing twice, and what came back is not refundable again."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import pytest

from agent.domain.money import Money
from agent.domain.outcome import Absent, Accepted, Refused, Unanswered
from agent.domain.sale import (
    NoSale,
    Refund,
    Refunded,
    RefundRejected,
    RefundTo,
    Sale,
    TenderKind,
)
from agent.platforms.adapter import DrivenPlatform
from tests.contracts.test_platform_contract import NOW_MS, credit
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run, running
from tests.simulation.network import Network
from tests.simulation.platform_faults import REFUSERS, SPOILERS
from tests.simulation.profiles import HOST, opened
from tests.vendors.square.profile import PROFILE
from tests.vendors.square.simulator import SquareSim

ORDER: Final = "ORDER00000001"
Story = Callable[[DrivenPlatform, SquareSim], Awaitable[None]]


def played(story: Story) -> SquareSim:
    made: list[SquareSim] = []

    async def main() -> None:
        network = Network(random.Random(1))
        loop = running()
        square = SquareSim(PROFILE, random.Random(2), lambda: NOW_MS + int(loop.time() * 1000))
        network.serve(HOST, square.handle)
        square.customers.add("CUSTOMER1", "A*** B.")
        square.tills.sell(ORDER, ("shirt", 3, 1000), ("socks", 1, 500))
        async with opened(PROFILE, network, "till", lambda: "secret") as platform:
            await story(platform, square)
        made.append(square)

    run(1, main)
    return made[0]


def soon() -> float:
    return running().time() + 20.0


def leg(to: RefundTo = RefundTo.TENDER, minor: int = 333) -> Refund:
    return Refund(
        credit(1, minor), ORDER, to, tender=f"PAY{ORDER}", customer_id="CUSTOMER1", reason="torn"
    )


def test_a_sale_is_found_by_order_and_by_payment() -> None:
    found: list[object] = []

    async def story(platform: DrivenPlatform, square: SquareSim) -> None:
        for receipt in (ORDER, f"PAY{ORDER}", "ORDER00000009", "../orders", "x"):
            found.append(await platform.sale(receipt, soon()))

    played(story)
    by_order, by_payment, *none = found
    assert isinstance(by_order, Sale)
    assert isinstance(by_payment, Sale)
    assert by_payment == replace(by_order, receipt=f"PAY{ORDER}")
    assert by_order.refundable == by_order.total == Money(1500, "USD")
    assert [(line.quantity, line.refundable, line.unit.minor) for line in by_order.lines] == [
        (3, 3, 333),
        (1, 1, 500),
    ]
    (tender,) = by_order.tenders
    assert (tender.reference, tender.kind, tender.shown) == (
        f"PAY{ORDER}",
        TenderKind.CARD,
        "1111",
    )
    assert none == [NoSale(), NoSale(), NoSale()]


def test_a_refund_is_accepted_then_polled_until_it_is_there() -> None:
    async def story(platform: DrivenPlatform, square: SquareSim) -> None:
        effects = MemoryEffects()
        assert await platform.find_refund(leg(), soon()) == Absent()
        first = await platform.refund(leg(), {}, effects, soon())
        assert isinstance(first, Accepted)
        assert isinstance(await platform.find_refund(leg(), soon()), Accepted)
        again = await platform.refund(leg(), effects.done, effects, soon())
        assert isinstance(again, Accepted)
        square.tills.settle(first.reference)
        there = await platform.find_refund(leg(), soon())
        assert isinstance(there, Refunded)
        assert there.amount == Money(333, "USD")
        assert isinstance(await platform.refund(leg(), {}, MemoryEffects(), soon()), Refunded)

    assert len(played(story).tills.refunds) == 1


@pytest.mark.parametrize("status", ["REJECTED", "FAILED"])
def test_a_refund_that_failed_afterwards_is_a_persons(status: str) -> None:
    async def story(platform: DrivenPlatform, square: SquareSim) -> None:
        first = await platform.refund(leg(), {}, MemoryEffects(), soon())
        assert isinstance(first, Accepted)
        square.tills.settle(first.reference, status)
        assert isinstance(await platform.find_refund(leg(), soon()), RefundRejected)
        assert isinstance(await platform.refund(leg(), {}, MemoryEffects(), soon()), Refused)

    assert len(played(story).tills.refunds) == 1


def test_what_came_back_is_not_refundable_again() -> None:
    sales: list[object] = []

    async def story(platform: DrivenPlatform, square: SquareSim) -> None:
        first = await platform.refund(leg(minor=666), {}, MemoryEffects(), soon())
        assert isinstance(first, Accepted)
        square.tills.bring_back(first.reference, shirt=2)
        sales.append(await platform.sale(ORDER, soon()))
        square.tills.settle(first.reference)
        sales.append(await platform.sale(ORDER, soon()))
        too_much = replace(leg(), credit=credit(2, 900))
        refused = await platform.refund(too_much, {}, MemoryEffects(), soon())
        assert isinstance(refused, Refused)
        assert refused.saying.code == "REFUND_AMOUNT_INVALID"

    played(story)
    for sale in sales:
        assert isinstance(sale, Sale)
        assert [line.refundable for line in sale.lines] == [1, 1]
        assert sale.refundable == Money(834, "USD")


def test_a_refund_to_credit_goes_to_a_gift_card_of_the_customers() -> None:
    async def story(platform: DrivenPlatform, square: SquareSim) -> None:
        effects = MemoryEffects()
        first = await platform.refund(leg(RefundTo.CREDIT), {}, effects, soon())
        assert isinstance(first, Accepted)
        square.tills.settle(first.reference)
        second = replace(leg(RefundTo.CREDIT), credit=credit(2, 333))
        other = await platform.refund(second, {}, MemoryEffects(), soon())
        assert isinstance(other, Accepted)
        square.tills.settle(other.reference)
        assert isinstance(await platform.find_refund(second, soon()), Refunded)

    square = played(story)
    (card,) = square.cards
    assert card.balance == 666
    assert card.customer_id == "CUSTOMER1"
    (shell,) = square.shells.values()
    assert shell.source == "SQUARE"


def test_what_names_no_payment_or_customer_is_refused_unasked() -> None:
    async def story(platform: DrivenPlatform, square: SquareSim) -> None:
        bare = replace(leg(), tender=None)
        assert isinstance(await platform.refund(bare, {}, MemoryEffects(), soon()), Refused)
        nobody = replace(leg(RefundTo.CREDIT), customer_id=None)
        assert isinstance(await platform.refund(nobody, {}, MemoryEffects(), soon()), Refused)

    assert played(story).tills.refunds == {}


FAULTS: Final = [*SPOILERS, *REFUSERS, "conflict_409", "saved_500", "key_forgotten"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("to", list(RefundTo))
def test_no_fault_refunds_twice_or_invents_a_refund(fault: str, to: RefundTo) -> None:
    said: list[object] = []

    async def story(platform: DrivenPlatform, square: SquareSim) -> None:
        effects, asked = MemoryEffects(), leg(to)
        square.board.chances[fault] = 1.0
        said.append(await platform.refund(asked, {}, effects, soon()))
        square.board.calm()
        for epoch in range(2):
            asked = replace(asked, credit=replace(asked.credit, epoch=epoch))
            for _ in range(3):
                said.append(await platform.refund(asked, effects.done, effects, soon()))
                await passes(600.0)
        said.append(await platform.find_refund(asked, soon()))

    square = played(story)
    assert len(square.tills.refunds) == 1
    for each in said:
        assert not isinstance(each, Refunded)
        assert not isinstance(each, Unanswered) or not each.differs
    assert isinstance(said[-1], Accepted)
