# SPDX-License-Identifier: Apache-2.0
"""The spool: in order, once each, committed first, and honest about what a restart left."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from agent.domain.faults import CannotJournal, NotNow
from agent.domain.moment import Moment
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.ports import Composed, JobSpan, PrintEnd, PrintJob
from agent.printing.press import Press, Route
from agent.printing.spool import FRESH_FOR_MS, Spool, SpoolCalls
from hardware.printers.simulated import SimulatedPrinter
from hardware.profiles import load
from tests.printing.samples import AT_MS, KEY, a_confirmed, a_press, a_record

ROUTE: Final = "03"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.wall_ms = AT_MS
        self.boot_ms = 1
        self.trusted = True

    def now(self) -> Moment:
        return Moment(self.wall_ms, self.boot_ms, "boot", self.trusted)

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("a spool waits for events, not for time")


@dataclass
class Table:
    """The spool table as flows keep it, in memory; `log` is the order of commits."""

    jobs: dict[int, PrintJob] = field(default_factory=dict)
    records: dict[int, CreditRecord] = field(default_factory=dict)
    tokens: dict[int, str | None] = field(default_factory=dict)
    ends: dict[int, PrintEnd] = field(default_factory=dict)
    log: list[tuple[str, int]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    refusing: set[int] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    failed: asyncio.Event = field(default_factory=asyncio.Event)

    def queue(
        self,
        number: int,
        kind: PaperKind = PaperKind.VOUCHER,
        *,
        state: Paper = Paper.QUEUED,
        queued_ms: int = AT_MS,
        by: str = "agent",
        record: CreditRecord | None = None,
    ) -> None:
        self.jobs[number] = PrintJob(number, KEY, kind, 1, state, by, kind.value, queued_ms, ROUTE)
        self.records[number] = record or a_record()
        self.tokens[number] = None

    def state(self, number: int) -> Paper:
        return self.jobs[number].state

    async def until(self, *numbers: int) -> None:
        """Waits until these jobs have ended."""
        while not set(numbers) <= self.ends.keys():
            self.changed.clear()
            await self.changed.wait()

    async def until_leaving(self, number: int) -> None:
        """Waits until this job's leaving was committed."""
        while ("leaving", number) not in self.log:
            self.changed.clear()
            await self.changed.wait()

    def calls(self) -> SpoolCalls:
        return SpoolCalls(self._waiting, self._load, self._leaving, self._ended)

    async def _waiting(self, states: Sequence[Paper], span: JobSpan) -> Sequence[PrintJob]:
        self._fail("waiting")
        found = [
            job
            for number, job in sorted(self.jobs.items(), reverse=span.newest)
            if job.state in states and span.after < number < span.before
        ]
        return sorted(found[: span.limit], key=lambda job: job.id)

    async def _load(self, job: PrintJob) -> tuple[CreditRecord, str | None]:
        self._fail("load")
        return self.records[job.id], self.tokens[job.id]

    async def _leaving(self, job: PrintJob, composed: Composed) -> None:
        self._fail("leaving")
        if job.id in self.refusing:
            raise NotNow(state="voided", event="paper-leaving", case="money")
        self.log.append(("leaving", job.id))
        self.tokens[job.id] = composed.token
        self.jobs[job.id] = replace(job, state=Paper.SENT)
        self.changed.set()

    async def _ended(self, job: PrintJob, end: PrintEnd) -> None:
        self._fail("ended")
        self.log.append(("ended", job.id))
        self.jobs[job.id] = replace(job, state=end.paper)
        self.ends[job.id] = end
        self.changed.set()

    def _fail(self, what: str) -> None:
        if what in self.failing:
            self.failed.set()
            raise CannotJournal


@dataclass
class Shop:
    """A spool with a simulated printer, and what it works on."""

    table: Table
    printer: SimulatedPrinter
    clock: Clock
    spool: Spool
    press: Press

    async def fault(self) -> None:
        """Waits until the spool met a journal that cannot be used."""
        await self.table.failed.wait()
        assert self.spool.fault is not None


@pytest.fixture
def shop() -> Shop:
    table, printer, clock = Table(), SimulatedPrinter(), Clock()
    press = a_press(routes={ROUTE: Route(printer, load("epson-tm-t20iii"))})
    return Shop(table, printer, clock, Spool(ROUTE, press, table.calls(), clock), press)


@contextlib.asynccontextmanager
async def running(shop: Shop) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        group.create_task(shop.spool.run())
        yield
        await shop.spool.stop()


async def test_papers_leave_in_order_each_after_its_commit(shop: Shop) -> None:
    for number in (1, 2, 3):
        shop.table.queue(number)
    async with running(shop):
        await shop.table.until(1, 2, 3)
    assert shop.table.log == [(what, n) for n in (1, 2, 3) for what in ("leaving", "ended")]
    assert len(shop.printer.jobs) == 3
    assert shop.table.ends[1] == PrintEnd(Paper.PRINTED, "process-id")
    assert shop.spool.route == ROUTE


async def test_a_job_queued_later_prints_when_the_spool_is_woken(shop: Shop) -> None:
    async with running(shop):
        await asyncio.sleep(0)
        shop.table.queue(7)
        shop.spool.wake()
        await shop.table.until(7)
    assert len(shop.printer.jobs) == 1


async def test_a_wake_while_printing_is_not_lost(shop: Shop) -> None:
    shop.printer.hold()
    shop.table.queue(1)
    async with running(shop):
        await shop.table.until_leaving(1)
        shop.table.queue(2)
        shop.spool.wake()
        shop.printer.release()
        await shop.table.until(1, 2)
    assert len(shop.printer.jobs) == 2


async def test_a_printers_fault_ends_the_job_and_the_next_one_is_tried(shop: Shop) -> None:
    shop.printer.set_switch("cover_open", True)
    shop.table.queue(1)
    shop.table.queue(2)
    async with running(shop):
        await shop.table.until(1, 2)
    assert shop.printer.jobs == []
    assert {n: end.detail for n, end in shop.table.ends.items()} == {
        1: "cover-open",
        2: "cover-open",
    }
    assert ("leaving", 1) not in shop.table.log


async def test_a_credit_that_was_voided_meanwhile_is_not_printed(shop: Shop) -> None:
    shop.table.queue(1, record=a_record(State.VOIDED))
    shop.table.queue(2)
    shop.table.refusing.add(2)
    shop.table.queue(3)
    async with running(shop):
        await shop.table.until(1, 2, 3)
    assert shop.table.ends[1] == PrintEnd(Paper.FAILED, "paper-refused")
    assert shop.table.ends[2] == PrintEnd(Paper.FAILED, "not-now")
    assert shop.table.ends[3].paper is Paper.PRINTED
    assert len(shop.printer.jobs) == 1


async def test_a_token_that_is_not_the_credits_ends_the_job_unprinted(shop: Shop) -> None:
    shop.table.queue(1)
    shop.table.tokens[1] = "CM1:AAAA"
    async with running(shop):
        await shop.table.until(1)
    assert shop.table.ends[1] == PrintEnd(Paper.FAILED, "cannot-compose")
    assert shop.printer.jobs == []


@pytest.mark.parametrize("what", ["waiting", "load", "leaving"])
async def test_a_journal_that_cannot_be_used_lets_nothing_out_and_keeps_the_job(
    shop: Shop, what: str
) -> None:
    await shop.spool.resume()
    shop.table.queue(1)
    shop.table.failing.add(what)
    async with running(shop):
        await shop.fault()
        assert shop.printer.jobs == []
        assert shop.table.state(1) is Paper.QUEUED
        shop.table.failing.clear()
        shop.spool.wake()
        await shop.table.until(1)
        assert shop.spool.fault is None
    assert len(shop.printer.jobs) == 1


async def test_a_proof_that_could_not_be_committed_is_committed_later_and_nothing_prints_twice(
    shop: Shop,
) -> None:
    shop.table.queue(1)
    shop.table.queue(2)
    await shop.spool.resume()
    shop.table.failing.add("ended")
    async with running(shop):
        await shop.fault()
        assert shop.table.state(1) is Paper.SENT
        assert len(shop.printer.jobs) == 1, "no further paper while the journal is silent"
        shop.table.failing.clear()
        shop.spool.wake()
        await shop.table.until(1, 2)
    assert shop.table.ends[1] == PrintEnd(Paper.PRINTED, "process-id")
    assert len(shop.printer.jobs) == 2


async def test_what_was_sent_before_a_restart_is_uncertain_and_not_printed_again(
    shop: Shop,
) -> None:
    shop.table.queue(1, state=Paper.SENT)
    async with running(shop):
        await shop.table.until(1)
    assert shop.table.ends[1] == PrintEnd(Paper.UNCERTAIN, "restart")
    assert shop.printer.jobs == []


@pytest.mark.parametrize(
    ("kind", "age_ms", "by", "detail"),
    [
        (PaperKind.VOUCHER, FRESH_FOR_MS, "agent", None),
        (PaperKind.IDENTITY, 0, "agent", None),
        (PaperKind.SLIP, 1000, "tap", None),
        (PaperKind.VOUCHER, FRESH_FOR_MS + 1, "agent", "stale"),
        (PaperKind.VOUCHER, -1, "agent", "stale"),
        (PaperKind.SLIP, FRESH_FOR_MS + 1, "tap", "stale"),
        (PaperKind.SLIP, 1000, "agent", "restart"),
        (PaperKind.RECEIPT, 1000, "agent", "restart"),
        (PaperKind.RECEIPT, 1000, "manager", "restart"),
    ],
)
async def test_after_a_restart_only_fresh_money_paper_and_tapped_slips_print(
    shop: Shop, kind: PaperKind, age_ms: int, by: str, detail: str | None
) -> None:
    record = a_confirmed(linked=True) if kind is PaperKind.RECEIPT else a_record()
    shop.table.queue(1, kind, queued_ms=AT_MS - age_ms, by=by, record=record)
    async with running(shop):
        await shop.table.until(1)
    assert len(shop.printer.jobs) == (1 if detail is None else 0)
    if detail is not None:
        assert shop.table.ends[1] == PrintEnd(Paper.FAILED, detail)


async def test_after_a_crash_within_one_boot_fresh_paper_prints_by_an_untrusted_clock(
    shop: Shop,
) -> None:
    shop.clock.trusted = False
    shop.table.queue(1)
    shop.clock.wall_ms += 60_000
    shop.clock.boot_ms = 3_600_000
    async with running(shop):
        await shop.table.until(1)
    assert len(shop.printer.jobs) == 1


async def test_after_a_reboot_with_an_untrusted_clock_a_person_decides(shop: Shop) -> None:
    shop.clock.trusted = False
    shop.table.queue(1)
    shop.clock.wall_ms += 60_000
    shop.clock.boot_ms = 30_000
    async with running(shop):
        await shop.table.until(1)
    assert shop.table.ends[1] == PrintEnd(Paper.FAILED, "stale")
    assert shop.printer.jobs == []


async def test_a_receipt_queued_after_the_start_prints_at_once(shop: Shop) -> None:
    await shop.spool.resume()
    shop.table.queue(1, PaperKind.RECEIPT, record=a_confirmed(linked=False))
    async with running(shop):
        await shop.table.until(1)
    assert shop.table.ends[1].paper is Paper.PRINTED


async def test_a_paper_that_waited_over_ten_minutes_for_the_printer_is_not_printed(
    shop: Shop,
) -> None:
    await shop.spool.resume()
    shop.table.queue(1)
    shop.clock.wall_ms += FRESH_FOR_MS + 1
    async with running(shop):
        await shop.table.until(1)
    assert shop.table.ends[1] == PrintEnd(Paper.FAILED, "stale")
    assert shop.printer.jobs == []


async def test_a_journal_that_cannot_be_used_at_the_start_is_told(shop: Shop) -> None:
    shop.table.queue(1, state=Paper.SENT)
    shop.table.failing.add("waiting")
    with pytest.raises(CannotJournal):
        await shop.spool.resume()
    assert shop.table.state(1) is Paper.SENT
    shop.table.failing.clear()
    async with running(shop):
        await shop.table.until(1)
    assert shop.table.ends[1] == PrintEnd(Paper.UNCERTAIN, "restart")


async def test_stopping_lets_the_paper_under_way_end_and_leaves_the_rest_queued(
    shop: Shop,
) -> None:
    shop.printer.hold()
    shop.table.queue(1)
    shop.table.queue(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(shop.spool.run())
        await shop.table.until_leaving(1)
        stopping = group.create_task(shop.spool.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        shop.printer.release()
        await stopping
    assert shop.table.ends == {1: PrintEnd(Paper.PRINTED, "process-id")}
    assert shop.table.state(2) is Paper.QUEUED


async def test_a_cancelled_spool_leaves_the_job_as_it_was_committed(shop: Shop) -> None:
    shop.printer.hold()
    shop.table.queue(1)
    shop.table.queue(2)
    task = asyncio.create_task(shop.spool.run())
    await shop.table.until_leaving(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert shop.table.state(1) is Paper.SENT
    assert shop.table.state(2) is Paper.QUEUED
    assert shop.table.ends == {}
    await shop.spool.stop()


async def test_stopping_a_spool_that_never_ran_returns_at_once(shop: Shop) -> None:
    await shop.spool.stop()
    assert shop.table.log == []


async def test_without_a_printer_a_job_fails_and_nothing_is_composed() -> None:
    table = Table()
    table.queue(1)
    table.failing.add("load")
    spool = Spool(ROUTE, a_press(routes={}), table.calls(), Clock())
    running = asyncio.create_task(spool.run())
    await table.until(1)
    await spool.stop()
    await running
    assert table.ends[1] == PrintEnd(Paper.FAILED, "no-printer")
    assert table.log == [("ended", 1)]
