# SPDX-License-Identifier: Apache-2.0
"""Two printers under one name: the simulated one, and the network printer before its server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from hardware.printers.network import NetworkPrinter
from hardware.printers.printer import Printer
from hardware.printers.simulated import SimulatedPrinter
from hardware.printers.simulated_server import SimulatedPrinterServer
from hardware.printers.virtual import FinishedPaper


class Bench(Protocol):
    """A printer, and the hands of whoever stands beside it."""

    printer: Printer

    async def set(self, switch: str, value: object) -> None: ...

    def papers(self) -> list[FinishedPaper]: ...


class MemoryBench:
    def __init__(self, *, process_id: bool, allow_silent: bool) -> None:
        self._simulated = SimulatedPrinter(process_id=process_id, allow_silent=allow_silent)
        self.printer: Printer = self._simulated

    async def set(self, switch: str, value: object) -> None:
        self._simulated.set_switch(switch, value)

    def papers(self) -> list[FinishedPaper]:
        return self._simulated.papers


class NetworkBench:
    def __init__(
        self, server: SimulatedPrinterServer, *, process_id: bool, allow_silent: bool
    ) -> None:
        self._server = server
        self.printer: Printer = NetworkPrinter(
            "127.0.0.1",
            server.port,
            process_id=process_id,
            allow_silent=allow_silent,
            status_wait_s=0.1,
        )

    async def set(self, switch: str, value: object) -> None:
        await self._server.set_switch(switch, value)

    def papers(self) -> list[FinishedPaper]:
        return self._server.papers


@asynccontextmanager
async def bench(
    kind: str, *, process_id: bool = True, allow_silent: bool = False
) -> AsyncIterator[Bench]:
    if kind == "simulated":
        memory = MemoryBench(process_id=process_id, allow_silent=allow_silent)
        yield memory
        await memory.printer.close()
        return
    async with SimulatedPrinterServer() as server:
        wired = NetworkBench(server, process_id=process_id, allow_silent=allow_silent)
        try:
            yield wired
        finally:
            await wired.printer.close()
