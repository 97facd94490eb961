# SPDX-License-Identifier: Apache-2.0
"""The journal of the daemon: aiosqlite, one writer, and group commit.

Everything that gathered while the last commit ran goes to the connection's thread as one
function: BEGIN, all operations, COMMIT, one hop. Nothing is awaited in between, so nobody can
come between (statement by statement on a shared connection, a neighbour's rollback would take
acknowledged rows with it: 600 of 600 were lost in a test of the obvious code).

Reads go through a second, read-only connection with a thread of its own, so that they do not
wait behind an fsync; write-ahead logging shows them everything that was acknowledged.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar, cast

import aiosqlite

from agent.domain.faults import Busy, CannotJournal, Stopping
from agent.journal.core import Core, Result, cannot, name_of
from agent.journal.journal import Journal
from agent.journal.lock import FolderLock
from agent.journal.store import Operation, Store

WAITING_MAX: Final = 1_024
"""Operations that may wait; one more is `Busy`."""
BATCH_MAX: Final = 256

T = TypeVar("T")

Committed = Callable[[int, float], None]
"""Told after each batch: how many operations, and the seconds until they were on disk."""


class WriterConnection(aiosqlite.Connection):
    """An aiosqlite connection that runs a whole function on its thread, in one hop."""

    async def hop(self, function: Callable[[], T]) -> T:
        execute = cast("Callable[[Callable[[], T]], Awaitable[T]]", self._execute)
        return await execute(function)


@dataclass(frozen=True, slots=True)
class _Asked:
    operation: Operation[object]
    answer: asyncio.Future[object]


class WrittenJournal(Journal):
    """Made by `open_journal`. Belongs to the event loop in which it was opened."""

    def __init__(
        self,
        core: Core,
        reader: Store,
        lock: FolderLock,
        restored: bool,
        journal_id: str,
        committed: Committed | None = None,
    ) -> None:
        self.restored = restored
        self.journal_id = journal_id
        self._core = core
        self._reader = reader
        self._lock = lock
        self._committed = committed
        self._writing = _on_thread(core.store.connection)
        self._reading = _on_thread(reader.connection)
        self._waiting: deque[_Asked] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._closed: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts both threads and the writer."""
        await self._writing
        await self._reading
        self._task = asyncio.create_task(self._write_all(), name="journal writer")

    @property
    def broken(self) -> bool:
        """The disk failed under it: only a restart can tell what the file holds."""
        return self._core.broken

    @property
    def anchor_fault(self) -> OSError | None:
        """Why the last anchor could not be written."""
        return self._core.anchor_fault

    async def write(self, operation: Operation[T]) -> T:
        """A caller that is cancelled while it waits takes nothing back: what was asked is done."""
        if self._closing:
            raise Stopping
        if len(self._waiting) >= WAITING_MAX:
            raise Busy(waiting=len(self._waiting))
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(operation, answer))
        self._wake.set()
        return cast("T", await answer)

    async def read(self, operation: Operation[T]) -> T:
        if self._closing:
            raise Stopping
        try:
            return await self._reading.hop(lambda: operation(self._reader))
        except sqlite3.Error as error:
            raise cannot(name_of(error), error) from error

    async def checkpoint(self) -> None:
        try:
            await self._writing.hop(self._core.checkpoint)
        except sqlite3.Error as error:
            raise cannot(name_of(error), error) from error

    async def _write_all(self) -> None:
        """The writer: one batch after the other, until closing finds nothing left."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    many = min(len(self._waiting), BATCH_MAX)
                    await self._write_batch([self._waiting.popleft() for _ in range(many)])
                if self._closing:
                    return
        finally:
            self._closing = True
            for asked in self._waiting:
                _answer(asked, Result(None, Stopping()))
            self._waiting.clear()

    async def _write_batch(self, batch: list[_Asked]) -> None:
        operations = [asked.operation for asked in batch]
        began_s = time.monotonic()
        try:
            results = await self._writing.hop(lambda: self._core.run(operations))
        except BaseException:
            for asked in batch:
                _answer(asked, Result(None, CannotJournal(why="interrupted")))
            raise
        if self._committed is not None:
            self._committed(len(batch), time.monotonic() - began_s)
        for asked, result in zip(batch, results, strict=True):
            _answer(asked, result)

    async def aclose(self) -> None:
        """Takes nothing more, finishes what waits, closes; a second caller waits for the first."""
        if self._closed is not None:
            await asyncio.shield(self._closed)
            return
        self._closed = asyncio.get_running_loop().create_future()
        self._closing = True
        self._wake.set()
        try:
            if self._task is not None:
                await asyncio.wait([self._task])
            await self._reading.close()
        finally:
            try:
                await self._writing.hop(self._core.close)
            finally:
                await self._writing.close()
                self._lock.release()
                self._closed.set_result(None)
        if self._task is not None and not self._task.cancelled():
            self._task.result()


def _answer(asked: _Asked, result: Result) -> None:
    if asked.answer.done():
        return
    if result.fault is not None:
        asked.answer.set_exception(result.fault)
    else:
        asked.answer.set_result(result.value)


def _on_thread(connection: sqlite3.Connection) -> WriterConnection:
    """Hands an opened connection over to a thread of aiosqlite's; nobody else may use it then."""
    return WriterConnection(lambda: connection, iter_chunk_size=64)


def reading_store(store: Store, connection: sqlite3.Connection) -> Store:
    """The same store over the reader's connection."""
    return replace(store, connection=connection)
