# SPDX-License-Identifier: Apache-2.0
"""Does the journal still say what it once said? Finds what was changed, removed, inserted or cut.

Reads in one snapshot and changes nothing, so it may run beside the daemon. What it cannot see:
events cut after the last anchor, and a chain rewritten together with the anchor file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent.domain.faults import JournalDamaged
from agent.journal import limits
from agent.journal.anchors import Anchor, Check
from agent.journal.chain import event_hash, first_hash
from agent.journal.claims import OPENED as CLAIM_OPENED
from agent.journal.claims import from_row as claim_from_row
from agent.journal.effects import purpose_of
from agent.journal.known import Columns
from agent.journal.rows import Form, Personal, columns_of, row_digest, salt_of, sealed_code
from agent.journal.seal import Seal
from agent.journal.segments import Segments, segments_of

FINDINGS_MAX: Final = 100
STRIDE: Final = 1_000

Progress = Callable[[int, int], None]
"""Rows read so far, and how many there are."""


class Damage(StrEnum):
    """What is wrong; all but the first four are about things beside the chain itself."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    CUT = "cut"
    ANCHOR = "anchor"
    RECORD = "record"
    PERSONAL = "personal"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Finding:
    """`seq`: the event at which it is (0: none); `key`: the credit that it is about, if any."""

    damage: Damage
    seq: int
    key: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """At most a hundred findings, in the order in which they were met."""

    events: int
    records: int
    anchors: int
    findings: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class _Walk:
    """Where the reading of the chain stands. `shift`: how far rows stand behind their number."""

    before: bytes
    segments: Segments
    expected: int = 1
    shift: int = 0
    findings: list[Finding] = field(default_factory=list)
    hashes: dict[int, bytes] = field(default_factory=dict)

    def find(self, damage: Damage, seq: int, key: str | None = None, detail: str = "") -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(damage, seq, key, detail))


def verify(
    connection: sqlite3.Connection,
    anchors: Sequence[Anchor],
    seal: Seal | None = None,
    check: Check | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Read everything. `anchors` must have been read before the connection's snapshot began.

    Without `seal`, sealed values are not opened; with `check` every anchor must be signed.
    """
    said = connection.execute("SELECT value FROM meta WHERE name = 'journal'").fetchone()
    journal = "" if said is None else str(said[0])
    walk = _Walk(first_hash(journal), segments_of(connection, journal))
    events, records = _count(connection, "events"), _count(connection, "credits")
    claims = list(_claims(connection))
    total, wanted = events + records + len(claims), {anchor.seq for anchor in anchors}
    read = 0
    for row, following in _pairs(connection.execute("SELECT * FROM events ORDER BY seq")):
        _event(walk, row, following, wanted)
        _opening_has_record(connection, walk, row)
        read = _step(progress, read, total)
    _check_anchors(walk, anchors, check)
    for row in connection.execute(
        "SELECT credits.*, personal.sealed AS personal_sealed, personal.seq AS personal_seq "
        "FROM credits LEFT JOIN personal ON personal.key = credits.key ORDER BY credits.id"
    ):
        _record(connection, walk, row, seal)
        read = _step(progress, read, total)
    for row in claims:
        _claim(connection, walk, row, seal)
        read = _step(progress, read, total)
    if seal is not None:
        _papers(connection, walk, seal)
    if limits.counted(connection) != limits.recount(connection):
        walk.find(Damage.LIMITS, 0, detail="the counters differ from the records")
    if progress is not None:
        progress(read, total)
    return Verdict(events, records, len(anchors), tuple(walk.findings))


def _event(walk: _Walk, row: sqlite3.Row, following: sqlite3.Row | None, wanted: set[int]) -> None:
    """One link of the chain. Every row is judged by the stored hash of the one before it, so
    that one wrong row is one finding."""
    number = row["seq"] - walk.shift
    if number > walk.expected:
        if not walk.segments.declared(walk.expected, number - 1):
            walk.find(Damage.REMOVED, walk.expected, detail=f"up to {number - 1}")
    elif number in walk.segments.starts or (number == 1 and walk.segments.new_id):
        pass  # judged when the segments were read; or nobody can any more
    elif event_hash(walk.before, row, number) != row["hash"]:
        if following is not None:
            after = following["seq"] - walk.shift
            if event_hash(walk.before, following, after - 1) == following["hash"]:
                walk.find(Damage.INSERTED, row["seq"], row["key"])
                walk.shift += 1
                return
            moved_up = event_hash(row["hash"], following, after + 1) == following["hash"]
            if moved_up and event_hash(row["hash"], following, after) != following["hash"]:
                walk.find(Damage.REMOVED, row["seq"], detail="later rows were renumbered")
                walk.shift -= 1
                number += 1
            else:
                walk.find(Damage.CHANGED, row["seq"], row["key"])
        else:
            walk.find(Damage.CHANGED, row["seq"], row["key"])
    walk.before = row["hash"]
    walk.expected = number + 1
    if number in wanted:
        walk.hashes[number] = row["hash"]


def _opening_has_record(connection: sqlite3.Connection, walk: _Walk, row: sqlite3.Row) -> None:
    if row["key"] is None or row["source"] is not None:
        return
    table = "claims" if row["kind"] == CLAIM_OPENED else "credits"
    stands = f"SELECT 1 FROM {table} WHERE key = ?"  # noqa: S608
    lost = "SELECT 1 FROM lost WHERE key = ?"
    known = connection.execute(stands, (row["key"],)).fetchone()
    if not known and not connection.execute(lost, (row["key"],)).fetchone():
        walk.find(Damage.RECORD, row["seq"], row["key"], "the record is gone")


def _check_anchors(walk: _Walk, anchors: Sequence[Anchor], check: Check | None) -> None:
    newest = max((anchor.seq for anchor in anchors), default=0)
    if newest >= walk.expected:
        walk.find(Damage.CUT, walk.expected, detail=f"up to {newest} at least")
    for anchor in anchors:
        if check is not None and not check(anchor.signed_bytes(), anchor.signature):
            walk.find(Damage.ANCHOR, anchor.seq, detail="its signature does not fit")
        stands = walk.hashes.get(anchor.seq)
        if stands is not None and stands != anchor.hash:
            walk.find(Damage.ANCHOR, anchor.seq, detail="the chain was another one then")


def _record(
    connection: sqlite3.Connection, walk: _Walk, row: sqlite3.Row, seal: Seal | None
) -> None:
    """A record must be what its last event says, and its person what was committed to."""
    columns = columns_of(row)
    for name in ("personal_sealed", "personal_seq"):
        del columns[name]
    if _as_last_told(connection, walk, columns, seal):
        _person(connection, walk, row, seal)


def _claim(
    connection: sqlite3.Connection, walk: _Walk, row: sqlite3.Row, seal: Seal | None
) -> None:
    """The same of another register's paper; its customer is sealed in the row itself."""
    columns = columns_of(row)
    if not _as_last_told(connection, walk, columns, seal) or seal is None:
        return
    try:
        claim_from_row(columns, seal)
    except (JournalDamaged, ValueError):
        walk.find(Damage.PERSONAL, 0, row["key"], "does not open")


def _as_last_told(
    connection: sqlite3.Connection, walk: _Walk, columns: Columns, seal: Seal | None
) -> bool:
    """Whether any event tells of the row, which is then held against the last of them."""
    key = columns["key"]
    last = connection.execute(
        "SELECT seq, target, revision, digest FROM events WHERE key = ? ORDER BY seq DESC LIMIT 1",
        (key,),
    ).fetchone()
    if last is None:
        walk.find(Damage.RECORD, 0, key, "no event tells of it")
        return False
    if (last["target"], last["revision"]) != (columns["state"], columns["revision"]):
        walk.find(Damage.RECORD, last["seq"], key, "its state is not that of its last event")
    elif last["digest"] != row_digest(columns):
        walk.find(Damage.RECORD, last["seq"], key, "its row was changed")
    if seal is not None and columns["code_sealed"] is not None:
        _code(walk, columns, seal)
    return True


def _person(
    connection: sqlite3.Connection, walk: _Walk, row: sqlite3.Row, seal: Seal | None
) -> None:
    key = row["key"]
    committed = connection.execute(
        "SELECT seq, commitment FROM events WHERE key = ? AND commitment IS NOT NULL "
        "ORDER BY seq DESC LIMIT 1",
        (key,),
    ).fetchone()
    if row["personal_seq"] is None:
        forgotten = connection.execute(
            "SELECT 1 FROM events WHERE key = ? AND kind = 'forgotten' AND seq > ?",
            (key, 0 if committed is None else committed["seq"]),
        ).fetchone()
        missing = committed is not None and forgotten is None
        if missing or row["customer_form"] == Form.REFERENCE:
            walk.find(Damage.PERSONAL, 0 if committed is None else committed["seq"], key, "gone")
        return
    if committed is None or committed["seq"] != row["personal_seq"]:
        walk.find(Damage.PERSONAL, row["personal_seq"], key, "not the one last committed to")
        return
    if seal is None:
        return
    try:
        people = Personal.from_sealed(key, row["personal_sealed"], seal)
        salt = salt_of(key, row["personal_sealed"], seal)
    except (JournalDamaged, ValueError):
        walk.find(Damage.PERSONAL, row["personal_seq"], key, "does not open")
        return
    if people.commitment(salt) != committed["commitment"]:
        walk.find(Damage.PERSONAL, row["personal_seq"], key, "changed")


def _code(walk: _Walk, row: Columns, seal: Seal) -> None:
    """The sealed code must be the one that its hash finds."""
    try:
        fits = seal.code_hash(sealed_code(row, seal)) == row["code_hash"]
    except (JournalDamaged, ValueError):
        fits = False
    if not fits:
        walk.find(Damage.RECORD, 0, row["key"], "its sealed code was changed")


def _papers(connection: sqlite3.Connection, walk: _Walk, seal: Seal) -> None:
    """Tokens and frozen bytes must open: whoever reads one that does not must stop."""
    for row in connection.execute("SELECT key, sealed FROM tokens"):
        if not _opens(seal, f"token:{row['key']}", row["sealed"]):
            walk.find(Damage.RECORD, 0, row["key"], "its token does not open")
    for row in connection.execute("SELECT * FROM effects WHERE sealed IS NOT NULL"):
        if not _opens(seal, purpose_of(row["key"], row["step"], row["epoch"]), row["sealed"]):
            walk.find(Damage.RECORD, 0, row["key"], f"its step {row['step']} does not open")


def _opens(seal: Seal, purpose: str, sealed: bytes) -> bool:
    try:
        seal.open(purpose, sealed)
    except JournalDamaged:
        return False
    return True


def _pairs(
    rows: Iterator[sqlite3.Row],
) -> Iterator[tuple[sqlite3.Row, sqlite3.Row | None]]:
    """Each row with the one behind it."""
    held: sqlite3.Row | None = None
    for row in rows:
        if held is not None:
            yield held, row
        held = row
    if held is not None:
        yield held, None


def _count(connection: sqlite3.Connection, table: str) -> int:
    sql = {"events": "SELECT count(*) FROM events", "credits": "SELECT count(*) FROM credits"}
    found: int = connection.execute(sql[table]).fetchone()[0]
    return found


def _claims(connection: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    """None in a file of a version that knew of none."""
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'claims'"
    if connection.execute(known).fetchone():
        yield from connection.execute("SELECT * FROM claims ORDER BY key")


def _step(progress: Progress | None, read: int, total: int) -> int:
    read += 1
    if progress is not None and read % STRIDE == 0:
        progress(read, total)
    return read
