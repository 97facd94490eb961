# SPDX-License-Identifier: Apache-2.0
"""Refunds of payments by Checkout, by recorded replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.outcome import Accepted, Refused, Unanswered, Unknown, Unsent
from agent.domain.sale import Refund, RefundTo
from agent.platforms.adyen import platform
from agent.platforms.adyen.orders import AdyenWithRefunds
from agent.platforms.messages import HttpReply
from agent.platforms.orders import OrdersAdapter
from tests.platforms.adyen.recorded import CREDIT, PSP, URL, error, of, options
from tests.platforms.talking import KEY, reply, talk

PAYMENT = "NC6HT9CRT65ZGN82"
CHECKOUT = AdyenWithRefunds(options(refunds_url="https://checkout.example/v72"))
REFUND = Refund(CREDIT, "S-1", RefundTo.TENDER, tender=PAYMENT)
STEP = f"refund POST /checkout/payments/{PAYMENT}/refunds"


def received(**changes: object) -> HttpReply:
    body = {
        "merchantAccount": "ShopPOS",
        "paymentPspReference": PAYMENT,
        "reference": KEY.text,
        "pspReference": PSP,
        "status": "received",
        "amount": {"currency": "USD", "value": 4850},
        **changes,
    }
    return reply(201, body)


def test_a_refund_is_accepted_and_never_final_by_its_answer() -> None:
    heard = talk(CHECKOUT.refund(REFUND), received())
    assert heard.said == [STEP]
    assert heard.asked[0].request.body == (
        b'{"merchantAccount":"ShopPOS","amount":{"value":4850,"currency":"USD"},'
        b'"reference":"0421-03-1763600000000-7K3QF2ZD","merchantRefundReason":"RETURN"}'
    )
    key = dict(heard.asked[0].request.headers)["Idempotency-Key"]
    assert key == CREDIT.vendor_key("refund")
    assert isinstance(heard.result, Accepted)
    assert heard.result.reference == PSP


@pytest.mark.parametrize(
    "changes",
    [
        {"merchantAccount": "Another"},
        {"paymentPspReference": "X" * 16},
        {"reference": "another"},
        {"status": "done"},
        {"amount": {"currency": "USD", "value": 4851}},
        {"amount": {"currency": "EUR", "value": 4850}},
    ],
)
def test_another_refund_is_not_ours(changes: dict[str, object]) -> None:
    heard = talk(CHECKOUT.refund(REFUND), received(**changes))
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (error(422, "137"), Refused),
        (error(422, "167"), Refused),
        (error(401, "000", "security"), Unsent),
        (error(403, "901", "security"), Unsent),
        (error(422, "704"), Unanswered),
        (error(500, "903", "internal"), Unanswered),
        (reply(200, b"{}"), Unanswered),
        (reply(201, b""), Unanswered),
        (reply(201, b"{}"), Unanswered),
        (reply(503, b""), Unanswered),
    ],
)
def test_what_else_may_be_answered(said: HttpReply, outcome: type[object]) -> None:
    assert isinstance(talk(CHECKOUT.refund(REFUND), said).result, outcome)


def test_the_echo_of_another_key_is_no_answer_to_ours() -> None:
    said = received()
    other = replace(said, headers=(*said.headers, ("idempotency-key", "another")))
    assert isinstance(talk(CHECKOUT.refund(REFUND), other).result, Unanswered)


@pytest.mark.parametrize(
    "refund",
    [
        replace(REFUND, tender=None),
        replace(REFUND, tender="../../x"),
        replace(REFUND, to=RefundTo.CREDIT),
        replace(REFUND, credit=of(1, "CVE")),
    ],
)
def test_a_refund_that_cannot_be_asked_for_is_refused_without_a_request(refund: Refund) -> None:
    heard = talk(CHECKOUT.refund(refund))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)


def test_neither_sale_nor_refund_can_be_read_back() -> None:
    assert isinstance(talk(CHECKOUT.sale("R-1")).result, Unknown)
    assert isinstance(talk(CHECKOUT.find_refund(REFUND)).result, Unknown)


def test_refunds_go_to_the_host_of_checkout_and_all_else_to_the_cards() -> None:
    table = {"url": URL, "merchant_account": "ShopPOS", "brand": "svs"}
    road = platform({**table, "refunds_url": "https://checkout.example/v72/"}).transport
    asked = talk(CHECKOUT.refund(REFUND), received()).asked[0].request
    assert road.address(asked.path) == f"https://checkout.example/v72/payments/{PAYMENT}/refunds"
    assert road.address("/pal/servlet/StoredValue/v46/load").startswith(URL)
    assert platform(table).transport.address("/checkout/x") == f"{URL}/checkout/x"
    with pytest.raises(ValueError, match="checkout"):
        platform({**table, "refunds_url": "http://checkout.example"})


def test_refunds_are_offered_only_where_their_address_is_set() -> None:
    table = {"url": URL, "merchant_account": "ShopPOS", "brand": "svs"}
    assert not isinstance(platform(table).adapter, OrdersAdapter)
    with_refunds = platform({**table, "refunds_url": "https://checkout.example/v72"}).adapter
    assert isinstance(with_refunds, OrdersAdapter)
    assert with_refunds.refunds_to == {RefundTo.TENDER}
