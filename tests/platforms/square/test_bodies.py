# SPDX-License-Identifier: Apache-2.0
"""What we say to Square, byte for byte, and against its OpenAPI document where that is here."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.sale import Refund, RefundTo
from agent.platforms.messages import HttpRequest
from agent.platforms.square import wire
from agent.platforms.square.adapter import SquareAdapter
from agent.platforms.square.currencies import CURRENCIES
from agent.platforms.square.options import SquareOptions
from tests.platforms.square.recorded import CARD_ID, LOCATION, SQUARE
from tests.platforms.talking import CODE, CREDIT, KEY
from tests.vendors.specs import spec

LEG = Refund(CREDIT, "ORDER0001", RefundTo.TENDER, tender="PAYMENT0001", reason="torn")
SENT: list[tuple[str, HttpRequest]] = [
    ("CreateGiftCardRequest", wire.create(CREDIT, LOCATION, "create")),
    ("CreateGiftCardRequest", wire.create(CREDIT, LOCATION, "burn-create")),
    ("CreateGiftCardRequest", wire.customers_card(LEG, LOCATION)),
    (
        "CreateGiftCardActivityRequest",
        wire.activate(CREDIT, CREDIT.amount, LOCATION, "activate"),
    ),
    ("CreateGiftCardActivityRequest", wire.deactivate(CREDIT, CARD_ID, LOCATION, "burn")),
    ("RetrieveGiftCardFromGANRequest", wire.from_gan(CODE)),
    ("LinkCustomerToGiftCardRequest", wire.link(CARD_ID, "CUSTOMER1")),
    ("BatchRetrieveOrdersRequest", wire.orders(["ORDER0001", "ORDER0002"])),
    ("RefundPaymentRequest", wire.refund(LEG, "PAYMENT0001", None)),
    ("RefundPaymentRequest", wire.refund(LEG, "PAYMENT0001", CARD_ID)),
    *(
        ("SearchCustomersRequest", wire.search_customers(CustomerReference(kind, value)))
        for kind, value in (
            (CustomerKind.EMAIL, "anna@example.com"),
            (CustomerKind.PHONE, "+15550100"),
            (CustomerKind.LOYALTY, "B0042"),
        )
    ),
]
ASKED = [
    wire.card(CARD_ID),
    wire.activities(CARD_ID),
    wire.activations(0, LOCATION, "c"),
    wire.cards_of("CUSTOMER1"),
    wire.location(LOCATION),
    wire.order("ORDER0001"),
    wire.payment("PAYMENT0001"),
    wire.refund_by_id("PAYMENT0001_R1"),
]


@cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(spec("square", "openapi.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize(
    ("schema", "request_"), SENT, ids=[f"{n}-{s[0]}" for n, s in enumerate(SENT)]
)
def test_every_body_is_one_of_squares_document(schema: str, request_: HttpRequest) -> None:
    whole = {**document(), "$ref": f"#/components/schemas/{schema}"}
    body = json.loads(request_.body)
    assert [error.message for error in Draft4Validator(whole).iter_errors(body)] == []
    known = document()["components"]["schemas"][schema]["properties"]
    assert set(body) <= set(known)
    assert "post" in document()["paths"][_template(request_.path)]


@pytest.mark.parametrize("request_", ASKED, ids=lambda asked: asked.path[:40])
def test_every_question_is_one_of_squares_document(request_: HttpRequest) -> None:
    path, _, query = request_.path.partition("?")
    operation = document()["paths"][_template(path)]["get"]
    known = {each["name"] for each in operation.get("parameters", ())}
    assert {pair.partition("=")[0] for pair in query.split("&") if pair} <= known
    assert request_.body == b""


def _template(path: str) -> str:
    """The document's name of a path."""
    parts = path.split("/")
    for template in document()["paths"]:
        named = template.split("/")
        if len(named) == len(parts) and all(
            ours == theirs or theirs.startswith("{")
            for ours, theirs in zip(parts, named, strict=True)
        ):
            return str(template)
    raise AssertionError(f"Square documents no {path}")


def test_our_currencies_are_squares() -> None:
    assert set(document()["components"]["schemas"]["Currency"]["enum"]) >= CURRENCIES


def test_our_version_is_the_documents() -> None:
    assert wire.VERSION == "2025-08-20"
    for _, request_ in SENT:
        assert ("Square-Version", wire.VERSION) in request_.headers
    for asked in ASKED:
        assert ("Square-Version", wire.VERSION) in asked.headers


def test_the_two_issuing_bodies_byte_for_byte() -> None:
    create = wire.create(CREDIT, LOCATION, "create")
    assert (create.method, create.path) == ("POST", "/v2/gift-cards")
    assert create.body.decode() == (
        f'{{"idempotency_key":"{CREDIT.vendor_key("create")}","location_id":"{LOCATION}",'
        f'"gift_card":{{"type":"DIGITAL","gan_source":"OTHER","gan":"{CODE.reveal()}"}}}}'
    )
    activate = wire.activate(CREDIT, CREDIT.amount, LOCATION, "activate")
    assert (activate.method, activate.path) == ("POST", "/v2/gift-cards/activities")
    assert activate.body.decode() == (
        f'{{"idempotency_key":"{CREDIT.vendor_key("activate")}","gift_card_activity":'
        f'{{"type":"ACTIVATE","location_id":"{LOCATION}","gift_card_gan":"{CODE.reveal()}",'
        '"activate_activity_details":{"amount_money":{"amount":4850,"currency":"USD"},'
        f'"reference_id":"{KEY}","buyer_payment_instrument_ids":["{KEY}"]}}}}}}'
    )


def test_who_knows_the_token_alone_makes_the_very_same_bytes() -> None:
    rebuilt = Credit(IdempotencyKey(KEY.text), Code(CODE.reveal()), Money(4850, "USD"))
    other = SquareAdapter(SquareOptions(location_id=LOCATION))
    assert other.opening(rebuilt) == SQUARE.opening(CREDIT)
    one = wire.activate(rebuilt, rebuilt.amount, LOCATION, "activate")
    assert one == wire.activate(CREDIT, CREDIT.amount, LOCATION, "activate")


def test_each_step_and_each_epoch_has_a_key_of_its_own() -> None:
    steps = ("create", "activate", "burn-create", "burn-activate", "burn-deactivate", "refund")
    keys = {replace(CREDIT, epoch=epoch).vendor_key(step) for step in steps for epoch in range(2)}
    assert len(keys) == 2 * len(steps)


def test_a_refunds_key_is_under_squares_45_characters_and_its_reason_under_192() -> None:
    body = json.loads(wire.refund(LEG, "PAYMENT0001", None).body)
    assert len(body["idempotency_key"]) <= 45
    assert body["reason"] == f"{KEY} torn"
    long = replace(LEG, reason="x" * 400)
    assert len(json.loads(wire.refund(long, "PAYMENT0001", None).body)["reason"]) == 192
    assert json.loads(wire.refund(replace(LEG, reason=""), "P", None).body)["reason"] == KEY.text


def test_outside_text_stays_inside_its_place() -> None:
    assert wire.card("a/../b?c").path == "/v2/gift-cards/a%2F..%2Fb%3Fc"
    assert wire.activations(0, "L&x=1", "c d").path.endswith("&limit=10&cursor=c+d")
    assert "L%26x%3D1" in wire.activations(0, "L&x=1", None).path
