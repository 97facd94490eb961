# SPDX-License-Identifier: Apache-2.0
"""The balance of a card: asked each time, never guessed at, and its code never told again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.domain.code import Code
from agent.domain.money import Money
from agent.intake.guesses import UNKNOWN_MAX
from tests.fakes.platform import Fail
from tests.intake.till import Answer, House, Till, house


def stranger(number: int) -> str:
    """A well-formed code that nobody issued."""
    return Code.draw(3, (*([0] * 13), number)).grouped()


async def ask(till: Till, code: str) -> Answer:
    return await till.get("/v1/balance", {"Countermark-Code": code})


async def issued(here: House) -> Code:
    till = await here.till()
    assert (await till.credit()).status == 200
    return (await here.counter.only()).code


async def test_the_balance_is_what_the_platform_says_now(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        code = await issued(here)
        till = await here.till(scopes=("read",))
        found = await ask(till, code.grouped().lower())
        assert (found.status, found["amount"]) == (
            200,
            {"minor": 4850, "currency": "USD", "text": "USD 48.50"},
        )
        assert found["code_last_four"] == code.last_four
        assert found["as_of"].endswith("Z")
        assert found.headers["Cache-Control"] == "no-store"
        cards = here.counter.platform.cards
        (card,) = cards.values()
        object.__setattr__(card, "balance", Money(100, "USD"))
        assert (await ask(till, code.reveal()))["amount"]["minor"] == 100


async def test_the_code_stands_in_no_answer_and_no_log_line(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        code = await issued(here)
        till = await here.till(scopes=("read",))
        told = [await ask(till, code.grouped()), await ask(till, stranger(1))]
        here.counter.platform.down = True
        told.append(await ask(till, code.grouped()))
        assert [each.status for each in told] == [200, 404, 503]
        for text in (*(each.text for each in told), *here.lines):
            for secret in (code.reveal(), code.grouped(), stranger(1)):
                assert secret not in text


async def test_offline_the_balance_is_not_known_and_never_remembered(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        code = await issued(here)
        till = await here.till(scopes=("read",))
        assert (await ask(till, code.grouped())).status == 200
        here.counter.platform.down = True
        found = await ask(till, code.grouped())
        assert (found.status, found["code"], found["retryable"]) == (
            503,
            "platform-unavailable",
            True,
        )
        assert "not known now" in found["detail"]
        assert "amount" not in found.json
        assert int(found.headers["Retry-After"]) > 0


async def test_a_platform_that_hangs_is_given_no_longer_than_the_budget(tmp_path: Path) -> None:
    async with house(tmp_path, running_clock=True) as here:
        code = await issued(here)
        till = await here.till(scopes=("read",))
        here.counter.platform.fails.append(Fail("hang", "balance"))
        assert (await asyncio.wait_for(ask(till, code.grouped()), 5)).status == 503


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, "header-missing"),
        ({"Countermark-Code": "  "}, 400, "header-missing"),
        ({"Countermark-Code": "D000-0000-0000-000"}, 422, "bad-field"),
        ({"Countermark-Code": "D000-0000-0000-0000"}, 422, "bad-field"),
        ({"Countermark-Code": "4006381333931000"}, 422, "bad-field"),
        ({"Countermark-Code": "ÄÖÜ"}, 422, "bad-field"),
    ],
)
async def test_a_misread_code_asks_nobody_and_names_the_header(
    tmp_path: Path, headers: dict[str, str], status: int, code: str
) -> None:
    async with house(tmp_path) as here:
        till = await here.till(scopes=("read",))
        found = await till.get("/v1/balance", headers)
        assert (found.status, found["code"]) == (status, code)
        assert "Countermark-Code" in found["detail"]
        assert "balance" not in here.counter.platform.calls
        assert all(
            given == "" or given not in found.text for given in headers.values() if given.strip()
        )


async def test_a_code_in_the_address_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till(scopes=("read",))
        found = await till.get(f"/v1/balance?code={stranger(1)}")
        assert (found.status, found["code"]) == (422, "bad-field")
        assert stranger(1) not in "".join(here.lines)


async def test_a_till_without_the_scope_is_told_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till(scopes=("issue",))
        assert (await ask(till, stranger(1)))["code"] == "scope-missing"
        assert here.counter.platform.calls == []


async def test_after_ten_unknown_codes_a_caller_waits_and_others_do_not(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        code = await issued(here)
        till, other = await here.till(scopes=("read",)), await here.till(scopes=("read",))
        for number in range(UNKNOWN_MAX):
            assert (await ask(till, stranger(number)))["code"] == "unknown-card"
        stopped = await ask(till, code.grouped())
        assert (stopped.status, stopped["code"]) == (429, "too-many-tries")
        assert 0 < int(stopped.headers["Retry-After"]) <= 60
        assert (await ask(other, code.grouped())).status == 200
        here.counter.clock.advance(61)
        assert (await ask(till, code.grouped())).status == 200


async def test_guesses_in_parallel_are_counted_too(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till(scopes=("read",))
        found = await asyncio.gather(*(ask(till, stranger(each)) for each in range(20)))
        assert sorted(each.status for each in found) == [404] * UNKNOWN_MAX + [429] * 10


async def test_known_codes_and_an_unreachable_platform_use_no_tries_up(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        code = await issued(here)
        till = await here.till(scopes=("read",))
        for _ in range(UNKNOWN_MAX + 2):
            assert (await ask(till, code.grouped())).status == 200
        for number in range(UNKNOWN_MAX + 2):
            here.counter.platform.fails.append(Fail("unanswered", "balance"))
            assert (await ask(till, stranger(number))).status == 503
        assert (await ask(till, stranger(1))).status == 404


async def test_a_credit_that_still_waits_for_the_platform_is_no_unknown_card(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        assert (await (await here.till()).credit()).status == 202
        here.counter.platform.down = False
        record = await here.counter.only()
        till = await here.till(scopes=("read",))
        found = await ask(till, record.code.grouped())
        assert (found.status, found["code"], found["key"]) == (
            404,
            "unknown-card",
            record.key.text,
        )
        assert "recorded here" in found["detail"]
        elsewhere = await here.till(scopes=("read",), registers=("04",))
        assert "key" not in (await ask(elsewhere, record.code.grouped())).json
