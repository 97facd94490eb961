# SPDX-License-Identifier: Apache-2.0
"""The counters behind the exposure limits, kept with every change in its own transaction (I7).

Three kinds of row for each register and currency: what is outstanding, how many identity
vouchers are unclaimed, and for each minute of opening what of it is still exposed. `recount`
makes the same numbers from the records themselves; the two must agree after any history.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from agent.domain.exposure import Exposure
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State
from agent.journal.chain import Happening, append
from agent.journal.store import Store

MINUTE_MS: Final = 60_000
HOUR_MINUTES: Final = 60
FRESH_UNTIL: Final = 20
"""Confirmed credits that end a fresh journal's reduced limits (design section 2, I7)."""

_SCOPE: Final = "store = :store AND register = :register AND currency = :currency"
_EXPOSURE: Final = (
    f"SELECT coalesce((SELECT outstanding_minor FROM limits WHERE {_SCOPE}), 0), "  # noqa: S608
    f"coalesce((SELECT unclaimed FROM limits WHERE {_SCOPE}), 0), "
    f"coalesce((SELECT sum(exposed_minor) FROM minutes WHERE {_SCOPE} AND minute >= :since), 0), "
    f"(SELECT opened_ms FROM credits WHERE exposed = 1 AND {_SCOPE} AND key <> :key "
    "ORDER BY opened_ms LIMIT 1), "
    "coalesce((SELECT value FROM meta WHERE name = 'confirmed'), 0), "
    "(SELECT value FROM meta WHERE name = 'lifted')"
)
"""All that `exposure` asks, in one statement: six would cost twice as much."""
_COUNT: Final = (
    "UPDATE limits SET outstanding_minor = outstanding_minor + :minor, "  # noqa: S608
    f"unclaimed = unclaimed + :unclaimed WHERE {_SCOPE}"
)
_COUNT_MINUTE: Final = (
    f"UPDATE minutes SET exposed_minor = exposed_minor + :minor WHERE {_SCOPE} AND minute = :minute"  # noqa: S608
)

Ledger = dict[tuple[str, ...], int]


def exposure(store: Store, place: Place, currency: str, without: CreditRecord | None) -> Exposure:
    """Of a register and currency, `without` one record as it stands in the journal."""
    since = store.clock_ms() // MINUTE_MS - HOUR_MINUTES
    key = "" if without is None else without.key.text
    asked = {**_scope(place, currency), "since": since, "key": key}
    row = store.connection.execute(_EXPOSURE, asked).fetchone()
    outstanding, unclaimed, hour, oldest, confirmed, lifted = row
    if without is not None:
        share = Share.of(without)
        outstanding -= share.outstanding_minor
        unclaimed -= share.unclaimed
        if share.minute >= since:
            hour -= share.outstanding_minor
    fresh = lifted is None and int(confirmed) < FRESH_UNTIL
    return Exposure(outstanding, hour, oldest, unclaimed, fresh)


@dataclass(frozen=True, slots=True)
class Share:
    """What one record adds to the counters."""

    outstanding_minor: int
    unclaimed: int
    minute: int

    @classmethod
    def of(cls, record: CreditRecord) -> Share:
        minor = record.request.amount.minor if record.exposed else 0
        return cls(minor, int(record.is_unclaimed), record.opened.wall_ms // MINUTE_MS)


def count(store: Store, before: CreditRecord | None, after: CreditRecord) -> None:
    """Moves the counters from `before` (None: it was not there) to `after`."""
    new = Share.of(after)
    old = Share(0, 0, new.minute) if before is None else Share.of(before)
    if new != old:
        _add(store, after, new.outstanding_minor - old.outstanding_minor, new, old)
    confirmed_now = after.state is State.CONFIRMED
    if confirmed_now and (before is None or before.state is not State.CONFIRMED):
        # Past the number that matters the row is left alone: one write less for ever after.
        store.connection.execute(
            "UPDATE meta SET value = value + 1 WHERE name = 'confirmed' AND value < ?",
            (FRESH_UNTIL,),
        )


def _add(store: Store, record: CreditRecord, minor: int, new: Share, old: Share) -> None:
    place, currency = record.request.place, record.request.amount.currency
    scope = _scope(place, currency)
    execute, unclaimed = store.connection.execute, new.unclaimed - old.unclaimed
    moved = {**scope, "minor": minor, "unclaimed": unclaimed}
    if not execute(_COUNT, moved).rowcount:
        execute(
            "INSERT INTO limits VALUES (:store, :register, :currency, :minor, :unclaimed)", moved
        )
    if minor == 0:
        return
    moved = {**scope, "minute": new.minute, "minor": minor}
    if not execute(_COUNT_MINUTE, moved).rowcount:
        execute("INSERT INTO minutes VALUES (:store, :register, :currency, :minute, :minor)", moved)
    elif minor < 0:
        execute(
            f"DELETE FROM minutes WHERE exposed_minor = 0 AND {_SCOPE} AND minute = :minute",  # noqa: S608
            moved,
        )


def _scope(place: Place, currency: str) -> dict[str, str | int]:
    return {"store": place.store, "register": place.register, "currency": currency}


def lift(store: Store, by: str) -> None:
    """Ends the reduced limits by somebody's word."""
    store.connection.execute("INSERT OR REPLACE INTO meta VALUES ('lifted', ?)", (by,))
    append(store, Happening("limits-lifted", {"by": by}))


def make_fresh(store: Store) -> None:
    """A new or restored journal has to earn its full limits (again)."""
    store.connection.execute("INSERT OR REPLACE INTO meta VALUES ('confirmed', 0)")
    store.connection.execute("DELETE FROM meta WHERE name = 'lifted'")


def counted(connection: sqlite3.Connection) -> Ledger:
    """The counters as they stand, without rows of nothing."""
    found: Ledger = {}
    for row in connection.execute("SELECT * FROM limits"):
        scope = (row["store"], row["register"], row["currency"])
        found[(*scope, "outstanding")] = row["outstanding_minor"]
        found[(*scope, "unclaimed")] = row["unclaimed"]
    for row in connection.execute("SELECT * FROM minutes"):
        scope = (row["store"], row["register"], row["currency"])
        found[(*scope, str(row["minute"]))] = row["exposed_minor"]
    return {name: value for name, value in found.items() if value}


def recount(connection: sqlite3.Connection) -> Ledger:
    """The same, from the records."""
    found: Ledger = {}
    rows = connection.execute(
        "SELECT store, register, currency, amount_minor, opened_ms, exposed, unclaimed "
        "FROM credits WHERE open = 1 AND (exposed = 1 OR unclaimed = 1)"
    )
    for row in rows:
        scope = (row["store"], row["register"], row["currency"])
        shares = {
            "outstanding": row["amount_minor"] * row["exposed"],
            "unclaimed": row["unclaimed"],
            str(row["opened_ms"] // MINUTE_MS): row["amount_minor"] * row["exposed"],
        }
        for name, value in shares.items():
            found[(*scope, name)] = found.get((*scope, name), 0) + value
    return {name: value for name, value in found.items() if value}
