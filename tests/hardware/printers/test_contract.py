# SPDX-License-Identifier: Apache-2.0
"""What every printer must do, tried on the simulated one and on the network one alike."""

from __future__ import annotations

import asyncio

import pytest

from hardware.printers.printer import Failed, Printed, Sent, Uncertain, Why
from hardware.wire.escpos_status import PaperState, PrinterStatus
from tests.hardware.printers.benches import bench
from tests.hardware.printers.jobs import FirstByte, job_of

pytestmark = pytest.mark.parametrize("kind", ["simulated", "network"])

DEADLINE_S = 5.0
SHORT_S = 1.0


async def test_a_job_is_printed_and_proved_by_its_process_id(kind: str) -> None:
    async with bench(kind) as at:
        first = FirstByte()
        result = await at.printer.print_job(
            job_of(), deadline_s=DEADLINE_S, before_first_byte=first
        )
        assert result == Printed("process-id")
        assert [paper.raw for paper in at.papers()] == [job_of()]
        assert at.papers()[0].cut
        assert first.announced == 1


async def test_without_process_ids_an_answer_behind_the_last_byte_is_proof(kind: str) -> None:
    async with bench(kind, process_id=False) as at:
        result = await at.printer.print_job(
            job_of(), deadline_s=DEADLINE_S, before_first_byte=FirstByte()
        )
        assert result == Printed("status")
        assert [paper.raw for paper in at.papers()] == [job_of()]


async def test_a_model_that_does_not_know_process_ids_after_all_still_proves_it(
    kind: str,
) -> None:
    async with bench(kind) as at:
        await at.set("no_process_id", True)
        result = await at.printer.print_job(
            job_of(), deadline_s=SHORT_S, before_first_byte=FirstByte()
        )
        assert result == Printed("status")


async def test_jobs_are_printed_one_after_the_other_and_each_once(kind: str) -> None:
    async with bench(kind) as at:
        jobs = [job_of(f"job {n}", rows=20) for n in range(5)]
        results = await asyncio.gather(
            *(
                at.printer.print_job(job, deadline_s=DEADLINE_S, before_first_byte=FirstByte())
                for job in jobs
            )
        )
        assert results == [Printed("process-id")] * 5
        assert sorted(paper.raw for paper in at.papers()) == sorted(jobs)


@pytest.mark.parametrize(
    ("switch", "why"),
    [
        ("paper_out", Why.PAPER_OUT),
        ("cover_open", Why.COVER_OPEN),
        ("error", Why.PRINTER_ERROR),
        ("offline", Why.OFFLINE),
        ("mute", Why.SILENT),
        ("refuse", Why.UNREACHABLE),
    ],
)
async def test_a_printer_that_cannot_print_is_sent_nothing(
    kind: str, switch: str, why: Why
) -> None:
    async with bench(kind) as at:
        first = FirstByte()
        await at.set(switch, True)
        result = await at.printer.print_job(
            job_of(), deadline_s=DEADLINE_S, before_first_byte=first
        )
        assert result == Failed(why)
        assert first.announced == 0
        await at.set(switch, False)
        assert at.papers() == [], "nothing waited inside for the printer to recover"
        again = await at.printer.print_job(job_of(), deadline_s=DEADLINE_S, before_first_byte=first)
        assert again == Printed("process-id")
        assert len(at.papers()) == 1


async def test_a_silent_printer_may_be_sent_jobs_where_that_is_allowed(kind: str) -> None:
    async with bench(kind, allow_silent=True) as at:
        await at.set("mute", True)
        first = FirstByte()
        result = await at.printer.print_job(
            job_of(), deadline_s=DEADLINE_S, before_first_byte=first
        )
        assert result == Sent()
        assert first.announced == 1


async def test_a_silent_printer_that_is_allowed_is_still_not_sent_when_it_complains(
    kind: str,
) -> None:
    async with bench(kind, allow_silent=True) as at:
        await at.set("paper_out", True)
        result = await at.printer.print_job(
            job_of(), deadline_s=DEADLINE_S, before_first_byte=FirstByte()
        )
        assert result == Failed(Why.PAPER_OUT)
        assert at.papers() == []


async def test_when_the_first_byte_may_not_leave_nothing_leaves(kind: str) -> None:
    async with bench(kind) as at:
        with pytest.raises(LookupError, match="disk full"):
            await at.printer.print_job(
                job_of(),
                deadline_s=DEADLINE_S,
                before_first_byte=FirstByte(LookupError("disk full")),
            )
        assert at.papers() == []
        result = await at.printer.print_job(
            job_of("next"), deadline_s=DEADLINE_S, before_first_byte=FirstByte()
        )
        assert result == Printed("process-id")
        assert [paper.raw for paper in at.papers()] == [job_of("next")]


@pytest.mark.parametrize("taken", [30, 100, 500, 3000])
async def test_a_line_that_breaks_after_bytes_left_is_uncertain_and_mended(
    kind: str, taken: int
) -> None:
    async with bench(kind) as at:
        await at.set("drop_after", taken)
        result = await at.printer.print_job(
            job_of("broken"), deadline_s=DEADLINE_S, before_first_byte=FirstByte()
        )
        assert result == Uncertain(Why.LINE_BROKEN)
        after = await at.printer.print_job(
            job_of("whole"), deadline_s=DEADLINE_S, before_first_byte=FirstByte()
        )
        assert after == Printed("process-id")
        assert at.papers()[-1].raw.endswith(job_of("whole")), "no byte of it was swallowed"
        assert sum(b"broken" in paper.raw for paper in at.papers()) <= 1


async def test_a_line_that_breaks_before_the_first_byte_is_a_failure(kind: str) -> None:
    async with bench(kind) as at:
        await at.set("drop_after", 2)
        first = FirstByte()
        result = await at.printer.print_job(
            job_of(), deadline_s=DEADLINE_S, before_first_byte=first
        )
        assert isinstance(result, Failed)
        assert first.announced == 0
        assert at.papers() == []


async def test_paper_that_ends_during_the_job_is_uncertain_and_never_sent_again(
    kind: str,
) -> None:
    async with bench(kind) as at:
        await at.set("paper_out_after", 300)
        result = await at.printer.print_job(
            job_of(), deadline_s=SHORT_S, before_first_byte=FirstByte()
        )
        assert result == Uncertain(Why.PAPER_OUT)
        assert at.papers() == []
        await at.set("paper_out", False)
        assert [paper.raw for paper in at.papers()] == [job_of()], "it kept the rest"


async def test_a_printer_that_goes_mute_after_the_status_has_at_best_been_sent(
    kind: str,
) -> None:
    async with bench(kind) as at:

        async def mute() -> None:
            await at.set("mute", True)

        result = await at.printer.print_job(job_of(), deadline_s=SHORT_S, before_first_byte=mute)
        assert result == Sent()


async def test_status_tells_of_paper_and_cover_and_silence_is_unknown(kind: str) -> None:
    async with bench(kind) as at:
        assert (await at.printer.status(DEADLINE_S)).ready
        await at.set("near_end", True)
        assert (await at.printer.status(DEADLINE_S)).paper is PaperState.NEAR_END
        await at.set("cover_open", True)
        assert (await at.printer.status(DEADLINE_S)).stopper == "cover-open"
        await at.set("mute", True)
        assert await at.printer.status(DEADLINE_S) == PrinterStatus()
        await at.set("refuse", True)
        assert (await at.printer.status(DEADLINE_S)).silent


async def test_an_empty_job_is_refused(kind: str) -> None:
    async with bench(kind) as at:
        first = FirstByte()
        with pytest.raises(ValueError, match="empty job"):
            await at.printer.print_job(b"", deadline_s=DEADLINE_S, before_first_byte=first)
        assert first.announced == 0


async def test_a_closed_printer_takes_no_job_and_closes_twice(kind: str) -> None:
    async with bench(kind) as at:
        await at.printer.close()
        await at.printer.close()
        first = FirstByte()
        result = await at.printer.print_job(
            job_of(), deadline_s=DEADLINE_S, before_first_byte=first
        )
        assert result == Failed(Why.CLOSED)
        assert (await at.printer.status(DEADLINE_S)).silent
        assert first.announced == 0
        assert at.papers() == []
