# SPDX-License-Identifier: Apache-2.0
"""Outside names of a credit: each rule of the design is a test here, through the real door."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.counter import issuing
from tests.fakes.platform import Fail
from tests.intake.records import body
from tests.intake.till import House, house

SALE = {"receipt": "R-77", "units": [{"line": "1", "number": 1}]}


async def only_one(here: House) -> None:
    await here.counter.settled()
    assert len(await here.counter.records()) == 1
    assert len(here.counter.platform.cards) == 1


async def test_the_same_name_and_body_is_the_same_credit(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first, again = await till.credit(), await till.credit()
        assert again.status == 200
        assert again["key"] == first["key"]
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        await only_one(here)


@pytest.mark.parametrize(
    "changes",
    [
        {"operator": "Ben"},
        {"reason": "damaged"},
        {"occurred_at": "2026-11-21T10:00:00Z"},
        {"distinct": True},
    ],
)
async def test_operator_reason_and_times_are_no_part_of_the_body(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first, again = await till.credit(), await till.credit(**changes)
        assert again["key"] == first["key"]
        await only_one(here)


@pytest.mark.parametrize(
    "changes",
    [
        {"minor": 4851},
        {"customer": {"loyalty": "L1"}},
        {"original_sale": SALE},
        {"transaction": "1002"},
        {"pos": {"business_date": "2026-11-20", "transaction": "1001"}},
        {"pos": {"business_date": "2026-11-21", "transaction": "1001", "line": "2"}},
    ],
)
async def test_the_same_name_with_another_body_is_a_conflict(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit()
        other = await till.credit(**changes)
        assert (other.status, other["code"]) == (409, "alias-conflict")
        assert (other["key"], other["money"]) == (first["key"], "see-record")
        assert other["link"] == f"/v1/credits/{first['key']}"
        await only_one(here)


async def test_the_same_pos_line_under_a_new_name_is_the_same_credit(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first, second = await till.credit("k1"), await till.credit("k2")
        assert second["key"] == first["key"]
        third = await till.credit("k2")
        assert third["key"] == first["key"]
        await only_one(here)


async def test_the_same_pos_line_with_another_body_is_a_conflict(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        await till.credit("k1")
        assert (await till.credit("k2", minor=1))["code"] == "alias-conflict"
        await only_one(here)


async def test_names_of_two_credits_are_a_conflict(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        await till.credit("k1")
        await till.credit("k2", transaction="1002", minor=100)
        crossed = await till.credit("k1", transaction="1002", minor=100)
        assert (crossed.status, crossed["code"]) == (409, "alias-conflict")
        assert crossed["why"] == "two-records"
        assert len(await here.counter.records()) == 2


async def test_a_day_after_it_settled_a_name_is_expired_and_the_credit_is_named(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit()
        await here.counter.settled()
        here.counter.clock.advance(24 * 3600)
        assert (await till.credit()).status == 200
        here.counter.clock.advance(2)
        late = await till.credit()
        assert (late.status, late["code"]) == (409, "alias-expired")
        assert (late["key"], late["state"], late["amount"]) == (
            first["key"],
            "confirmed",
            "USD 48.50",
        )
        assert late["link"] == first["links"]["self"]
        await only_one(here)


async def test_while_a_credit_is_open_its_name_never_expires(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        till = await here.till()
        first = await till.credit()
        here.counter.clock.advance(30 * 24 * 3600)
        again = await till.credit()
        assert (again.status, again["key"]) == (202, first["key"])


async def test_a_double_click_joins_the_request_in_flight(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(budget_s=0.5)]) as here:
        till = await here.till()
        here.counter.platform.fails.append(Fail("hang", "issue"))
        with here.counter.board.stream() as changes:
            clicks = [asyncio.ensure_future(till.credit()) for _ in range(2)]
            await changes.get()
            here.counter.platform.released.set()
            first, second = await asyncio.gather(*clicks)
        assert first["key"] == second["key"]
        assert {first.status, second.status} == {202}
        replayed = [each.headers.get("Idempotent-Replayed") for each in (first, second)]
        assert sorted(map(str, replayed)) == ["None", "true"]
        await here.counter.settled()
        assert len(await here.counter.records()) == 1
        assert len(here.counter.press.out_of) == 1


async def test_a_credit_that_looks_like_another_is_asked_about(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit("k1")
        second = await till.credit("k2", transaction="1002")
        assert (second.status, second["code"]) == (409, "looks-like")
        assert second["link"] == first["links"]["self"]
        await only_one(here)
        meant = await till.credit("k2", transaction="1002", distinct=True)
        assert meant.status == 200
        assert meant["key"] != first["key"]
        assert "Idempotent-Replayed" not in meant.headers


@pytest.mark.parametrize(
    "changes",
    [{"minor": 4851}, {"customer": {"loyalty": "L9"}}, {"original_sale": SALE}],
)
async def test_another_amount_customer_or_unit_looks_like_nothing(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        await till.credit("k1")
        assert (await till.credit("k2", transaction="1002", **changes)).status in (200, 202)
        assert len(await here.counter.records()) == 2


async def test_ten_minutes_later_nothing_looks_like_a_credit_that_was_heard(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        await till.credit("k1")
        await here.counter.settled()
        here.counter.clock.advance(601)
        assert (await till.credit("k2", transaction="1002")).status == 200


async def test_a_unit_is_credited_once_until_its_credit_is_undone(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit("k1", original_sale=SALE)
        taken = await till.credit(
            "k2",
            transaction="1002",
            minor=100,
            original_sale={"receipt": "R-77", "lines": ["2", "1"]},
        )
        assert (taken.status, taken["code"]) == (409, "unit-taken")
        assert taken["key"] == first["key"]
        assert len(await here.counter.records()) == 1
        await here.counter.settled()
        await till.post(first["links"]["void"], {"operator": "Ana", "reason": "mistake"})
        freed = await till.credit("k2", transaction="1002", minor=100, original_sale=SALE)
        assert freed.status == 200


async def test_two_tills_may_use_the_same_name(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        one, other = await here.till(), await here.till(registers=["03", "04"])
        first = await one.credit("k1")
        second = await other.credit("k1", transaction="1002", minor=100)
        third = await other.credit("k1", transaction="1003", minor=200, register="04")
        assert len({each["key"] for each in (first, second, third)}) == 3


@pytest.mark.parametrize("name", ['"k1"', "k1", ' "k1" '])
async def test_a_quoted_name_is_the_bare_one(tmp_path: Path, name: str) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit("k1")
        assert (await till.credit(name))["key"] == first["key"]
        await only_one(here)


@pytest.mark.parametrize("name", [None, "", '""', '"a', "a b", "x" * 256, '"a\\b"'])
async def test_without_a_name_there_is_no_credit(tmp_path: Path, name: str | None) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        headers = {} if name is None else {"Idempotency-Key": name}
        answer = await till.post("/v1/credits", body(), headers)
        assert (answer.status, answer["code"]) == (400, "header-missing")
        assert "Idempotency-Key" in answer["detail"]
        assert await here.counter.records() == []
