# SPDX-License-Identifier: Apache-2.0
"""A process that can die at any named point, and a journal and a road that know these points.

`Doom` is where the next death waits: before or after the n-th commit, before or after the n-th
request, at a paper. The real journal and the real transport run; here they only stop running.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from agent.journal import InlineJournal
from agent.journal.store import Operation
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.transport import Transport

T = TypeVar("T")
POINTS: Final = (
    "before-commit",
    "after-commit",
    "before-request",
    "after-request",
    "before-paper",
    "after-paper",
)
CODES: Final = {
    "disk_full": sqlite3.SQLITE_FULL,
    "read_only": sqlite3.SQLITE_READONLY,
    "io_fault": sqlite3.SQLITE_IOERR,
}


@dataclass(slots=True)
class Doom:
    """Dies when `point` is reached after `passes` times."""

    point: str
    passes: int


class Mortal(Protocol):
    """Whoever can die there."""

    async def reach(self, point: str) -> None:
        """Returns where the process lives on; never returns where it died."""
        ...


class MortalJournal(InlineJournal):
    """The twin of a machine: dies around commits, and its disk may fail in a commit's place."""

    def __init__(self, twin: InlineJournal, mortal: Mortal) -> None:
        super().__init__(twin.core, twin._lock, twin.restored, twin.journal_id)
        self._mortal = mortal

    async def write(self, operation: Operation[T], patient: bool = False) -> T:
        await self._mortal.reach("before-commit")
        written = await super().write(operation, patient)
        await self._mortal.reach("after-commit")
        return written


class Disk:
    """What the next commits meet. `before_commit` is given to the journal."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        self._failed = failed
        self.fault = ""
        self.left = 0

    def trouble(self, fault: str, commits: int) -> None:
        self.fault, self.left = fault, commits

    def mended(self) -> None:
        self.left = 0

    def before_commit(self) -> None:
        """Raises what SQLite raises for this trouble."""
        if self.left <= 0:
            return
        self.left -= 1
        self._failed(self.fault)
        error = sqlite3.OperationalError(self.fault)
        error.sqlite_errorcode = CODES[self.fault]
        raise error


class Ear(Protocol):
    """Who hears everything that a machine says to the platform, before and after."""

    def leaving(self, request: HttpRequest) -> None: ...

    def arrived(self, request: HttpRequest, reply: HttpReply | NotSent | NoAnswer) -> None: ...


class HeardRoad:
    """`platforms.exchange.Wire`: the real transport, overheard, and mortal around it."""

    def __init__(self, real: Transport, mortal: Mortal, ear: Ear) -> None:
        self._real = real
        self._mortal = mortal
        self._ear = ear

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        await self._mortal.reach("before-request")
        self._ear.leaving(request)
        reply = await self._real.send(request, deadline)
        self._ear.arrived(request, reply)
        await self._mortal.reach("after-request")
        return reply


async def never() -> None:
    """What a dead process does; ends by cancellation."""
    await asyncio.Event().wait()
