# SPDX-License-Identifier: Apache-2.0
"""Every wrong body gets one sentence that names its field, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.intake.records import body
from tests.intake.till import Answer, House, house

CARD = "4111 1111 1111 1111"
POS = {"business_date": "2026-11-21", "transaction": "1001"}
BODIES: list[tuple[str, dict[str, Any]]] = [
    ("register", {"register": None}),
    ("register", {"register": "3a"}),
    ("register", {"register": 3}),
    ("register", {"register": "99"}),
    ("register", {"store": "9999"}),
    ("amount", {"amount": None}),
    ("amount", {"amount": 4850}),
    ("amount.minor", {"minor": 0}),
    ("amount.minor", {"minor": -1}),
    ("amount.minor", {"minor": 48.5}),
    ("amount.minor", {"minor": 4850.0}),
    ("amount.minor", {"minor": "4850"}),
    ("amount.minor", {"minor": True}),
    ("amount.minor", {"minor": 10**12 + 1}),
    ("amount.minor", {"minor": 10**30}),
    ("amount.currency", {"amount": {"minor": 1, "currency": "usd"}}),
    ("amount.currency", {"amount": {"minor": 1, "currency": "XXX"}}),
    ("amount.currency", {"amount": {"minor": 1, "currency": "EUR"}}),
    ("amount.tax", {"amount": {"minor": 1, "currency": "USD", "tax": 1}}),
    ("customer", {"customer": {}}),
    ("customer", {"customer": "jane@example.com"}),
    ("customer", {"customer": {"email": "a@b.example", "phone": "1"}}),
    ("customer", {"customer": {"email": "", "phone": "1"}}),
    ("customer.skipped", {"customer": {"skipped": False}}),
    ("customer.phone", {"customer": {"phone": 12125550100}}),
    ("customer.email", {"customer": {"email": "a" * 513}}),
    ("customer.fax", {"customer": {"fax": "1"}}),
    ("reason", {"reason": None}),
    ("reason", {"reason": ""}),
    ("reason", {"reason": "x" * 41}),
    ("reason", {"reason": "a\x1b@b"}),
    ("reason", {"reason": "abc\u202edef"}),
    ("operator", {"operator": None}),
    ("operator", {"operator": ["Ana"]}),
    ("operator", {"operator": "Ana\n"}),
    ("pos", {"pos": None}),
    ("pos.business_date", {"pos": {**POS, "business_date": "21.11.2026"}}),
    ("pos.business_date", {"pos": {**POS, "business_date": "2026-02-30"}}),
    ("pos.business_date", {"pos": {**POS, "business_date": 1795000000}}),
    ("pos.transaction", {"pos": {**POS, "transaction": "10 01"}}),
    ("pos.transaction", {"pos": {**POS, "transaction": 1001}}),
    ("pos.transaction", {"transaction": "x" * 41}),
    ("pos.line", {"pos": {**POS, "line": ""}}),
    ("occurred_at", {"occurred_at": "2026-11-21 10:00"}),
    ("occurred_at", {"occurred_at": "2026-11-21T10:00:00"}),
    ("occurred_at", {"occurred_at": "2026-13-21T10:00:00Z"}),
    ("occurred_at", {"occurred_at": "1969-12-31T23:59:59Z"}),
    ("occurred_at", {"occurred_at": "9999-01-01T00:00:00Z"}),
    ("occurred_at", {"occurred_at": 1795000000}),
    ("instrument", {"instrument": "cash"}),
    ("instrument", {"instrument": "tender"}),
    ("plastic", {"instrument": "plastic"}),
    ("plastic", {"plastic": {"number": "6036280000001234"}}),
    ("plastic", {"instrument": "plastic", "plastic": {"number": "6036_2800_0000_1234"}}),
    ("plastic", {"instrument": "plastic", "plastic": {"number": "6036280000001234", "pin": "a-b"}}),
    ("plastic.number", {"instrument": "plastic", "plastic": {"number": "4111 1111 1111 1111"}}),
    ("instrument", {"instrument": "plastic", "plastic": {"number": "6036280000001234"}}),
    ("original_sale.receipt", {"original_sale": {}}),
    ("original_sale", {"original_sale": {"receipt": "1", "units": [], "lines": ["1"]}}),
    ("original_sale.units", {"original_sale": {"receipt": "1", "units": []}}),
    (
        "original_sale.units",
        {"original_sale": {"receipt": "1", "units": [{"line": "1", "number": 1}] * 2}},
    ),
    (
        "original_sale.units.0.number",
        {"original_sale": {"receipt": "1", "units": [{"line": "1", "number": 0}]}},
    ),
    ("original_sale.lines", {"original_sale": {"receipt": "1", "lines": ["1"] * 100}}),
    ("distinct", {"distinct": "yes"}),
    ("approval", {"approval": ""}),
    ("colour", {"colour": "red"}),
    ("reason", {"reason": CARD}),
    ("operator", {"operator": f"x {CARD}"}),
    ("customer.loyalty", {"customer": {"loyalty": CARD.replace(" ", "")}}),
    ("customer.email", {"customer": {"email": f"{CARD.replace(' ', '')}@x.example"}}),
    ("pos.transaction", {"transaction": CARD.replace(" ", "-")}),
    ("original_sale.receipt", {"original_sale": {"receipt": CARD}}),
    ("original_sale.lines", {"original_sale": {"receipt": "1", "lines": [CARD]}}),
]


async def assert_untouched(here: House) -> None:
    await here.counter.settled()
    assert await here.counter.records() == []
    assert here.counter.platform.calls == []
    assert here.counter.press.out_of == []


def assert_field(answer: Answer, status: int, field: str) -> None:
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer["code"] == "bad-field"
    assert answer["field"].startswith(field)
    assert field in answer["detail"]
    assert (answer["money"], answer["paper"]) == ("nothing-issued", "none")
    assert "41111111" not in answer.text.replace(" ", "").replace("-", "")


async def test_every_wrong_body_names_its_field_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till(registers=["03", "04", "99"])
        for field, changes in BODIES:
            answer = await till.credit(**changes)
            assert_field(answer, 422, field)
            assert answer["problem"]
        await assert_untouched(here)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"reason": "\\ud800"}',
        b"[" * 60_000,
        b'{"amount": NaN, }',
        b"\x00",
    ],
)
async def test_what_is_no_json_object_is_refused(tmp_path: Path, raw: bytes) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        answer = await till.ask("POST", "/v1/credits", raw=raw, headers={"Idempotency-Key": "k"})
        assert answer.status in (400, 422)
        assert answer["field"] == "body"
        if raw not in (b"null", b"[]"):
            assert answer.status == 400
        await assert_untouched(here)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "x"])
async def test_another_content_type_is_415(tmp_path: Path, kind: str) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        headers = {"Content-Type": kind, "Idempotency-Key": "k"}
        answer = await till.post("/v1/credits", body(), headers)
        assert_field(answer, 415, "Content-Type")
        await assert_untouched(here)


async def test_a_body_over_64_kib_is_413(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        raw = json.dumps(body(reason="x" * 66_000)).encode()
        answer = await till.ask("POST", "/v1/credits", raw=raw, headers={"Idempotency-Key": "k"})
        assert_field(answer, 413, "body")
        await assert_untouched(here)


async def test_a_body_that_never_ends_is_408(tmp_path: Path) -> None:
    async with house(tmp_path, body_s=0.05) as here:
        till = await here.till()
        reader, writer = await _connected(here)
        writer.write(
            f"POST /v1/credits HTTP/1.1\r\nHost: 127.0.0.1:{here.server.port}\r\n"
            f"Authorization: Bearer {till.token}\r\nIdempotency-Key: k\r\n"
            "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{".encode()
        )
        head = await reader.readuntil(b"\r\n")
        assert b" 408 " in head
        writer.close()
        await writer.wait_closed()
        await assert_untouched(here)


async def test_a_malformed_identifier_alone_is_no_error(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        for number, customer in enumerate(
            [{"email": "jane"}, {"email": ""}, {"phone": "12"}, {"loyalty": "a b"}]
        ):
            answer = await till.credit(
                f"k{number}", transaction=str(number), minor=100 + number, customer=customer
            )
            assert (answer.status, answer["review"]) == (202, "customer-malformed")
        assert here.counter.platform.calls == []


@pytest.mark.parametrize(
    "query",
    ["limit=x", "limit=201", "limit=1&limit=2", "state=gone", "after=x", "unheard=2", "x=1"],
)
async def test_a_wrong_query_is_named(tmp_path: Path, query: str) -> None:
    async with house(tmp_path) as here:
        answer = await (await here.till()).get(f"/v1/credits?{query}")
        assert (answer.status, answer["code"]) == (422, "bad-field")
        assert answer["money"] == "unchanged"


@pytest.mark.parametrize("key", ["nonsense", "0421-03-1763600000000-7K3QF2ZD", "x" * 300])
async def test_an_unknown_credit_is_404(tmp_path: Path, key: str) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        for answer in (
            await till.get(f"/v1/credits/{key}"),
            await till.post(f"/v1/credits/{key}/void", {"operator": "A", "reason": "r"}),
        ):
            assert (answer.status, answer["code"]) == (404, "unknown-credit")


async def _connected(here: House) -> tuple[Any, Any]:
    return await asyncio.open_connection("127.0.0.1", here.server.port)
