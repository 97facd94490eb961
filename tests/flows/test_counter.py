# SPDX-License-Identifier: Apache-2.0
"""The counter's path: joins, hang-ups, limits, rings, and a journal that answers too late."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.decisions.limits import Limits
from agent.domain.credit import Instrument
from agent.domain.faults import (
    ApprovalRequired,
    BadField,
    CannotJournal,
    LooksLike,
    NotNow,
    Observing,
    PaperRefused,
)
from agent.domain.record import Answer, ManagerReason, Paper, PaperKind, State
from agent.flows.register import Ring
from tests.flows.stage import ALICE, stage, word


async def test_two_clicks_at_once_are_one_credit(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("slow", ms=200)
        order = here.order(here.request())
        (first, fresh), (second, again) = await asyncio.gather(
            here.house.issue.issue(order), here.house.issue.issue(order)
        )
        assert first.key == second.key
        assert {fresh, again} == {True, False}
        assert len(here.cards(first)) == 1
        printed = await here.house.steps.board.wait_until(
            first, lambda latest: latest.paper is Paper.PRINTED, 5.0
        )
        assert printed.copies == 1
        assert len(here.printer.papers) == 1


async def test_a_till_that_hangs_up_cancels_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("slow", ms=150)
        request = here.request()
        asking = asyncio.ensure_future(here.house.issue.issue(here.order(request)))
        with here.house.steps.board.stream() as changes:
            await changes.get()  # the record is open
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        record = await here.issue(request)
        assert record.state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_without_room_sending_goes_on_and_only_paper_stops(tmp_path: Path) -> None:
    limits = Limits(per_credit=4000)  # a fresh journal starts at a quarter: 10.00
    async with stage(tmp_path, limits=limits) as here:
        assert (await here.issue(here.request(1001))).state is State.CONFIRMED
        await here.sandbox.switch("down")
        record = await here.issue(here.request(1001))
        assert (word(record), record.manager) == (Answer.ASK_A_MANAGER, ManagerReason.NO_ROOM)
        assert record.paper is Paper.NONE
        approved = await here.house.papers.approve(record.key, "dora")
        assert approved.paper_approved_by == "dora"
        latest = await here.worded(approved)
        assert word(latest) is Answer.VOUCHER
        with pytest.raises(PaperRefused):
            await here.house.papers.approve(record.key, "dora")


async def test_two_that_wait_for_their_customers_do_not_share_the_last_room(
    tmp_path: Path,
) -> None:
    """What is opened takes its room at once, before anything is sent."""
    limits = Limits(outstanding=12_000)  # a fresh journal starts at a quarter: 30.00
    async with stage(tmp_path, limits=limits) as here:
        await here.sandbox.switch("slow", ms=5000)
        one, two = await asyncio.gather(
            here.issue(here.request(2000, customer=ALICE)),
            here.issue(here.request(2001, customer=ALICE)),
        )
        assert {word(one), word(two)} == {Answer.VOUCHER, Answer.ASK_A_MANAGER}
        assert {one.manager, two.manager} == {None, ManagerReason.NO_ROOM}
        assert len(here.printer.papers) == 1


async def test_a_register_that_is_not_enrolled_prints_no_voucher(tmp_path: Path) -> None:
    async with stage(tmp_path, enrolled=False) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        assert record.manager is ManagerReason.NOT_ENROLLED
        assert record.state is State.PARKED
        assert here.printer.papers == []


async def test_an_observing_register_notes_what_it_would_have_done_and_creates_nothing(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, ring=Ring.OBSERVE) as here:
        with pytest.raises(Observing):
            await here.house.issue.issue(here.order(here.request()))
        assert here.sandbox.ledger() == []
        assert (await here.journal.totals(None)).count == 0


async def test_an_amount_over_the_limit_is_not_opened_without_a_manager(tmp_path: Path) -> None:
    async with stage(tmp_path, approval_over=5000) as here:
        with pytest.raises(ApprovalRequired):
            await here.house.issue.issue(here.order(here.request(5001)))
        request = here.request(5001)
        await here.house.approvals.add_manager("dora", "4711")
        approval = await here.house.approvals.approve("dora", "4711", request.body_digest())
        record, _ = await here.house.issue.issue(here.order(request, approval_id=approval.id))
        assert record.state is State.CONFIRMED
        again, fresh = await here.house.issue.issue(here.order(request))
        assert (again.key, fresh) == (record.key, False)


@pytest.mark.parametrize("instrument", [Instrument.ACCOUNT, Instrument.TENDER])
async def test_an_instrument_that_the_platform_lacks_is_refused_at_the_door(
    tmp_path: Path, instrument: Instrument
) -> None:
    async with stage(tmp_path) as here:
        with pytest.raises(BadField):
            await here.house.issue.issue(here.order(here.request(instrument=instrument)))


async def test_a_look_alike_is_asked_about_and_a_tapped_slip_is_not(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        from dataclasses import replace

        await here.issue(here.request())
        twin = replace(here.request(), distinct=False)
        with pytest.raises(LooksLike):
            await here.house.issue.issue(here.order(twin))
        record, fresh = await here.house.issue.issue(here.order(twin, ask_alike=False))
        assert fresh
        assert (await here.worded(record)).state is State.CONFIRMED


async def test_silent_paper_is_no_voucher_until_somebody_says_that_it_came_out(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        here.printer.set_switch("paper_out", True)
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        assert (record.paper, word(record)) == (Paper.FAILED, Answer.ASK_A_MANAGER)
        assert not record.promised
        here.printer.set_switch("paper_out", False)
        reprinted = await here.house.papers.reprint(record.key, "ann", "paper was out", None)
        latest = await here.worded(reprinted)
        assert (latest.paper_kind, latest.copies) == (PaperKind.VOUCHER, 2)
        assert word(latest) is Answer.VOUCHER


async def test_a_journal_that_answers_after_the_counters_time_issues_nothing(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, budget_s=0.3) as here:
        here.journal.after_open.clear()
        with pytest.raises(CannotJournal):
            await here.house.issue.issue(here.order(here.request()))
        with here.house.steps.board.stream() as changes:
            here.journal.after_open.set()
            states: list[State] = []
            async with asyncio.timeout(5):
                while not states or states[-1] is not State.WITHDRAWN:
                    record = await changes.get()
                    assert record is not None
                    states.append(record.state)
        assert here.sandbox.ledger() == []


async def test_a_journal_that_begins_after_the_counters_time_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, budget_s=0.3) as here:
        here.journal.before_open.clear()
        with pytest.raises(CannotJournal):
            await here.house.issue.issue(here.order(here.request()))
        here.journal.before_open.set()
        async with asyncio.timeout(5):
            await here.journal.opening_ended.wait()
        assert (await here.journal.totals(None)).count == 0
        assert await here.journal.unfinished() == []
        assert here.sandbox.ledger() == []


async def test_the_agent_that_stops_waits_for_the_counter_and_takes_no_more(
    tmp_path: Path,
) -> None:
    from agent.domain.faults import Stopping

    async with stage(tmp_path) as here:
        await here.sandbox.switch("slow", ms=100)
        asking = asyncio.ensure_future(here.house.issue.issue(here.order(here.request())))
        with here.house.steps.board.stream() as changes:
            await changes.get()
        await here.house.issue.close()
        record, _ = await asking
        assert record.state is State.CONFIRMED
        with pytest.raises(Stopping):
            await here.house.issue.issue(here.order(here.request()))


async def test_a_reprint_is_the_same_token_and_is_refused_once_voided(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        from agent.domain.record import VoidRequest

        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        token = await here.journal.token(record.key)
        for copy in (2, 3, 4):
            reprinted = await here.house.papers.reprint(record.key, "ann", "torn", None)
            assert reprinted.copies == copy
        await here.house.spools["03"].stop()
        assert await here.journal.token(record.key) == token
        await here.sandbox.switch("down", on=False)
        await here.house.closing.void(record.key, VoidRequest("bea", "back"))
        with pytest.raises(NotNow):
            await here.house.papers.reprint(record.key, "ann", "torn", None)


async def test_a_till_that_prints_and_never_reports_leaves_the_word_to_a_person(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        order = here.order(here.request(), pos_prints=True)
        record, _ = await here.house.issue.issue(order)
        assert record.paper is Paper.QUEUED
        with pytest.raises(PaperRefused):  # nothing has left yet
            await here.house.papers.affirm(record.key, "dora", came_out=True)
        handed = await here.house.papers.hand_over(record.key)
        assert handed is not None
        again = await here.house.papers.hand_over(record.key)
        assert again is not None
        assert again[1].escpos == handed[1].escpos
        latest = await here.known(record)
        assert (word(latest), latest.promised) == (None, True)
        affirmed = await here.house.papers.affirm(record.key, "dora", came_out=True)
        assert word(affirmed) is Answer.VOUCHER
        assert here.printer.papers == []
