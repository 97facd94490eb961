# SPDX-License-Identifier: Apache-2.0
"""Where a journal comes from: its own id, the machine it belongs to, the key that seals it.

On another machine, or where its anchors know events that it has not, the journal was restored:
somebody else may have acted on its credits meanwhile. Every open record is then shared (looked
up before every send), paper that waited for its printer is a person's to print, and the limits are
as small as those of a new journal. What was credited since the copy is known to nobody here, so a
till that asks again for it would get a second one: until that business day is over a manager
approves what is new.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from agent.domain.action import Decision
from agent.domain.faults import JournalDamaged
from agent.domain.record import CreditRecord, ManagerReason, Paper, State
from agent.journal import limits, lost, reading
from agent.journal.anchors import Anchor
from agent.journal.chain import Happening, append
from agent.journal.rows import standing_of
from agent.journal.saving import save_change
from agent.journal.store import Store

CHECK: Final = b"this key seals this journal"
PURPOSE: Final = "meta:seal"
RESTORED: Final = "restored"


def settle_in(store: Store, machine: bytes, last: Anchor | None) -> bool:
    """Makes a new journal ours, or finds out whether this one was restored (True).

    Raises `JournalDamaged` where the seal key is not the one that sealed it. Runs in a
    transaction of its own.
    """
    mark = mark_of(machine)
    known = _said(store, "machine")
    if known is None:
        _make(store, mark)
        return False
    sealed = _said(store, "seal")
    if not isinstance(sealed, bytes):
        raise JournalDamaged(where="meta")
    if store.seal.open(PURPOSE, sealed) != CHECK:
        raise JournalDamaged(where=PURPOSE)
    why = "" if known == mark else "machine"
    if not why and last is not None and not _holds(store, last):
        why = "older-than-its-anchor"
    if not why:
        return False
    store.connection.execute("UPDATE meta SET value = ? WHERE name = 'machine'", (mark,))
    limits.make_fresh(store)
    lost.doubt_everything(store)
    append(store, Happening("journal-restored", {"why": why}))
    rows = store.connection.execute(reading.RECORD + "WHERE open = 1 ORDER BY id").fetchall()
    for stands in (standing_of(row, store.seal) for row in rows):
        restored = _restored(stands.record)
        if restored != stands.record:
            at_ms = store.clock_ms()
            due_ms = at_ms if restored.state is State.REVIEW else restored.due_ms
            changed = replace(restored, changed_ms=at_ms, due_ms=due_ms)
            save_change(store, stands, Decision(changed), RESTORED, {})
            _withhold_prints(store, changed)
    return True


def _restored(record: CreditRecord) -> CreditRecord:
    """Shared from now on; and no paper leaves by itself that was queued before the copy: it may
    have come out since then, or the credit may have been taken back."""
    shared = replace(record, shared=True)
    if record.paper is not Paper.QUEUED:
        return shared
    owed = record.paper_kind is not None and record.paper_kind.is_money
    manager = ManagerReason.PAPER_FAILED if owed else record.manager
    return replace(shared, paper=Paper.FAILED, manager=manager)


def _withhold_prints(store: Store, record: CreditRecord) -> None:
    store.connection.execute(
        "UPDATE spool SET state = ?, proof = ? WHERE key = ? AND state = ?",
        (Paper.FAILED.value, RESTORED, record.key.text, Paper.QUEUED.value),
    )


def mark_of(machine: bytes) -> str:
    """What a journal keeps of the machine that it belongs to."""
    return hashlib.sha256(machine).hexdigest()


def journal_id(store: Store) -> str:
    return str(_said(store, "journal"))


def _make(store: Store, mark: str) -> None:
    journal = store.random_bytes(16).hex()
    store.connection.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        (
            ("journal", journal),
            ("machine", mark),
            ("seal", store.seal.close(PURPOSE, CHECK)),
            ("created_ms", store.clock_ms()),
        ),
    )
    limits.make_fresh(store)
    append(store, Happening("journal-made", {"journal": journal}))


def _holds(store: Store, anchor: Anchor) -> bool:
    row = store.connection.execute(
        "SELECT hash FROM events WHERE seq = ?", (anchor.seq,)
    ).fetchone()
    return row is not None and row["hash"] == anchor.hash


def _said(store: Store, name: str) -> object:
    row = store.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else row["value"]


def probed(store: Store) -> None:
    """A real write, so that a full or read-only disk is noticed before a credit is asked for."""
    store.room.require()
    store.connection.execute(
        "INSERT INTO meta VALUES ('probed', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (store.clock_ms().to_bytes(8, "big", signed=True),),
    )
