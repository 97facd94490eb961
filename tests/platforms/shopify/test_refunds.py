# SPDX-License-Identifier: Apache-2.0
"""Refunds of orders, to a payment and to store credit, by recorded replies."""

from __future__ import annotations

import json
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
    Refund,
    Refunded,
    RefundLine,
    RefundRejected,
    RefundTo,
)
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply
from agent.platforms.orders import OrdersAdapter
from agent.platforms.shopify.adapter import ShopifyAdapter
from agent.platforms.shopify.options import ShopifyOptions
from tests.platforms.shopify.exchanges import (
    BERT,
    OTHER_KEY,
    SHOP,
    THROTTLED,
    data,
    errors,
    said,
    steps,
    variables,
)
from tests.platforms.shopify.order_exchanges import (
    LINE,
    NOTE,
    REFUND,
    STORE_CREDIT,
    TENDER,
    back,
    bag,
    payment,
    refunds,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk


def refund(**changes: object) -> dict[str, object]:
    return {
        "id": REFUND,
        "note": NOTE,
        "totalRefundedSet": bag("48.5"),
        "transactions": {"nodes": [back()]},
        **changes,
    }


def created(**changes: object) -> HttpReply:
    return data("refundCreate", {"refund": refund(**changes), "userErrors": []})


def not_created(message: str, given: dict[str, object] | None = None) -> HttpReply:
    error = {"field": ["transactions"], "message": message}
    return data("refundCreate", {"refund": given, "userErrors": [error]})


def body_of(ask: Any) -> str:
    assert isinstance(ask, Do)
    sent: str = json.loads(ask.request.body)["query"]
    assert "@idempotent(key: $key)" in sent
    text: str = ask.request.body.decode().partition(',"variables":')[2]
    return text


TO_TENDER = (
    '{"input":{"orderId":"gid://shopify/Order/500","currency":"USD",'
    '"note":"0421-03-1763600000000-7K3QF2ZD does not fit","notify":false,'
    '"refundLineItems":[{"lineItemId":"gid://shopify/LineItem/800","quantity":2,'
    '"restockType":"NO_RESTOCK"}],"transactions":[{"orderId":"gid://shopify/Order/500",'
    '"parentId":"gid://shopify/OrderTransaction/600","gateway":"shopify_payments",'
    '"kind":"REFUND","amount":"48.50"}]},"key":"KEY"}}'
)
TO_CREDIT = (
    '{"input":{"orderId":"gid://shopify/Order/500","currency":"USD",'
    '"note":"0421-03-1763600000000-7K3QF2ZD does not fit","notify":false,'
    '"refundLineItems":[{"lineItemId":"gid://shopify/LineItem/800","quantity":2,'
    '"restockType":"NO_RESTOCK"}],"refundMethods":[{"storeCreditRefund":{"amount":'
    '{"amount":"48.50","currencyCode":"USD"}}}],"transactions":[]},"key":"KEY"}}'
)


def test_the_adapter_has_orders() -> None:
    assert isinstance(SHOP, OrdersAdapter)
    assert SHOP.refunds_to == {RefundTo.TENDER, RefundTo.CREDIT}


@pytest.mark.parametrize(
    ("asked", "written"), [(TENDER, TO_TENDER), (STORE_CREDIT, TO_CREDIT)], ids=["tender", "credit"]
)
def test_a_refund_looks_first_and_goes_out_under_our_key(asked: Refund, written: str) -> None:
    heard = talk(SHOP.refund(asked), refunds(None, "by hand", OTHER_KEY), created())
    assert steps(heard)[0] == "look Refunds"
    assert body_of(heard.asked[1]) == written.replace("KEY", CREDIT.vendor_key("refund"))
    assert heard.result == Refunded(REFUND, Money(4850, "USD"), heard.result.saying)


def test_goods_go_back_into_the_stock_of_the_stores_own_location() -> None:
    store = ShopifyAdapter(ShopifyOptions.read({"shop": "brand", "location_id": 31}))
    lines = (RefundLine(LINE, 1), RefundLine(LINE, 1, restock=False))
    heard = talk(store.refund(replace(TENDER, lines=lines)), refunds(), created())
    first, second = variables(heard.asked[1])["input"]["refundLineItems"]
    assert first["restockType"] == "RETURN"
    assert first["locationId"] == "gid://shopify/Location/31"
    assert second["restockType"] == "NO_RESTOCK"
    assert "locationId" not in second
    bare = talk(SHOP.refund(replace(TENDER, lines=())), refunds(), created())
    assert "refundLineItems" not in variables(bare.asked[1])["input"]


def test_a_refund_under_another_epoch_is_another_key_and_another_step() -> None:
    asked = replace(TENDER, credit=replace(CREDIT, epoch=1))
    first = talk(SHOP.refund(TENDER), refunds(), created()).asked[1]
    later = talk(SHOP.refund(asked), refunds(), created()).asked[1]
    assert variables(first)["key"] != variables(later)["key"]
    assert isinstance(first, Do)
    assert isinstance(later, Do)
    assert first.step != later.step


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (refund(), Refunded),
        (refund(note=f"{KEY.text}"), Refunded),
        (refund(transactions={"nodes": [back("40.0"), back("8.5")]}), Refunded),
        (refund(transactions={"nodes": []}), Refunded),
        (refund(transactions={"nodes": [back(status="PENDING")]}), Accepted),
        (refund(transactions={"nodes": [back(status="AWAITING_RESPONSE")]}), Accepted),
        (refund(transactions={"nodes": [back(status="UNKNOWN")]}), Accepted),
        (refund(transactions={"nodes": [back(status="FAILURE")]}), RefundRejected),
        (refund(transactions={"nodes": [back(status="ERROR")]}), RefundRejected),
        (refund(note=OTHER_KEY), Unknown),
        (refund(note=None), Unknown),
        (refund(transactions={"nodes": [back("48.51")]}), Unknown),
        (refund(transactions={"nodes": [], "more": 1}, totalRefundedSet=bag("0.0")), Unknown),
        (
            refund(transactions={"nodes": [back(), {**back(), "amountSet": bag("1.0", "EUR")}]}),
            Unknown,
        ),
        (
            refund(transactions={"nodes": [{**back(), "amountSet": bag("48.5", "EUR")}]}),
            Unknown,
        ),
    ],
)
def test_what_became_of_a_refund(told: dict[str, object], expected: type) -> None:
    found = talk(SHOP.find_refund(TENDER), refunds("x", NOTE), data("refund", told))
    assert steps(found) == ["look Refunds", "look Refund"]
    assert variables(found.asked[1]) == {"id": f"{REFUND}1"}
    assert isinstance(found.result, expected)
    again = talk(SHOP.refund(TENDER), refunds("x", NOTE), data("refund", told))
    assert steps(again) == ["look Refunds", "look Refund"]
    fresh = talk(
        SHOP.refund(TENDER), refunds(), data("refundCreate", {"refund": told, "userErrors": []})
    )
    for outcome in (again.result, fresh.result):
        if expected in (Refunded, Accepted):
            assert isinstance(outcome, expected)
        else:
            assert isinstance(outcome, Unanswered)
            assert outcome.differs


def test_no_refund_of_ours_is_absent_for_certain() -> None:
    assert talk(SHOP.find_refund(TENDER), refunds(OTHER_KEY, None)).result == Absent()


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        ([THROTTLED], "throttled"),
        ([data("order", None)], "no-order"),
        ([refunds(*[None] * 50)], "too-many-refunds"),
        ([refunds(NOTE, NOTE)], "several"),
        ([refunds(NOTE), THROTTLED], "throttled"),
        ([refunds(NOTE), data("refund", None)], "null"),
        ([said({"errors": "x"}, 500)], "status-500"),
    ],
)
def test_a_refund_that_cannot_be_found_out_is_unknown(replies: list[HttpReply], why: str) -> None:
    result = talk(SHOP.find_refund(TENDER), *replies).result
    assert isinstance(result, Unknown)
    assert result.why == why


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([THROTTLED], Throttled),
        ([errors("ACCESS_DENIED", path=["order"], data=None)], Unsent),
        ([said({"errors": "x"}, 500)], Unanswered),
        ([refunds(NOTE, NOTE)], Unanswered),
        ([refunds(*[None] * 50)], Unanswered),
    ],
)
def test_without_a_look_nothing_is_asked_for(replies: list[HttpReply], expected: type) -> None:
    heard = talk(SHOP.refund(TENDER), *replies)
    assert all(not isinstance(ask, Do) for ask in heard.asked)
    assert isinstance(heard.result, expected)


@pytest.mark.parametrize(
    ("asked", "told", "code"),
    [
        (replace(TENDER, tender="gid://shopify/OrderTransaction/9"), refunds(), "no-such-payment"),
        (replace(TENDER, tender=None), refunds(), "no-such-payment"),
        (TENDER, refunds(transactions=[payment(status="FAILURE")]), "no-such-payment"),
        (TENDER, refunds(transactions=[payment(gateway=None)]), "no-such-payment"),
        (TENDER, refunds(presentmentCurrencyCode="CAD"), "currency"),
        (STORE_CREDIT, refunds(customer=None), "not-the-orders-customer"),
        (STORE_CREDIT, refunds(customer={"id": BERT}), "not-the-orders-customer"),
        (TENDER, data("order", None), "no-order"),
    ],
)
def test_what_could_not_be_right_is_refused_before_anything_is_asked_for(
    asked: Refund, told: HttpReply, code: str
) -> None:
    heard = talk(SHOP.refund(asked), told)
    assert steps(heard) == ["look Refunds"]
    assert isinstance(heard.result, Refused)
    assert heard.result.saying.code == code


def test_an_amount_that_may_be_rounded_is_refused_unsent() -> None:
    asked = replace(TENDER, credit=replace(CREDIT, amount=Money(1255, "KWD")))
    heard = talk(SHOP.refund(asked))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is RefusalReason.CURRENCY


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (not_created("Refund amount is greater than net payment received"), Refused),
        (not_created("The idempotency key was used with different parameters"), Unanswered),
        (not_created("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"), Unanswered),
        (not_created("A concurrent request is being processed"), Unanswered),
        (not_created("No", refund()), Unanswered),
        (data("refundCreate", {"refund": None, "userErrors": []}), Unanswered),
        (data("refundCreate", None), Unanswered),
        (data("refundCreate", {"status": "PENDING"}), Unanswered),
        (errors("INTERNAL_SERVER_ERROR"), Unanswered),
        (errors("BAD_REQUEST", "The @idempotent directive is required"), Unanswered),
        (errors("INVALID_VARIABLE"), Refused),
        (THROTTLED, Throttled),
        (errors("ACCESS_DENIED", path=["refundCreate"], data={"refundCreate": None}), Unsent),
        (reply(200, b""), Unanswered),
        (said({"errors": "x"}, 502), Unanswered),
    ],
)
def test_an_answer_to_a_refund_that_is_no_yes(answer: HttpReply, expected: type) -> None:
    heard = talk(SHOP.refund(TENDER), refunds(), answer)
    assert steps(heard)[0] == "look Refunds"
    assert isinstance(heard.result, expected)


def test_the_code_of_the_credit_is_in_no_request_about_orders() -> None:
    heard = talk(SHOP.refund(TENDER), refunds(), not_created(f"no {CODE.reveal()}"))
    assert all(CODE.reveal().encode() not in ask.request.body for ask in heard.asked)
    assert CODE.reveal() not in str(heard.result)
