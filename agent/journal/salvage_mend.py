# SPDX-License-Identifier: Apache-2.0
"""Makes a journal out of rows that were saved from a damaged one.

What counts is the customer's money, so nothing is believed that cannot be whole, and nothing is
forgotten that may have been promised:

- a record that cannot be read keeps its outside names and its returned units taken (`lost`);
- a record without its names gets back those that its own request spells;
- every open record is shared from now on: looked up before every send;
- where names may be gone together with their record, equal requests of that time ask a manager.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.domain.faults import JournalDamaged
from agent.domain.idempotency import PosAlias
from agent.domain.record import CreditRecord, ManagerReason, ReviewReason, State
from agent.journal import limits, reading
from agent.journal.anchors import Anchor
from agent.journal.chain import SALVAGED, chained, first_hash, segment_hash
from agent.journal.known import Columns
from agent.journal.lost import doubted_through
from agent.journal.opening import alias_digest
from agent.journal.origin import journal_id
from agent.journal.rows import (
    Form,
    Personal,
    columns_of,
    from_row,
    row_digest,
    sealed_code,
)
from agent.journal.salvage_rows import Gathered, is_key
from agent.journal.salvage_sealed import drop_what_does_not_open
from agent.journal.salvage_stale import brought_up_to_date
from agent.journal.salvage_telling import begin_segment, go_on
from agent.journal.store import Store

_RELEASED: Final = frozenset({State.VOIDED, State.REFUSED, State.WITHDRAWN})
_CHILDREN: Final = ("personal", "effects", "spool", "tokens")


@dataclass(frozen=True, slots=True)
class Mended:
    """Counts of what stands in the new journal, and of what does not."""

    credits: int
    credits_lost: int
    doubts: int
    events: int
    events_lost: int


def mend(
    store: Store, found: Gathered, aside: str, last: Anchor | None, *, new_id: bool, cut: bool
) -> Mended:
    """In one transaction of the new file, in which the rows were put before.

    `new_id`: the journal's own id was lost; `cut`: it is known that newer rows are gone.
    """
    sql = store.connection
    holes = _check_chain(store, new_id)
    if last is not None and last.seq > _top(sql):
        _widen(holes, _top(sql) + 1, last.seq)
        cut = True
    for (number,) in sql.execute("SELECT id FROM credits ORDER BY id").fetchall():
        _judge(store, sql.execute(reading.RECORD + "WHERE id = ?", (number,)).fetchone(), aside)
    _lose_the_unseen(store, found, aside)
    _drop_strays(sql)
    drop_what_does_not_open(store, aside)
    _give_names_back(store)
    _count_anew(store)
    _tell_on(sql)
    doubts = _doubt(store, found, cut)
    lost = sql.execute("SELECT count(*) FROM lost WHERE aside = ?", (aside,)).fetchone()[0]
    begin_segment(store, holes, last, aside, lost, new_id)
    go_on(store)
    credits_ = sql.execute("SELECT count(*) FROM credits").fetchone()[0]
    events = sql.execute("SELECT count(*) FROM events").fetchone()[0]
    gone = sum(end - first + 1 for first, end in holes)
    return Mended(credits_, lost, doubts, events, gone)


def _check_chain(store: Store, new_id: bool) -> list[tuple[int, int]]:
    """Takes out every event that is not what it was chained as; returns the holes.

    The first behind a hole cannot be held against anything, and is believed.
    """
    journal = journal_id(store)
    before, expected = first_hash(journal), 1
    holes: list[tuple[int, int]] = []
    wrong: list[int] = []
    for row in store.connection.execute("SELECT * FROM events ORDER BY seq"):
        seq = row["seq"]
        if row["kind"] == SALVAGED:
            before = segment_hash(journal, seq)
        unknown = seq > expected or (new_id and (seq == 1 or row["kind"] == SALVAGED))
        if seq > expected:
            _widen(holes, expected, seq - 1)
        if not unknown and chained(before, tuple(row)[:10]) != row["hash"]:
            wrong.append(seq)
            _widen(holes, seq, seq)
        before, expected = row["hash"], seq + 1
    store.connection.executemany("DELETE FROM events WHERE seq = ?", ((seq,) for seq in wrong))
    return holes


def _widen(holes: list[tuple[int, int]], first: int, end: int) -> None:
    if holes and holes[-1][1] + 1 == first:
        holes[-1] = (holes[-1][0], end)
    else:
        holes.append((first, end))


def _judge(store: Store, row: sqlite3.Row, aside: str) -> None:
    """A record that cannot be read whole, or is not what its last event says, is lost.

    A settled one whose code does not open is only without its code; one whose person is gone is
    only without that person.
    """
    sql, key = store.connection, row["key"]
    if not brought_up_to_date(store, row):
        _lose(store, row, aside)
        return
    row = sql.execute(reading.RECORD + "WHERE credits.key = ?", (key,)).fetchone()
    columns = columns_of(row)
    people = columns["personal_sealed"]
    if people is not None and not _opens(store, key, people):
        sql.execute("DELETE FROM personal WHERE key = ?", (key,))
        columns["personal_sealed"] = people = None
    if people is None and columns["customer_form"] == Form.REFERENCE:
        columns["customer_form"] = Form.FORGOTTEN.value
    if not row["open"] and not _code_opens(store, columns):
        columns["code_sealed"] = None
    try:
        if _differs(sql, row):
            raise JournalDamaged(where=key)
        from_row(columns, store.seal)
    except (JournalDamaged, ValueError, KeyError, TypeError):
        _lose(store, row, aside)
        return
    if columns["code_sealed"] != row["code_sealed"]:
        sql.execute("UPDATE credits SET code_sealed = NULL WHERE key = ?", (key,))
    if columns["customer_form"] != row["customer_form"]:
        _forget_person(store, row, columns["customer_form"])


def _code_opens(store: Store, columns: Columns) -> bool:
    try:
        sealed_code(columns, store.seal)
    except (JournalDamaged, ValueError):
        return False
    return True


def _opens(store: Store, key: str, sealed: bytes) -> bool:
    try:
        Personal.from_sealed(key, sealed, store.seal)
    except (JournalDamaged, ValueError, TypeError):
        return False
    return True


def _differs(sql: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Whether an event of this very revision was told of another row."""
    columns = columns_of(row)
    del columns["personal_sealed"]
    told = sql.execute(
        "SELECT digest FROM events WHERE key = ? AND revision = ? ORDER BY seq DESC LIMIT 1",
        (row["key"], row["revision"]),
    ).fetchone()
    return told is not None and told["digest"] != row_digest(columns)


def _forget_person(store: Store, row: sqlite3.Row, form: str) -> None:
    """Nobody can be linked any more; what was not yet sent or promised goes to a person."""
    sql, key = store.connection, row["key"]
    sql.execute("UPDATE credits SET customer_form = ? WHERE key = ?", (form, key))
    waits = row["state"] in (State.RECEIVED, State.PARKED)
    if waits and not (row["perhaps_sent"] or row["promised"] or row["shared"]):
        sql.execute(
            "UPDATE credits SET state = ?, review = ?, manager = ?, due_ms = NULL, reserved = 0,"
            " exposed = 0 WHERE key = ?",
            (
                State.REVIEW.value,
                ReviewReason.CUSTOMER_MISSING.value,
                ManagerReason.REVIEW.value,
                key,
            ),
        )


def _lose(store: Store, row: sqlite3.Row, aside: str) -> None:
    """A record whose row is here and cannot be believed."""
    known = ("store", "register", "currency", "amount_minor", "state")
    values = [row["key"], *(row[name] for name in known), aside]
    sql = store.connection
    sql.execute("INSERT OR REPLACE INTO lost VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    sql.execute("DELETE FROM credits WHERE key = ?", (row["key"],))


def _lose_the_unseen(store: Store, found: Gathered, aside: str) -> None:
    """Records of which only traces are left: in an index, under a name, in an event."""
    sql = store.connection
    hints = {said["key"]: said for said in found.hints.values() if is_key(said.get("key"))}
    traces = {str(key) for key in hints}
    for table in ("aliases", "units", *_CHILDREN, "events"):
        rows = sql.execute(
            f"SELECT DISTINCT key FROM {table} WHERE key IS NOT NULL "  # noqa: S608
            "AND key NOT IN (SELECT key FROM credits) AND key NOT IN (SELECT key FROM claims) "
            "AND key NOT IN (SELECT key FROM lost)"
        )
        traces.update(row["key"] for row in rows)
    for key in sorted(traces):
        if sql.execute("SELECT 1 FROM credits WHERE key = ?", (key,)).fetchone() is not None:
            continue
        said = {**_told(sql, key), **hints.get(key, {})}
        place = key.split("-")
        sql.execute(
            "INSERT OR IGNORE INTO lost VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                said.get("store", place[0]),
                said.get("register", place[1] if len(place) > 1 else None),
                said.get("currency"),
                said.get("amount_minor"),
                said.get("state"),
                aside,
            ),
        )


def _told(sql: sqlite3.Connection, key: str) -> dict[str, object]:
    """What the chain still tells of a record."""
    said: dict[str, object] = {}
    for row in sql.execute("SELECT * FROM events WHERE key = ? ORDER BY seq", (key,)):
        details = json.loads(row["details"])
        for name in ("amount_minor", "currency"):
            if name in details:
                said[name] = details[name]
        if row["target"] is not None:
            said["state"] = row["target"]
    return said


def _drop_strays(sql: sqlite3.Connection) -> None:
    """Names and units of what is lost stay taken; its other rows are in the file set aside."""
    gone = "key NOT IN (SELECT key FROM credits)"
    sql.execute(f"INSERT OR IGNORE INTO lost_aliases SELECT * FROM aliases WHERE {gone}")  # noqa: S608
    sql.execute(f"INSERT OR IGNORE INTO lost_units SELECT * FROM units WHERE {gone}")  # noqa: S608
    for table in ("aliases", "units", *_CHILDREN):
        sql.execute(f"DELETE FROM {table} WHERE {gone}")  # noqa: S608
    sql.execute("DELETE FROM claim_effects WHERE key NOT IN (SELECT key FROM claims)")
    sql.execute("DELETE FROM lost WHERE key IN (SELECT key FROM credits)")
    for table in ("lost_aliases", "lost_units"):
        sql.execute(f"DELETE FROM {table} WHERE key NOT IN (SELECT key FROM lost)")  # noqa: S608


def _give_names_back(store: Store) -> None:
    """What a request spells itself: the till's own name of it, and the units it returns."""
    for record in _records(store):
        request, key = record.request, record.key.text
        pos = request.pos
        try:
            name = PosAlias(request.place, pos.business_date, pos.number, pos.line).text()
        except ValueError:
            name = None
        if name is not None:
            store.connection.execute(
                "INSERT OR IGNORE INTO aliases VALUES (?, ?)", (alias_digest(name), key)
            )
        if record.state in _RELEASED:
            continue
        for unit in request.units:
            store.connection.execute(
                "INSERT OR IGNORE INTO units VALUES (?, ?, ?, ?)",
                (unit.sale, unit.line, unit.number, key),
            )


def _records(store: Store) -> Iterator[CreditRecord]:
    """All of them, by number; each is read anew, for the loop may change others."""
    numbers = store.connection.execute("SELECT id FROM credits ORDER BY id").fetchall()
    for (number,) in numbers:
        (record,) = reading.records(store, reading.RECORD + "WHERE id = ?", (number,))
        yield record


def _count_anew(store: Store) -> None:
    """The counters behind the limits, from the records; and a quarter of the limits (I7)."""
    sql = store.connection
    sql.execute("DELETE FROM limits")
    sql.execute("DELETE FROM minutes")
    totals: dict[tuple[str, ...], list[int]] = {}
    for (*scope, what), value in limits.recount(sql).items():
        counted = totals.setdefault(tuple(scope), [0, 0])
        if what == "outstanding":
            counted[0] = value
        elif what == "unclaimed":
            counted[1] = value
        else:
            sql.execute("INSERT INTO minutes VALUES (?, ?, ?, ?, ?)", (*scope, int(what), value))
    for scope_, (minor, unclaimed) in totals.items():
        sql.execute("INSERT INTO limits VALUES (?, ?, ?, ?, ?)", (*scope_, minor, unclaimed))
    limits.make_fresh(store)


_SKIPPED: Final = 1_000_000


def _tell_on(sql: sqlite3.Connection) -> None:
    """Letters go on behind every number that may have been used: a gap is seen, a number that
    comes twice is not."""
    for row in sql.execute("SELECT DISTINCT store, register FROM credits").fetchall():
        scope = (row["store"], row["register"])
        stands = sql.execute(
            "SELECT last FROM sequences WHERE store = ? AND register = ?", scope
        ).fetchone()
        if stands is None:
            top = sql.execute(
                "SELECT max(seq) FROM outbox WHERE store = ? AND register = ?", scope
            ).fetchone()[0]
            sql.execute("INSERT INTO sequences VALUES (?, ?, ?)", (*scope, (top or 0) + _SKIPPED))


def _doubt(store: Store, found: Gathered, cut: bool) -> int:
    """Where a record and all its names may be gone, a retry cannot be told from a new sale."""
    sql = store.connection
    through = doubted_through(store)
    doubts: set[tuple[object, ...]] = set()
    named = sql.execute("SELECT count(*) FROM credits").fetchone()[0]
    for row in sql.execute("SELECT * FROM lost").fetchall():
        named += 1
        known = sql.execute("SELECT 1 FROM lost_aliases WHERE key = ?", (row["key"],)).fetchone()
        if known is None:
            doubts.add((row["store"], row["register"], row["currency"], row["amount_minor"]))
    if cut or not found.indexed or found.top > named:
        doubts = {(None, None, None, None)}  # nobody can say which, or how many
    sql.executemany(
        "INSERT INTO doubts (store, register, currency, amount_minor, through) "
        "VALUES (?, ?, ?, ?, ?)",
        ((*doubt, through) for doubt in doubts),
    )
    return len(doubts)


def _top(sql: sqlite3.Connection) -> int:
    found: int | None = sql.execute("SELECT max(seq) FROM events").fetchone()[0]
    return found or 0


def key_fits(store: Store) -> bool:
    """Whether the seal key is this journal's: opens any of the first codes, or there is none."""
    rows = store.connection.execute(
        "SELECT key, code_sealed, code_last_four FROM credits "
        "WHERE code_sealed IS NOT NULL LIMIT 50"
    ).fetchall()
    return not rows or any(_code_opens(store, columns_of(row)) for row in rows)
