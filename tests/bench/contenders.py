# SPDX-License-Identifier: Apache-2.0
"""Whoever the journal is measured against: a file, sqlite3 by itself, aiosqlite, and ours.

A blocking contender is called from threads, a waiting one from tasks. All of them must be on
disk when a call returns: fdatasync for the file, `synchronous = FULL` for the databases.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol, Self

import aiosqlite

from agent.journal import WrittenJournal, open_journal
from agent.journal.schema import connect, prepare
from agent.journal.tables import MIGRATIONS
from agent.ports import Draft
from tests.bench.credits import SEAL_KEY, Till
from tests.bench.recorded import Recorded, Statement


class Blocking(Protocol):
    """`number` names the credit; each is enqueued once and then finished once."""

    def enqueue(self, number: int) -> None: ...

    def finish(self, number: int) -> None: ...


class Waiting(Protocol):
    """The same for tasks."""

    async def enqueue(self, number: int) -> None: ...

    async def finish(self, number: int) -> None: ...


class Floor:
    """Appends as many bytes as the rows have, and syncs once for each."""

    def __init__(self, path: Path, size: int) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._data = os.urandom(size)
        self._lock = threading.Lock()

    def enqueue(self, number: int) -> None:
        del number
        with self._lock:
            os.write(self._handle, self._data)
            os.fdatasync(self._handle)

    def finish(self, number: int) -> None:
        self.enqueue(number)

    def close(self) -> None:
        os.close(self._handle)


class Shared:
    """sqlite3, one commit each: every caller waits for the one connection."""

    def __init__(self, path: Path, recorded: Recorded) -> None:
        self._writes = recorded.each
        self._connection = connect(path)
        prepare(self._connection, path)
        write(self._connection, recorded.first)
        self._lock = threading.Lock()

    def enqueue(self, number: int) -> None:
        with self._lock:
            write(self._connection, self._writes[number].enqueue)

    def finish(self, number: int) -> None:
        with self._lock:
            write(self._connection, self._writes[number].finish)

    def close(self) -> None:
        self._connection.close()


class Own:
    """sqlite3, one commit each, a connection for each caller: SQLite's own waiting decides."""

    def __init__(self, path: Path, recorded: Recorded) -> None:
        self._writes = recorded.each
        self._path = path
        self._local = threading.local()
        with closing(connect(path)) as first:
            prepare(first, path)
            write(first, recorded.first)

    def enqueue(self, number: int) -> None:
        write(self._mine(), self._writes[number].enqueue)

    def finish(self, number: int) -> None:
        write(self._mine(), self._writes[number].finish)

    def _mine(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = connect(self._path)
            found.execute("PRAGMA busy_timeout = 60000")
            found.execute("PRAGMA synchronous = FULL")
        return found


class Stepwise:
    """aiosqlite, statement by statement, each awaited; a lock keeps neighbours apart, for
    without one they commit and roll back each other's rows."""

    def __init__(self, connection: aiosqlite.Connection, recorded: Recorded) -> None:
        self._writes = recorded.each
        self._connection = connection
        self._lock = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, recorded: Recorded) -> Self:
        connection = await aiosqlite.connect(path, isolation_level=None)
        await connection.execute("PRAGMA foreign_keys = ON")
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.executescript(";".join(MIGRATIONS))
        made = cls(connection, recorded)
        await made._write(recorded.first)
        return made

    async def enqueue(self, number: int) -> None:
        await self._write(self._writes[number].enqueue)

    async def finish(self, number: int) -> None:
        await self._write(self._writes[number].finish)

    async def _write(self, statements: Sequence[Statement]) -> None:
        async with self._lock:
            await self._connection.execute("BEGIN IMMEDIATE")
            for sql, values in statements:
                await self._connection.execute(sql, values)
            await self._connection.execute("COMMIT")

    async def aclose(self) -> None:
        await self._connection.close()


class Ours:
    """The journal as the daemon runs it: look-ups, decisions, chain, seal and all."""

    def __init__(self, journal: WrittenJournal, drafts: Sequence[Draft], till: Till) -> None:
        self._journal = journal
        self._drafts = drafts
        self._till = till

    @classmethod
    async def open(cls, folder: Path, numbers: range) -> Self:
        till = Till()
        journal = await open_journal(
            folder,
            seal_key=SEAL_KEY,
            machine=b"bench",
            clock_ms=till.clock_ms,
            chance=till.chance,
        )
        return cls(journal, [till.draft(number) for number in numbers], till)

    async def enqueue(self, number: int) -> None:
        draft = self._drafts[number]
        await self._journal.open(draft, self._till.admit(draft), self._till.begin)

    async def finish(self, number: int) -> None:
        event = self._till.confirmed(self._drafts[number].record)
        await self._journal.advance(self._drafts[number].record.key, event, self._till.step(event))

    async def aclose(self) -> None:
        await self._journal.aclose()


def write(connection: sqlite3.Connection, statements: Sequence[Statement]) -> None:
    """One transaction."""
    connection.execute("BEGIN IMMEDIATE")
    for sql, values in statements:
        connection.execute(sql, values)
    connection.execute("COMMIT")
