# SPDX-License-Identifier: Apache-2.0
"""Questions to the journal. Each has an index of its own and costs the same at a million rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, overload

from agent.domain.code import Code
from agent.domain.idempotency import IdempotencyKey
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State
from agent.journal.known import Standing
from agent.journal.rows import columns_of, from_row, standing_of
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
ALIKE_FOR_MS: Final = 10 * 60_000
"""How young a record must be to look like another; unheard ones always may."""
ALIKE_MAX: Final = 200
"""Of one amount at one register: the newest of each sort, far more than a day can bring."""
RECENT_WITHIN: Final = 20_000
LATEST: Final = 200
"""Credits of a host that are looked at whatever their time says: of the last ten minutes at
least, where a clock that jumped forward dates them ten years back."""
AHEAD_MS: Final = 2_000
"""How far a change may lie in the time to come before the clock must have been set back."""
_SAME: Final = (
    "SELECT key FROM credits "
    "WHERE store = :store AND register = :register AND currency = :currency "
    "AND amount_minor = :minor AND state NOT IN ('refused', 'withdrawn', 'voided') "
)
_NEWEST: Final = "ORDER BY opened_ms DESC LIMIT :limit"
_YOUNG: Final = f"{_SAME}AND opened_ms > :since {_NEWEST}"
_UNHEARD: Final = f"{_SAME}AND heard = 0 {_NEWEST}"
_LATEST: Final = (
    # The pluses keep SQLite from the index of this amount: it walks through the last few alone.
    "SELECT key FROM credits WHERE id > (SELECT max(id) FROM credits) - :latest "
    "AND +store = :store AND +register = :register AND +currency = :currency "
    "AND +amount_minor = :minor AND +state NOT IN ('refused', 'withdrawn', 'voided') "
    "ORDER BY id DESC"
)


def records(store: Store, sql: str, values: Sequence[Value] = ()) -> list[CreditRecord]:
    """Rows of `RECORD` with a WHERE behind it."""
    rows = store.connection.execute(sql, values)
    return [from_row(columns_of(row), store.seal) for row in rows]


def standing(store: Store, key: str) -> Standing | None:
    """A credit with its row, for whoever will change it."""
    row = store.connection.execute(RECORD + "WHERE credits.key = ?", (key,)).fetchone()
    return None if row is None else standing_of(row, store.seal)


def get(store: Store, key: IdempotencyKey) -> CreditRecord | None:
    found = standing(store, key.text)
    return None if found is None else found.record


def by_code(store: Store, code: Code) -> CreditRecord | None:
    """Also where the code itself was erased: its hash stays."""
    found = records(store, RECORD + "WHERE code_hash = ?", (store.seal.code_hash(code),))
    return found[0] if found else None


def by_aliases(store: Store, aliases: Sequence[bytes]) -> dict[bytes, CreditRecord]:
    """The records that some of these aliases name."""
    found: dict[bytes, CreditRecord] = {}
    for alias in aliases:
        row = store.connection.execute(
            "SELECT key FROM aliases WHERE alias = ?", (alias,)
        ).fetchone()
        record = None if row is None else get(store, IdempotencyKey(row[0]))
        if record is not None:
            found[alias] = record
    return found


class Alike(Sequence[CreditRecord]):
    """Records of a register with this amount and currency: young, or not yet heard; newest of
    each first.

    Asked for and read when it is looked at: most requests say that they are distinct, or differ
    from the first. `known`: keys that the request's aliases name already. Only good within the
    operation that asked.
    """

    def __init__(self, store: Store, record: CreditRecord, known: Iterable[str]) -> None:
        self._store = store
        self._request = record.request
        self._known = frozenset(known)

    @cached_property
    def _keys(self) -> list[str]:
        place, amount = self._request.place, self._request.amount
        since_ms = self._store.clock_ms() - ALIKE_FOR_MS
        execute = self._store.connection.execute
        asked = {
            "store": place.store,
            "register": place.register,
            "currency": amount.currency,
            "minor": amount.minor,
            "limit": ALIKE_MAX,
            "since": since_ms,
            "latest": LATEST,
        }
        keys = dict.fromkeys(row[0] for row in execute(_YOUNG, asked))
        keys.update(dict.fromkeys(row[0] for row in execute(_UNHEARD, asked)))
        keys.update(dict.fromkeys(row[0] for row in execute(_LATEST, asked)))
        return [key for key in keys if key not in self._known]

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> CreditRecord: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[CreditRecord]: ...

    def __getitem__(self, at: int | slice) -> CreditRecord | Sequence[CreditRecord]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        (found,) = records(self._store, RECORD + "WHERE credits.key = ?", (self._keys[at],))
        return found


def due(store: Store, at_ms: int, limit: int) -> list[IdempotencyKey]:
    """Oldest time first. Keys alone: whoever takes one up reads it as it is then.

    What was changed in a time to come is due as well: the clock was set back since, and how long
    it should still wait cannot be told. The next try dates it anew.
    """
    execute = store.connection.execute
    rows = execute(
        "SELECT key FROM credits WHERE due_ms IS NOT NULL AND due_ms <= ? ORDER BY due_ms LIMIT ?",
        (at_ms, limit),
    ).fetchall()
    if len(rows) < limit:
        rows += execute(
            "SELECT key FROM credits WHERE due_ms IS NOT NULL AND changed_ms > ? AND due_ms > ? "
            "ORDER BY changed_ms LIMIT ?",
            (at_ms + AHEAD_MS, at_ms, limit - len(rows)),
        ).fetchall()
    return [IdempotencyKey(row[0]) for row in rows]


def next_due_ms(store: Store) -> int | None:
    found: int | None = store.connection.execute(
        "SELECT min(due_ms) FROM credits WHERE due_ms IS NOT NULL"
    ).fetchone()[0]
    return found


def unfinished(store: Store) -> list[CreditRecord]:
    """RECEIVED and SENDING, in the order of their opening."""
    return records(store, RECORD + "WHERE state IN ('received', 'sending') ORDER BY id")


def newest_number(store: Store) -> int:
    """Of the newest record, 0 where there is none."""
    found: int | None = store.connection.execute("SELECT max(id) FROM credits").fetchone()[0]
    return found or 0


def interrupted(
    store: Store, state: State, after: int, through: int, limit: int
) -> list[tuple[int, IdempotencyKey]]:
    """As `ports.Journal.interrupted`. Of RECEIVED those alone that hold room: the others have
    nothing to give back, however many there are."""
    holding = "AND reserved = 1 " if state is State.RECEIVED else ""
    rows = store.connection.execute(
        "SELECT id, key FROM credits WHERE state = ? AND id > ? AND id <= ? "  # noqa: S608
        f"{holding}ORDER BY id LIMIT ?",
        (state.value, after, through, limit),
    )
    return [(row[0], IdempotencyKey(row[1])) for row in rows]


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


def unheard_of(store: Store, caller: str, place: Place, limit: int) -> list[CreditRecord]:
    """What a caller asked for at a register and has not heard the end of, newest first."""
    return records(
        store,
        RECORD + "WHERE heard = 0 AND caller = ? AND store = ? AND register = ? "
        "ORDER BY id DESC LIMIT ?",
        (caller, place.store, place.register, limit),
    )


def recent(store: Store, place: Place, limit: int) -> list[CreditRecord]:
    """The newest credits of a register, newest first, among the host's latest `RECENT_WITHIN`: a
    register that sleeps must not make a walk through all the others."""
    return records(
        store,
        # The pluses keep SQLite from sorting all days of a register: it walks by id instead.
        RECORD + "WHERE id > (SELECT max(id) FROM credits) - ? AND +store = ? AND +register = ? "  # noqa: S608
        "ORDER BY id DESC LIMIT ?",
        (RECENT_WITHIN, place.store, place.register, limit),
    )


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
