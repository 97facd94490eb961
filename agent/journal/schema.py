# SPDX-License-Identifier: Apache-2.0
"""Connections, and how an older file becomes a newer one.

Migrations are numbered by PRAGMA user_version and only ever appended. Each runs in one
transaction; before the first of them touches an existing file, a copy of it is kept beside it.
A file of a newer version is left exactly as it is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.domain.faults import JournalDamaged, JournalNewer
from agent.journal.seal import sync_folder
from agent.journal.tables import MIGRATIONS

APPLICATION_ID: Final = 0x434D4A4C
"""`CMJL`, in the file's header: no other program's database is taken for a journal."""


_NO_JOURNAL: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

CHECKPOINT_PAGES: Final = 4_000
"""How long the write-ahead log grows (16 MB) before a commit moves it into the file. Somebody
waits for that commit, so it must be rarer than one in a hundred; and what is written again and
again, the ends of tables and indexes, is moved once."""
CHECKPOINT_PAGES_TIGHT: Final = 500
"""The same where the disk is nearly full: a log of 2 MB leaves the room to the credits."""
ROOMY_BYTES: Final = 256 * 1024 * 1024


CACHE_KIB: Final = 8_192
"""Pages kept in memory, once there are so many: the ends and upper levels of every index of a
journal with a million records. A journal of a quiet register never fills it."""


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection for one writer, transactions by hand; None: in memory.

    It may be handed to another thread, and must then be used there alone.
    """
    connection = sqlite3.connect(
        ":memory:" if path is None else path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout = 2000")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that can change nothing. Sees whatever is committed when a read begins."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout = 2000")
    connection.execute("PRAGMA query_only = ON")
    return connection


def prepare(
    connection: sqlite3.Connection,
    path: Path | None,
    migrations: Sequence[str] = MIGRATIONS,
) -> None:
    """Brings the file to the newest version and sets how it is written.

    Raises `JournalNewer` and changes nothing for a file of a newer version, `JournalDamaged`
    for a file that is no journal.
    """
    version = check_version(connection, migrations)
    if path is not None:
        connection.execute("PRAGMA journal_mode = WAL")
        set_checkpoints(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    if version == len(migrations):
        return
    if version and path is not None:
        keep_copy(connection, path, version)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version, len(migrations)):
            for statement in migrations[number].split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    if path is not None:
        sync_folder(path.parent)


def set_checkpoints(connection: sqlite3.Connection) -> None:
    """How long the log may grow, by the room that the disk has now. May be called again."""
    file = connection.execute("PRAGMA database_list").fetchone()["file"]
    if not file:
        return
    disk = os.statvfs(file)
    roomy = disk.f_bavail * disk.f_frsize >= ROOMY_BYTES
    pages = CHECKPOINT_PAGES if roomy else CHECKPOINT_PAGES_TIGHT
    connection.execute(f"PRAGMA wal_autocheckpoint = {pages}")


def check_version(connection: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> int:
    """The file's version, 0 for an empty one; raises as `prepare` does. Writes nothing."""
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _NO_JOURNAL:
            raise  # the disk is full, or fails: that says nothing about the file
        raise JournalDamaged(where="file") from error
    if tables and application != APPLICATION_ID:
        raise JournalDamaged(where="not-a-journal")
    if version > len(migrations):
        raise JournalNewer(found=version, known=len(migrations))
    return version


def keep_copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """A whole and synced copy beside the journal, named with its version; returns its path."""
    copy, number = path.with_name(f"{path.stem}-v{version}{path.suffix}"), 1
    while copy.exists():
        number += 1
        copy = path.with_name(f"{path.stem}-v{version}-{number}{path.suffix}")
    partial = copy.with_name(f"{copy.name}.partial")
    partial.unlink(missing_ok=True)
    # VACUUM INTO fills an empty file that exists: made first, so that nobody else may read it.
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection.execute("VACUUM INTO ?", (str(partial),))
    handle = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    partial.rename(copy)
    sync_folder(path.parent)
    return copy
