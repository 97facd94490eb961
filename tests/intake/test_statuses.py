# SPDX-License-Identifier: Apache-2.0
"""Which status and which word for which state: only a confirmation is ever a 200."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from agent.decisions.limits import Limits
from agent.domain.record import Paper, State
from agent.flows.register import Ring
from agent.ports import PrintEnd
from tests.fakes.counter import PLACE, issuing
from tests.fakes.platform import Fail
from tests.intake.till import House, house


async def test_a_confirmed_credit_is_200_and_its_receipt_comes_out(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        answer = await (await here.till()).credit()
        await here.counter.settled()
        assert answer.status == 200
        assert (answer["state"], answer["answer"]) == ("confirmed", "confirmed")
        assert answer["title"] == "CONFIRMED"
        assert answer["amount"] == {"minor": 4850, "currency": "USD", "text": "USD 48.50"}
        assert answer.headers["Location"] == f"/v1/credits/{answer['key']}"
        record = await here.counter.only()
        assert record.code.last_four == answer["code_last_four"]
        assert record.code.reveal() not in answer.text
        assert record.code.grouped() not in answer.text
        assert len(here.counter.press.out_of) == 1
        assert len(here.counter.issued()) == 1


@pytest.mark.parametrize(("tested", "status"), [(True, 202), (False, 504)])
async def test_a_voucher_is_202_for_a_tested_caller_and_504_for_others_with_one_body(
    tmp_path: Path, tested: bool, status: int
) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        answer = await (await here.till(tested=tested)).credit()
        assert answer.status == status
        assert (answer["state"], answer["answer"], answer["paper"]) == (
            "parked",
            "voucher",
            "printed",
        )
        assert answer["title"] == "VOUCHER"
        assert answer["expires_on"] is not None
        assert answer.headers["Retry-After"] == "1"
        assert answer.headers["Content-Type"].startswith("application/json")
        assert here.counter.issued() == {}


async def test_an_unanswered_send_is_unsettled_and_on_paper(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.fails.extend([Fail("lost"), Fail("unanswered")])
        answer = await (await here.till()).credit()
        assert (answer.status, answer["state"], answer["answer"]) == (202, "unsettled", "voucher")
        assert len(here.counter.issued()) == 1


async def test_a_refusal_is_422_with_the_credit_in_it(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.fails.append(Fail("refused"))
        till = await here.till()
        for replayed in (None, "true"):
            answer = await till.credit()
            assert answer.status == 422
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert (answer["code"], answer["money"], answer["paper"]) == (
                "platform-refused",
                "nothing-issued",
                "none",
            )
            assert not answer["retryable"]
            assert answer["credit"]["state"] == "refused"
            assert answer["credit"]["answer"] == "refused"
            assert answer.headers.get("Idempotent-Replayed") == replayed
        assert here.counter.issued() == {}
        assert here.counter.press.out_of == []


async def test_a_missing_customer_is_in_review_on_identity_paper(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        answer = await (await here.till()).credit(customer=None)
        assert answer.status == 202
        assert (answer["state"], answer["answer"]) == ("review", "voucher")
        assert (answer["paper_kind"], answer["review"]) == ("identity", "customer-missing")
        assert here.counter.platform.calls == []


async def test_without_room_a_manager_is_asked_and_nothing_is_printed(tmp_path: Path) -> None:
    register = issuing(limits=Limits(per_credit=100))
    async with house(tmp_path, [register]) as here:
        here.counter.platform.down = True
        answer = await (await here.till()).credit()
        assert (answer.status, answer["answer"]) == (202, "ask-a-manager")
        assert (answer["manager"], answer["paper"]) == ("no-room", "none")
        assert here.counter.press.out_of == []


async def test_silent_paper_is_no_voucher_until_somebody_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        here.counter.press.ends.append(PrintEnd(Paper.SENT))
        till = await here.till()
        answer = await till.credit()
        assert (answer["answer"], answer["paper"]) == ("ask-a-manager", "sent")
        said = await till.post(answer["links"]["prints"], {"result": "printed", "operator": "Ana"})
        assert (said.status, said["answer"], said["paper"]) == (200, "voucher", "printed")


async def test_paper_on_its_way_has_no_word_yet_and_the_resource_turns_into_it(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        here.counter.press.free.clear()
        till = await here.till()
        answer = await till.credit()
        assert (answer.status, answer["answer"], answer["paper"]) == (202, None, "none")
        assert answer["title"] == "ONE MOMENT"
        here.counter.press.free.set()
        await here.counter.settled()
        assert (await till.get(answer["links"]["self"]))["answer"] == "voucher"


async def test_a_replay_of_a_voided_credit_is_never_200(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till, other = await here.till(), await here.till(tested=False)
        first = await till.credit()
        undone = await till.post(first["links"]["void"], {"operator": "Ana", "reason": "mistake"})
        assert (undone.status, undone["state"]) == (200, "voided")
        again = await till.credit()
        assert (again.status, again["state"], again["key"]) == (202, "voided", first["key"])
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (await other.credit("another")).status == 504
        assert (await till.get(first["links"]["self"])).status == 200
        assert here.counter.issued() == {}


async def test_an_observing_register_issues_nothing_and_says_so(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(ring=Ring.OBSERVE)]) as here:
        answer = await (await here.till()).credit()
        assert (answer.status, answer["code"]) == (503, "observing")
        assert (answer["money"], answer["paper"]) == ("nothing-issued", "none")
        assert "Retry-After" in answer.headers
        assert await here.counter.records() == []
        assert here.counter.platform.calls == []


async def test_a_full_disk_is_503_and_nothing_is_sent_or_printed(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        here.counter.disk.full = True
        answer = await till.credit()
        here.counter.disk.full = False
        assert (answer.status, answer["code"]) == (503, "cannot-journal")
        assert answer["retryable"]
        assert answer.headers["Retry-After"] == "5"
        assert here.counter.platform.calls == []
        assert here.counter.press.out_of == []
        assert await here.counter.records() == []
        assert (await till.credit()).status == 200


@pytest.mark.parametrize("what", ["issue", "resolve"])
async def test_a_hung_platform_has_its_answer_within_the_budget(tmp_path: Path, what: str) -> None:
    async with house(tmp_path, [issuing(budget_s=0.6)], running_clock=True) as here:
        here.counter.platform.add_customer("loyalty", "L1", "c1")
        here.counter.platform.fails.extend([Fail("hang", what)] * 3)
        answer, took_s = await _timed(here)
        assert took_s < 0.6 + 0.1
        assert answer == (202, "voucher")


@pytest.mark.parametrize("gate", ["writes", "reads"])
async def test_a_hung_journal_has_its_answer_within_the_budget(tmp_path: Path, gate: str) -> None:
    async with house(tmp_path, [issuing(budget_s=0.5)], running_clock=True) as here:
        till = await here.till()
        getattr(here.counter.journal, gate).clear()
        started = time.monotonic()
        answer = await till.credit()
        took_s = time.monotonic() - started
        assert (answer.status, answer["code"]) == (503, "cannot-journal")
        assert answer["money"] == "nothing-issued"
        assert took_s < 0.5 + 0.1
        getattr(here.counter.journal, gate).set()
        await here.counter.settled()
        assert here.counter.issued() == {}
        assert [each.state for each in await here.counter.records()] in ([], [State.WITHDRAWN])


async def test_a_hung_note_of_an_observing_register_ends_with_the_budget(tmp_path: Path) -> None:
    registers = [issuing(PLACE, ring=Ring.OBSERVE, budget_s=0.3)]
    async with house(tmp_path, registers, running_clock=True) as here:
        till = await here.till()
        here.counter.journal.writes.clear()
        started = time.monotonic()
        answer = await till.credit()
        assert time.monotonic() - started < 0.4
        assert (answer.status, answer["code"]) == (503, "cannot-journal")


async def test_the_time_out_of_the_till_shortens_the_budget(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(budget_s=20)], running_clock=True) as here:
        here.counter.platform.fails.extend([Fail("hang", "issue")] * 3)
        till = await here.till(timeout_ms=1500)
        started = time.monotonic()
        answer = await till.credit()
        assert time.monotonic() - started < 1.1
        assert answer["answer"] == "voucher"


async def test_a_stopping_agent_takes_nothing_new(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        await here.counter.issue.close()
        answer = await till.credit()
        assert (answer.status, answer["code"]) == (503, "stopping")
        assert await here.counter.records() == []


async def test_too_many_requests_at_once_are_busy(tmp_path: Path) -> None:
    async with house(tmp_path, requests_max=1) as here:
        here.counter.platform.down = True
        here.counter.press.free.clear()
        till = await here.till()
        with here.counter.board.stream() as changes:
            first = asyncio.ensure_future(till.credit())
            await changes.get()
            answer = await till.credit("k2", transaction="1002", minor=100)
            assert (answer.status, answer["code"]) == (503, "busy")
            assert answer.headers["Retry-After"] == "1"
            assert (await till.get("/healthz")).status == 200
            await first
        assert len(await here.counter.records()) == 1


async def _timed(here: House) -> tuple[tuple[int, str], float]:
    till = await here.till()
    started = time.monotonic()
    answer = await till.credit(customer={"loyalty": "L1"})
    return (answer.status, answer["answer"]), time.monotonic() - started
