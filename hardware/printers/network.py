# SPDX-License-Identifier: Apache-2.0
"""A printer on raw TCP (port 9100): one connection a job, in a thread of its own.

The printer may hang, refuse, go mute or read nothing; the event loop never waits on it. Whoever
gives up first, the loop at its deadline or the thread at its own, decides under one lock whether
the job had begun: that is the whole difference between ``Failed`` and ``Uncertain``.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import selectors
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

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
from hardware.printers.device_thread import DeviceThread
from hardware.printers.escpos_transport import NetworkTransport
from hardware.printers.printer import BeforeFirstByte, Failed, PrintResult, Uncertain, Why
from hardware.wire.escpos_status import PrinterStatus, StatusReader
from hardware.wire.escpos_writer import ask_real_time, mending

WRITE_BYTES: Final = 1024
"""Bytes handed over at once, between looks at what the printer says."""

GRACE_S: Final = 0.25
"""Seconds that the loop grants the thread to report its own end at the deadline."""

DRAIN_LOOK_S: Final = 0.01
"""Seconds between looks at what the other side has yet to take; no event tells."""

T = TypeVar("T")


class NetworkPrinter:
    """``Printer`` over TCP.

    ``process_id``: the model knows GS ( H. ``allow_silent``: a printer that answers nothing is
    sent jobs all the same, and the best they can end in is ``Sent``. ``status_wait_s``: how long
    an answer may take. ``waiting_max``: jobs that wait for the one at hand.
    """

    def __init__(
        self,
        host: str,
        port: int = 9100,
        *,
        name: str = "network",
        process_id: bool = False,
        allow_silent: bool = False,
        status_wait_s: float = 0.7,
        waiting_max: int = 8,
    ) -> None:
        if not host or not 1 <= port <= 65535:
            raise ValueError("a network printer needs a host and a port of 1 to 65535")
        if not 0 < status_wait_s <= 30 or not 0 <= waiting_max <= 100:
            raise ValueError("an answer may take up to 30 s, and up to 100 jobs may wait")
        self._host, self._port, self._name = host, port, name
        self._process_id, self._allow_silent = process_id, allow_silent
        self._status_wait_s, self._waiting_max = status_wait_s, waiting_max
        self._thread = DeviceThread(f"printer {name}")
        self._owner = asyncio.Lock()
        self._waiting = 0
        self._closed = False
        self._visit: _Visit | None = None
        self._mend = b""
        # Begins anywhere: an old answer that a printer kept must not fit a new job.
        self._serials = itertools.count(int.from_bytes(os.urandom(3), "big"))

    @property
    def name(self) -> str:
        return self._name

    async def status(self, deadline_s: float) -> PrinterStatus:
        deadline = time.monotonic() + deadline_s
        if not await self._own(deadline):
            return PrinterStatus()
        visit = self._visit = _Visit(self._host, self._port, deadline)
        try:
            opened = await self._in_time(visit, lambda: self._open(visit))
            return opened if isinstance(opened, PrinterStatus) else PrinterStatus()
        finally:
            self._leave(visit)

    async def print_job(
        self, job: bytes, *, deadline_s: float, before_first_byte: BeforeFirstByte
    ) -> PrintResult:
        if not job:
            raise ValueError("an empty job prints nothing")
        deadline = time.monotonic() + deadline_s
        if not await self._own(deadline):
            return Failed(self._ended(Why.BUSY))
        visit = self._visit = _Visit(self._host, self._port, deadline)
        try:
            opened = await self._in_time(visit, lambda: self._open(visit))
            if not isinstance(opened, PrinterStatus):
                return Failed(self._ended(opened or Why.DEADLINE))
            why = refusal(opened, allow_silent=self._allow_silent)
            if why is not None:
                return Failed(why)
            await before_first_byte()
            silent = opened.silent
            result = await self._in_time(visit, lambda: self._deliver(visit, job, silent))
            if result is not None:
                return result
            why = self._ended(Why.DEADLINE)
            return Uncertain(why) if visit.begun else Failed(why)
        finally:
            self._leave(visit)

    async def close(self) -> None:
        self._closed = True
        if self._visit is not None:
            self._visit.abandon()
        await self._thread.stop(wait_s=1.0)

    def _ended(self, why: Why) -> Why:
        return Why.CLOSED if self._closed else why

    async def _own(self, deadline: float) -> bool:
        """Become the one job at hand; false when closed, too many wait or the wait is too long."""
        if self._closed or (self._owner.locked() and self._waiting >= self._waiting_max):
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(max(deadline - time.monotonic(), 0.0)):
                await self._owner.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return True

    async def _in_time(self, visit: _Visit, work: Callable[[], T]) -> T | None:
        """Do it in the thread; None when the deadline passes, and then nothing more is begun."""
        if self._closed:
            visit.abandon()
            return None
        left_s = max(visit.left_s(), 0.0) + GRACE_S
        try:
            async with asyncio.timeout(left_s):
                return await self._thread.submit(work)
        except TimeoutError:
            visit.abandon()
            return None

    def _leave(self, visit: _Visit) -> None:
        """Let go of the connection in the thread, where it lives, and let the next job in."""
        visit.abandon(shut=False)
        self._visit = None
        if not self._closed:
            self._thread.submit(visit.close).add_done_callback(_looked_at)
        else:
            visit.close()
        self._owner.release()

    def _open(self, visit: _Visit) -> PrinterStatus | Why:
        """In the thread: connect, mend what the last connection broke, and ask for the status."""
        opened = visit.open(self._mend, self._status_wait_s)
        if opened is Why.LINE_BROKEN or visit.cut_short:
            self._mend = self._mend or mending(ask_real_time(1)[:2])
        elif isinstance(opened, PrinterStatus):
            self._mend = b""
        return opened

    def _deliver(self, visit: _Visit, job: bytes, silent: bool) -> PrintResult | None:
        """In the thread: send the job. None when the loop has given up on it already."""
        if visit.left_s() <= 0 or not visit.begin():
            return None
        process_id = self._next_process_id() if self._process_id else None
        talk = deliver(
            job,
            visit.reader,
            process_id=process_id,
            silent=silent,
            status_wait_s=self._status_wait_s,
        )
        result = run(talk, visit)
        broken = visit.cut_short or result == Uncertain(Why.LINE_BROKEN)
        self._mend = mending(job) if broken else b""
        return result

    def _next_process_id(self) -> bytes:
        """Four printable bytes that differ from job to job."""
        serial, digits = next(self._serials), bytearray()
        for _ in range(4):
            serial, digit = divmod(serial, 94)
            digits.append(0x21 + digit)
        return bytes(digits)


class _Visit:
    """One connection. Lives in the device's thread, but for ``begun`` and ``abandon``."""

    def __init__(self, host: str, port: int, deadline: float) -> None:
        self.reader = StatusReader()
        self.begun = False
        self.cut_short = False  # not every byte of a write was handed over
        self._host, self._port, self._deadline = host, port, deadline
        self._lock = threading.Lock()
        self._abandoned = False
        self._transport: NetworkTransport | None = None

    def left_s(self) -> float:
        return self._deadline - time.monotonic()

    def begin(self) -> bool:
        """From now on bytes may have left. False when the other side has given up already."""
        with self._lock:
            self.begun = self.begun or not self._abandoned
            return self.begun and not self._abandoned

    def abandon(self, *, shut: bool = True) -> None:
        """Nothing is begun any more, and (``shut``) whatever blocks on the socket comes back."""
        with self._lock:
            self._abandoned = True
            transport = self._transport
        if shut and transport is not None:
            try:
                transport.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was gone already, which is all that is wanted

    def open(self, mend: bytes, wait_s: float) -> PrinterStatus | Why:
        """Connect, mend and ask for the status. A reason when that cannot be done."""
        left_s = self.left_s()
        if left_s <= 0:
            return Why.DEADLINE
        try:
            transport = NetworkTransport(self._host, self._port, left_s)
        except OSError:
            return Why.UNREACHABLE
        with self._lock:
            self._transport = transport
            if self._abandoned:  # while it connected; nobody would wake it any more
                return Why.LINE_BROKEN
        try:
            return run(greet(self.reader, mend, wait_s), self)
        except LineBroken:
            return Why.LINE_BROKEN

    def close(self) -> None:
        with self._lock:
            transport, self._transport = self._transport, None
        if transport is not None:
            transport.close(abort=self.cut_short)

    def do(self, step: Step) -> Heard:
        transport = self._transport
        if transport is None:
            raise LineBroken
        try:
            match step:
                case Write(data):
                    return self._write(transport, data)
                case Listen(wait_s):
                    return self._listen(transport, wait_s)
                case Drain():
                    return self._drain(transport)
        except TimeoutError:
            self.cut_short = True
            return Heard(over=True)
        except OSError as fault:
            raise LineBroken from fault

    def _write(self, transport: NetworkTransport, data: bytes) -> Heard:
        heard = bytearray()
        with selectors.DefaultSelector() as ready:
            both = selectors.EVENT_READ | selectors.EVENT_WRITE
            ready.register(transport.socket, both)
            at = 0
            while at < len(data):
                left_s = self.left_s()
                events = ready.select(left_s) if left_s > 0 else []
                if not events:
                    self.cut_short = True
                    return Heard(bytes(heard), over=True)
                mask = events[0][1]
                if mask & selectors.EVENT_READ:
                    heard += _read(transport)
                if mask & selectors.EVENT_WRITE:
                    transport.write(data[at : at + WRITE_BYTES], max(self.left_s(), 0.001))
                    at += WRITE_BYTES
        return Heard(bytes(heard))

    def _listen(self, transport: NetworkTransport, wait_s: float) -> Heard:
        with selectors.DefaultSelector() as ready:
            ready.register(transport.socket, selectors.EVENT_READ)
            waited = ready.select(max(min(wait_s, self.left_s()), 0.0))
        data = _read(transport) if waited else b""
        return Heard(data, over=self.left_s() <= 0)

    def _drain(self, transport: NetworkTransport) -> Heard:
        """Wait for the last byte's acknowledgement: a printer that is off gives none."""
        never = threading.Event()
        while True:
            waiting = fcntl.ioctl(transport.socket, termios.TIOCOUTQ, b"\0\0\0\0")
            if struct.unpack("i", waiting)[0] == 0:
                # A line that was reset has none waiting either; reading tells the two apart.
                return Heard(self._listen(transport, 0.0).data)
            if self.left_s() <= 0 or self._abandoned:
                return Heard(over=True)
            never.wait(DRAIN_LOOK_S)


def _read(transport: NetworkTransport) -> bytes:
    data = transport.read()
    if not data:
        raise LineBroken
    return data


def _looked_at(closing: asyncio.Future[None]) -> None:
    """A connection that cannot even be closed has nothing left to tell."""
    if not closing.cancelled():
        closing.exception()
