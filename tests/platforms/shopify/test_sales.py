# SPDX-License-Identifier: Apache-2.0
"""Sales by receipt, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Unknown,
)
from agent.domain.sale import (
    NoSale,
    Sale,
    SaleLine,
    Tender,
    TenderKind,
)
from agent.platforms.messages import HttpReply
from tests.platforms.shopify.exchanges import (
    ANNA,
    SHOP,
    THROTTLED,
    data,
    errors,
    steps,
    variables,
)
from tests.platforms.shopify.order_exchanges import (
    END,
    LINE,
    MORE,
    ORDER,
    PAYMENT,
    back,
    bag,
    line,
    order,
    orders,
    payment,
)
from tests.platforms.talking import talk


def test_a_receipt_is_the_orders_name_and_its_lines_say_what_one_unit_brings_back() -> None:
    heard = talk(SHOP.sale(" #1001 "), orders("#1001", "#10012"), data("order", order()))
    assert steps(heard) == ["look Orders", "look Order"]
    assert variables(heard.asked[0]) == {"query": 'name:"#1001"'}
    assert variables(heard.asked[1]) == {"id": ORDER, "after": None}
    assert heard.result == Sale(
        reference=ORDER,
        receipt="#1001",
        sold_at_ms=1_763_600_000_000,
        total=Money(5951, "USD"),
        refundable=Money(4951, "USD"),
        lines=(SaleLine(LINE, "Coat - M", 3, 2, Money(1983, "USD"), "C-1"),),
        tenders=(Tender(PAYMENT, TenderKind.CARD, Money(5951, "USD"), Money(4951, "USD"), "4242"),),
        customer_id=ANNA,
    )


def test_taxes_that_are_in_the_price_are_not_added_again() -> None:
    heard = talk(SHOP.sale("1001"), orders("#1001"), data("order", order(taxesIncluded=True)))
    assert isinstance(heard.result, Sale)
    assert heard.result.lines[0].unit == Money(1833, "USD")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"gateway": "gift_card", "paymentDetails": None}, TenderKind.GIFT_CARD),
        ({"gateway": "cash", "paymentDetails": None}, TenderKind.CASH),
        ({"gateway": "shopify_store_credit", "paymentDetails": None}, TenderKind.STORE_CREDIT),
        ({"gateway": "adyen"}, TenderKind.CARD),
        ({"gateway": "paypal", "paymentDetails": None}, TenderKind.OTHER),
        (
            {"gateway": "x", "paymentDetails": {"__typename": "PaypalWalletPaymentDetails"}},
            TenderKind.OTHER,
        ),
    ],
)
def test_how_a_part_was_paid(changes: dict[str, object], kind: TenderKind) -> None:
    paid = order(transactions=[payment(**changes, accountNumber=None)])
    heard = talk(SHOP.sale("1001"), orders("#1001"), data("order", paid))
    assert isinstance(heard.result, Sale)
    assert heard.result.tenders[0].kind is kind
    assert heard.result.tenders[0].shown == ""


def test_failed_payments_are_no_tenders_and_failed_refunds_take_nothing_away() -> None:
    transactions = [
        payment(id="gid://shopify/OrderTransaction/1", status="FAILURE"),
        payment(kind="AUTHORIZATION"),
        payment(),
        back("10.0", "FAILURE"),
        back("5.0", "PENDING"),
    ]
    told = order(transactions=transactions)
    heard = talk(SHOP.sale("1001"), orders("#1001"), data("order", told))
    assert isinstance(heard.result, Sale)
    assert [each.refundable for each in heard.result.tenders] == [Money(5451, "USD")]


def test_many_lines_are_read_page_by_page_and_too_many_are_not_half_a_sale() -> None:
    first = data("order", order(lineItems={"nodes": [line()] * 50, "pageInfo": MORE}))
    more = data("order", {"id": ORDER, "lineItems": {"nodes": [line()] * 50, "pageInfo": MORE}})
    last = data("order", {"id": ORDER, "lineItems": {"nodes": [line()], "pageInfo": END}})
    heard = talk(SHOP.sale("1001"), orders("#1001"), first, more, last)
    assert steps(heard)[2:] == ["look Lines", "look Lines"]
    assert variables(heard.asked[3]) == {"id": ORDER, "after": "l50"}
    assert isinstance(heard.result, Sale)
    assert len(heard.result.lines) == 101
    endless = talk(SHOP.sale("1001"), orders("#1001"), first, *[more] * 8)
    assert endless.result == Unknown("too-many-lines", endless.result.saying)  # type: ignore[union-attr]


def test_no_order_is_no_sale_only_where_every_order_may_be_seen() -> None:
    assert talk(SHOP.sale("1001"), orders("#10010")).result == NoSale()
    lately = talk(SHOP.sale("1001"), orders(every=False)).result
    assert isinstance(lately, Unknown)
    assert lately.why == "sixty-days"
    assert talk(SHOP.sale("1001"), orders("#1001", "1001")).result == NoSale(2)


@pytest.mark.parametrize("receipt", ["", "  ", "x" * 41, "10\u202e01", "a\nb"])
def test_what_cannot_be_a_receipt_is_not_asked_for(receipt: str) -> None:
    heard = talk(SHOP.sale(receipt))
    assert heard.asked == []
    assert heard.result == NoSale()


def test_a_receipt_is_a_phrase_and_never_syntax() -> None:
    heard = talk(SHOP.sale('x" OR name:"*\\'), orders())
    assert variables(heard.asked[0]) == {"query": 'name:"x\\" OR name:\\"*\\\\"'}


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        ([THROTTLED], "throttled"),
        ([errors("ACCESS_DENIED", path=["orders"], data=None)], "auth"),
        ([data("orders", None)], "null"),
        ([orders("#1001"), THROTTLED], "throttled"),
        ([orders("#1001"), data("order", None)], "null"),
        ([orders("#1001"), errors("MAX_COST_EXCEEDED")], "max-cost"),
        ([orders("#1001"), data("order", order(processedAt="yesterday"))], "not-the-contract"),
        (
            [orders("#1001"), data("order", order(processedAt="2025-11-20T00:53:20"))],
            "not-the-contract",
        ),
        ([orders("#1001"), data("order", order(netPaymentSet=bag("x")))], "not-the-contract"),
        (
            [
                orders("#1001"),
                data("order", order(transactions=[payment(), back("1.0", gateway=7)])),
            ],
            "not-the-contract",
        ),
    ],
)
def test_a_sale_that_cannot_be_read_is_unknown(replies: list[HttpReply], why: str) -> None:
    result = talk(SHOP.sale("1001"), *replies).result
    assert isinstance(result, Unknown)
    assert result.why == why
