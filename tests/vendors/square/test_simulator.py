# SPDX-License-Identifier: Apache-2.0
"""The simulated Square does what its documentation says, and the adapter passes the platform
contract's suite against it, in virtual time, through the real driver and transport."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

import pytest

from agent.domain.code import Code
from agent.domain.money import Money
from agent.domain.outcome import Confirmed
from agent.platforms.messages import HttpRequest
from agent.platforms.probe import ProbeResult
from agent.platforms.square import wire
from agent.platforms.square.options import SquareOptions
from tests.contracts import test_platform_contract as suite
from tests.fakes.platform import MemoryEffects
from tests.platforms.talking import CODE, CREDIT, KEY
from tests.simulation.loop import run, running
from tests.simulation.network import Network
from tests.simulation.profiles import HOST, opened
from tests.simulation.wire import Reply, Request
from tests.vendors.square.profile import PROFILE
from tests.vendors.square.simulator import LOCATION, SquareSim

NOW_MS: Final = suite.NOW_MS
DAY_MS: Final = 86_400_000
NOT_SQUARES: Final = frozenset(
    {
        "test_notes_may_be_repeated",  # a gift card has no field for notes
        "test_the_same_issue_twice_is_one_credit",  # it counts one step: Square has two
        # The same key with another code: Square cannot be asked for a key.
        "test_a_credit_that_differs_in_anything_is_never_confirmed-3",
    }
)
Case = Callable[..., Coroutine[Any, Any, None]]


class Shop:
    """The simulator with a clock that a test moves."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS
        self.square = SquareSim(PROFILE, random.Random(2), lambda: self.now_ms)

    def ask(self, request: HttpRequest, token: str = "secret") -> tuple[int, dict[str, Any]]:
        headers = {name.lower(): value for name, value in request.headers}
        headers["authorization"] = f"Bearer {token}"
        answer = self.square.handle(Request(request.method, request.path, headers, request.body))
        assert isinstance(answer, Reply)
        return answer.status, json.loads(answer.body)

    def code(self, request: HttpRequest) -> str:
        status, body = self.ask(request)
        assert status >= 400
        return str(body["errors"][0]["code"])

    def issued(self) -> str:
        self.ask(wire.create(CREDIT, LOCATION, "create"))
        status, body = self.ask(wire.activate(CREDIT, CREDIT.amount, LOCATION, "activate"))
        assert status == 200
        return str(body["gift_card_activity"]["gift_card_id"])

    def state(self) -> str:
        _, body = self.ask(wire.from_gan(CODE))
        return str(body["gift_card"]["state"])


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_card_is_empty_until_its_activation(shop: Shop) -> None:
    status, body = shop.ask(wire.create(CREDIT, LOCATION, "create"))
    assert status == 200
    assert body["gift_card"]["state"] == "PENDING"
    assert body["gift_card"]["balance_money"] == {"amount": 0, "currency": "USD"}
    assert len(shop.square.cards) == 0
    _, body = shop.ask(wire.activate(CREDIT, CREDIT.amount, LOCATION, "activate"))
    details = body["gift_card_activity"]["activate_activity_details"]
    assert details == {
        "amount_money": {"amount": 4850, "currency": "USD"},
        "reference_id": KEY.text,
    }
    assert shop.state() == "ACTIVE"


def test_a_number_is_registered_once_for_ever(shop: Shop) -> None:
    shop.ask(wire.create(CREDIT, LOCATION, "create"))
    shop.now_ms += 400 * DAY_MS
    assert shop.code(wire.create(CREDIT, LOCATION, "create")) == "INVALID_VALUE"
    assert shop.code(wire.create(CREDIT, LOCATION, "burn-create")) == "INVALID_VALUE"


def test_a_card_is_activated_once(shop: Shop) -> None:
    shop.issued()
    again = wire.activate(CREDIT, Money(1, "USD"), LOCATION, "burn-activate")
    assert shop.code(again) == "BAD_REQUEST"
    assert [card.minor for card in shop.square.cards] == [4850]


def test_a_remembered_key_brings_the_first_answer_though_the_card_is_dead(shop: Shop) -> None:
    card_id = shop.issued()
    shop.ask(wire.deactivate(CREDIT, card_id, LOCATION, "burn-deactivate"))
    assert shop.state() == "DEACTIVATED"
    _, body = shop.ask(wire.create(CREDIT, LOCATION, "create"))
    assert body["gift_card"]["state"] == "PENDING"
    _, body = shop.ask(wire.activate(CREDIT, CREDIT.amount, LOCATION, "activate"))
    assert body["gift_card_activity"]["gift_card_balance_money"]["amount"] == 4850
    assert shop.state() == "DEACTIVATED"


def test_another_body_under_a_key_is_refused(shop: Shop) -> None:
    shop.issued()
    other = wire.activate(CREDIT, Money(1, "USD"), LOCATION, "activate")
    assert shop.code(other) == "IDEMPOTENCY_KEY_REUSED"


def test_only_an_active_card_is_deactivated_and_only_for_suspicious_activity(shop: Shop) -> None:
    _, body = shop.ask(wire.create(CREDIT, LOCATION, "create"))
    card_id = body["gift_card"]["id"]
    assert shop.code(wire.deactivate(CREDIT, card_id, LOCATION, "x")) == "BAD_REQUEST"
    shop.issued()
    request = wire.deactivate(CREDIT, card_id, LOCATION, "y")
    data = request.body.replace(b"SUSPICIOUS_ACTIVITY", b"UNKNOWN_REASON")
    changed = HttpRequest("POST", request.path, data, request.headers)
    assert shop.code(changed) == "INVALID_VALUE"
    assert shop.state() == "ACTIVE"


def test_activities_are_of_the_last_year_unless_one_says_since_when(shop: Shop) -> None:
    card_id = shop.issued()
    shop.now_ms += 400 * DAY_MS
    bare = HttpRequest(
        "GET",
        f"/v2/gift-cards/activities?gift_card_id={card_id}",
        b"",
        (("Square-Version", wire.VERSION),),
    )
    assert shop.ask(bare) == (200, {})
    _, body = shop.ask(wire.activities(card_id))
    assert [each["type"] for each in body["gift_card_activities"]] == ["ACTIVATE"]


def test_one_payment_instrument_loads_so_much_a_day(shop: Shop) -> None:
    for number in range(3):
        credit = suite.credit(number, minor=400_000)
        shop.ask(wire.create(credit, LOCATION, "create"))
        body = json.loads(wire.activate(credit, credit.amount, LOCATION, "activate").body)
        body["gift_card_activity"]["activate_activity_details"]["buyer_payment_instrument_ids"] = [
            "cash"
        ]
        constant = HttpRequest(
            "POST",
            "/v2/gift-cards/activities",
            json.dumps(body).encode(),
            (("Square-Version", wire.VERSION),),
        )
        if number < 2:
            assert shop.ask(constant)[0] == 200
        else:
            assert shop.code(constant) == "BAD_REQUEST"
            own = wire.activate(credit, credit.amount, LOCATION, "own")
            assert shop.ask(own)[0] == 200


def test_a_wrong_token_and_a_foreign_version_are_turned_away(shop: Shop) -> None:
    status, body = shop.ask(wire.from_gan(CODE), token="other")
    assert (status, body["errors"][0]["code"]) == (401, "UNAUTHORIZED")
    bare = HttpRequest("POST", "/v2/gift-cards/from-gan", wire.from_gan(CODE).body)
    assert shop.code(bare) == "INVALID_SQUARE_VERSION_FORMAT"


def test_every_request_of_the_adapter_has_its_operation(shop: Shop) -> None:
    assert shop.square.operation_of(Request("DELETE", "/v2/gift-cards", {})) == "no-such-path"
    status, body = shop.ask(HttpRequest("GET", "/v2/nothing"))
    assert (status, body["errors"][0]["code"]) == (404, "NOT_FOUND")


def _cases() -> Iterator[Any]:
    """Each of the suite's tests with each of its own parameters."""
    for name, case in vars(suite).items():
        if not name.startswith("test_") or name in NOT_SQUARES:
            continue
        marks = [mark for mark in getattr(case, "pytestmark", []) if mark.name == "parametrize"]
        if not marks:
            yield pytest.param(case, {}, id=name)
            continue
        argument, values = marks[0].args
        for number, value in enumerate(values):
            if f"{name}-{number}" in NOT_SQUARES:
                continue
            yield pytest.param(case, {argument: value}, id=f"{name}-{number}")


async def _try(case: Case, arguments: dict[str, object]) -> None:
    network = Network(random.Random(1))
    simulated = SquareSim(PROFILE, random.Random(2), lambda: NOW_MS)
    server = network.serve(HOST, simulated.handle)
    simulated.customers.add("cus_1", "A*** B.", ("email", suite.ANNA.value))
    simulated.customers.add("cus_2", "T*** 1", ("phone", suite.TWINS.value))
    simulated.customers.add("cus_3", "T*** 2", ("phone", suite.TWINS.value))

    def spend(code: Code, amount: Money) -> None:
        assert simulated.spend(code.reveal(), amount.minor)

    async def set_down(down: bool) -> None:
        server.up = not down

    async with opened(PROFILE, network, "till", lambda: "secret") as platform:
        await case(suite.World(platform, spend, set_down), **arguments)


@pytest.mark.parametrize(("case", "arguments"), list(_cases()))
def test_the_contracts_suite_holds(case: Case, arguments: dict[str, object]) -> None:
    held: list[bool] = []

    async def main() -> None:
        await _try(case, arguments)
        held.append(True)

    run(1, main)
    assert held == [True]


def test_the_same_issue_twice_is_one_credit_of_two_steps() -> None:
    listed: list[list[str | None]] = []

    async def main() -> None:
        network = Network(random.Random(1))
        simulated = SquareSim(PROFILE, random.Random(2), lambda: NOW_MS)
        network.serve(HOST, simulated.handle)
        effects = MemoryEffects()
        async with opened(PROFILE, network, "till", lambda: "secret") as platform:
            for _ in range(2):
                done = effects.done
                outcome = await platform.issue(suite.credit(), None, done, effects, suite.soon())
                assert isinstance(outcome, Confirmed)
            assert [each.step for each in effects.journalled] == ["create", "activate"]
            every = platform.list_since(0, suite.soon())
            listed.append([card.key async for card in every])

    run(1, main)
    assert listed == [[suite.credit().key.text]]


def test_more_cards_than_a_page_are_listed_with_their_states() -> None:
    found: list[tuple[bool, int]] = []

    async def main() -> None:
        network = Network(random.Random(1))
        simulated = SquareSim(PROFILE, random.Random(2), lambda: NOW_MS)
        network.serve(HOST, simulated.handle)
        for number in range(23):
            code = Code.draw(3, (number, *range(13))).reveal()
            simulated.foreign(code, 100 + number, "USD")
            if number % 5 == 0:
                simulated.disable_elsewhere(code)
        async with opened(PROFILE, network, "till", lambda: "secret") as platform:
            async for card in platform.list_since(NOW_MS, running().time() + 60):
                assert card.key is None
                found.append((card.enabled, card.initial.minor))

    run(1, main)
    assert found == [(number % 5 != 0, 100 + number) for number in range(23)]


def test_a_probe_says_what_the_token_lacks() -> None:
    probed: list[dict[tuple[str, ProbeResult], str]] = []

    async def main() -> None:
        network = Network(random.Random(1))
        simulated = SquareSim(PROFILE, random.Random(2), lambda: NOW_MS)
        network.serve(HOST, simulated.handle)
        async with opened(PROFILE, network, "till", lambda: "secret") as platform:
            for scopes in (simulated.scopes, ["GIFTCARDS_READ"]):
                simulated.scopes = scopes
                each = await platform.probe(NOW_MS, suite.soon())
                probed.append({(one.what, one.result): one.detail for one in each})

    run(1, main)
    assert {result for _, result in probed[0]} == {ProbeResult.OK}
    assert "GIFTCARDS_WRITE" in probed[1]["scope", ProbeResult.WRONG]
    assert ("scope", ProbeResult.WEAK) in probed[1]


def test_the_location_is_a_setting_without_a_default() -> None:
    with pytest.raises(ValueError, match="location_id"):
        SquareOptions.read({"url": "https://credit.example"})
    assert SquareOptions.read({"location_id": LOCATION}).url == "https://connect.squareup.com"
