# SPDX-License-Identifier: Apache-2.0
"""Sales and refunds, as the real adapter meets them at the shop in memory."""

from __future__ import annotations

from agent.domain.credit import Credit
from agent.domain.outcome import (
    Absent,
    Accepted,
    Refused,
)
from agent.domain.sale import (
    NoSale,
    Refund,
    Refunded,
    RefundLine,
    RefundRejected,
    RefundTo,
    Sale,
)
from tests.contracts.test_platform_contract import credit
from tests.fakes.platform import MemoryEffects
from tests.vendors.saleor.scene import Till, visit
from tests.vendors.saleor.shop_orders import SimOrder


def order_of(till: Till) -> SimOrder:
    lines = {"line-1": (2, 4850), "line-2": (1, 500)}
    return till.shop.orders.add(SimOrder("order-1", 1042, "R-77", "USD", lines, "cus_1"))


def leg_of(order: SimOrder, of: Credit) -> Refund:
    line = (RefundLine("line-1", 1),)
    return Refund(of, order.id, RefundTo.TENDER, line, order.payment, reason="damaged")


async def refund(till: Till, leg: Refund) -> object:
    return await till.platform.refund(leg, {}, MemoryEffects(), till.soon())


def test_a_sale_is_found_by_its_reference_and_its_number() -> None:
    async def script(till: Till) -> None:
        order_of(till)
        for receipt in ("R-77", "1042"):
            sale = await till.platform.sale(receipt, till.soon())
            assert isinstance(sale, Sale)
            assert [line.refundable for line in sale.lines] == [2, 1]
        assert await till.platform.sale("R-78", till.soon()) == NoSale()

    visit(script)


def test_a_refund_is_accepted_and_later_paid_once() -> None:
    async def script(till: Till) -> None:
        order = order_of(till)
        leg = leg_of(order, credit())
        assert await till.platform.find_refund(leg, till.soon()) == Absent()
        assert isinstance(await refund(till, leg), Accepted)
        assert isinstance(await refund(till, leg), Accepted)
        till.shop.orders.settle("SUCCESS")
        assert isinstance(await till.platform.find_refund(leg, till.soon()), Refunded)
        assert isinstance(await refund(till, leg), Refunded)
        assert [grant.paid for grant in order.grants] == [1]
        sale = await till.platform.sale("R-77", till.soon())
        assert isinstance(sale, Sale)
        assert (sale.lines[0].refundable, sale.refundable.minor) == (1, 5350)

    visit(script)


def test_a_payment_app_that_answers_at_once_is_believed_at_once() -> None:
    async def script(till: Till) -> None:
        order = order_of(till)
        till.shop.orders.answers = "SUCCESS"
        assert isinstance(await refund(till, leg_of(order, credit())), Refunded)

    visit(script)


def test_a_refund_that_failed_is_a_persons_and_is_not_tried_again() -> None:
    async def script(till: Till) -> None:
        order = order_of(till)
        till.shop.orders.answers = "FAILURE"
        leg = leg_of(order, credit())
        assert isinstance(await refund(till, leg), Refused)
        assert isinstance(await till.platform.find_refund(leg, till.soon()), RefundRejected)
        assert isinstance(await refund(till, leg), Refused)
        assert len(order.grants) == 1

    visit(script)


def test_two_returns_of_the_same_units_are_refunded_once() -> None:
    async def script(till: Till) -> None:
        order = order_of(till)
        till.shop.orders.answers = "SUCCESS"
        three = [leg_of(order, credit(number)) for number in range(3)]
        told = [await refund(till, leg) for leg in three]
        assert [type(each) for each in told] == [Refunded, Refunded, Refused]
        assert order.refunded == 9700

    visit(script)


def test_without_a_payment_app_nothing_is_refunded() -> None:
    async def script(till: Till) -> None:
        order = order_of(till)
        till.shop.orders.app_installed = False
        outcome = await refund(till, leg_of(order, credit()))
        assert isinstance(outcome, Refused)
        assert outcome.saying.code == "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK"
        assert order.refunded == 0

    visit(script)
