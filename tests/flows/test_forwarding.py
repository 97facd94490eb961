# SPDX-License-Identifier: Apache-2.0
"""The forwarder's loop, the breaker, and what a restart or a failed commit left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agent.domain.event import Forwarding, Restarted
from agent.domain.record import Answer, Paper, State
from agent.flows.recover import Recovery
from agent.flows.turns import Turns
from tests.flows.stage import ALICE, Stage, stage, word


@asynccontextmanager
async def forwarding(here: Stage) -> AsyncIterator[None]:
    """The forwarder's own loop, as the daemon runs it."""
    running = asyncio.ensure_future(here.house.forwarder.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def drained(here: Stage) -> None:
    """Until nothing is due any more."""
    with here.house.steps.board.stream() as changes:
        while await here.journal.next_due_ms() is not None:
            await changes.get()


async def test_the_queue_drains_by_itself_and_prints_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        records = [await here.issue(here.request(1000 + n)) for n in range(6)]
        papers = len(here.printer.papers)
        async with forwarding(here), asyncio.timeout(30):
            await here.sandbox.switch("down", on=False)
            await drained(here)
        for record in records:
            assert (await here.known(record)).state is State.CONFIRMED
            assert len(here.cards(record)) == 1
        assert len(here.printer.papers) == papers


async def test_a_dead_platform_costs_no_cashier_the_budget_after_three(tmp_path: Path) -> None:
    async with stage(tmp_path, budget_s=0.4) as here:
        await here.sandbox.switch("hang")
        for _ in range(3):
            await here.issue(here.request())
        assert not here.house.steps.link.is_up
        before = here.house.steps.clock.monotonic_s()
        record = await here.issue(here.request())
        assert here.house.steps.clock.monotonic_s() - before < 0.4
        assert (record.state, record.perhaps_sent) == (State.PARKED, False)
        assert word(record) is Answer.VOUCHER


async def test_after_a_crash_in_a_send_the_record_is_unsettled_and_its_alias_resumes_it(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        request = here.request()
        record = await here.issue(request)
        await here.house.steps.advance(record.key, Forwarding())  # and the process dies here
        found = await here.house.recovery.at_start()
        assert (found.unsettled, found.untold) == (1, 0)
        latest = await here.known(record)
        assert (latest.state, latest.perhaps_sent) == (State.UNSETTLED, True)
        await here.sandbox.switch("down", on=False)
        again = await here.issue(request)
        assert again.key == record.key
        assert (await here.settle(record)).state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_what_was_told_to_nobody_is_not_issued_by_itself_after_a_crash(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, budget_s=0.3) as here:
        here.journal.after_open.clear()  # opened, its customer not yet asked for: and it dies here
        asking = asyncio.ensure_future(here.issue(here.request(customer=ALICE)))
        async with asyncio.timeout(5):
            await here.journal.opening_ended.wait()
        found = await here.house.recovery.at_start()
        assert (found.unsettled, found.untold) == (0, 1)
        (record,) = await here.journal.unfinished()
        assert (record.state, record.paper) == (State.RECEIVED, Paper.NONE)
        assert await here.journal.next_due_ms() is None
        assert (await here.house.forwarder.forward(record.key)).state is State.RECEIVED
        assert here.sandbox.ledger() == []
        here.journal.after_open.set()
        await asyncio.gather(asking, return_exceptions=True)


async def test_a_sending_record_that_nobody_holds_is_swept_up(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        await here.house.steps.advance(record.key, Forwarding())  # its answer was never committed
        assert await here.house.recovery.sweep() == 0  # it may just be taken up
        patient = Recovery(here.house.steps, Turns(), young_ms=-1)
        assert await patient.sweep() == 1
        assert (await here.known(record)).state is State.UNSETTLED
        assert await patient.sweep() == 0


async def test_a_confirmed_record_is_left_alone_by_a_restart(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await here.issue(here.request())
        await here.house.recovery.at_start()
        assert (await here.known(record)).state is State.CONFIRMED
        restarted = await here.house.steps.advance(record.key, Restarted())
        assert restarted.record.state is State.CONFIRMED


async def test_the_forwarder_never_touches_what_was_told_to_nobody(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("hang", paths=["POST /v1/customers/resolve"])
        order = here.order(here.request(customer=ALICE))
        asking = asyncio.ensure_future(here.house.issue.issue(order))
        with here.house.steps.board.stream() as changes:
            received = await changes.get()
        assert received is not None
        assert received.state is State.RECEIVED
        assert await here.journal.due(10**15, 10) == []
        await asking
        assert (await here.known(received)).paper is not Paper.NONE


async def test_a_throttled_platform_is_left_alone_as_long_as_it_asked(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("throttled", retry_after_s=7)
        await here.issue(here.request())
        assert 5.5 < here.house.steps.link.backlog_wait_s() <= 7
        assert here.house.steps.link.is_up


async def test_an_error_that_the_platform_replays_does_not_hide_what_it_has_booked(
    tmp_path: Path,
) -> None:
    """No paper is out, so the card is ours alone and is sent blind again; but not for ever."""
    async with stage(tmp_path) as here:
        await here.sandbox.switch("saved_500", executed=True, times=1)
        here.printer.set_switch("paper_out", True)
        record = await here.worded(await here.issue(here.request()))
        assert (record.state, record.promised) == (State.UNSETTLED, False)
        settled = await here.settle(record, tries=3)
        assert settled.state is State.CONFIRMED
        assert settled.attempts <= 3
        assert len(here.cards(record)) == 1
