# SPDX-License-Identifier: Apache-2.0
"""How a salvaged journal goes on: a new segment of the chain, an event for each record in it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from agent.domain.action import Decision
from agent.domain.record import CreditRecord, ManagerReason, Paper
from agent.journal import reading
from agent.journal.anchors import Anchor
from agent.journal.chain import SALVAGED, Happening, append, segment_hash
from agent.journal.known import Standing
from agent.journal.origin import RESTORED, journal_id
from agent.journal.rows import Form, Personal, columns_of, row_digest, salt_of, standing_of
from agent.journal.saving import digest_of, save_change
from agent.journal.store import Store

KEPT: Final = "salvaged"
_ON_ITS_WAY: Final = frozenset({Paper.QUEUED, Paper.SENT})


def begin_segment(
    store: Store,
    holes: list[tuple[int, int]],
    last: Anchor | None,
    aside: str,
    lost: int,
    new_id: bool,
) -> None:
    """The first event of the new segment: it names the old head, the file, and every hole."""
    top = store.connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")
    head = top.fetchone()
    seq = max(0 if head is None else head["seq"], 0 if last is None else last.seq)
    store.known.forget()
    store.known.seq = seq
    store.known.hash = segment_hash(journal_id(store), seq + 1)
    details: dict[str, str | int] = {
        "aside": aside,
        "lost": lost,
        "holes": ",".join(f"{first}-{end}" for first, end in holes),
        "old_seq": 0 if head is None else head["seq"],
        "old_hash": "" if head is None else head["hash"].hex(),
    }
    if new_id:
        details["new_id"] = 1
    if last is not None:
        details |= {"anchor_seq": last.seq, "anchor_hash": last.hash.hex()}
    append(store, Happening(SALVAGED, details))


def go_on(store: Store) -> None:
    """Every record under an event that tells of it; every open one shared."""
    sql = store.connection
    for (number,) in sql.execute("SELECT id FROM credits ORDER BY id").fetchall():
        row = sql.execute(reading.RECORD + "WHERE id = ?", (number,)).fetchone()
        stands = standing_of(row, store.seal)
        if not stands.record.is_settled:
            _tell_person(store, row)
            save_change(store, stands, Decision(_shared(store, stands)), RESTORED, {})
        elif not _is_told(store, row):
            _tell(store, row)
    for row in sql.execute("SELECT * FROM claims").fetchall():
        if not _is_told(store, row):
            _tell(store, row)


def _shared(store: Store, stands: Standing) -> CreditRecord:
    """Looked up before every send; and what became of its paper is a person's word."""
    record = replace(stands.record, shared=True, changed_ms=store.clock_ms())
    if record.paper not in _ON_ITS_WAY or _has_job(store, record):
        return record
    money = record.paper_kind is not None and record.paper_kind.is_money
    unproved = ManagerReason.PAPER_UNPROVED if money else record.manager
    promised = record.promised or money
    return replace(record, paper=Paper.UNCERTAIN, promised=promised, manager=unproved)


def _has_job(store: Store, record: CreditRecord) -> bool:
    row = store.connection.execute(
        "SELECT 1 FROM spool WHERE key = ? AND state IN ('queued', 'sent')", (record.key.text,)
    ).fetchone()
    return row is not None


def _is_told(store: Store, row: sqlite3.Row) -> bool:
    """Whether the last event of a row, and of its person, stands."""
    columns = columns_of(row)
    people = columns.pop("personal_sealed", None)
    sql = store.connection
    last = sql.execute(
        "SELECT * FROM events WHERE key = ? ORDER BY seq DESC LIMIT 1", (row["key"],)
    ).fetchone()
    if last is None or last["digest"] != row_digest(columns):
        return False
    committed = sql.execute(
        "SELECT seq FROM events WHERE key = ? AND commitment IS NOT NULL ORDER BY seq DESC LIMIT 1",
        (row["key"],),
    ).fetchone()
    at = sql.execute("SELECT seq FROM personal WHERE key = ?", (row["key"],)).fetchone()
    if people is None:
        return committed is None or columns.get("customer_form") != Form.REFERENCE
    return committed is not None and at is not None and committed["seq"] == at["seq"]


def _tell(store: Store, row: sqlite3.Row) -> None:
    """An event of the row as it stands."""
    _tell_person(store, row, always=True)


def _tell_person(store: Store, row: sqlite3.Row, always: bool = False) -> None:
    """Commits anew to who the customer is, where the event that did so is gone."""
    columns = columns_of(row)
    people = columns.pop("personal_sealed", None)
    key, state = row["key"], row["state"]
    if not always and _is_told(store, row):
        return
    commitment = None
    if people is not None:
        salt = salt_of(key, people, store.seal)
        commitment = Personal.from_sealed(key, people, store.seal).commitment(salt)
    kind = (
        "forgotten" if people is None and columns.get("customer_form") == Form.FORGOTTEN else KEPT
    )
    seq = append(
        store,
        Happening(
            kind,
            {},
            key=key,
            source=state,
            target=state,
            revision=row["revision"],
            digest=digest_of(store, key) if "opened_boot" in columns else row_digest(columns),
            commitment=commitment,
        ),
    )
    if commitment is not None:
        store.connection.execute("UPDATE personal SET seq = ? WHERE key = ?", (seq, key))
