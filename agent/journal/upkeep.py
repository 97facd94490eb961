# SPDX-License-Identifier: Apache-2.0
"""What is done from time to time: erasing secrets and people, and telling all without either.

Erasing works in small bites, so that a counter never waits behind it. A bite is one operation of
a batch like any other. Freed space is overwritten (PRAGMA secure_delete); old pages leave the
write-ahead log with the next checkpoint.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from agent.domain.faults import NotNow, UnknownCredit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import SETTLED, State
from agent.journal.chain import Happening, append, happened
from agent.journal.rows import Form
from agent.journal.saving import digest_of
from agent.journal.store import Store, canonical

DAY_MS: Final = 86_400_000
BITE: Final = 200
"""Records that one operation erases at most."""
_NOT_EXPORTED: Final = frozenset(
    {"id", "code_hash", "code_sealed", "customer_sealed", "open", "exposed", "unclaimed"}
)


def erase_secrets(store: Store, keep_ms: int) -> int:
    """Code, token, frozen bodies and print bytes of records settled `keep_ms` ago whose paper
    has expired; returns how many records those were, at most `BITE`.

    What is left of the code is its hash, so that the paper is still recognised, and its last
    four. The record can be read and not changed any more.
    """
    now_ms = store.clock_ms()
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()
    rows = store.connection.execute(
        "SELECT key FROM credits WHERE code_sealed IS NOT NULL AND settled_ms IS NOT NULL "
        "AND settled_ms <= ? AND open = 0 AND due_ms IS NULL "
        "AND (expires_on IS NULL OR expires_on < ?) ORDER BY settled_ms LIMIT ?",
        (now_ms - keep_ms, today, BITE),
    ).fetchall()
    for row in rows:
        key = (row["key"],)
        store.known.drop(row["key"])
        store.connection.execute("UPDATE credits SET code_sealed = NULL WHERE key = ?", key)
        store.connection.execute("UPDATE effects SET sealed = NULL WHERE key = ?", key)
        store.connection.execute("UPDATE spool SET sealed = NULL WHERE key = ?", key)
        store.connection.execute("DELETE FROM tokens WHERE key = ?", key)
    claims = _erase_claims(store, now_ms - keep_ms, today)
    if rows or claims:
        append(store, Happening("secrets-erased", {"count": len(rows) + claims}))
    return len(rows) + claims


def _erase_claims(store: Store, until_ms: int, today: str) -> int:
    """Claims that nobody brought back since, settled or not: the paper itself holds the code, and
    a scan of it is all that goes on with one."""
    rows = store.connection.execute(
        "SELECT key FROM claims WHERE code_sealed IS NOT NULL AND changed_ms <= ? "
        "AND (expires_on IS NULL OR expires_on < ?) ORDER BY changed_ms LIMIT ?",
        (until_ms, today, BITE),
    ).fetchall()
    for row in rows:
        key = (row["key"],)
        store.connection.execute("UPDATE claims SET code_sealed = NULL WHERE key = ?", key)
        store.connection.execute("UPDATE claim_effects SET sealed = NULL WHERE key = ?", key)
    return len(rows)


def forget_claims(store: Store, days: int) -> int:
    """Erases who the customer of a claim was, `days` after its last scan, with the frozen bodies
    that may name them; at most `BITE` at once."""
    rows = store.connection.execute(
        "SELECT key FROM claims WHERE customer_sealed IS NOT NULL AND changed_ms <= ? "
        "ORDER BY changed_ms LIMIT ?",
        (store.clock_ms() - days * DAY_MS, BITE),
    ).fetchall()
    for row in rows:
        key = (row["key"],)
        store.connection.execute("UPDATE claims SET customer_sealed = NULL WHERE key = ?", key)
        store.connection.execute("UPDATE claim_effects SET sealed = NULL WHERE key = ?", key)
    if rows:
        append(store, Happening("claims-forgotten", {"count": len(rows)}))
    return len(rows)


def forget(store: Store, key: IdempotencyKey) -> None:
    """Erases who the customer was, with the salt and the frozen bodies that may name them.

    Raises `UnknownCredit`; `NotNow` while the record is open or still to be linked, for it
    could not be finished without.
    """
    row = store.connection.execute(
        "SELECT state, due_ms, revision, customer_form FROM credits WHERE key = ?", (key.text,)
    ).fetchone()
    if row is None:
        raise UnknownCredit(key=key.text)
    state = State(row["state"])
    if state not in SETTLED or row["due_ms"] is not None:
        raise NotNow(state=state.value, event="forget")
    store.known.drop(key.text)
    if row["customer_form"] == Form.REFERENCE:
        store.connection.execute(
            "UPDATE credits SET customer_form = ? WHERE key = ?",
            (Form.FORGOTTEN.value, key.text),
        )
    store.connection.execute("DELETE FROM personal WHERE key = ?", (key.text,))
    store.connection.execute("UPDATE effects SET sealed = NULL WHERE key = ?", (key.text,))
    append(
        store,
        Happening(
            "forgotten",
            {},
            key=key.text,
            source=state.value,
            target=state.value,
            revision=row["revision"],
            digest=digest_of(store, key.text),
        ),
    )


def forgettable(store: Store, days: int) -> list[IdempotencyKey]:
    """Credits settled `days` ago whose customer is still known, at most `BITE`.

    Reads every such credit, so it is asked of the reader and never of the writer.
    """
    rows = store.connection.execute(
        "SELECT personal.key FROM personal CROSS JOIN credits ON credits.key = personal.key "
        "WHERE open = 0 AND due_ms IS NULL AND settled_ms <= ? LIMIT ?",
        (store.clock_ms() - days * DAY_MS, BITE),
    )
    return [IdempotencyKey(row["key"]) for row in rows]


def forget_all(store: Store, keys: Sequence[IdempotencyKey]) -> int:
    """`forget` for each, but those that were opened again meanwhile; returns how many."""
    gone = 0
    for key in keys:
        try:
            forget(store, key)
        except NotNow:
            continue
        gone += 1
    return gone


def export_lines(connection: sqlite3.Connection) -> Iterator[str]:
    """Every record, claim and event as one line of JSON each: no secret and no person in it."""
    for row in connection.execute("SELECT * FROM credits ORDER BY id"):
        fields = {name: row[name] for name in row.keys() if name not in _NOT_EXPORTED}  # noqa: SIM118
        fields["units"] = json.loads(row["units"])
        yield canonical({"type": "record", **fields}).decode()
    for row in connection.execute("SELECT * FROM claims ORDER BY key"):
        fields = {name: row[name] for name in row.keys() if name not in _NOT_EXPORTED}  # noqa: SIM118
        yield canonical({"type": "claim", **fields}).decode()
    for row in connection.execute("SELECT * FROM events ORDER BY seq"):
        event = happened(row)
        yield canonical(
            {
                "type": "event",
                "seq": event.seq,
                "key": row["key"],
                "event": event.kind,
                "at_ms": event.at_ms,
                "from": event.source,
                "to": event.target,
                "details": dict(event.details),
                "hash": row["hash"].hex(),
            }
        ).decode()
