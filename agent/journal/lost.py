# SPDX-License-Identifier: Apache-2.0
"""What a salvage or an older copy left behind, at the door: lost credits keep their names, doubts
ask a manager.

A retry of a credit whose record is lost must not become a second credit. Where a name of it
survived, it is refused with what is known. Where its names may be gone as well, a request of
that time that could be the lost one needs a manager, who has the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from agent.domain.credit import CreditRequest
from agent.domain.faults import ApprovalRequired, RecordLost, UnitTaken
from agent.domain.money import Money
from agent.journal.store import Store

_SCARRED: Final = "SELECT EXISTS (SELECT 1 FROM lost) OR EXISTS (SELECT 1 FROM doubts)"
_DOUBT: Final = (
    "SELECT 1 FROM doubts WHERE through >= ? AND coalesce(store, ?) = ? "
    "AND coalesce(register, ?) = ? AND coalesce(currency, ?) = ? "
    "AND coalesce(amount_minor, ?) = ? LIMIT 1"
)


def is_scarred(store: Store) -> bool:
    """Whether anything is lost at all: asked once, for only a start changes it."""
    known = store.known
    if known.scarred is None:
        known.scarred = bool(store.connection.execute(_SCARRED).fetchone()[0])
    return known.scarred


def doubt_everything(store: Store) -> None:
    """Credits may be missing of which not even an amount is known."""
    store.connection.execute("INSERT INTO doubts (through) VALUES (?)", (doubted_through(store),))
    store.known.scarred = None


def doubted_through(store: Store) -> str:
    """The last business date of which something may be gone: today's, wherever the store is, or
    the last that is known where the clock lies behind it."""
    now = datetime.fromtimestamp(max(store.clock_ms(), 0) / 1000, UTC)
    today = (now + timedelta(hours=14)).date().isoformat()
    last: str | None = store.connection.execute("SELECT max(pos_date) FROM credits").fetchone()[0]
    return max(today, last or "")


def refuse_lost(store: Store, aliases: Sequence[bytes]) -> None:
    """Raises `RecordLost` where one of these names led to a record that is gone."""
    if not is_scarred(store):
        return
    for alias in aliases:
        row = store.connection.execute(
            "SELECT lost.* FROM lost_aliases JOIN lost ON lost.key = lost_aliases.key "
            "WHERE alias = ?",
            (alias,),
        ).fetchone()
        if row is None:
            continue
        amount = "-"
        if row["amount_minor"] is not None and row["currency"] is not None:
            amount = str(Money(row["amount_minor"], row["currency"]))
        raise RecordLost(key=row["key"], amount=amount, state=row["state"] or "unknown")


def refuse_lost_units(store: Store, request: CreditRequest) -> None:
    """Raises `UnitTaken` where a returned unit was credited by a record that is gone."""
    if not is_scarred(store):
        return
    for unit in request.units:
        row = store.connection.execute(
            "SELECT key FROM lost_units WHERE sale = ? AND line = ? AND number = ?",
            (unit.sale, unit.line, unit.number),
        ).fetchone()
        if row is not None:
            raise UnitTaken(key=row["key"])


def refuse_doubtful(store: Store, request: CreditRequest, approved: bool) -> None:
    """Raises `ApprovalRequired` for what may be a credit whose record and names are gone."""
    if approved or not is_scarred(store):
        return
    place, amount = request.place, request.amount
    pairs = (place.store, place.register, amount.currency, amount.minor)
    asked = [request.pos.business_date.isoformat()]
    values: list[str | int] = [*asked]
    for value in pairs:
        values += [value, value]
    if store.connection.execute(_DOUBT, values).fetchone() is not None:
        raise ApprovalRequired(amount=str(amount))
