# SPDX-License-Identifier: Apache-2.0
"""Sales by their receipt, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Unknown,
)
from agent.domain.sale import (
    NoSale,
    RefundTo,
    Sale,
    TenderKind,
)
from agent.platforms.messages import HttpReply
from agent.platforms.orders import OrdersAdapter
from tests.platforms.saleor.answers import (
    BROKEN,
    SALEOR,
    THROTTLED,
    answer,
    edges,
    failed,
    money,
    variables,
)
from tests.platforms.saleor.receipts import (
    granted,
    order,
)
from tests.platforms.talking import talk


def sold(by_reference: object, *by_number: object) -> HttpReply:
    return answer({"byReference": by_reference, "byNumber": edges(*by_number)})


def test_the_adapter_offers_orders_and_refunds_to_the_payment_alone() -> None:
    assert isinstance(SALEOR, OrdersAdapter)
    assert SALEOR.refunds_to == {RefundTo.TENDER}


def test_a_receipt_is_an_external_reference_and_a_number_where_it_may_be_one() -> None:
    both = talk(SALEOR.sale("1042"), sold(None, order()))
    assert variables(both.asked[0].request) == {"reference": "1042", "number": 1042}
    assert isinstance(both.result, Sale)
    one = talk(SALEOR.sale("R-77"), answer({"byReference": order()}))
    assert variables(one.asked[0].request) == {"reference": "R-77"}
    assert isinstance(one.result, Sale)
    long = talk(SALEOR.sale("99999999999"), answer({"byReference": None}))
    assert variables(long.asked[0].request) == {"reference": "99999999999"}
    assert long.result == NoSale()


def test_a_sale_says_what_may_still_come_back() -> None:
    sale = talk(SALEOR.sale("R-77"), answer({"byReference": order()})).result
    assert isinstance(sale, Sale)
    boots, laces = sale.lines
    assert (boots.name, boots.sku, boots.quantity, boots.refundable) == ("Boots 42", "B-42", 3, 3)
    assert boots.unit == Money(2425, "USD")
    assert (laces.name, laces.sku, laces.refundable) == ("Laces", "", 1)
    (tender,) = sale.tenders
    assert (tender.kind, tender.shown) == (TenderKind.CARD, "4242")
    assert (tender.paid, tender.refundable) == (Money(12000, "USD"), Money(10000, "USD"))
    assert (sale.total, sale.refundable) == (Money(12000, "USD"), Money(10000, "USD"))
    assert (sale.sold_at_ms, sale.customer_id) == (1_763_600_000_000, "VXNlcjox")


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"grantedRefunds": [granted("SUCCESS")]}, 1),
        ({"grantedRefunds": [granted("FAILURE")]}, 1),
        ({"grantedRefunds": [granted(), granted(lines=None)]}, 1),
        ({"grantedRefunds": [granted(), granted()]}, 0),
        (
            {
                "fulfillments": [
                    {
                        "status": "REFUNDED",
                        "lines": [{"quantity": 1, "orderLine": {"id": "line-1"}}],
                    },
                    {"status": "REFUNDED_AND_RETURNED", "lines": None},
                    {"status": "RETURNED", "lines": [{"quantity": 1, "orderLine": None}]},
                ]
            },
            2,
        ),
    ],
)
def test_units_that_were_refunded_do_not_come_back_again(
    changes: dict[str, object], left: int
) -> None:
    sale = talk(SALEOR.sale("R-77"), answer({"byReference": order(**changes)})).result
    assert isinstance(sale, Sale)
    assert sale.lines[0].refundable == left


@pytest.mark.parametrize(
    ("changes", "kind", "shown", "refundable"),
    [
        (
            {
                "paymentMethodDetails": {
                    "__typename": "GiftCardPaymentMethodDetails",
                    "lastChars": "AB12",
                }
            },
            TenderKind.GIFT_CARD,
            "AB12",
            10000,
        ),
        ({"paymentMethodDetails": None, "actions": []}, TenderKind.OTHER, "", 0),
        (
            {"paymentMethodDetails": {"__typename": "OtherPaymentMethodDetails"}},
            TenderKind.OTHER,
            "",
            10000,
        ),
    ],
)
def test_a_tender_is_named_by_its_kind_and_last_four(
    changes: dict[str, object], kind: TenderKind, shown: str, refundable: int
) -> None:
    paid = {**order()["transactions"][0], **changes}
    said = answer({"byReference": order(transactions=[paid])})
    sale = talk(SALEOR.sale("R-77"), said).result
    assert isinstance(sale, Sale)
    (tender,) = sale.tenders
    assert (tender.kind, tender.shown, tender.refundable.minor) == (kind, shown, refundable)


def test_nobody_is_chosen_among_several_orders() -> None:
    other = order(id="T3JkZXI6Mg==", externalReference="1042", number="7")
    assert talk(SALEOR.sale("1042"), sold(other, order())).result == NoSale(2)
    same = talk(SALEOR.sale("1042"), sold(order(externalReference="1042"), order())).result
    assert isinstance(same, Sale)


@pytest.mark.parametrize(
    "said",
    [
        BROKEN,
        THROTTLED,
        failed("PermissionDenied", "byReference", data={"byReference": None}),
        answer({"byReference": order(number="9", externalReference=None)}),
        answer({"byReference": order(lines=None)}),
        answer({"byReference": order(total={"gross": money("120")})}),
        answer({"byReference": order(), "byNumber": None}),
        answer(
            {
                "byReference": order(
                    transactions=[
                        {**order()["transactions"][0], "chargedAmount": money(1, "EUR")},
                    ]
                )
            }
        ),
    ],
)
def test_a_sale_that_cannot_be_read_is_unknown_and_never_none(said: HttpReply) -> None:
    assert isinstance(talk(SALEOR.sale("R-77"), said).result, Unknown)
