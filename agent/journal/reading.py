# SPDX-License-Identifier: Apache-2.0
"""Questions to the journal. Each has an index of its own and costs the same at a million rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, overload

from agent.domain.code import Code
from agent.domain.idempotency import IdempotencyKey
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State
from agent.journal.rows import from_row
from agent.journal.store import Store, Value
from agent.ports import QueueTotals

RECORD: Final = (
    "SELECT credits.*, personal.sealed AS personal_sealed "
    "FROM credits LEFT JOIN personal ON personal.key = credits.key "
)
_SUMS: Final = (
    "SELECT state, currency, count(*) AS many, sum(amount_minor) AS minor, "
    "min(opened_ms) AS oldest, sum(promised) AS promised "
    # Said outright: for its grouping SQLite would rather walk through every record by state.
    "FROM credits INDEXED BY credits_open "
)
_KEYS: Final = "SELECT key FROM credits "
ALIKE_FOR_MS: Final = 10 * 60_000
"""How young a record must be to look like another; unheard ones always may."""
ALIKE_MAX: Final = 200
"""Of one amount at one register: the newest of each sort, far more than a day can bring."""
_LIVE: Final = "AND state NOT IN ('refused', 'withdrawn', 'voided') "


def records(store: Store, sql: str, values: Sequence[Value] = ()) -> list[CreditRecord]:
    """Rows of `RECORD` with a WHERE behind it."""
    rows = store.connection.execute(sql, values)
    return [from_row(row, store.seal) for row in rows]


def record_row(store: Store, key: str) -> sqlite3.Row | None:
    """The joined row of a credit."""
    row: sqlite3.Row | None = store.connection.execute(
        RECORD + "WHERE credits.key = ?", (key,)
    ).fetchone()
    return row


def get(store: Store, key: IdempotencyKey) -> CreditRecord | None:
    row = record_row(store, key.text)
    return None if row is None else from_row(row, store.seal)


def by_code(store: Store, code: Code) -> CreditRecord | None:
    """Also where the code itself was erased: its hash stays."""
    found = records(store, RECORD + "WHERE code_hash = ?", (store.seal.code_hash(code),))
    return found[0] if found else None


def by_alias(store: Store, alias: bytes) -> CreditRecord | None:
    row = store.connection.execute("SELECT key FROM aliases WHERE alias = ?", (alias,)).fetchone()
    return None if row is None else get(store, IdempotencyKey(row["key"]))


def alike(store: Store, record: CreditRecord, known: Iterable[str]) -> Alike:
    """Records of this register with this amount and currency: young, or not yet heard.

    `known`: keys that the request's aliases name already.
    """
    request = record.request
    scope = (
        request.place.store,
        request.place.register,
        request.amount.currency,
        request.amount.minor,
    )
    where = "WHERE store = ? AND register = ? AND currency = ? AND amount_minor = ? " + _LIVE
    newest = "ORDER BY opened_ms DESC LIMIT ?"
    young = store.connection.execute(
        f"{_KEYS}{where}AND opened_ms > ? {newest}",
        (*scope, store.clock_ms() - ALIKE_FOR_MS, ALIKE_MAX),
    )
    unheard = store.connection.execute(f"{_KEYS}{where}AND heard = 0 {newest}", (*scope, ALIKE_MAX))
    keys = dict.fromkeys(row["key"] for row in (*young, *unheard))
    named = set(known)
    return Alike(store, [key for key in keys if key not in named])


class Alike(Sequence[CreditRecord]):
    """Newest first, each read when it is looked at: most requests say that they are distinct, or
    differ from the first. Only good within the operation that asked."""

    def __init__(self, store: Store, keys: list[str]) -> None:
        self._store = store
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> CreditRecord: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[CreditRecord]: ...

    def __getitem__(self, at: int | slice) -> CreditRecord | Sequence[CreditRecord]:
        if isinstance(at, slice):
            return Alike(self._store, self._keys[at])
        (found,) = records(self._store, RECORD + "WHERE credits.key = ?", (self._keys[at],))
        return found


def due(store: Store, at_ms: int, limit: int) -> list[CreditRecord]:
    """Oldest time first."""
    return records(
        store,
        RECORD + "WHERE due_ms IS NOT NULL AND due_ms <= ? ORDER BY due_ms LIMIT ?",
        (at_ms, limit),
    )


def next_due_ms(store: Store) -> int | None:
    found: int | None = store.connection.execute(
        "SELECT min(due_ms) FROM credits WHERE due_ms IS NOT NULL"
    ).fetchone()[0]
    return found


def unfinished(store: Store) -> list[CreditRecord]:
    """RECEIVED and SENDING, in the order of their opening."""
    return records(store, RECORD + "WHERE state IN ('received', 'sending') ORDER BY id")


def listed(
    store: Store, states: Sequence[State], unheard: bool, limit: int, after: str | None
) -> list[CreditRecord]:
    """In the order of opening, behind the credit `after`; no states: every state.

    An `after` that names no credit lists from the beginning.
    """
    since = 0
    if after is not None:
        row = store.connection.execute("SELECT id FROM credits WHERE key = ?", (after,)).fetchone()
        since = 0 if row is None else row["id"]
    names = [state.value for state in dict.fromkeys(states)]
    if unheard or not names:
        # The plus keeps SQLite from sorting all of a state: it walks by id instead.
        marks = ", ".join("?" * len(names))
        by_state = f"AND +state IN ({marks}) " if names else ""
        heard = "AND heard = 0 " if unheard else ""
        sql = f"{RECORD}WHERE id > ? {heard}{by_state}ORDER BY id LIMIT ?"
        return records(store, sql, (since, *names, limit))
    each = "SELECT id FROM credits WHERE state = ? AND id > ? ORDER BY id LIMIT ?"
    ids: list[int] = []
    for name in names:
        ids.extend(row[0] for row in store.connection.execute(each, (name, since, limit)))
    wanted = sorted(ids)[:limit]
    return [
        one for each_id in wanted for one in records(store, RECORD + "WHERE id = ?", (each_id,))
    ]


def totals(store: Store, place: Place | None) -> QueueTotals:
    """What waits: every record that is not settled, of one register or all."""
    where = "WHERE open = 1 "
    scope: tuple[str, ...] = ()
    if place is not None:
        where += "AND store = ? AND register = ? "
        scope = (place.store, place.register)
    rows = store.connection.execute(
        f"{_SUMS}{where}GROUP BY state, currency",
        scope,
    ).fetchall()
    by_state: dict[State, int] = {}
    by_currency: dict[str, int] = {}
    for row in rows:
        state = State(row["state"])
        by_state[state] = by_state.get(state, 0) + row["many"]
        by_currency[row["currency"]] = by_currency.get(row["currency"], 0) + row["minor"]
    return QueueTotals(
        count=sum(by_state.values()),
        minor_by_currency=by_currency,
        oldest_opened_ms=min((row["oldest"] for row in rows), default=None),
        by_state=by_state,
        on_paper=sum(row["promised"] for row in rows),
    )
