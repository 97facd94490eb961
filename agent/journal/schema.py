# SPDX-License-Identifier: Apache-2.0
"""The tables, and how an older file becomes a newer one.

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

APPLICATION_ID: Final = 0x434D4A4C
"""`CMJL`, in the file's header: no other program's database is taken for a journal."""

Migration = Sequence[str]

_CREDITS: Final = """
CREATE TABLE credits (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    code_hash BLOB NOT NULL UNIQUE,
    code_last_four TEXT NOT NULL,
    code_sealed BLOB,
    store TEXT NOT NULL,
    register TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    operator TEXT NOT NULL,
    reason TEXT NOT NULL,
    pos_date TEXT NOT NULL,
    pos_number TEXT NOT NULL,
    pos_line TEXT NOT NULL,
    occurred_at_ms INTEGER NOT NULL,
    customer_form TEXT NOT NULL,
    customer_kind TEXT,
    instrument TEXT NOT NULL,
    original_sale TEXT,
    units TEXT NOT NULL,
    is_distinct INTEGER NOT NULL,
    caller TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    opened_boot TEXT NOT NULL,
    state TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    perhaps_sent INTEGER NOT NULL,
    promised INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    paper TEXT NOT NULL,
    paper_kind TEXT,
    paper_approved_by TEXT,
    copies INTEGER NOT NULL,
    expires_on TEXT,
    review TEXT,
    manager TEXT,
    refused INTEGER NOT NULL,
    linked INTEGER NOT NULL,
    unlinked_flag INTEGER NOT NULL,
    reference TEXT,
    saying_status INTEGER,
    saying_code TEXT NOT NULL,
    saying_request_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_sent TEXT,
    first_sent TEXT,
    due_ms INTEGER,
    settled_ms INTEGER,
    void_by TEXT,
    void_reason TEXT,
    void_kind TEXT,
    heard INTEGER NOT NULL,
    pos_prints INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    open INTEGER NOT NULL,
    exposed INTEGER NOT NULL,
    unclaimed INTEGER NOT NULL
) STRICT
"""

_FIRST: Final[Migration] = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
    _CREDITS,
    "CREATE INDEX credits_due ON credits (due_ms) WHERE due_ms IS NOT NULL",
    "CREATE INDEX credits_state ON credits (state, id)",
    "CREATE INDEX credits_unheard ON credits (id) WHERE heard = 0",
    "CREATE INDEX credits_exposed ON credits (store, register, currency, opened_ms) "
    "WHERE exposed = 1",
    "CREATE INDEX credits_open ON credits "
    "(store, register, currency, state, amount_minor, opened_ms, promised) WHERE open = 1",
    "CREATE INDEX credits_alike ON credits (store, register, currency, amount_minor, opened_ms)",
    "CREATE INDEX credits_alike_unheard ON credits "
    "(store, register, currency, amount_minor, opened_ms) WHERE heard = 0",
    "CREATE INDEX credits_erasable ON credits (settled_ms) "
    "WHERE code_sealed IS NOT NULL AND settled_ms IS NOT NULL",
    "CREATE TABLE personal (key TEXT PRIMARY KEY REFERENCES credits (key), "
    "seq INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE aliases (alias BLOB PRIMARY KEY, key TEXT NOT NULL REFERENCES credits (key)) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE units (sale TEXT NOT NULL, line TEXT NOT NULL, number INTEGER NOT NULL, "
    "key TEXT NOT NULL REFERENCES credits (key), PRIMARY KEY (sale, line, number)) "
    "STRICT, WITHOUT ROWID",
    "CREATE INDEX units_key ON units (key)",
    "CREATE TABLE effects (key TEXT NOT NULL REFERENCES credits (key), step TEXT NOT NULL, "
    "epoch INTEGER NOT NULL, method TEXT NOT NULL, first_ms INTEGER NOT NULL, sealed BLOB, "
    "reply TEXT, PRIMARY KEY (key, step, epoch)) STRICT, WITHOUT ROWID",
    "CREATE TABLE spool (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "key TEXT NOT NULL REFERENCES credits (key), kind TEXT NOT NULL, copy INTEGER NOT NULL, "
    "state TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, queued_ms INTEGER NOT NULL, "
    "route TEXT NOT NULL, proof TEXT, sealed BLOB) STRICT",
    "CREATE INDEX spool_key ON spool (key, id)",
    "CREATE INDEX spool_state ON spool (state, id)",
    "CREATE TABLE tokens (key TEXT PRIMARY KEY REFERENCES credits (key), sealed BLOB NOT NULL) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, key TEXT, kind TEXT NOT NULL, "
    "at_ms INTEGER NOT NULL, source TEXT, target TEXT, revision INTEGER, details TEXT NOT NULL, "
    "digest BLOB, commitment BLOB, hash BLOB NOT NULL) STRICT",
    "CREATE INDEX events_key ON events (key, seq)",
    "CREATE TABLE outbox (store TEXT NOT NULL, register TEXT NOT NULL, seq INTEGER NOT NULL, "
    "event_seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (store, register, seq)) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE sequences (store TEXT NOT NULL, register TEXT NOT NULL, last INTEGER NOT NULL, "
    "PRIMARY KEY (store, register)) STRICT, WITHOUT ROWID",
    "CREATE TABLE limits (store TEXT NOT NULL, register TEXT NOT NULL, currency TEXT NOT NULL, "
    "outstanding_minor INTEGER NOT NULL CHECK (outstanding_minor >= 0), "
    "unclaimed INTEGER NOT NULL CHECK (unclaimed >= 0), "
    "PRIMARY KEY (store, register, currency)) STRICT, WITHOUT ROWID",
    "CREATE TABLE minutes (store TEXT NOT NULL, register TEXT NOT NULL, currency TEXT NOT NULL, "
    "minute INTEGER NOT NULL, exposed_minor INTEGER NOT NULL CHECK (exposed_minor >= 0), "
    "PRIMARY KEY (store, register, currency, minute)) STRICT, WITHOUT ROWID",
    "CREATE TABLE approvals (id TEXT PRIMARY KEY, manager TEXT NOT NULL, "
    "body_digest BLOB NOT NULL, given_ms INTEGER NOT NULL, used_by TEXT) STRICT, WITHOUT ROWID",
    "CREATE TABLE managers (name TEXT PRIMARY KEY, pin_hash TEXT NOT NULL, "
    "wrong INTEGER NOT NULL, locked_until_ms INTEGER) STRICT, WITHOUT ROWID",
    "CREATE TABLE pairings (id TEXT PRIMARY KEY, name TEXT NOT NULL, "
    "token_hash BLOB NOT NULL UNIQUE, scopes TEXT NOT NULL, registers TEXT NOT NULL, "
    "timeout_ms INTEGER NOT NULL, printing TEXT NOT NULL, tested INTEGER NOT NULL, "
    "created_ms INTEGER NOT NULL, revoked_ms INTEGER) STRICT, WITHOUT ROWID",
)

MIGRATIONS: Final[Sequence[Migration]] = (_FIRST,)
"""From version n to n + 1. Never change one that was released: append the next."""


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
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Brings the file to the newest version and sets how it is written.

    Raises `JournalNewer` and changes nothing for a file of a newer version, `JournalDamaged`
    for a file that is no journal.
    """
    version = check_version(connection, migrations)
    if path is not None:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version == len(migrations):
        return
    if version and path is not None:
        keep_copy(connection, path, version)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version, len(migrations)):
            for statement in migrations[number]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    if path is not None:
        sync_folder(path.parent)


def check_version(
    connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS
) -> int:
    """The file's version, 0 for an empty one; raises as `prepare` does. Writes nothing."""
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    except sqlite3.DatabaseError as error:
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
