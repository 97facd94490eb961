# SPDX-License-Identifier: Apache-2.0
"""A network printer on loopback: a ``VirtualPrinter`` behind a TCP port, as port 9100 behaves.

One connection is served at a time and the next ones wait, as on a real one; a printer that is
stopped takes bytes until its buffer is full and then reads no more. For tests, demonstrations and
rehearsals in a store without hardware: it must never be bound to anything but loopback.

    python -m hardware.printers.simulated_control --port 0 --papers DIR
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Self

from hardware.printers.qr_modules import qr_modules
from hardware.printers.virtual import FinishedPaper, Switches, VirtualPrinter
from hardware.wire.picture import Paper, draw, to_svg

BUFFER_BYTES: Final = 65536
"""What a stopped printer still takes; beyond it the sender's writes stand still."""

READ_BYTES: Final = 4096

PAPERS_MAX: Final = 10_000
"""Papers that wait for ``next_paper``."""

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class SimulatedPrinterServer:
    """``async with`` it, or ``start`` and ``stop``. ``port`` is known once it has started.

    ``papers_dir``: each paper is drawn there as ``paper-0001.svg`` and so on.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        width_dots: int = 576,
        papers_dir: Path | None = None,
        switches: Switches | None = None,
        buffer_bytes: int = BUFFER_BYTES,
    ) -> None:
        if host not in _LOOPBACK:
            raise ValueError("the simulated printer listens on loopback only")
        self._host, self._port, self._width_dots = host, port, width_dots
        self._papers_dir, self._buffer_bytes = papers_dir, buffer_bytes
        self._virtual = VirtualPrinter(switches or Switches(), self._keep)
        self._fresh: asyncio.Queue[FinishedPaper] = asyncio.Queue(PAPERS_MAX)
        self._server: asyncio.Server | None = None
        self._owner = asyncio.Lock()
        self._changed = asyncio.Event()
        self._current: asyncio.StreamWriter | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self.received_bytes = 0

    @property
    def port(self) -> int:
        return self._port

    @property
    def switches(self) -> Switches:
        """Read them here; change them with ``set_switch``."""
        return self._virtual.switches

    @property
    def papers(self) -> list[FinishedPaper]:
        return self._virtual.papers

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        if self._papers_dir is not None:
            self._papers_dir.mkdir(parents=True, exist_ok=True)
        await self._listen()

    async def stop(self) -> None:
        """Take no more, drop the connections there are, and draw what was not yet cut."""
        await self._deafen()
        for visit in list(self._visits):
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        self._virtual.hung_up()

    async def next_paper(self) -> FinishedPaper:
        """The next paper not yet asked for, waiting until there is one."""
        return await self._fresh.get()

    def drawn(self, paper: FinishedPaper) -> tuple[Paper, ...]:
        """The paper as rows and dots, native QR symbols included."""
        return draw(paper.raw, width_dots=self._width_dots, draw_qr=qr_modules)

    async def set_switch(self, name: str, value: object) -> None:
        """Change a switch, with what follows from it. ``ValueError`` as in ``Switches.set``."""
        self.switches.set(name, value)
        if name == "refuse":
            await (self._deafen() if value else self._listen())
        self._answer(self._virtual.touched())
        self._changed.set()

    def switch_off_and_on(self) -> None:
        """Cut the power for a moment: the line breaks, and what waited for paper is gone."""
        if self._current is not None:
            self._current.transport.abort()
        self._virtual.switched_off()

    async def _listen(self) -> None:
        if self._server is not None or self.switches.refuse:
            return
        # A small window: a sender soon notices that the printer has stopped reading.
        listener = socket.socket(socket.AF_INET6 if ":" in self._host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BYTES)
        listener.bind((self._host, self._port))
        self._server = await asyncio.start_server(self._visit, sock=listener, limit=READ_BYTES)
        self._port = listener.getsockname()[1]

    async def _deafen(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._visits.add(task)
        try:
            async with self._owner:
                await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the sender hung up, or the server stops: either ends the visit
        finally:
            self._visits.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._current = writer
        try:
            async for data in self._arriving(reader):
                kept = self._before_the_drop(data)
                self.received_bytes += len(kept)
                self._answer(self._virtual.feed(kept))
                if len(kept) < len(data):
                    writer.transport.abort()
                    return
        finally:
            self._current = None
            self._virtual.hung_up()

    async def _arriving(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """The bytes as they come, as fast as the switches allow, until the sender hangs up."""
        while True:
            while self.switches.stopped and self._virtual.waiting_bytes >= self._buffer_bytes:
                self._changed.clear()
                await self._changed.wait()
            rate = self.switches.bytes_per_s
            data = await reader.read(min(READ_BYTES, rate) if rate else READ_BYTES)
            if not data:
                return
            if rate:
                await asyncio.sleep(len(data) / rate)
            yield data

    def _before_the_drop(self, data: bytes) -> bytes:
        """What is still taken before the line breaks; all of it when it is not to break now."""
        left = self.switches.drop_after
        if left is None:
            return data
        self.switches.drop_after = left - len(data) if len(data) <= left else None
        return data[:left]

    def _answer(self, answers: bytes) -> None:
        if answers and self._current is not None:
            self._current.write(answers)

    def _keep(self, paper: FinishedPaper) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._fresh.put_nowait(paper)
        if self._papers_dir is None:
            return
        for part, drawn in enumerate(self.drawn(paper)):
            more = f"-{part + 1}" if part else ""
            path = self._papers_dir / f"paper-{paper.number:04}{more}.svg"
            path.write_text(to_svg(drawn), encoding="utf-8")
