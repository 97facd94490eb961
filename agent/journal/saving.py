# SPDX-License-Identifier: Apache-2.0
"""Saving one change of a record: row, person, counters, units, event, letter and spool together.

Both the opening of a credit and every later step end here, so that none of them can forget a
part. What may never happen is checked last, whatever decided it (I9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agent.domain.action import Decision, PrintPaper
from agent.domain.record import CreditRecord, Paper, State
from agent.journal import limits, outbox
from agent.journal.chain import Details, Happening, append
from agent.journal.rows import (
    SALT_SIZE,
    Personal,
    changing_columns,
    row_digest,
    to_row,
)
from agent.journal.store import Store, Value

_RELEASES: Final = frozenset({State.VOIDED, State.REFUSED, State.WITHDRAWN})
"""States that give the returned units free again."""


def save_new(store: Store, decision: Decision, kind: str, details: Details) -> Decision:
    """The first row of a credit; its revision becomes 1."""
    record = replace(decision.record, revision=1)
    columns = to_row(record, store.seal)
    names = ", ".join(columns)
    places = ", ".join(f":{name}" for name in columns)
    store.connection.execute(f"INSERT INTO credits ({names}) VALUES ({places})", columns)  # noqa: S608
    _follow(store, None, replace(decision, record=record), kind, details)
    return replace(decision, record=record)


def save_change(
    store: Store, before: CreditRecord, decision: Decision, kind: str, details: Details
) -> Decision:
    """The next revision of a known credit. Raises ValueError for what may never happen."""
    refuse_the_impossible(before, decision.record)
    record = replace(decision.record, revision=before.revision + 1)
    columns = changing_columns(record)
    pairs = ", ".join(f"{name} = :{name}" for name in columns)
    store.connection.execute(
        f"UPDATE credits SET {pairs} WHERE key = :key",  # noqa: S608
        {**columns, "key": record.key.text},
    )
    _follow(store, before, replace(decision, record=record), kind, details)
    return replace(decision, record=record)


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
    store: Store, before: CreditRecord | None, decision: Decision, kind: str, details: Details
) -> None:
    """Everything that goes with a saved row."""
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
            digest=digest_of(store, key),
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
    columns: Mapping[str, Value] = dict(row)
    return row_digest(dict(columns))


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
