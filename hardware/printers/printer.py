# SPDX-License-Identifier: Apache-2.0
"""What every printer offers, and how it says what became of a job.

The four endings are chosen for whoever has to decide what to tell a person:

- ``Printed``: the printer itself said so, after the last byte.
- ``Sent``: every byte was taken, and nothing was heard. Ask somebody whether it came out.
- ``Uncertain``: some bytes left and the rest is not known. Ask somebody; never send again.
- ``Failed``: provably no byte of the job left.

No printer ever sends a job twice, keeps its bytes after the call, or logs them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from hardware.wire.escpos_status import PrinterStatus

BeforeFirstByte = Callable[[], Awaitable[None]]
"""Awaited when the printer is known to be able to print and before the job's first byte leaves.
If it raises, nothing leaves, and what it raised goes to the caller of ``print_job``."""


class Why(StrEnum):
    """Reasons, stable codes. The first five are the printer's own complaints or its silence."""

    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    PRINTER_ERROR = "printer-error"
    OFFLINE = "offline"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    LINE_BROKEN = "line-broken"
    DEADLINE = "deadline"
    BUSY = "busy"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Printed:
    """Proved: by a process id after the printing, or by an answer in order behind the last byte."""

    proof: Literal["process-id", "status"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The device took every byte and said nothing."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Bytes left, and then the line broke, the deadline passed, or the printer stopped."""

    why: Why


@dataclass(frozen=True, slots=True)
class Failed:
    """No byte of the job left."""

    why: Why


PrintResult = Printed | Sent | Uncertain | Failed


class Printer(Protocol):
    """One device. One job at a time; a bounded number wait, the next is ``Failed(BUSY)``."""

    @property
    def name(self) -> str:
        """What people call it; the name in the settings."""
        ...

    async def status(self, deadline_s: float) -> PrinterStatus:
        """What the printer says now; the silent status when it cannot be asked in time."""
        ...

    async def print_job(
        self, job: bytes, *, deadline_s: float, before_first_byte: BeforeFirstByte
    ) -> PrintResult:
        """Print once. Answers within ``deadline_s`` seconds (and a moment), whatever hangs.

        A printer that complains, or is silent where that is not allowed, is not sent anything.
        ``ValueError`` for an empty job. When cancelled, bytes may have left.
        """
        ...

    async def close(self) -> None:
        """Let go of the device; jobs from now on are ``Failed(CLOSED)``. May be called twice."""
        ...
