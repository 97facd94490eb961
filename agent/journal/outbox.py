# SPDX-License-Identifier: Apache-2.0
"""Events for others, written in the transaction of what they tell, in a sequence per register.

The sequence never skips and never starts anew, also after delivered rows were removed: a reader
that sees a gap knows that something was lost. Bodies hold no code and no personal data; returned
units go out as hashes only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.place import Place
from agent.domain.record import CreditRecord
from agent.journal.store import Store, canonical


@dataclass(frozen=True, slots=True)
class Letter:
    """One event to be told. `body`: values fit for JSON."""

    place: Place
    seq: int
    body: Mapping[str, object]


def put(store: Store, record: CreditRecord, kind: str, source: str | None, event_seq: int) -> None:
    """Appends what changed to the register's sequence."""
    place = record.request.place
    scope = (place.store, place.register)
    seq: int = store.connection.execute(
        "INSERT INTO sequences VALUES (?, ?, 1) "
        "ON CONFLICT (store, register) DO UPDATE SET last = last + 1 RETURNING last",
        scope,
    ).fetchone()[0]
    body: dict[str, object] = {
        "key": record.key.text,
        "event": kind,
        "at_ms": store.clock_ms(),
        "from": source,
        "to": record.state.value,
        "revision": record.revision,
        "amount_minor": record.request.amount.minor,
        "currency": record.request.amount.currency,
        "paper": record.paper.value,
        "paper_kind": None if record.paper_kind is None else record.paper_kind.value,
        "promised": record.promised,
        "review": None if record.review is None else record.review.value,
    }
    if source is None:
        body["units"] = [unit.digest().hex() for unit in record.request.units]
    store.connection.execute(
        "INSERT INTO outbox VALUES (?, ?, ?, ?, ?)",
        (*scope, seq, event_seq, canonical(body).decode()),
    )


def letters(store: Store, place: Place, after: int, limit: int) -> list[Letter]:
    """The next letters of a register, in order."""
    rows = store.connection.execute(
        "SELECT seq, body FROM outbox WHERE store = ? AND register = ? AND seq > ? "
        "ORDER BY seq LIMIT ?",
        (place.store, place.register, after, limit),
    )
    return [Letter(place, row["seq"], json.loads(row["body"])) for row in rows]


def delivered(store: Store, place: Place, through: int) -> int:
    """Removes what the other side has; returns how many letters those were."""
    return store.connection.execute(
        "DELETE FROM outbox WHERE store = ? AND register = ? AND seq <= ?",
        (place.store, place.register, through),
    ).rowcount
