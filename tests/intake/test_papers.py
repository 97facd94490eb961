# SPDX-License-Identifier: Apache-2.0
"""Copies, reports, and the POS that owns its printer."""

from __future__ import annotations

import asyncio
import base64
import time
from pathlib import Path

import pytest

from agent.domain.record import Paper
from tests.fakes.counter import issuing
from tests.intake.till import House, Till, house

AGAIN = {"operator": "Ana", "reason": "paper jam"}


async def printing(here: House) -> Till:
    return await here.till(printing="pos")


async def test_a_reprint_is_copy_two_of_the_same_paper(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        till = await here.till()
        first = await till.credit()
        answer = await till.post(first["links"]["prints"], AGAIN)
        await here.counter.settled()
        assert (answer.status, answer["copies"]) == (200, 2)
        papers = [paper.decode().split("\n") for _, paper in here.counter.press.out_of]
        assert [paper[1] for paper in papers] == ["COPY 1", "COPY 2"]
        assert papers[0][3:] == papers[1][3:]
        jobs = await here.counter.journal.prints((await here.counter.only()).key)
        assert [(job.by, job.reason) for job in jobs][1] == ("Ana", "paper jam")


async def test_a_reprint_over_the_amount_needs_a_manager(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(reprint_over=100)]) as here:
        await here.counter.approvals.add_manager("Mia", "2468")
        till = await here.till()
        first = await till.credit()
        await here.counter.settled()
        link = first["links"]["prints"]
        asked = await till.post(link, AGAIN)
        assert (asked.status, asked["code"], asked["money"]) == (
            403,
            "approval-required",
            "unchanged",
        )
        half = await till.post(link, {**AGAIN, "manager": "Mia"})
        assert (half.status, half["field"]) == (422, "body")
        assert len(here.counter.press.out_of) == 1
        assert (await till.post(link, {**AGAIN, "manager": "Mia", "pin": "2468"})).status == 200
        await here.counter.settled()
        assert len(here.counter.press.out_of) == 2


async def test_a_person_says_that_paper_did_not_come_out(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        here.counter.press.free.clear()
        till = await here.till()
        first = await till.credit()
        link = first["links"]["prints"]
        early = await till.post(link, {"result": "printed", "operator": "Ana"})
        assert (early.status, early["code"]) == (409, "paper-refused")
        vague = await till.post(link, {"result": "uncertain", "operator": "Ana"})
        assert (vague.status, vague["field"]) == (422, "result")
        here.counter.press.free.set()
        await here.counter.settled()
        assert (await till.get(first["links"]["self"]))["paper"] == "printed"


async def test_a_till_may_not_speak_for_the_printer_of_the_agent(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        till = await here.till()
        first = await till.credit()
        answer = await till.post(
            first["links"]["prints"], {"job": 1, "result": "failed", "operator": "Ana"}
        )
        assert (answer.status, answer["code"]) == (409, "paper-refused")
        assert (await here.counter.only()).paper is Paper.PRINTED


async def test_a_pos_that_prints_gets_the_voucher_and_reports_it(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        till = await printing(here)
        first = await till.credit()
        paper = first["print"]
        assert (first.status, first["answer"], first["paper"]) == (202, None, "none")
        assert (paper["kind"], paper["copy"]) == ("voucher", 1)
        record = await here.counter.only()
        assert record.code.grouped().encode() in base64.b64decode(paper["escpos"])
        assert record.code.grouped() in paper["lines"]
        assert paper["svg"].startswith("<svg")
        assert here.counter.press.out_of == []
        assert record.promised
        assert record.shared
        again = await till.get(first["links"]["self"])
        assert again["print"] == paper
        assert (await till.credit())["print"] == paper
        done = await till.post(
            first["links"]["prints"],
            {"job": paper["job"], "result": "printed", "operator": "Ana"},
        )
        assert (done.status, done["answer"], done["paper"]) == (200, "voucher", "printed")
        assert done["print"] is None


@pytest.mark.parametrize(
    ("result", "reason"), [("failed", "paper-failed"), ("uncertain", "paper-unproved")]
)
async def test_a_pos_reports_paper_that_did_not_come_out(
    tmp_path: Path, result: str, reason: str
) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        till = await printing(here)
        first = await till.credit()
        link, job = first["links"]["prints"], first["print"]["job"]
        told = await till.post(link, {"job": job, "result": result, "operator": "Ana"})
        assert (told["answer"], told["manager"], told["paper"]) == ("ask-a-manager", reason, result)
        copy = await till.post(link, AGAIN)
        assert copy["print"]["copy"] == 2
        assert copy["print"]["job"] != job
        wrong = await till.post(link, {"job": 999, "result": "printed", "operator": "Ana"})
        assert wrong.status == 404


async def test_a_confirmed_credit_carries_its_receipt_for_a_pos_that_prints(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await printing(here)
        answer = await till.credit()
        assert (answer.status, answer["answer"]) == (200, "confirmed")
        assert answer["print"]["kind"] == "receipt"


async def test_another_caller_never_gets_the_paper(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        first = await (await printing(here)).credit()
        code = (await here.counter.only()).code
        for other in (await here.till(), await printing(here), here.admin):
            answer = await other.get(first["links"]["self"])
            assert answer["print"] is None
            assert code.reveal() not in answer.text
            assert code.grouped() not in answer.text


async def test_paper_that_could_not_be_committed_is_not_handed_over(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        till = await printing(here)
        with here.counter.board.stream() as changes:
            asking = asyncio.ensure_future(till.credit())
            while (await changes.get()) is None or (await here.counter.only()).paper is Paper.NONE:
                continue
            here.counter.disk.full = True
            answer = await asking
        assert answer["print"] is None
        record = await here.counter.only()
        assert not record.promised
        here.counter.disk.full = False
        assert (await till.get(answer["links"]["self"]))["print"] is not None


async def test_a_journal_that_hangs_before_paper_leaves_does_not_keep_the_till_waiting(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, [issuing(budget_s=0.5)], running_clock=True) as here:
        here.counter.platform.down = True
        till = await printing(here)
        started = time.monotonic()
        with here.counter.board.stream() as changes:
            asking = asyncio.ensure_future(till.credit())
            while (changed := await changes.get()) is None or changed.paper is Paper.NONE:
                continue
            here.counter.journal.writes.clear()
            answer = await asking
        assert time.monotonic() - started < 0.6
        assert (answer.status, answer["answer"], answer["print"]) == (202, None, None)
        here.counter.journal.writes.set()
        await here.counter.settled()
        assert (await till.get(answer["links"]["self"]))["print"]["kind"] == "voucher"
