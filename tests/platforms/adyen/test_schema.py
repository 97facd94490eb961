# SPDX-License-Identifier: Apache-2.0
"""Every body that we send, and every recorded answer, against Adyen's OpenAPI documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from agent.domain.plastic import Plastic
from agent.platforms.adyen.adapter import AdyenAdapter
from agent.platforms.exchange import Do, Look
from agent.platforms.messages import HttpReply
from tests.platforms.adyen.recorded import (
    CARD,
    CREDIT,
    EMPTY,
    FULL,
    GIVEX,
    PATH,
    SVS,
    dated,
    error,
    no,
    options,
)
from tests.platforms.adyen.test_refunds import CHECKOUT, REFUND, received
from tests.platforms.talking import talk
from tests.vendors.specs import spec

STORED_VALUE = "StoredValueService-v46.json"
CHECKOUT_FILE = "CheckoutService-v72.json"


def against(file: str, reference: str, value: object) -> list[str]:
    document = json.loads(spec("adyen", file).read_text(encoding="utf-8"))
    schema = {"components": document["components"], "$ref": reference}
    return [found.message for found in Draft202012Validator(schema).iter_errors(value)]


def body_schema(file: str, path: str) -> str:
    document = json.loads(spec("adyen", file).read_text(encoding="utf-8"))
    content: dict[str, Any] = document["paths"][path]["post"]["requestBody"]["content"]
    reference: str = content["application/json"]["schema"]["$ref"]
    return reference


STORED = AdyenAdapter(options(store="S0421"))
WITHOUT_PIN = Plastic("6036280000001234")
ASKED: list[Look | Do] = [
    *talk(SVS.burn(CREDIT), dated(EMPTY), FULL, FULL, EMPTY).asked,
    *talk(GIVEX.burn(CREDIT), dated(no()), FULL, FULL, EMPTY).asked,
    *talk(STORED.burn(CREDIT), dated(EMPTY), FULL, FULL, EMPTY).asked,
    *talk(SVS.find(CREDIT), EMPTY).asked,
    *talk(SVS.balance_of(WITHOUT_PIN), EMPTY).asked,
    *talk(SVS.probe(0), EMPTY).asked,
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.request.path.rpartition("/")[2])
def test_every_body_is_one_of_the_contract(asked: Look | Do) -> None:
    path = "/" + asked.request.path.removeprefix(PATH)
    found = against(STORED_VALUE, body_schema(STORED_VALUE, path), json.loads(asked.request.body))
    assert found == []


def test_the_body_of_a_refund_is_one_of_the_contract() -> None:
    asked = talk(CHECKOUT.refund(REFUND), received()).asked[0].request
    path = "/payments/{paymentPspReference}/refunds"
    found = against(CHECKOUT_FILE, body_schema(CHECKOUT_FILE, path), json.loads(asked.body))
    assert found == []


@pytest.mark.parametrize(
    ("file", "schema", "heard"),
    [
        (STORED_VALUE, "StoredValueLoadResponse", FULL),
        (STORED_VALUE, "StoredValueStatusChangeResponse", FULL),
        (STORED_VALUE, "StoredValueLoadResponse", no(raw="57")),
        (STORED_VALUE, "ServiceError", error(422, "101")),
        (CHECKOUT_FILE, "PaymentRefundResponse", received()),
    ],
)
def test_the_recorded_answers_are_of_the_contract(file: str, schema: str, heard: HttpReply) -> None:
    assert against(file, f"#/components/schemas/{schema}", json.loads(heard.body)) == []


def test_the_limits_that_the_adapter_keeps_are_the_contracts() -> None:
    assert len(CREDIT.key.text) <= 80
    assert len(CREDIT.vendor_key("load")) <= 64
    assert CARD.number not in "".join(asked.request.path for asked in ASKED)
