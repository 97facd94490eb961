# SPDX-License-Identifier: Apache-2.0
"""A till that hangs up cancels nothing, and an answer that nobody took can be asked for."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from agent.domain.record import State
from tests.fakes.counter import OTHER_PLACE, issuing
from tests.fakes.platform import Fail
from tests.intake.records import body
from tests.intake.till import House, Till, house


async def ask_and_hang_up(here: House, till: Till, transaction: str = "1001") -> None:
    """Sends a credit, waits until it is in the journal, and closes the line."""
    data = json.dumps(body(transaction=transaction, distinct=True)).encode()
    _, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
    with here.counter.board.stream() as changes:
        writer.write(
            f"POST /v1/credits HTTP/1.1\r\nHost: 127.0.0.1:{here.server.port}\r\n"
            f"Authorization: Bearer {till.token}\r\nIdempotency-Key: {transaction}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data
        )
        await changes.get()
    writer.close()
    await writer.wait_closed()


async def ended(here: House) -> None:
    """Returns when the request that was hung up on has run to its end."""
    while not any('"POST"' in line and "/v1/credits" in line for line in here.lines):
        with here.counter.board.stream():
            await asyncio.sleep(0)
    await here.counter.settled()


async def test_a_till_that_hangs_up_has_its_credit_all_the_same(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(budget_s=0.5)]) as here:
        till = await here.till()
        here.counter.platform.fails.append(Fail("hang", "issue"))
        await ask_and_hang_up(here, till)
        await ended(here)
        record = await here.counter.only()
        assert record.state is State.UNSETTLED
        assert not record.heard
        unheard = await till.get("/v1/credits?unheard=1")
        assert [each["key"] for each in unheard["credits"]] == [record.key.text]
        again = await till.credit("1001", distinct=True)
        assert (again["key"], again["answer"]) == (record.key.text, "voucher")
        await here.counter.settled()
        assert (await here.counter.only()).heard
        assert (await till.get("/v1/credits?unheard=1"))["credits"] == []


async def test_looking_at_it_makes_an_answer_heard_but_only_by_its_own_caller(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        till, other = await here.till(), await here.till()
        here.counter.platform.fails.append(Fail("hang", "issue"))
        await ask_and_hang_up(here, till)
        await ended(here)
        link = f"/v1/credits/{(await here.counter.only()).key}"
        for stranger in (other, here.admin):
            assert (await stranger.get(link)).status == 200
            await here.counter.settled()
            assert not (await here.counter.only()).heard
        assert (await till.get(link)).status == 200
        await here.counter.settled()
        assert (await here.counter.only()).heard


async def test_an_answer_that_was_taken_is_heard(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        await till.credit()
        await here.counter.settled()
        assert (await here.counter.only()).heard


async def test_a_null_answer_is_not_heard_yet(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        here.counter.press.free.clear()
        till = await here.till()
        answer = await till.credit()
        assert answer["answer"] is None
        assert not (await here.counter.only()).heard
        assert (await till.get("/v1/credits?unheard=1"))["credits"] == []


async def test_a_fault_while_noting_it_does_no_harm(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(budget_s=0.5)]) as here:
        till = await here.till()
        here.counter.platform.fails.append(Fail("hang", "issue"))
        await ask_and_hang_up(here, till)
        await ended(here)
        here.counter.disk.full = True
        answer = await till.get(f"/v1/credits/{(await here.counter.only()).key}")
        assert (answer.status, answer["answer"]) == (200, "voucher")
        await here.counter.settled()
        assert any("heard-not-kept" in line for line in here.lines)
        assert not (await here.counter.only()).heard


async def test_a_list_is_paged_and_shows_only_registers_of_the_caller(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(), issuing(OTHER_PLACE)]) as here:
        both, one = await here.till(registers=["03", "04"]), await here.till(registers=["04"])
        for number in range(5):
            answer = await both.credit(
                f"k{number}",
                transaction=str(number),
                minor=100 + number,
                register="03" if number % 2 else "04",
            )
            assert answer.status == 200
        first = await both.get("/v1/credits?limit=2&state=confirmed")
        assert [each["amount"]["minor"] for each in first["credits"]] == [100, 101]
        second = await both.get(f"/v1/credits?limit=2&after={first['next']}")
        assert [each["amount"]["minor"] for each in second["credits"]] == [102, 103]
        last = await both.get(f"/v1/credits?limit=2&after={second['next']}")
        assert [each["amount"]["minor"] for each in last["credits"]] == [104]
        assert last["next"] is None
        mine = await one.get("/v1/credits?limit=2")
        assert [each["amount"]["minor"] for each in mine["credits"]] == [100, 102]
        rest = await one.get(f"/v1/credits?limit=2&after={mine['next']}")
        assert [each["amount"]["minor"] for each in rest["credits"]] == [104]
        assert (await one.get("/v1/credits?state=parked,review"))["credits"] == []
