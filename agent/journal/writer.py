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
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar, cast

import aiosqlite

from agent.domain.faults import Busy, CannotJournal, JournalDamaged, Stopping
from agent.journal.core import Core, Result, cannot, name_of
from agent.journal.journal import Journal
from agent.journal.known import Known
from agent.journal.lock import FolderLock
from agent.journal.store import Operation, Store

WAITING_MAX: Final = 1_024
"""Operations that may wait; one more is `Busy`."""
BATCH_MAX: Final = 256
PATIENCE_S: Final = 0.02
"""How long a patient operation waits for a commit of somebody else's."""

JOIN_S: Final = 1.0

T = TypeVar("T")

Committed = Callable[[int, float], None]
"""Told after each batch: how many operations, and the seconds until they were on disk."""


class WriterConnection(aiosqlite.Connection):
    """An aiosqlite connection that runs a whole function on its thread, in one hop."""

    def hop(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Queues `function` at once, without a turn of the event loop before it."""
        if not self._running or not self._connection:
            raise ValueError("the connection is closed")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((done, function))
        return done

    async def end(self) -> None:
        """Closes, and waits for the thread, which has nothing left to do but to return."""
        await self.close()
        self._thread.join(JOIN_S)


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
        super().__init__(restored, journal_id)
        self._core = core
        self._reader = reader
        self._lock = lock
        self._committed = committed
        self._writing = _on_thread(core.store.connection)
        self._reading = _on_thread(reader.connection)
        self._waiting: deque[_Asked] = deque()
        self._patient: deque[_Asked] = deque()
        self._turn: asyncio.Handle | None = None
        """When the next batch begins, where that is settled."""
        self._batch: list[_Asked] = []
        """What is being written now."""
        self._began_s = 0.0
        self._closing = False
        self._closed: asyncio.Future[None] | None = None
        self._finished: asyncio.Future[None] | None = None
        self._mistake: BaseException | None = None

    async def start(self) -> None:
        """Starts both threads."""
        await self._writing
        await self._reading

    @property
    def broken(self) -> bool:
        """The disk failed under it: only a restart can tell what the file holds."""
        return self._core.broken

    @property
    def short(self) -> str | None:
        """Why new credits are refused for want of room; None where there is room."""
        return self._core.store.room.short

    @property
    def anchor_fault(self) -> OSError | None:
        """Why the last anchor could not be written."""
        return self._core.anchor_fault

    async def write(self, operation: Operation[T], patient: bool = False) -> T:
        """A caller that is cancelled while it waits takes nothing back: what was asked is done."""
        if self._closing:
            raise Stopping
        if len(self._waiting) + len(self._patient) >= WAITING_MAX:
            raise Busy(waiting=len(self._waiting) + len(self._patient))
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[object] = loop.create_future()
        asked = _Asked(operation, answer)
        if patient:
            self._patient.append(asked)
        else:
            self._waiting.append(asked)
        self._plan(loop)
        return cast("T", await answer)

    async def read(self, operation: Operation[T]) -> T:
        if self._closing:
            raise Stopping
        try:
            return await self._reading.hop(lambda: operation(self._reader))
        except JournalDamaged as fault:
            self._core.watch(fault)
            raise
        except sqlite3.Error as error:
            self._core.watch(error)
            raise cannot(name_of(error), error) from error

    async def checkpoint(self) -> None:
        try:
            await self._writing.hop(self._core.checkpoint)
        except sqlite3.Error as error:
            raise cannot(name_of(error), error) from error

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        """Settles when the next batch begins: at once, but behind everybody who is ready now;
        for patient operations alone a little later."""
        if self._batch:
            return
        if self._waiting or self._closing:
            if isinstance(self._turn, asyncio.TimerHandle):
                self._turn.cancel()
                self._turn = None
            if self._turn is None:
                self._turn = loop.call_soon(self._begin_batch)
        elif self._patient and self._turn is None:
            self._turn = loop.call_later(PATIENCE_S, self._begin_batch)

    def _begin_batch(self) -> None:
        """Hands everything that waits to the thread, what is patient first: it has waited."""
        self._turn = None
        for queue in (self._patient, self._waiting):
            while queue and len(self._batch) < BATCH_MAX:
                self._batch.append(queue.popleft())
        if not self._batch:
            if self._closing and self._finished is not None and not self._finished.done():
                self._finished.set_result(None)
            return
        operations = [asked.operation for asked in self._batch]
        self._began_s = time.monotonic()
        self._writing.hop(lambda: self._core.run(operations)).add_done_callback(self._end_batch)

    def _end_batch(self, done: asyncio.Future[list[Result]]) -> None:
        batch, self._batch = self._batch, []
        mistake = done.exception()
        if mistake is not None:  # no fault of an operation or of SQLite, but of ours
            self._stop(batch, mistake)
            return
        took_s = time.monotonic() - self._began_s
        for asked, result in zip(batch, done.result(), strict=True):
            _answer(asked, result)
        self._plan(done.get_loop())
        if self._committed is not None:
            self._committed(len(batch), took_s)

    def _stop(self, batch: list[_Asked], mistake: BaseException) -> None:
        """Nothing is written any more; whoever waits is told, and `aclose` raises the mistake."""
        self._closing, self._mistake = True, mistake
        for asked in batch:
            _answer(asked, Result(None, CannotJournal(why="interrupted")))
        for queue in (self._patient, self._waiting):
            while queue:
                _answer(queue.popleft(), Result(None, Stopping()))
        self._plan(asyncio.get_running_loop())

    async def aclose(self) -> None:
        """Takes nothing more, finishes what waits, closes; a second caller waits for the first."""
        if self._closed is not None:
            await asyncio.shield(self._closed)
            return
        loop = asyncio.get_running_loop()
        self._closed, self._finished = loop.create_future(), loop.create_future()
        self._closing = True
        self._plan(loop)
        try:
            await self._finished
            if not self._core.broken:
                await self._reading.end()
        finally:
            try:
                await self._writing.hop(self._core.close)
            finally:
                await self._writing.end()
                if self._core.broken:
                    await self._reading.end()
                self._lock.release()
                self._closed.set_result(None)
        if self._mistake is not None:
            raise self._mistake


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
    """The same store over the reader's connection, without what the writer knows."""
    return replace(store, connection=connection, known=Known())
