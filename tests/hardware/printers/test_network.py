# SPDX-License-Identifier: Apache-2.0
"""The network printer where the network or the device misbehaves; the loop must not notice."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hardware.printers.network import NetworkPrinter
from hardware.printers.printer import Failed, Printed, Uncertain, Why
from hardware.printers.simulated_server import SimulatedPrinterServer
from tests.hardware.printers.jobs import FirstByte, job_of


@asynccontextmanager
async def deaf_server() -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A port that takes connections and then neither reads nor answers; told of the first one."""
    leave, connected = asyncio.Event(), asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        connected.set()
        await leave.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0, limit=1024)
    yield server.sockets[0].getsockname()[1], connected
    leave.set()
    server.close()


class LoopWatch:
    """Counts turns of the loop while something else goes on."""

    def __init__(self) -> None:
        self.turns = 0
        self.longest_s = 0.0
        self._running = True

    async def run(self) -> None:
        before = time.perf_counter()
        while self._running:
            await asyncio.sleep(0)
            now = time.perf_counter()
            self.longest_s = max(self.longest_s, now - before)
            before = now
            self.turns += 1

    def stop(self) -> None:
        self._running = False


async def test_a_mute_printer_never_holds_up_the_event_loop() -> None:
    async with deaf_server() as (port, _):
        printer = NetworkPrinter("127.0.0.1", port, status_wait_s=0.3)
        await printer.status(1.0)  # whatever the first use imports is in
        watch = LoopWatch()
        watching = asyncio.create_task(watch.run())
        began = time.perf_counter()
        result = await printer.print_job(job_of(), deadline_s=1.0, before_first_byte=FirstByte())
        took_s = time.perf_counter() - began
        watch.stop()
        await watching
        assert result == Failed(Why.SILENT)
        assert 0.25 < took_s < 1.3
        assert watch.turns > 100
        assert watch.longest_s < 0.29, "the wait was in the thread"
        await printer.close()


async def test_a_mute_printer_does_not_stop_the_shutdown() -> None:
    async with deaf_server() as (port, connected):
        printer = NetworkPrinter("127.0.0.1", port, allow_silent=True, status_wait_s=20)
        job = asyncio.create_task(
            printer.print_job(job_of(), deadline_s=60, before_first_byte=FirstByte())
        )
        await connected.wait()
        began = time.perf_counter()
        await printer.close()
        assert isinstance(await job, Failed)
        assert time.perf_counter() - began < 5.0


async def test_a_job_larger_than_every_buffer_ends_at_the_deadline() -> None:
    async with SimulatedPrinterServer(buffer_bytes=4096) as server:
        printer = NetworkPrinter("127.0.0.1", server.port)
        job = job_of(rows=20_000)
        assert len(job) > 1_000_000
        await server.set_switch("paper_out_after", 20_000)
        began = time.perf_counter()
        result = await printer.print_job(job, deadline_s=1.0, before_first_byte=FirstByte())
        assert time.perf_counter() - began < 2.0
        assert result in (Uncertain(Why.DEADLINE), Uncertain(Why.PAPER_OUT))
        assert server.received_bytes < len(job)
        assert server.papers == []
        # The next job finds its feet again once there is paper.
        await server.set_switch("paper_out", False)
        again = await printer.print_job(job_of("2"), deadline_s=5, before_first_byte=FirstByte())
        assert again == Printed("status")
        assert server.papers[-1].raw.endswith(job_of("2"))
        await printer.close()


async def test_more_jobs_than_may_wait_are_refused_at_once() -> None:
    async with SimulatedPrinterServer() as server:
        printer = NetworkPrinter("127.0.0.1", server.port, waiting_max=1)
        go_on, at_hand = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            at_hand.set()
            await go_on.wait()

        first = asyncio.create_task(
            printer.print_job(job_of("1"), deadline_s=5, before_first_byte=wait)
        )
        await at_hand.wait()
        second = asyncio.create_task(
            printer.print_job(job_of("2"), deadline_s=5, before_first_byte=FirstByte())
        )
        await asyncio.sleep(0)
        third = FirstByte()
        result = await printer.print_job(job_of("3"), deadline_s=5, before_first_byte=third)
        assert result == Failed(Why.BUSY)
        assert third.announced == 0
        go_on.set()
        assert await first == Printed("status")
        assert await second == Printed("status")
        assert [paper.raw for paper in server.papers] == [job_of("1"), job_of("2")]
        await printer.close()


async def test_a_job_that_waits_longer_than_its_deadline_is_not_begun() -> None:
    async with SimulatedPrinterServer() as server:
        printer = NetworkPrinter("127.0.0.1", server.port)
        go_on, at_hand = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            at_hand.set()
            await go_on.wait()

        first = asyncio.create_task(
            printer.print_job(job_of("1"), deadline_s=5, before_first_byte=wait)
        )
        await at_hand.wait()
        late = await printer.print_job(job_of("2"), deadline_s=0.05, before_first_byte=FirstByte())
        assert late == Failed(Why.BUSY)
        go_on.set()
        assert await first == Printed("status")
        assert [paper.raw for paper in server.papers] == [job_of("1")]
        await printer.close()


async def test_a_first_byte_hook_that_outlasts_the_deadline_lets_nothing_leave() -> None:
    async with SimulatedPrinterServer() as server:
        printer = NetworkPrinter("127.0.0.1", server.port)
        clock = asyncio.get_running_loop()

        async def slow() -> None:
            passed = asyncio.Event()
            clock.call_later(0.7, passed.set)
            await passed.wait()

        result = await printer.print_job(job_of(), deadline_s=0.3, before_first_byte=slow)
        assert result == Failed(Why.DEADLINE)
        assert server.papers == []
        await printer.close()


async def test_a_cancelled_job_lets_the_next_one_in() -> None:
    async with SimulatedPrinterServer() as server:
        printer = NetworkPrinter("127.0.0.1", server.port)
        at_hand = asyncio.Event()

        async def forever() -> None:
            at_hand.set()
            await asyncio.Event().wait()

        job = asyncio.create_task(
            printer.print_job(job_of("1"), deadline_s=60, before_first_byte=forever)
        )
        await at_hand.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        after = await printer.print_job(job_of("2"), deadline_s=5, before_first_byte=FirstByte())
        assert after == Printed("status")
        assert [paper.raw for paper in server.papers] == [job_of("2")]
        await printer.close()


async def test_closing_during_the_proof_leaves_the_job_uncertain() -> None:
    async with SimulatedPrinterServer() as server:
        printer = NetworkPrinter("127.0.0.1", server.port)

        async def go_mute() -> None:
            await server.set_switch("mute", True)

        job = asyncio.create_task(
            printer.print_job(job_of(), deadline_s=60, before_first_byte=go_mute)
        )
        await server.next_paper()
        await printer.close()
        assert isinstance(await job, Uncertain)
        assert len(server.papers) == 1


async def test_a_slow_printer_is_waited_for_within_the_deadline() -> None:
    async with SimulatedPrinterServer() as server:
        printer = NetworkPrinter("127.0.0.1", server.port, process_id=True)
        await server.set_switch("bytes_per_s", 50_000)
        result = await printer.print_job(job_of(), deadline_s=5, before_first_byte=FirstByte())
        assert result == Printed("process-id")
        await printer.close()


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    printer = NetworkPrinter("printer.invalid", 9100)
    first = FirstByte()
    result = await printer.print_job(job_of(), deadline_s=3, before_first_byte=first)
    assert result in (Failed(Why.UNREACHABLE), Failed(Why.DEADLINE))
    assert first.announced == 0
    await printer.close()


def pickles() -> set[Path]:
    """The caches that the library leaves in new folders of the temporary one."""
    return set(Path(tempfile.gettempdir()).glob("*/*.capabilities.pickle"))


async def test_the_vendor_library_leaves_no_handler_and_no_folder_behind() -> None:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    folders = pickles()
    async with SimulatedPrinterServer() as server:
        printer = NetworkPrinter("127.0.0.1", server.port)
        assert (await printer.status(5)).ready
        await printer.close()
    assert root.handlers == before
    assert pickles() <= folders


@pytest.mark.parametrize(
    ("host", "port", "wait_s"), [("", 9100, 0.7), ("a", 0, 0.7), ("a", 70000, 0.7), ("a", 1, 0)]
)
def test_a_printer_with_no_address_or_no_patience_is_refused(
    host: str, port: int, wait_s: float
) -> None:
    with pytest.raises(ValueError, match=r"host and a port|up to 30 s"):
        NetworkPrinter(host, port, status_wait_s=wait_s)
