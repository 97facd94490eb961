# SPDX-License-Identifier: Apache-2.0
"""Sealed values of a salvaged journal that do not open any more.

Left where they are, each would stop the daemon whenever it is read. What can be made anew is
dropped: frozen bytes and the token follow from the credit, print bytes only prove what left.
"""

from __future__ import annotations

import sqlite3

from agent.domain.faults import JournalDamaged
from agent.journal import claims
from agent.journal.effects import purpose_of
from agent.journal.rows import columns_of
from agent.journal.store import Store


def drop_what_does_not_open(store: Store, aside: str) -> None:
    """Within the salvage's transaction, once the records themselves are judged."""
    sql = store.connection
    for table in ("effects", "claim_effects"):
        for row in _all(sql, f"SELECT key, step, epoch, sealed FROM {table}"):  # noqa: S608
            scope = (row["key"], row["step"], row["epoch"])
            if not _opens(store, purpose_of(*scope), row["sealed"]):
                where = "key = ? AND step = ? AND epoch = ?"
                sql.execute(f"DELETE FROM {table} WHERE {where}", scope)  # noqa: S608
    for row in _all(sql, "SELECT key, sealed FROM tokens"):
        if not _opens(store, f"token:{row['key']}", row["sealed"]):
            sql.execute("DELETE FROM tokens WHERE key = ?", (row["key"],))
    for row in _all(sql, "SELECT id, sealed FROM spool"):
        if not _opens(store, f"spool:{row['id']}", row["sealed"]):
            sql.execute("UPDATE spool SET sealed = NULL WHERE id = ?", (row["id"],))
    for row in _all(sql, "SELECT * FROM claims"):
        try:
            claims.from_row(columns_of(row), store.seal)
        except (JournalDamaged, ValueError, KeyError, TypeError):
            _lose_claim(sql, row, aside)


def _all(sql: sqlite3.Connection, text: str) -> list[sqlite3.Row]:
    return sql.execute(text).fetchall()


def _opens(store: Store, purpose: str, sealed: bytes | None) -> bool:
    if sealed is None:
        return True
    try:
        store.seal.open(purpose, sealed)
    except JournalDamaged:
        return False
    return True


def _lose_claim(sql: sqlite3.Connection, row: sqlite3.Row, aside: str) -> None:
    """The paper itself holds all of it: another scan looks at the platform first, as ever."""
    sql.execute(
        "INSERT OR IGNORE INTO lost VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            row["key"],
            row["store"],
            row["register"],
            row["currency"],
            row["amount_minor"],
            row["state"],
            aside,
        ),
    )
    sql.execute("DELETE FROM claim_effects WHERE key = ?", (row["key"],))
    sql.execute("DELETE FROM claims WHERE key = ?", (row["key"],))
