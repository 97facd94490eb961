# SPDX-License-Identifier: Apache-2.0
"""The sandbox serves exactly the contract: paths, bodies, problems, keys, durability."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from agent.sandbox import start_sandbox
from tests.platforms.contract_schema import CONTRACT, schema_errors
from tests.sandbox.conftest import NOW_MS, TOKEN, Shop, credit, running_shop

KEY = credit().key.text
CODE = credit().code.reveal()
VENDOR_KEY = str(uuid.UUID(int=7))
BODY = {"key": KEY, "code": CODE, "amount": {"minor": 4850, "currency": "USD"}}


async def issue(shop: Shop, body: object = BODY, vendor_key: str = VENDOR_KEY) -> tuple[int, dict]:  # type: ignore[type-arg]
    return await shop.ask("POST", "/v1/credits", body, **{"Idempotency-Key": vendor_key})


async def test_a_credit_is_created_once_and_replayed_as_it_stands(shop: Shop) -> None:
    status, made = await issue(shop)
    assert status == 201
    assert schema_errors("Credit", made) == []
    assert made["created_at"] == "2025-11-20T00:53:20.000Z"
    assert (made["initial"], made["balance"], made["enabled"]) == (
        BODY["amount"],
        BODY["amount"],
        True,
    )
    assert await issue(shop) == (200, made)
    await shop.ask("POST", "/v1/credits/disable", {"code": CODE})
    assert await issue(shop) == (200, {**made, "enabled": False})
    assert len(shop.sandbox.ledger()) == 1


async def test_a_replay_says_so_and_every_reply_has_its_number_and_the_sandboxs_time(
    shop: Shop,
) -> None:
    await issue(shop)
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": VENDOR_KEY}
    url = f"{shop.sandbox.url}/v1/credits"
    async with shop.http.post(url, json=BODY, headers=headers) as response:
        assert response.headers["Idempotent-Replayed"] == "true"
        assert response.headers["Request-Id"].startswith("req_")
        assert response.headers["Date"] == "Thu, 20 Nov 2025 00:53:20 GMT"


@pytest.mark.parametrize(
    ("changes", "vendor_key", "code"),
    [
        ({"amount": {"minor": 1, "currency": "USD"}}, VENDOR_KEY, "key-reused"),
        ({"amount": {"minor": 1, "currency": "USD"}}, str(uuid.UUID(int=8)), "code-taken"),
        ({}, str(uuid.UUID(int=8)), "code-taken"),
        ({"code": credit(1).code.reveal()}, str(uuid.UUID(int=8)), "key-reused"),
        ({"key": credit(1).key.text}, str(uuid.UUID(int=8)), "code-taken"),
    ],
)
async def test_somebody_was_here_first(
    shop: Shop, changes: dict[str, object], vendor_key: str, code: str
) -> None:
    await issue(shop)
    before = shop.sandbox.ledger()
    status, said = await issue(shop, {**BODY, **changes}, vendor_key)
    assert (status, said["code"]) == (409, code)
    assert schema_errors("Problem", said) == []
    assert shop.sandbox.ledger() == before


async def test_an_idempotency_key_is_forgotten_after_its_window_and_the_code_is_not(
    shop: Shop,
) -> None:
    await issue(shop)
    shop.now_ms += 86_400_000 - 1
    assert (await issue(shop))[0] == 200
    shop.now_ms += 1
    status, said = await issue(shop)
    assert (status, said["code"]) == (409, "code-taken")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/credits", {**BODY, "customer": "x"}, "customer"),
        ("/v1/credits", {**BODY, "key": "0421"}, "key"),
        ("/v1/credits", {**BODY, "code": "abc"}, "code"),
        ("/v1/credits", {**BODY, "amount": {"minor": 0, "currency": "USD"}}, "amount.minor"),
        ("/v1/credits", {**BODY, "amount": {"minor": 1.5, "currency": "USD"}}, "amount.minor"),
        ("/v1/credits", {**BODY, "amount": {"minor": "1", "currency": "USD"}}, "amount.minor"),
        ("/v1/credits", {**BODY, "amount": {"minor": 1, "currency": "XX"}}, "amount.currency"),
        ("/v1/credits", {"key": KEY, "code": CODE}, "amount"),
        ("/v1/credits", [], "body"),
        ("/v1/credits/find", {}, "code"),
        ("/v1/credits/disable", {"code": CODE, "why": "x"}, "why"),
        ("/v1/credits/link", {"code": CODE}, "customer_id"),
        ("/v1/credits/annotate", {"code": CODE, "fields": {"A": "x"}}, "fields.A.[key]"),
        ("/v1/credits/annotate", {"code": CODE, "fields": {"a": "x" * 201}}, "fields.a"),
        ("/v1/credits/balance", {"code": 7}, "code"),
        ("/v1/customers/resolve", {"kind": "name", "value": "x"}, "kind"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_left_behind(
    shop: Shop, path: str, body: object, field: str
) -> None:
    status, said = await shop.ask("POST", path, body, **{"Idempotency-Key": VENDOR_KEY})
    assert (status, said["code"], said["field"]) == (422, "bad-field", field)
    assert schema_errors("Problem", said) == []
    assert shop.sandbox.ledger() == []
    assert (await issue(shop))[0] == 201


async def test_what_is_no_json_or_too_long_or_without_a_key_is_a_bad_request(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": VENDOR_KEY}
    url = f"{shop.sandbox.url}/v1/credits"
    for data in (b"{", b"\xff", b"[" * 100_000):
        async with shop.http.post(url, data=data, headers=headers) as response:
            assert response.status == 400
            assert (await response.json(content_type=None))["code"] == "bad-request"
    for vendor_key in ("", "not-a-uuid"):
        status, said = await issue(shop, BODY, vendor_key)
        assert (status, said["field"]) == (400, "Idempotency-Key")
    assert shop.sandbox.ledger() == []


async def test_without_the_token_nothing_is_done(shop: Shop) -> None:
    for token in ("", "wrong"):
        status, said = await shop.ask("POST", "/v1/credits", BODY, token=token)
        assert (status, said["code"]) == (401, "unauthorised")
    assert shop.sandbox.ledger() == []


async def test_a_foreign_path_or_method_is_not_taken_for_an_absent_credit(shop: Shop) -> None:
    status, said = await shop.ask("GET", "/v1/nothing")
    assert (status, said["code"]) == (404, "no-such-path")
    status, said = await shop.ask("DELETE", "/v1/credits")
    assert (status, said["code"]) == (405, "method-not-allowed")


async def test_lists_are_paged_oldest_first(shop: Shop) -> None:
    for number in range(5):
        body = {**BODY, "key": credit(number).key.text, "code": credit(number).code.reveal()}
        assert (await issue(shop, body, str(uuid.UUID(int=number))))[0] == 201
        shop.now_ms += 1000
    since = "2025-11-20T00:53:21%2B00:00"
    status, page = await shop.ask("GET", f"/v1/credits?since={since}&limit=2")
    assert status == 200
    assert schema_errors("CreditPage", page) == []
    assert [each["key"] for each in page["credits"]] == [credit(n).key.text for n in (1, 2)]
    cursor = page["next_cursor"]
    _, page = await shop.ask("GET", f"/v1/credits?since={since}&limit=2&cursor={cursor}")
    assert [each["key"] for each in page["credits"]] == [credit(n).key.text for n in (3, 4)]
    assert page["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "since"),
        ("since=yesterday", "since"),
        ("since=2025-11-20T00:00:00", "since"),
        ("since=2025-11-20T00:00:00Z&limit=0", "limit"),
        ("since=2025-11-20T00:00:00Z&limit=501", "limit"),
        ("since=2025-11-20T00:00:00Z&cursor=x", "cursor"),
        (f"since=2025-11-20T00:00:00Z&cursor={'9' * 30}", "cursor"),
    ],
)
async def test_a_wrong_query_is_named(shop: Shop, query: str, field: str) -> None:
    status, said = await shop.ask("GET", f"/v1/credits?{query}")
    assert (status, said["field"]) == (422, field)


async def test_the_ledger_survives_a_restart_with_its_remembered_keys(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    async with running_shop(path) as first:
        await issue(first)
        await first.ask("POST", "/v1/credits/annotate", {"code": CODE, "fields": {"a": "b"}})
        before = first.sandbox.ledger()
    async with running_shop(path) as second:
        assert second.sandbox.ledger() == before
        assert before[0]["note"] == {"a": "b"}
        assert (await issue(second))[0] == 200


async def test_it_serves_every_path_of_the_contract_and_no_other(shop: Shop) -> None:
    from agent.sandbox.contract import Contract

    routes = Contract.routes(Contract.__new__(Contract))
    served = {(route.method.lower(), route.path) for route in routes}
    documented = {
        (method, path) for path, methods in CONTRACT["paths"].items() for method in methods
    }
    assert served == documented


async def test_it_listens_on_loopback_with_a_token_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="loopback"):
        await start_sandbox(tmp_path / "a.db", "0.0.0.0", 0, TOKEN)
    with pytest.raises(ValueError, match="token"):
        await start_sandbox(tmp_path / "b.db", "127.0.0.1", 0, "")


async def test_a_taken_port_is_told_and_nothing_stays_open(shop: Shop, tmp_path: Path) -> None:
    taken = int(shop.sandbox.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        await start_sandbox(tmp_path / "c.db", "127.0.0.1", taken, TOKEN)
    assert shop.now_ms == NOW_MS
    assert (await issue(shop))[0] == 201
