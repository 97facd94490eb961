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

Ledger = dict[tuple[str, ...], int]


def exposure(store: Store, place: Place, currency: str, without: CreditRecord | None) -> Exposure:
    """Of a register and currency, `without` one record as it stands in the journal."""
    connection, scope = store.connection, (place.store, place.register, currency)
    row = connection.execute(
        "SELECT outstanding_minor, unclaimed FROM limits "
        "WHERE store = ? AND register = ? AND currency = ?",
        scope,
    ).fetchone()
    outstanding, unclaimed = (0, 0) if row is None else (row[0], row[1])
    since = store.clock_ms() // MINUTE_MS - HOUR_MINUTES
    hour: int = connection.execute(
        "SELECT coalesce(sum(exposed_minor), 0) FROM minutes "
        "WHERE store = ? AND register = ? AND currency = ? AND minute >= ?",
        (*scope, since),
    ).fetchone()[0]
    key = ""
    if without is not None:
        key = without.key.text
        share = Share.of(without)
        outstanding -= share.outstanding_minor
        unclaimed -= share.unclaimed
        if share.minute >= since:
            hour -= share.outstanding_minor
    oldest = connection.execute(
        "SELECT opened_ms FROM credits WHERE exposed = 1 AND store = ? AND register = ? "
        "AND currency = ? AND key <> ? ORDER BY opened_ms LIMIT 1",
        (*scope, key),
    ).fetchone()
    return Exposure(
        outstanding_minor=outstanding,
        hour_minor=hour,
        oldest_opened_ms=None if oldest is None else oldest[0],
        unclaimed=unclaimed,
        fresh=is_fresh(connection),
    )


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
    scope = (place.store, place.register, currency)
    store.connection.execute(
        "INSERT INTO limits VALUES (?, ?, ?, 0, 0) ON CONFLICT DO NOTHING", scope
    )
    store.connection.execute(
        "UPDATE limits SET outstanding_minor = outstanding_minor + ?, unclaimed = unclaimed + ? "
        "WHERE store = ? AND register = ? AND currency = ?",
        (minor, new.unclaimed - old.unclaimed, *scope),
    )
    if minor == 0:
        return
    store.connection.execute(
        "INSERT INTO minutes VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING", (*scope, new.minute)
    )
    store.connection.execute(
        "UPDATE minutes SET exposed_minor = exposed_minor + ? "
        "WHERE store = ? AND register = ? AND currency = ? AND minute = ?",
        (minor, *scope, new.minute),
    )
    store.connection.execute(
        "DELETE FROM minutes WHERE exposed_minor = 0 "
        "AND store = ? AND register = ? AND currency = ? AND minute = ?",
        (*scope, new.minute),
    )


def is_fresh(connection: sqlite3.Connection) -> bool:
    """Whether the limits are still reduced."""
    rows = connection.execute("SELECT name, value FROM meta WHERE name IN ('confirmed', 'lifted')")
    said = {row[0]: row[1] for row in rows}
    return "lifted" not in said and int(said.get("confirmed", 0)) < FRESH_UNTIL


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
