# SPDX-License-Identifier: Apache-2.0
"""The event log as a hash chain: what happened, in order, with no way to rewrite a part of it.

    hash(n) = SHA-256( hash(n-1) || canonical bytes of the public row n || commitment n )
    hash(0) = SHA-256( "countermark journal" || journal id )

A journal that was damaged goes on in a new segment, whose first event (`journal-salvaged`) is
chained to SHA-256( "countermark journal" || journal id "/" its number ) and names the old head and
every hole before it.

The public row holds no code and no personal data. The commitment is SHA-256 over a salt and the
personal bytes as they were saved with this event, or nothing where the event changed none:
erasing salt and bytes later leaves the chain whole and tells nobody who it was.

The chain is not keyed: whoever may write the file may write a whole new chain. That is what the
anchors beside it are for, and their copies elsewhere (`agent.journal.anchors`).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.journal.store import Store, canonical

Details = Mapping[str, str | int]
SALVAGED: Final = "journal-salvaged"


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it is to be written. `digest`: of the record's row after it."""

    kind: str
    details: Details
    key: str | None = None
    source: str | None = None
    target: str | None = None
    revision: int | None = None
    digest: bytes | None = None
    commitment: bytes | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as it was read: for `history` and exports."""

    seq: int
    kind: str
    at_ms: int
    source: str | None
    target: str | None
    revision: int | None
    details: Details


def first_hash(journal_id: str) -> bytes:
    """What the first event is chained to."""
    return hashlib.sha256(b"countermark journal" + journal_id.encode()).digest()


def segment_hash(journal_id: str, seq: int) -> bytes:
    """What the first event of a new segment is chained to."""
    return first_hash(f"{journal_id}/{seq}")


def event_hash(before: bytes, row: sqlite3.Row, seq: int) -> bytes:
    """The hash of a row of `events`, taken as standing at `seq`."""
    return chained(before, (seq, *tuple(row)[1:10]))


def chained(before: bytes, row: Sequence[object]) -> bytes:
    """The hash of an event, given as its columns in the order of the table, without the hash."""
    digest, commitment = row[8], row[9]
    public = [*row[:8], digest.hex() if isinstance(digest, bytes) else None]
    sealed = commitment if isinstance(commitment, bytes) else b""
    return hashlib.sha256(before + canonical(public) + sealed).digest()


def head(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Number and hash of the newest event."""
    row = connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    if row is not None:
        return row["seq"], row["hash"]
    found = connection.execute("SELECT value FROM meta WHERE name = 'journal'").fetchone()
    return 0, first_hash("" if found is None else str(found["value"]))


def head_of(store: Store) -> tuple[int, bytes]:
    """The same, without asking where the writer knows it."""
    known = store.known
    if not known.hash:
        known.seq, known.hash = head(store.connection)
    return known.seq, known.hash


def append(store: Store, happening: Happening) -> int:
    """Writes the next event and returns its number."""
    last, before = head_of(store)
    seq = last + 1
    details = canonical(dict(happening.details)).decode()
    row = (
        seq,
        happening.key,
        happening.kind,
        store.clock_ms(),
        happening.source,
        happening.target,
        happening.revision,
        details,
        happening.digest,
        happening.commitment,
    )
    hash_ = chained(before, row)
    store.connection.execute(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, hash_)
    )
    store.known.seq, store.known.hash = seq, hash_
    return seq


def history(store: Store, key: str) -> list[Happened]:
    """Everything that happened to a credit, oldest first."""
    rows = store.connection.execute("SELECT * FROM events WHERE key = ? ORDER BY seq", (key,))
    return [happened(row) for row in rows]


def happened(row: sqlite3.Row) -> Happened:
    return Happened(
        row["seq"],
        row["kind"],
        row["at_ms"],
        row["source"],
        row["target"],
        row["revision"],
        json.loads(row["details"]),
    )
