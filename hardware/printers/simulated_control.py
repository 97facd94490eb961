# SPDX-License-Identifier: Apache-2.0
"""The simulated printer as a process of its own, with a control socket for whoever rehearses.

The control speaks lines of JSON on loopback: ``{"do": "set", "switch": "mute", "value": true}``,
``{"do": "switches"}``, ``{"do": "papers"}``, ``{"do": "paper", "number": 1}``,
``{"do": "next", "timeout_s": 5}``, ``{"do": "power"}`` (off and on), ``{"do": "stop"}``. Each is
answered by one line with ``"ok"``; a refusal says why in ``"error"``. At start one line on standard
output tells the ports.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import signal
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from hardware.printers.simulated_server import SimulatedPrinterServer
from hardware.printers.virtual import FinishedPaper
from hardware.wire.picture import lines, to_svg

LINE_MAX: Final = 65536
"""Bytes of one request line."""

WAIT_MAX_S: Final = 60.0
"""Seconds that ``next`` waits at most."""

Json = Mapping[str, object]


class PrinterControl:
    """Answers requests about one server. ``stopped`` is set when somebody asks it to stop."""

    def __init__(self, printer: SimulatedPrinterServer) -> None:
        self._printer = printer
        self._visits: set[asyncio.Task[None]] = set()
        self.stopped = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One control connection: a request a line, an answer a line."""
        task = asyncio.current_task()
        assert task is not None
        self._visits.add(task)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self.answer(line)).encode() + b"\n")
                await writer.drain()
        except ValueError:
            writer.write(b'{"ok": false, "error": "the line is too long"}\n')
        except (ConnectionError, asyncio.CancelledError):
            pass  # hung up, or the process stops
        finally:
            self._visits.discard(task)
            writer.close()

    async def close(self) -> None:
        for visit in list(self._visits):
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def answer(self, line: bytes) -> Json:
        """Do what the line asks. Never raises; a line that is not understood changes nothing."""
        try:
            request = json.loads(line)
        except ValueError:
            return _no("not a line of JSON")
        if not isinstance(request, dict):
            return _no("not a JSON object")
        try:
            return await self._do(request)
        except (ValueError, TypeError) as fault:
            return _no(str(fault))

    async def _do(self, request: Json) -> Json:
        printer = self._printer
        match request.get("do"):
            case "set":
                await printer.set_switch(str(request.get("switch")), request.get("value"))
                return {"ok": True, "switches": asdict(printer.switches)}
            case "switches":
                return {"ok": True, "switches": asdict(printer.switches)}
            case "papers":
                return {"ok": True, "papers": [self._told(p, whole=False) for p in printer.papers]}
            case "paper":
                return self._paper(request.get("number"))
            case "next":
                return await self._next(request.get("timeout_s", 5))
            case "power":
                printer.switch_off_and_on()
                return {"ok": True}
            case "stop":
                self.stopped.set()
                return {"ok": True}
        return _no("do one of set, switches, papers, paper, next, power, stop")

    def _paper(self, number: object) -> Json:
        for paper in self._printer.papers:
            if paper.number == number:
                return {"ok": True, "paper": self._told(paper, whole=True)}
        return _no("no paper has that number")

    async def _next(self, timeout_s: object) -> Json:
        if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float):
            return _no("timeout_s is a number of seconds")
        try:
            wait_s = min(max(timeout_s, 0.0), WAIT_MAX_S)
            paper = await asyncio.wait_for(self._printer.next_paper(), wait_s)
        except TimeoutError:
            return _no("no paper came out in time")
        return {"ok": True, "paper": self._told(paper, whole=True)}

    def _told(self, paper: FinishedPaper, *, whole: bool) -> Json:
        drawn = self._printer.drawn(paper)
        told: dict[str, object] = {
            "number": paper.number,
            "cut": paper.cut,
            "lines": [line for part in drawn for line in lines(part)],
        }
        if whole:
            told["raw"] = base64.b64encode(paper.raw).decode("ascii")
            told["svg"] = [to_svg(part) for part in drawn]
        return told


def _no(error: str) -> Json:
    return {"ok": False, "error": error}


async def serve(options: argparse.Namespace) -> None:
    """Run the printer and its control until told to stop, by the control or a signal."""
    server = SimulatedPrinterServer(
        port=options.port, width_dots=options.width, papers_dir=options.papers
    )
    async with server:
        control = PrinterControl(server)
        listener = await asyncio.start_server(
            control.serve, "127.0.0.1", options.control_port, limit=LINE_MAX
        )
        control_port = listener.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, control.stopped.set)
        print(json.dumps({"port": server.port, "control_port": control_port}), flush=True)
        await control.stopped.wait()
        listener.close()
        await control.close()


def main(arguments: list[str] | None = None) -> int:
    """``python -m hardware.printers.simulated_control``. Ends with 0 when told to stop."""
    parser = argparse.ArgumentParser(
        prog="simulated_control", description="A receipt printer on loopback, without the printer."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--control-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--papers", type=Path, default=None, help="folder for drawn papers")
    parser.add_argument("--width", type=int, default=576, help="paper width in dots")
    asyncio.run(serve(parser.parse_args(arguments)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
