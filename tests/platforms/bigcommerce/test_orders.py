# SPDX-License-Identifier: Apache-2.0
"""Sales by receipt and refunds at BigCommerce, by recorded replies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    RefusalReason,
    Refused,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.sale import (
    NoSale,
    Refund,
    Refunded,
    RefundLine,
    RefundRejected,
    RefundTo,
    Sale,
    TenderKind,
)
from agent.platforms.bigcommerce.adapter import BigcommerceAdapter
from agent.platforms.bigcommerce.options import BigcommerceOptions
from agent.platforms.messages import HttpReply
from agent.platforms.orders import OrdersAdapter
from tests.platforms.bigcommerce.recorded import ADAPTER, OPTIONS, OTHER_KEY, v2, v3
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

BY_NAME = BigcommerceAdapter(BigcommerceOptions.read({**OPTIONS, "receipts": "external-order-id"}))
ORDER = "look GET /v2/orders/118"
PRODUCTS = "look GET /v2/orders/118/products?limit=250"
REFUNDS = "look GET /v3/orders/118/payment_actions/refunds"
QUOTE = "look POST /v3/orders/118/payment_actions/refund_quotes"
REFUND = "refund POST /v3/orders/118/payment_actions/refunds"
TRANSACTIONS = "look GET /v3/orders/118/transactions"
LINES = (RefundLine("31", 2),)
TO_CARD = Refund(CREDIT, "118", RefundTo.TENDER, LINES, "stripe", reason="too small")
TO_CREDIT = replace(TO_CARD, to=RefundTo.CREDIT, tender=None)


def order(**changes: object) -> dict[str, object]:
    return {
        "id": 118,
        "customer_id": 7,
        "date_created": "Thu, 20 Nov 2025 00:53:20 +0000",
        "total_inc_tax": "100.0000",
        "refunded_amount": "10.0000",
        "gift_certificate_amount": "20.0000",
        "store_credit_amount": "5.0000",
        "default_currency_code": "USD",
        "payment_method": "Credit Card",
        "payment_provider_id": "stripe",
        "is_deleted": False,
        "external_order_id": "R-1",
        **changes,
    }


def product(**changes: object) -> dict[str, object]:
    return {
        "id": 31,
        "name": "Towel\n",
        "sku": "TW-1",
        "quantity": 3,
        "quantity_refunded": 1,
        "total_inc_tax": "110.0000",
        "discounted_total_inc_tax": "100.0000",
        **changes,
    }


def refunded(number: int = 12, **changes: Any) -> dict[str, object]:
    payment = {
        "id": 1,
        "provider_id": "stripe",
        "amount": 48.5,
        "offline": False,
        "is_declined": False,
    }
    payment.update({k: changes.pop(k) for k in list(changes) if k in payment})
    return {
        "id": number,
        "order_id": 118,
        "total_amount": 48.5,
        "items": [{"item_type": "PRODUCT", "item_id": 31, "reason": f"{KEY} too small"}],
        "payments": [payment],
        **changes,
    }


def refunds(*rows: dict[str, object]) -> HttpReply:
    return reply(200, {"data": list(rows), "meta": {}})


def quote(*methods: list[dict[str, object]], total: object = 48.5) -> HttpReply:
    data = {"order_id": 118, "total_refund_amount": total, "refund_methods": list(methods)}
    return reply(201, {"data": data, "meta": {}})


def option(
    provider: str = "stripe", amount: object = 48.5, offline: bool = False
) -> list[dict[str, object]]:
    return [{"provider_id": provider, "amount": amount, "offline": offline}]


def accepted(**changes: Any) -> HttpReply:
    return reply(201, {"data": refunded(**changes), "meta": {}})


def moved(*rows: tuple[str, str, object, str]) -> HttpReply:
    names = ("event", "status", "amount", "currency")
    return reply(200, {"data": [dict(zip(names, row, strict=True)) for row in rows]})


def test_the_adapter_has_orders() -> None:
    assert isinstance(ADAPTER, OrdersAdapter)
    assert ADAPTER.refunds_to == {RefundTo.TENDER, RefundTo.CREDIT}


def test_a_sale_by_its_order_number() -> None:
    heard = talk(ADAPTER.sale("118"), reply(200, order()), reply(200, [product()]))
    assert heard.said == [ORDER, PRODUCTS]
    sale = heard.result
    assert isinstance(sale, Sale)
    assert (sale.reference, sale.receipt, sale.customer_id) == ("118", "118", "7")
    assert sale.sold_at_ms == 1_763_600_000_000
    assert (sale.total, sale.refundable) == (Money(10000, "USD"), Money(9000, "USD"))
    (line,) = sale.lines
    assert (line.reference, line.name, line.sku) == ("31", "Towel", "TW-1")
    assert (line.quantity, line.refundable, line.unit) == (3, 2, Money(3333, "USD"))
    tenders = [(each.reference, each.kind, each.paid.minor) for each in sale.tenders]
    assert tenders == [
        ("giftcertificate", TenderKind.GIFT_CARD, 2000),
        ("storecredit", TenderKind.STORE_CREDIT, 500),
        ("stripe", TenderKind.CARD, 7500),
    ]


def test_a_sale_by_the_tills_own_number() -> None:
    heard = talk(BY_NAME.sale("R-1"), reply(200, [order()]), reply(204, b""))
    assert heard.said == ["look GET /v2/orders?external_order_id=R-1&limit=5", PRODUCTS]
    assert isinstance(heard.result, Sale)
    assert talk(BY_NAME.sale("R-1"), reply(204, b"")).result == NoSale()
    two = reply(200, [order(), order(id=119)])
    assert talk(BY_NAME.sale("R-1"), two).result == NoSale(2)
    foreign = reply(200, [order(external_order_id="R-2")])
    assert isinstance(talk(BY_NAME.sale("R-1"), foreign).result, Unknown)


@pytest.mark.parametrize("receipt", ["R-118", "0118", "", "118/../1", "1" * 11])
def test_a_receipt_that_is_no_order_number_is_no_sale(receipt: str) -> None:
    heard = talk(ADAPTER.sale(receipt))
    assert heard.asked == []
    assert heard.result == NoSale()


@pytest.mark.parametrize(
    ("replies", "result"),
    [
        ([v2(404)], NoSale),
        ([reply(200, order(is_deleted=True))], NoSale),
        ([reply(200, order(id=119))], Unknown),
        ([v2(500)], Unknown),
        ([v2(429)], Unknown),
        ([reply(200, order(total_inc_tax="lots")), reply(204, b"")], Unknown),
        ([reply(200, order(refunded_amount="100.0100")), reply(204, b"")], Unknown),
        ([reply(200, order(date_created="once")), reply(204, b"")], Unknown),
        ([reply(200, order(default_currency_code="")), reply(204, b"")], Unknown),
        ([reply(200, order()), v2(500)], Unknown),
        ([reply(200, order()), reply(200, [product(id=n) for n in range(1, 251)])], Unknown),
        ([reply(200, order()), reply(200, [product(quantity=-1)])], Unknown),
    ],
)
def test_a_sale_is_whole_or_none(replies: list[HttpReply], result: type[object]) -> None:
    assert isinstance(talk(ADAPTER.sale("118"), *replies).result, result)


def test_a_refund_is_looked_for_quoted_and_asked_for_once_byte_for_byte() -> None:
    heard = talk(ADAPTER.refund(TO_CARD), refunds(), quote(option()), accepted())
    assert heard.said == [REFUNDS, QUOTE, REFUND]
    items = (
        f'"items":[{{"item_type":"PRODUCT","item_id":31,"quantity":2,"reason":"{KEY} too small"}}]'
    )
    assert heard.asked[1].request.body.decode() == f"{{{items}}}"
    assert heard.asked[2].request.body.decode() == (
        f'{{{items},"payments":[{{"provider_id":"stripe","amount":48.50,"offline":false}}]}}'
    )
    assert isinstance(heard.result, Accepted)
    assert heard.result.reference == "12"
    assert CODE.reveal() not in str([each.request.body for each in heard.asked])


def test_a_refund_without_lines_is_of_the_order() -> None:
    whole = replace(TO_CREDIT, lines=(), reason="")
    answer = accepted(provider_id="storecredit")
    heard = talk(ADAPTER.refund(whole), refunds(), quote(option("storecredit")), answer)
    assert heard.asked[2].request.body.decode() == (
        f'{{"items":[{{"item_type":"ORDER","item_id":118,"amount":48.50,"reason":"{KEY}"}}],'
        '"payments":[{"provider_id":"storecredit","amount":48.50,"offline":false}]}'
    )
    assert isinstance(heard.result, Accepted)


def test_one_that_is_there_already_is_not_asked_for_again() -> None:
    heard = talk(ADAPTER.refund(TO_CARD), refunds(refunded()))
    assert heard.said == [REFUNDS]
    assert isinstance(heard.result, Accepted)


@pytest.mark.parametrize(
    "changes",
    [
        {"total_amount": 48.51},
        {"order_id": 119},
        {"amount": 48.5, "provider_id": "storecredit"},
        {"offline": True},
        {"payments": []},
    ],
)
def test_another_refund_under_our_key_is_never_success(changes: dict[str, Any]) -> None:
    before = talk(ADAPTER.refund(TO_CARD), refunds(refunded(**changes)))
    assert isinstance(before.result, Unanswered)
    assert before.result.differs
    after = talk(ADAPTER.refund(TO_CARD), refunds(), quote(option()), accepted(**changes))
    assert isinstance(after.result, Unanswered)
    assert after.result.differs
    found = talk(ADAPTER.find_refund(TO_CARD), refunds(refunded(**changes)))
    assert isinstance(found.result, Unknown)


def test_an_answer_without_our_key_is_never_success() -> None:
    foreign = accepted(items=[{"reason": OTHER_KEY}])
    heard = talk(ADAPTER.refund(TO_CARD), refunds(), quote(option()), foreign)
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs


@pytest.mark.parametrize(
    "offered",
    [
        quote(),
        quote(option("paypalexpress")),
        quote(option(offline=True)),
        quote(option(amount=40)),
        quote([*option(amount=40), *option("storecredit", 8.5)]),
        quote(option(), total=48.49),
        v3(422, "Refund amount is greater than remaining amount"),
    ],
)
def test_what_bigcommerce_would_not_pay_exactly_so_is_refused_before_anything(
    offered: HttpReply,
) -> None:
    heard = talk(ADAPTER.refund(TO_CARD), refunds(), offered)
    assert heard.said == [REFUNDS, QUOTE]
    assert isinstance(heard.result, Refused)


def test_three_digits_behind_the_point_are_refused_unasked() -> None:
    fine = replace(TO_CARD, credit=replace(CREDIT, amount=Money(48500, "KWD")))
    heard = talk(ADAPTER.refund(fine))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is RefusalReason.CURRENCY


@pytest.mark.parametrize(
    ("replies", "result"),
    [
        ([v3(500)], Unsent),
        ([v3(401)], Unsent),
        ([v3(429)], Throttled),
        ([refunds(refunded(), refunded(13))], Unsent),
        ([refunds(), v3(500)], Unsent),
        ([refunds(), v3(403)], Unsent),
        ([refunds(), v3(429)], Throttled),
        ([refunds(), quote(option()), v3(401)], Unsent),
        ([refunds(), quote(option()), v3(429)], Throttled),
        ([refunds(), quote(option()), v3(423)], Throttled),
        ([refunds(), quote(option()), v3(500)], Unanswered),
        ([refunds(), quote(option()), reply(202, {})], Unanswered),
        ([refunds(), quote(option()), v3(422), refunds()], Refused),
        ([refunds(), quote(option()), v3(422), refunds(refunded())], Accepted),
        ([refunds(), quote(option()), v3(422), v3(500)], Unanswered),
    ],
)
def test_every_other_answer_of_a_refund(replies: list[HttpReply], result: type[object]) -> None:
    assert isinstance(talk(ADAPTER.refund(TO_CARD), *replies).result, result)


def test_the_documented_errors_of_refunds_are_read_in_their_wrapping() -> None:
    guest = reply(422, {"data": [{"status": 422, "title": "Unable to provide store credit"}]})
    heard = talk(
        ADAPTER.refund(TO_CREDIT), refunds(), quote(option("storecredit")), guest, refunds()
    )
    assert isinstance(heard.result, Refused)
    assert heard.result.saying.message == "Unable to provide store credit"
    down = reply(503, {"data": [{"order_id": 118, "status": 503, "error": "Tax service gone"}]})
    lost = talk(ADAPTER.refund(TO_CARD), refunds(), quote(option()), down)
    assert isinstance(lost.result, Unanswered)
    assert lost.result.saying.message == "Tax service gone"


def test_a_refund_is_final_when_its_money_moved() -> None:
    ok = ("refund", "ok", 48.5, "USD")
    heard = talk(ADAPTER.find_refund(TO_CARD), refunds(refunded()), moved(ok))
    assert heard.said == [REFUNDS, TRANSACTIONS]
    assert heard.result == Refunded("12", Money(4850, "USD"))
    for waiting in (
        moved(),
        reply(204, b""),
        moved(("refund", "error", 48.5, "USD")),
        moved(("purchase", "ok", 48.5, "USD")),
        moved(("refund", "ok", 48.51, "USD")),
        moved(("refund", "ok", 48.5, "EUR")),
    ):
        open_ = talk(ADAPTER.find_refund(TO_CARD), refunds(refunded()), waiting)
        assert isinstance(open_.result, Accepted)
    unread = talk(ADAPTER.find_refund(TO_CARD), refunds(refunded()), v3(403))
    assert isinstance(unread.result, Unknown)


def test_an_equal_refund_before_ours_must_have_moved_too() -> None:
    ok = ("refund", "ok", 48.5, "USD")
    before = refunded(11, items=[{"reason": "by hand"}])
    one = talk(ADAPTER.find_refund(TO_CARD), refunds(before, refunded()), moved(ok))
    assert isinstance(one.result, Accepted)
    two = talk(ADAPTER.find_refund(TO_CARD), refunds(before, refunded()), moved(ok, ok))
    assert isinstance(two.result, Refunded)
    after = talk(ADAPTER.find_refund(TO_CARD), refunds(refunded(), {**before, "id": 13}), moved(ok))
    assert isinstance(after.result, Refunded)


def test_a_declined_refund_is_for_a_person_and_store_credit_needs_no_gateway() -> None:
    declined = refunded(is_declined=True)
    result = talk(ADAPTER.find_refund(TO_CARD), refunds(declined)).result
    assert isinstance(result, RefundRejected)
    credited = refunded(provider_id="storecredit")
    heard = talk(ADAPTER.find_refund(TO_CREDIT), refunds(credited))
    assert heard.said == [REFUNDS]
    assert isinstance(heard.result, Refunded)


@pytest.mark.parametrize(
    ("listed", "result"),
    [
        (refunds(), Absent),
        (refunds(refunded(items=[{"reason": OTHER_KEY}])), Absent),
        (refunds(refunded(items=[{"reason": None}], reason=f"{KEY} x")), Accepted),
        (v3(500), Unknown),
        (v3(404), Unknown),
        (reply(204, b""), Unknown),
    ],
)
def test_a_refund_is_found_by_our_key_alone(listed: HttpReply, result: type[object]) -> None:
    replies = [listed, moved()] if result is Accepted else [listed]
    assert isinstance(talk(ADAPTER.find_refund(TO_CARD), *replies).result, result)


def test_an_order_that_is_no_number_is_asked_about_by_nobody() -> None:
    strange = replace(TO_CARD, sale="118/../7")
    assert talk(ADAPTER.refund(strange)).asked == []
    assert isinstance(talk(ADAPTER.find_refund(strange)).result, Unknown)
