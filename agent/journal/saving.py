# SPDX-License-Identifier: Apache-2.0
"""Saving one change of a record: row, person, counters, units, event, letter and spool together.

Both the opening of a credit and every later step end here, so that none of them can forget a
part. What may never happen is checked last, whatever decided it (I9).
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import lru_cache
from typing import Final

from agent.domain.action import Decision, PrintPaper
from agent.domain.faults import CannotJournal
from agent.domain.record import CreditRecord, Paper, State
from agent.journal import limits, outbox
from agent.journal.chain import Details, Happening, append
from agent.journal.known import Columns, Standing
from agent.journal.rows import (
    SALT_SIZE,
    Personal,
    changing_columns,
    columns_of,
    row_digest,
    to_row,
)
from agent.journal.store import Store

_RELEASES: Final = frozenset({State.VOIDED, State.REFUSED, State.WITHDRAWN})
"""States that give the returned units free again."""
_TAKEN: Final = {
    "UNIQUE constraint failed: credits.key": "key-taken",
    "UNIQUE constraint failed: credits.code_hash": "code-taken",
}


def save_new(store: Store, decision: Decision, kind: str, details: Details) -> Decision:
    """The first row of a credit; its revision becomes 1.

    Raises `CannotJournal` where its key or code stands already: neither is ever written over,
    and the caller may draw anew.
    """
    record = replace(decision.record, revision=1)
    columns = to_row(record, store.seal)
    try:
        store.connection.execute(_insert(tuple(columns)), tuple(columns.values()))
    except sqlite3.IntegrityError as error:
        raise CannotJournal(why=_TAKEN.get(str(error), "refused-by-the-tables")) from error
    saved = replace(decision, record=record)
    _follow(store, None, saved, columns, kind, details)
    store.known.keep(Standing(record, columns))
    return saved


def save_change(
    store: Store, stands: Standing, decision: Decision, kind: str, details: Details
) -> Decision:
    """The next revision of a known credit. Raises ValueError for what may never happen."""
    before = stands.record
    refuse_the_impossible(before, decision.record)
    record = replace(decision.record, revision=before.revision + 1)
    changed = {
        name: value
        for name, value in changing_columns(record).items()
        if value != stands.columns[name]
    }
    store.connection.execute(_update(tuple(changed)), (*changed.values(), record.key.text))
    saved = replace(decision, record=record)
    columns = {**stands.columns, **changed}
    _follow(store, before, saved, columns, kind, details)
    store.known.keep(Standing(record, columns))
    return saved


@lru_cache(maxsize=4)
def _insert(names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO credits ({', '.join(names)}) VALUES ({marks})"  # noqa: S608


@lru_cache(maxsize=256)
def _update(names: tuple[str, ...]) -> str:
    """Only what differs is set: SQLite moves a row in every index whose column is named."""
    pairs = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE credits SET {pairs} WHERE key = ?"  # noqa: S608


def refuse_the_impossible(before: CreditRecord, after: CreditRecord) -> None:
    """What no decision may do: another credit, a promise unmade, a settled record moved."""
    same = (
        before.key == after.key
        and before.code == after.code
        and before.request == after.request
        and before.caller == after.caller
        and before.opened == after.opened
    )
    if not same:
        raise ValueError("a step may not change what a credit is")
    for flag in ("perhaps_sent", "promised", "shared"):
        if getattr(before, flag) and not getattr(after, flag):
            raise ValueError(f"{flag} never becomes false again")
    moved = before.state is not after.state
    undone = before.state is State.CONFIRMED and after.state is State.VOIDING
    if before.is_settled and moved and not undone:
        raise ValueError(f"a {before.state} record cannot become {after.state}")


def _follow(
    store: Store,
    before: CreditRecord | None,
    decision: Decision,
    columns: Columns,
    kind: str,
    details: Details,
) -> None:
    """Everything that goes with a saved row. `columns`: all of the row as it now stands."""
    record = decision.record
    key = record.key.text
    limits.count(store, before, record)
    if record.state in _RELEASES and (before is None or before.state not in _RELEASES):
        store.connection.execute("DELETE FROM units WHERE key = ?", (key,))
    salt, commitment = b"", None
    people = Personal.of(record)
    if people != (Personal() if before is None else Personal.of(before)):
        salt = store.random_bytes(SALT_SIZE)
        commitment = people.commitment(salt)
    source = None if before is None else before.state.value
    seq = append(
        store,
        Happening(
            kind=kind,
            details=details,
            key=key,
            source=source,
            target=record.state.value,
            revision=record.revision,
            digest=row_digest(columns),
            commitment=commitment,
        ),
    )
    if commitment is not None:
        store.connection.execute(
            "INSERT OR REPLACE INTO personal VALUES (?, ?, ?)",
            (key, seq, people.sealed(key, salt, store.seal)),
        )
    if before is None or _tells(before, record):
        outbox.put(store, record, kind, source, seq)
    for action in decision.actions:
        if isinstance(action, PrintPaper):
            _queue_print(store, record, action)


def digest_of(store: Store, key: str) -> bytes:
    """Of the row as it now stands in the table: what `verify` will read."""
    row = store.connection.execute("SELECT * FROM credits WHERE key = ?", (key,)).fetchone()
    return row_digest(columns_of(row))


def _tells(before: CreditRecord, after: CreditRecord) -> bool:
    return (before.state, before.paper, before.paper_kind, before.promised) != (
        after.state,
        after.paper,
        after.paper_kind,
        after.promised,
    )


def _queue_print(store: Store, record: CreditRecord, action: PrintPaper) -> None:
    store.connection.execute(
        "INSERT INTO spool (key, kind, copy, state, by, reason, queued_ms, route) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.key.text,
            action.kind.value,
            action.copy,
            Paper.QUEUED.value,
            action.by,
            action.reason,
            store.clock_ms(),
            record.request.place.register,
        ),
    )
