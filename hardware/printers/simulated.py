# SPDX-License-Identifier: Apache-2.0
"""A printer in memory: the ``Printer`` protocol without a device, for tests and for practice.

It runs the same conversation as the network printer against a ``VirtualPrinter``. Time is its own:
a silence passes at once, so a mute printer costs no waiting.
"""

from __future__ import annotations

import asyncio
import itertools

from hardware.printers.conversation import (
    Drain,
    Heard,
    LineBroken,
    Listen,
    Step,
    Write,
    deliver,
    greet,
    refusal,
    run,
)
from hardware.printers.printer import BeforeFirstByte, Failed, PrintResult, Uncertain, Why
from hardware.printers.virtual import FinishedPaper, Switches, VirtualPrinter
from hardware.wire.escpos_status import PrinterStatus, StatusReader
from hardware.wire.escpos_writer import ask_real_time, mending


class SimulatedPrinter:
    """``jobs`` are the jobs it was given bytes of; ``papers`` what came out of it.

    ``hold`` and ``release``: a job stays under way, after its ``before_first_byte``, until told.
    """

    def __init__(
        self,
        name: str = "simulated",
        *,
        process_id: bool = True,
        allow_silent: bool = False,
        switches: Switches | None = None,
    ) -> None:
        self._name = name
        self._process_id, self._allow_silent = process_id, allow_silent
        self._virtual = VirtualPrinter(switches or Switches())
        self._owner = asyncio.Lock()
        self._free = asyncio.Event()
        self._free.set()
        self._closed = False
        self._mend = b""
        self._serials = itertools.count(1)
        self.jobs: list[bytes] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def switches(self) -> Switches:
        """Read them here; change them with ``set_switch``, which the printer notices."""
        return self._virtual.switches

    @property
    def papers(self) -> list[FinishedPaper]:
        return self._virtual.papers

    def set_switch(self, name: str, value: object) -> None:
        """Change a switch; what waited for it is printed. ``ValueError`` as in ``Switches.set``."""
        self._virtual.switches.set(name, value)
        self._virtual.touched()

    def hold(self) -> None:
        self._free.clear()

    def release(self) -> None:
        self._free.set()

    async def status(self, deadline_s: float) -> PrinterStatus:
        async with self._owner:
            if self._closed or self.switches.refuse:
                return PrinterStatus()
            return self._ask(_MemoryLine(self._virtual, deadline_s), StatusReader())

    async def print_job(
        self, job: bytes, *, deadline_s: float, before_first_byte: BeforeFirstByte
    ) -> PrintResult:
        if not job:
            raise ValueError("an empty job prints nothing")
        async with self._owner:
            if self._closed or self.switches.refuse:
                return Failed(Why.CLOSED if self._closed else Why.UNREACHABLE)
            line, reader = _MemoryLine(self._virtual, deadline_s), StatusReader()
            status = self._ask(line, reader)
            why = refusal(status, allow_silent=self._allow_silent)
            if why is not None:
                return Failed(why)
            await before_first_byte()
            await self._free.wait()
            self.jobs.append(job)
            result = run(
                deliver(
                    job,
                    reader,
                    process_id=b"%04d" % (next(self._serials) % 10000)
                    if self._process_id
                    else None,
                    silent=status.silent,
                    status_wait_s=0.5,
                ),
                line,
            )
            if result == Uncertain(Why.LINE_BROKEN):
                self._mend = mending(job)
            self._virtual.hung_up()
            return result

    async def close(self) -> None:
        self._closed = True
        self._free.set()

    def _ask(self, line: _MemoryLine, reader: StatusReader) -> PrinterStatus:
        try:
            status = run(greet(reader, self._mend, 0.5), line)
        except LineBroken:
            self._mend = self._mend or mending(ask_real_time(1)[:2])
            return PrinterStatus()
        self._mend = b""
        return status


class _MemoryLine:
    """A connection to the virtual printer whose clock moves only while nothing is heard."""

    def __init__(self, virtual: VirtualPrinter, deadline_s: float) -> None:
        self._virtual = virtual
        self._left_s = deadline_s
        self._inbox = b""

    def do(self, step: Step) -> Heard:
        match step:
            case Write(data):
                self._write(data)
                return Heard(over=self._left_s <= 0)
            case Listen(wait_s):
                heard, self._inbox = self._inbox, b""
                if not heard:
                    self._left_s -= wait_s
                return Heard(heard, over=not heard and self._left_s <= 0)
            case Drain():
                return Heard()

    def _write(self, data: bytes) -> None:
        switches = self._virtual.switches
        if switches.drop_after is not None and len(data) > switches.drop_after:
            self._virtual.feed(data[: switches.drop_after])
            switches.drop_after = None
            raise LineBroken
        if switches.drop_after is not None:
            switches.drop_after -= len(data)
        self._inbox += self._virtual.feed(data)
