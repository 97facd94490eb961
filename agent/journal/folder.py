# SPDX-License-Identifier: Apache-2.0
"""The journal's folder, and the doors into it: open, open inline, verify, export.

    journal.db (-wal, -shm)   the journal itself, mode 0600
    journal-v1.db             the copy kept before a migration from version 1
    anchors.jsonl             the chain's head, now and then
    lock                      held by the daemon, with its pid

Opening reads no table as a whole: it takes the same time with a million records.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.domain.faults import CannotJournal, JournalDamaged
from agent.journal import origin
from agent.journal.anchors import AnchorFile, Check, Sign, read_anchors
from agent.journal.core import Core, cannot, name_of
from agent.journal.inline import InlineJournal
from agent.journal.lock import FolderLock
from agent.journal.schema import check_version, connect, connect_reader, prepare
from agent.journal.seal import Seal
from agent.journal.store import Below, Store, random_bytes
from agent.journal.tables import MIGRATIONS
from agent.journal.upkeep import export_lines
from agent.journal.verify import Progress, Verdict, verify
from agent.journal.writer import Committed, WrittenJournal, reading_store

JOURNAL_NAME: Final = "journal.db"

BeforeCommit = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Opening:
    """What every journal is opened with.

    `seal_key`: 32 bytes; `machine`: bytes that no other machine has (only their hash is kept);
    `clock_ms`: UTC milliseconds; `chance`: where salts and nonces come from, cryptographic
    outside of simulations; `sign`: signs anchors; `before_commit`: raises in a commit's place.
    """

    seal_key: bytes
    machine: bytes
    clock_ms: Callable[[], int]
    chance: Below
    sign: Sign | None = None
    before_commit: BeforeCommit | None = None
    migrations: Sequence[str] = MIGRATIONS


async def open_journal(
    folder: Path,
    *,
    seal_key: bytes,
    machine: bytes,
    clock_ms: Callable[[], int],
    chance: Below,
    sign: Sign | None = None,
    before_commit: BeforeCommit | None = None,
    committed: Committed | None = None,
) -> WrittenJournal:
    """The daemon's journal, made where there is none. Opens on the caller's thread, before
    anything else runs: a migration may take its time.

    Raises `JournalLocked`, `JournalNewer`, `JournalDamaged`, `CannotJournal`.
    """
    given = Opening(seal_key, machine, clock_ms, chance, sign, before_commit)
    lock, core, restored = open_folder(folder, given)
    try:
        reader = reading_store(core.store, connect_reader(folder / JOURNAL_NAME))
    except BaseException:
        core.store.connection.close()
        lock.release()
        raise
    journal = WrittenJournal(core, reader, lock, restored, origin.journal_id(core.store), committed)
    await journal.start()
    return journal


def open_inline(
    folder: Path | None,
    *,
    seal_key: bytes,
    machine: bytes,
    clock_ms: Callable[[], int],
    chance: Below,
    sign: Sign | None = None,
    before_commit: BeforeCommit | None = None,
) -> InlineJournal:
    """The thread-free twin; without a folder it lives in memory and keeps no anchors."""
    given = Opening(seal_key, machine, clock_ms, chance, sign, before_commit)
    if folder is not None:
        lock, core, restored = open_folder(folder, given)
        return InlineJournal(core, lock, restored, origin.journal_id(core.store))
    connection = connect(None)
    prepare(connection, None)
    core = Core(_store(connection, given), None, before_commit)
    restored = _settle_in(core, given, None)
    return InlineJournal(core, None, restored, origin.journal_id(core.store))


def verify_journal(
    folder: Path,
    *,
    seal_key: bytes | None = None,
    check: Check | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Reads the whole journal beside whoever writes it. Without the key nothing is unsealed.

    Raises `JournalDamaged` where the file cannot even be read, `JournalNewer`.
    """
    anchors = read_anchors(folder)
    seal = None if seal_key is None else Seal(seal_key, os.urandom)
    try:
        with closing(_snapshot(folder)) as connection:
            return verify(connection, anchors, seal, check, progress)
    except sqlite3.DatabaseError as error:
        raise JournalDamaged(where="file") from error


def export_journal(folder: Path) -> Iterator[str]:
    """One line of JSON for each record and event, without secrets or personal data."""
    with closing(_snapshot(folder)) as connection:
        yield from export_lines(connection)


def open_folder(folder: Path, given: Opening) -> tuple[FolderLock, Core, bool]:
    """The lock, the core, and whether the journal was restored. All released where it raises."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FolderLock(folder)
    connection: sqlite3.Connection | None = None
    try:
        path = folder / JOURNAL_NAME
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = connect(path)
        prepare(connection, path, given.migrations)
        anchors = AnchorFile(folder, given.sign)
        core = Core(_store(connection, given), anchors, given.before_commit)
        restored = _settle_in(core, given, folder)
        core.anchor()
    except sqlite3.DatabaseError as error:
        _give_up(connection, lock)
        raise cannot(name_of(error), error) from error
    except BaseException:
        _give_up(connection, lock)
        raise
    return lock, core, restored


def _settle_in(core: Core, given: Opening, folder: Path | None) -> bool:
    anchors = [] if folder is None else read_anchors(folder)
    last = anchors[-1] if anchors else None
    (result,) = core.run([lambda store: origin.settle_in(store, given.machine, last)])
    if result.fault is not None:
        raise result.fault
    return bool(result.value)


def _store(connection: sqlite3.Connection, given: Opening) -> Store:
    seal = Seal(given.seal_key, lambda count: random_bytes(given.chance, count))
    return Store(connection, seal, given.clock_ms, given.chance)


def _snapshot(folder: Path) -> sqlite3.Connection:
    """A reader that sees one moment until it is closed."""
    path = folder / JOURNAL_NAME
    if not path.exists():
        raise CannotJournal(why="no-journal")
    connection = connect_reader(path)
    try:
        check_version(connection)
        connection.execute("BEGIN")
    except BaseException:
        connection.close()
        raise
    return connection


def _give_up(connection: sqlite3.Connection | None, lock: FolderLock) -> None:
    if connection is not None:
        connection.close()
    lock.release()
