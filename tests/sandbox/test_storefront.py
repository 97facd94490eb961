# SPDX-License-Identifier: Apache-2.0
"""Accounts, checkout, ledger and switches: what stands around the contract."""

from __future__ import annotations

import pytest

from agent.domain.outcome import Confirmed
from agent.sandbox import Fault
from agent.sandbox.requests import KEPT_MAX
from tests.fakes.platform import MemoryEffects
from tests.sandbox.conftest import TOKEN, Shop, credit

ANNA = {
    "customer_id": "cus_1",
    "masked": "A*** B.",
    "identifiers": [{"kind": "email", "value": "anna@example.com"}],
}


async def test_a_shopper_sees_the_credit_and_spends_it(shop: Shop) -> None:
    assert (await shop.control("POST", "/sandbox/customers", ANNA))[0] == 201
    outcome = await shop.platform.issue(credit(), "cus_1", {}, MemoryEffects(), shop.deadline())
    assert isinstance(outcome, Confirmed)
    assert outcome.linked
    _, account = await shop.control("GET", "/sandbox/accounts/cus_1")
    assert account["balances"] == [{"minor": 4850, "currency": "USD"}]
    spent = {"code": credit().code.reveal(), "amount": {"minor": 850, "currency": "USD"}}
    status, left = await shop.control("POST", "/sandbox/spend", spent)
    assert (status, left["balance"]["minor"]) == (200, 4000)
    _, account = await shop.control("GET", "/sandbox/accounts/cus_1")
    assert account["balances"] == [{"minor": 4000, "currency": "USD"}]
    await shop.platform.burn(credit(), {}, MemoryEffects(), shop.deadline())
    _, account = await shop.control("GET", "/sandbox/accounts/cus_1")
    assert account["balances"] == []
    assert len(account["credits"]) == 1


@pytest.mark.parametrize(
    ("minor", "currency", "status", "code"),
    [(4851, "USD", 409, "balance"), (1, "EUR", 409, "balance"), (0, "USD", 422, "bad-field")],
)
async def test_nobody_spends_more_than_there_is(
    shop: Shop, minor: int, currency: str, status: int, code: str
) -> None:
    await shop.platform.issue(credit(), None, {}, MemoryEffects(), shop.deadline())
    before = shop.sandbox.ledger()
    body = {"code": credit().code.reveal(), "amount": {"minor": minor, "currency": currency}}
    answer = await shop.control("POST", "/sandbox/spend", body)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert shop.sandbox.ledger() == before


async def test_a_disabled_or_unknown_code_cannot_be_spent(shop: Shop) -> None:
    body = {"code": credit().code.reveal(), "amount": {"minor": 1, "currency": "USD"}}
    assert (await shop.control("POST", "/sandbox/spend", body))[0] == 404
    await shop.platform.burn(credit(), {}, MemoryEffects(), shop.deadline())
    status, said = await shop.control("POST", "/sandbox/spend", body)
    assert (status, said["code"]) == (409, "disabled")


async def test_an_account_that_does_not_exist_is_not_found(shop: Shop) -> None:
    status, said = await shop.control("GET", "/sandbox/accounts/nobody")
    assert (status, said["code"]) == (404, "not-found")


async def test_a_customer_may_be_completed_later(shop: Shop) -> None:
    await shop.control("POST", "/sandbox/customers", ANNA)
    more = {**ANNA, "masked": "A***", "identifiers": [{"kind": "phone", "value": "+491511234567"}]}
    await shop.control("POST", "/sandbox/customers", more)
    for kind, value in (("email", "anna@example.com"), ("phone", "+491511234567")):
        asked = {"kind": kind, "value": value}
        _, found = await shop.ask("POST", "/v1/customers/resolve", asked)
        assert found == {"matches": [{"customer_id": "cus_1", "masked": "A***"}]}


async def test_faults_are_switched_shown_and_reset_at_both_doors(shop: Shop) -> None:
    wanted = {"name": "throttled", "on": True, "times": 2, "paths": ["/v1/credits"]}
    status, shown = await shop.control("POST", "/sandbox/faults", wanted)
    assert status == 200
    assert shown["faults"] == [
        {
            "name": "throttled",
            "paths": ["* /v1/credits"],
            "left": 2,
            "bitten": 0,
            "retry_after_s": 1,
        }
    ]
    assert await shop.ask("GET", "/sandbox/faults") == (200, shown)
    off = {"name": "throttled", "on": False}
    assert (await shop.ask("POST", "/sandbox/faults", off))[1] == {"faults": []}
    await shop.control("POST", "/sandbox/faults", {"name": "slow", "ms": 5})
    assert (await shop.control("DELETE", "/sandbox/faults"))[1] == {"faults": []}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": "sloow"}, "name"),
        ({}, "name, on"),
        ({"name": "slow", "on": "yes"}, "name, on"),
        ({"name": "slow", "ms": "5"}, "ms"),
        ({"name": "slow", "ms": -1}, "ms"),
        ({"name": "slow", "seconds": 1}, "seconds"),
        ({"name": "slow", "times": 0}, "times"),
        ({"name": "slow", "times": True}, "times"),
        ({"name": "slow", "paths": "/v1/*"}, "paths"),
        ({"name": "slow", "paths": ["credits"]}, "paths"),
        ({"name": "wrong_amount", "ledger": "left"}, "ledger"),
        ({"name": "down", "times": 1}, "times, paths"),
        ([], "body"),
    ],
    ids=str,
)
async def test_a_switch_that_is_wrong_is_named_and_switches_nothing(
    shop: Shop, wanted: object, field: str
) -> None:
    status, said = await shop.control("POST", "/sandbox/faults", wanted)
    assert (status, said["field"]) == (422, field)
    assert shop.sandbox.faults.active() == []


async def test_a_foreign_page_cannot_switch_anything(shop: Shop) -> None:
    url = f"{shop.sandbox.control_url}/sandbox/faults"
    data = b'{"name": "down"}'
    async with shop.http.post(url, data=data, headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 400
    assert not shop.sandbox.faults.is_on(Fault.DOWN)


async def test_the_control_door_brings_back_what_is_down(shop: Shop) -> None:
    url = shop.sandbox.url
    assert (await shop.ask("POST", "/sandbox/faults", {"name": "down"}))[0] == 200
    with pytest.raises(OSError, match="onnect"):
        await shop.ask("GET", "/sandbox/ledger")
    assert (await shop.control("GET", "/sandbox/ledger"))[1] == {"credits": []}
    assert (await shop.control("DELETE", "/sandbox/faults"))[0] == 200
    assert (await shop.ask("GET", "/sandbox/ledger"))[0] == 200
    assert shop.sandbox.url == url


async def test_the_last_requests_show_one_key_twice_and_what_became_of_each(shop: Shop) -> None:
    await shop.on(Fault.ANSWER_LOST_AFTER_COMMIT, times=1)
    for _ in range(2):
        await shop.platform.issue(credit(), None, {}, MemoryEffects(), shop.deadline())
    _, shown = await shop.control("GET", "/sandbox/requests")
    first, again = (each for each in shown["requests"] if each["path"] == "/v1/credits")
    assert (first["executed"], first["answered"]) == (201, None)
    assert (again["executed"], again["answered"]) == (200, 200)
    assert first["idempotency_key"] == again["idempotency_key"] is not None
    assert first["key"] == credit().key.text
    assert first["amount"] == {"minor": 4850, "currency": "USD"}
    assert first["code_last_four"] == credit().code.last_four


async def test_the_last_requests_hold_no_code_no_token_and_no_path_of_a_caller(
    shop: Shop,
) -> None:
    code = credit().code.reveal()
    await shop.platform.issue(credit(), None, {}, MemoryEffects(), shop.deadline())
    await shop.platform.find(credit(), shop.deadline())
    assert (await shop.ask("GET", f"/v1/other/{code}", token=code))[0] == 401
    await shop.ask("POST", "/v1/credits", {"key": code, "code": [code], "amount": code})
    _, shown = await shop.control("GET", "/sandbox/requests")
    assert len(shown["requests"]) == 4
    assert code not in str(shown)
    assert TOKEN not in str(shown)


async def test_only_the_last_requests_are_kept(shop: Shop) -> None:
    for _ in range(KEPT_MAX + 3):
        await shop.ask("GET", "/v1/nothing")
    _, shown = await shop.control("GET", "/sandbox/requests")
    numbers = [each["number"] for each in shown["requests"]]
    assert numbers == list(range(4, KEPT_MAX + 4))
