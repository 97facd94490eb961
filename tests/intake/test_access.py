# SPDX-License-Identifier: Apache-2.0
"""Who may do what: tokens, scopes, registers, pairing codes, the socket of our own user."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.intake.routes import ROUTES
from tests.intake.records import body
from tests.intake.till import House, Till, house

OFFER = {"name": "till 1", "registers": ["03"]}


async def assert_denied(here: House, till: Till, status: int, code: str) -> None:
    answer = await till.credit()
    assert (answer.status, answer["code"]) == (status, code)
    assert answer["money"] == "nothing-issued"
    assert await here.counter.records() == []


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 500, "\xe9"])
async def test_without_a_good_token_the_answer_is_401(tmp_path: Path, token: str | None) -> None:
    async with house(tmp_path) as here:
        stranger = here.stranger(token)
        await assert_denied(here, stranger, 401, "unauthorised")
        answer = await stranger.credit()
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_every_route_but_the_open_ones_asks_for_a_token_and_its_scope(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        stranger, weak = here.stranger(), await here.till(scopes=["read"])
        for route in ROUTES:
            path = route.path.format(key="K", id="I", name="N")
            if route.scope is None:
                continue
            assert (await stranger.ask(route.method, path)).status == 401, route.path
            if route.scope != "read":
                answer = await weak.ask(route.method, path)
                assert (answer.status, answer["code"]) == (403, "scope-missing"), route.path
                assert route.scope in answer["scope"]


async def test_a_till_speaks_for_its_own_registers_only(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till, other = await here.till(registers=["03"]), await here.till(registers=["04"])
        await assert_denied(here, other, 403, "scope-missing")
        first = await till.credit()
        link = first["links"]["self"]
        for answer in (
            await other.get(link),
            await other.post(f"{link}/void", {"operator": "A", "reason": "r"}),
            await other.post(f"{link}/prints", {"operator": "A", "reason": "r"}),
            await other.post("/v1/approvals", {"manager": "M", "pin": "1234", "body": body()}),
        ):
            assert (answer.status, answer["code"]) == (403, "scope-missing")


async def test_a_code_becomes_a_token_that_is_kept_as_a_hash(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.admin.post("/v1/admin/pairing-codes", OFFER)
        assert made.status == 201
        assert len(made["code"]) == 6
        assert made["code"].isdecimal()
        listed = await here.admin.get("/v1/admin/pairing-codes")
        assert [each["code"] for each in listed["codes"]] == [None]
        sent = {"code": made["code"], "timeout_ms": 7000, "printing": "pos"}
        paired = await here.stranger().post("/v1/pairings", sent)
        assert paired.status == 201
        assert (paired["scopes"], paired["registers"]) == (["issue", "read"], ["03"])
        assert (paired["timeout_ms"], paired["printing"]) == (7000, "pos")
        assert len(paired["token"]) == 43
        (kept,) = await here.counter.journal.pairings()
        assert kept.token_hash == hashlib.sha256(paired["token"].encode()).digest()
        assert not kept.tested
        assert (await here.stranger(paired["token"]).get("/v1/status")).status == 200
        again = await here.stranger().post("/v1/pairings", sent)
        assert (again.status, again["code"]) == (403, "pairing-invalid")
        assert paired["token"] not in "".join(here.lines)
        assert made["code"] not in "".join(here.lines)


async def test_five_wrong_tries_end_every_open_code(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        codes = [(await here.admin.post("/v1/admin/pairing-codes", OFFER))["code"] for _ in "ab"]
        wrong = next(text for text in ("000000", "111111", "222222") if text not in codes)
        for _ in range(5):
            answer = await here.stranger().post("/v1/pairings", {"code": wrong})
            assert (answer.status, answer["code"]) == (403, "pairing-invalid")
        for code in codes:
            late = await here.stranger().post("/v1/pairings", {"code": code})
            assert late.status == 403
        assert await here.counter.journal.pairings() == []


async def test_a_code_ends_after_two_minutes(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.admin.post("/v1/admin/pairing-codes", OFFER)
        assert made["expires_in_s"] == 120
        here.counter.clock.advance(120)
        answer = await here.stranger().post("/v1/pairings", {"code": made["code"]})
        assert answer["code"] == "pairing-invalid"


async def test_a_code_can_be_taken_back(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.admin.post("/v1/admin/pairing-codes", OFFER)
        path = f"/v1/admin/pairing-codes/{made['id']}"
        assert (await here.admin.delete(path))["done"] is True
        assert (await here.admin.delete(path))["done"] is False
        assert (await here.stranger().post("/v1/pairings", {"code": made["code"]})).status == 403


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("registers", {"registers": ["99"]}),
        ("registers", {"registers": []}),
        ("scopes", {"scopes": ["root"]}),
        ("scopes", {"scopes": []}),
        ("timeout_ms", {"timeout_ms": 100}),
        ("printing", {"printing": "none"}),
        ("name", {"name": ""}),
        ("name", {"name": "4111111111111111"}),
    ],
)
async def test_a_wrong_offer_makes_no_code(
    tmp_path: Path, field: str, changes: dict[str, Any]
) -> None:
    async with house(tmp_path) as here:
        answer = await here.admin.post("/v1/admin/pairing-codes", {**OFFER, **changes})
        assert answer.status == 422
        assert answer["field"].startswith(field)
        assert (await here.admin.get("/v1/admin/pairing-codes"))["codes"] == []


async def test_a_pairing_that_ends_is_worth_nothing_from_then_on(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        (listed,) = (await here.admin.get("/v1/admin/pairings"))["pairings"]
        assert "token" not in str(listed)
        path = f"/v1/admin/pairings/{listed['id']}"
        assert (await here.admin.delete(path))["done"] is True
        await assert_denied(here, till, 401, "unauthorised")
        assert (await here.admin.delete(path))["done"] is False
        assert (await here.admin.get("/v1/admin/pairings"))["pairings"] == []


async def test_a_till_that_passed_its_test_gets_202(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        till = await here.till(tested=False)
        assert (await till.credit()).status == 504
        (listed,) = (await here.admin.get("/v1/admin/pairings"))["pairings"]
        done = await here.admin.post(f"/v1/admin/pairings/{listed['id']}", {"tested": True})
        assert done["done"] is True
        assert (await till.credit()).status == 202
        gone = await here.admin.post("/v1/admin/pairings/NOBODY", {"tested": True})
        assert gone["done"] is False


async def test_a_process_of_our_user_on_the_socket_may_do_everything(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        assert (await here.admin.credit()).status == 200
        assert (await here.counter.only()).caller == "local"
        assert (await here.admin.get("/v1/admin/queue")).status == 200
        assert (await here.stranger().get("/v1/admin/queue")).status == 401


async def test_a_token_on_the_socket_makes_a_till_of_the_caller(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till(scopes=["issue"])
        inside = Till(here.admin.session, here.admin.url, till.token)
        assert (await inside.credit()).status == 200
        assert (await here.counter.only()).caller != "local"
        assert (await inside.get("/v1/admin/queue")).status == 403
        wrong = Till(here.admin.session, here.admin.url, "wrong")
        assert (await wrong.get("/v1/status")).status == 401


async def test_a_pairing_may_be_an_administrator_over_tcp(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        desk = await here.till(scopes=["admin"])
        assert (await desk.get("/v1/admin/queue")).status == 200
        assert (await desk.get("/v1/status")).status == 403


async def test_managers_come_and_go_and_their_hashes_are_never_shown(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.admin.post("/v1/admin/managers", {"name": "Mia", "pin": "2468"})
        assert (made.status, made.json) == (201, {"name": "Mia", "locked_until": None})
        for _ in range(5):
            await here.admin.post(
                "/v1/approvals", {"manager": "Mia", "pin": "0000", "body": body()}
            )
        listed = await here.admin.get("/v1/admin/managers")
        assert listed["managers"][0]["locked_until"].endswith("Z")
        assert "argon2" not in listed.text
        anew = await here.admin.post("/v1/admin/managers", {"name": "Mia", "pin": "1357"})
        assert anew.status == 201
        listed = await here.admin.get("/v1/admin/managers")
        assert listed["managers"] == [{"name": "Mia", "locked_until": None}]
        assert (await here.admin.delete("/v1/admin/managers/Mia"))["done"] is True
        assert (await here.admin.delete("/v1/admin/managers/Mia"))["done"] is False
        assert "2468" not in "".join(here.lines)


async def test_the_socket_can_be_opened_by_its_owner_and_group_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        assert (tmp_path / "api.sock").stat().st_mode & 0o777 == 0o660
        async with aiohttp.ClientSession() as session:
            answer = await Till(session, here.url, None).get("/healthz")
        assert answer.json == {"ok": True}
    assert not (tmp_path / "api.sock").exists()
