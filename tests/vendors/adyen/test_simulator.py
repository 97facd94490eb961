# SPDX-License-Identifier: Apache-2.0
"""The simulator does what Adyen documents: keys, states of a card, voids, errors."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.simulation.wire import Afterwards, Reply, Request
from tests.vendors.adyen.profile import BOTH, GIVEX, PROFILE, AdyenProfile
from tests.vendors.adyen.simulator import CHECKOUT, DAY_MS, STORED_VALUE
from tests.vendors.specs import spec

START_MS = 1_795_000_000_000
NUMBER = "6036280000001234"


@dataclass
class Bench:
    """The simulator with a clock that moves when a test moves it."""

    profile: AdyenProfile = PROFILE
    at_ms: int = START_MS

    def __post_init__(self) -> None:
        self.shop = self.profile.platform(random.Random(1), lambda: self.at_ms, "token")

    def ask(self, name: str, key: str = "", token: str = "token", **body: Any) -> Reply:
        headers = {"x-api-key": token, "content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        path = name if name.startswith("/") else STORED_VALUE + name
        answer = self.shop.handle(Request("POST", path, headers, _data(body)))
        if isinstance(answer, Afterwards):
            answer = answer.answer
        assert isinstance(answer, Reply)
        return answer

    def card(self, name: str, key: str = "", number: str = NUMBER, **body: Any) -> Reply:
        method = {"type": self.profile.brand, "number": number}
        whole = {"merchantAccount": "ShopPOS", "reference": "R-1", "paymentMethod": method, **body}
        return self.ask(name, key, **whole)

    def load(self, key: str, value: int = 500, **more: Any) -> Reply:
        amount = {"value": value, "currency": "USD"}
        return self.card("load", key, amount=amount, loadType="merchandiseReturn", **more)

    def activate(self, key: str, value: int = 500) -> Reply:
        amount = {"value": value, "currency": "USD"}
        return self.card("changeStatus", key, amount=amount, status="active")

    def on_card(self) -> int:
        return self.shop.plastic(NUMBER).balance


def _data(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def said(reply: Reply) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reply.body)
    return found


def test_the_same_key_brings_the_first_answer_for_seven_days_and_then_loads_again() -> None:
    bench = Bench()
    first = said(bench.load("k1"))
    bench.shop.spend(NUMBER, 100)
    again = bench.load("k1")
    assert said(again) == first
    assert dict(again.headers)["Idempotency-Key"] == "k1"
    assert bench.on_card() == 400
    bench.at_ms += 7 * DAY_MS
    assert said(bench.load("k1")) != first
    assert bench.on_card() == 900


def test_another_body_under_the_same_key_is_not_compared() -> None:
    bench = Bench()
    first = said(bench.load("k1", 500))
    assert said(bench.load("k1", 900)) == first
    assert bench.on_card() == 500


def test_a_refusal_is_kept_under_its_key_as_well() -> None:
    bench = Bench()
    bench.shop.board.chances = {"refused_422": 1.0}
    assert said(bench.load("k1"))["resultCode"] == "Refused"
    bench.shop.board.calm()
    assert said(bench.load("k1"))["resultCode"] == "Refused"
    assert bench.on_card() == 0


def test_a_passing_error_is_not_kept() -> None:
    bench = Bench()
    bench.shop.board.chances = {"not_executed_503": 1.0}
    passing = bench.load("k1")
    assert (passing.status, said(passing)["errorCode"]) == (503, "703")
    assert dict(passing.headers)["Transient-Error"] == "true"
    bench.shop.board.calm()
    assert said(bench.load("k1"))["resultCode"] == "Success"


def test_a_fresh_card_tells_no_balance_and_is_activated_once() -> None:
    bench = Bench(GIVEX)
    assert said(bench.card("checkBalance"))["resultCode"] == "Refused"
    assert said(bench.activate("k1"))["currentBalance"] == {"value": 500, "currency": "USD"}
    assert said(bench.activate("k2"))["resultCode"] == "Refused"
    assert said(bench.card("checkBalance"))["currentBalance"]["value"] == 500


def test_a_deactivated_card_is_dead_for_ever() -> None:
    bench = Bench(GIVEX)
    bench.activate("k1")
    assert said(bench.card("changeStatus", "k2", status="inactive"))["resultCode"] == "Success"
    assert said(bench.activate("k3"))["resultCode"] == "Refused"
    assert said(bench.load("k4"))["resultCode"] == "Refused"
    assert not bench.shop.spend(NUMBER, 1)
    assert [card.enabled for card in bench.shop.cards] == [False]


def test_deactivating_is_for_givex_alone() -> None:
    bench = Bench(PROFILE)
    bench.load("k1")
    assert said(bench.card("changeStatus", "k2", status="inactive"))["resultCode"] == "Refused"


def void(bench: Bench, original: str, key: str = "v1") -> Reply:
    return bench.ask("voidTransaction", key, merchantAccount="ShopPOS", originalReference=original)


def test_a_void_takes_exactly_its_load_off_the_card_once() -> None:
    bench = Bench()
    psp = said(bench.load("k1"))["pspReference"]
    bench.load("k2", 70)
    assert said(void(bench, psp))["currentBalance"]["value"] == 70
    assert said(void(bench, psp))["currentBalance"]["value"] == 70
    assert said(void(bench, psp, "v2"))["resultCode"] == "Refused"
    assert [card.enabled for card in bench.shop.cards] == [False, True]


def test_what_is_older_than_a_day_or_spent_is_not_voided() -> None:
    bench = Bench()
    old, spent = (said(bench.load(key))["pspReference"] for key in ("k1", "k2"))
    bench.shop.spend(NUMBER, 600)
    assert said(void(bench, spent))["resultCode"] == "Refused"
    bench.at_ms += DAY_MS + 1
    assert said(void(bench, old, "v2"))["resultCode"] == "Refused"


def test_a_void_of_nothing_is_an_error() -> None:
    reply = void(Bench(), "NOTHING000000000")
    assert (reply.status, said(reply)["errorCode"]) == (422, "167")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"merchantAccount": ""}, 403, "901"),
        ({"reference": "r" * 81}, 422, "130"),
        ({"paymentMethod": {"type": "svs"}}, 422, "101"),
        ({"store": "s" * 17}, 422, "14_029"),
        ({"amount": {"value": 0, "currency": "USD"}}, 422, "137"),
        ({"amount": {"value": 5.5, "currency": "USD"}}, 422, "137"),
        ({"amount": {"value": 5, "currency": "DOLLAR"}}, 422, "138"),
        ({"amount": None}, 422, "100"),
        ({"code": "OURS"}, 400, "702"),
    ],
)
def test_a_wrong_body_is_an_error_of_adyens(body: dict[str, Any], status: int, code: str) -> None:
    bench = Bench()
    amount = {"value": 500, "currency": "USD"}
    reply = bench.card("load", "k1", **{"amount": amount, "loadType": "load", **body})
    assert (reply.status, said(reply)["errorCode"]) == (status, code)
    assert bench.on_card() == 0


def test_a_wrong_api_key_is_told_as_adyen_tells_it() -> None:
    bench = Bench()
    reply = bench.ask("checkBalance", token="old")
    assert (reply.status, said(reply)["errorType"]) == (401, "security")


def test_a_refund_is_received_once_and_never_over_what_was_captured() -> None:
    bench = Bench()
    bench.shop.captured["PAY0000000000001"] = 900
    path = f"{CHECKOUT}PAY0000000000001/refunds"
    body: dict[str, Any] = {
        "merchantAccount": "ShopPOS",
        "amount": {"value": 500, "currency": "USD"},
    }
    first = bench.ask(path, "r1", **body)
    assert (first.status, said(first)["status"]) == (201, "received")
    assert said(bench.ask(path, "r1", **body)) == said(first)
    assert bench.ask(path, "r2", **body).status == 422
    assert len(bench.shop.refunds) == 1


@pytest.mark.parametrize("profile", BOTH, ids=lambda each: each.name)
def test_its_answers_are_of_adyens_contract(profile: AdyenProfile) -> None:
    document = json.loads(spec("adyen", "StoredValueService-v46.json").read_text("utf-8"))
    bench = Bench(profile)
    put = bench.load if profile.put == "load" else bench.activate
    answers = [put("k1"), bench.card("checkBalance"), put("k2"), bench.ask("load")]
    names = ("StoredValueLoadResponse", "StoredValueBalanceCheckResponse")
    schemas = (names[0], names[1], names[0], "ServiceError")
    for answer, name in zip(answers, schemas, strict=True):
        schema = {"components": document["components"], "$ref": f"#/components/schemas/{name}"}
        assert list(Draft202012Validator(schema).iter_errors(said(answer))) == []


def test_the_profile_claims_what_the_adapter_claims() -> None:
    abilities = PROFILE.abilities()
    assert abilities == GIVEX.abilities()
    assert abilities.key_window_s == (PROFILE.key_window_ms or 0) // 1000
    assert (abilities.unique_codes, abilities.compares_body) == (False, False)
