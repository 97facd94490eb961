# SPDX-License-Identifier: Apache-2.0
"""Approvals, managers and pairings. Hashes only: no PIN and no bearer token is ever stored.

Who was let in, and who let whom, is in the chain; wrong PINs are only counted.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Final

from agent.domain.approval import Approval, Manager, Pairing, PinTries
from agent.domain.faults import ApprovalInvalid
from agent.journal.chain import Details, Happening, append
from agent.journal.rows import moment_of, moment_text
from agent.journal.store import Store

PAIRINGS_MAX: Final = 256
"""Pairings that are remembered; far more than a host has tills."""


def note(store: Store, kind: str, details: Details) -> None:
    """An event of no record."""
    append(store, Happening(kind, details))


def keep_approval(store: Store, approval: Approval) -> None:
    """Raises ValueError for an id that stands already."""
    if _row(store, "SELECT 1 FROM approvals WHERE id = ?", approval.id) is not None:
        raise ValueError("an approval's id is used once")
    store.connection.execute(
        "INSERT INTO approvals VALUES (?, ?, ?, ?, ?, ?)",
        (
            approval.id,
            approval.manager,
            approval.body_digest,
            approval.given_ms,
            approval.used_by,
            moment_text(approval.given),
        ),
    )
    note(store, "approval-given", {"manager": approval.manager})


def approval(store: Store, approval_id: str) -> Approval | None:
    row = _row(store, "SELECT * FROM approvals WHERE id = ?", approval_id)
    if row is None:
        return None
    return Approval(
        id=row["id"],
        manager=row["manager"],
        body_digest=row["body_digest"],
        given_ms=row["given_ms"],
        used_by=row["used_by"],
        given=moment_of(row["given"]),
    )


def use_approval(store: Store, approval_id: str, used_by: str) -> None:
    """As `ports.AccessStore.use_approval`: one use, whoever comes first."""
    row = _row(store, "SELECT used_by FROM approvals WHERE id = ?", approval_id)
    if row is None:
        raise ApprovalInvalid(why="unknown")
    if row["used_by"] is not None:
        raise ApprovalInvalid(why="used")
    store.connection.execute(
        "UPDATE approvals SET used_by = ? WHERE id = ?", (used_by, approval_id)
    )


def keep_manager(store: Store, manager: Manager) -> None:
    """A new manager, or a known one's new PIN and tries."""
    tries = manager.tries
    store.connection.execute(
        "INSERT OR REPLACE INTO managers VALUES (?, ?, ?, ?, ?)",
        (
            manager.name,
            manager.pin_hash,
            tries.wrong,
            tries.locked_until_ms,
            moment_text(tries.locked),
        ),
    )
    note(store, "manager-kept", {"name": manager.name})


def remove_manager(store: Store, name: str) -> bool:
    gone = store.connection.execute("DELETE FROM managers WHERE name = ?", (name,)).rowcount == 1
    if gone:
        note(store, "manager-removed", {"name": name})
    return gone


def managers(store: Store) -> list[Manager]:
    """By name."""
    rows = store.connection.execute("SELECT * FROM managers ORDER BY name")
    return [Manager(row["name"], row["pin_hash"], _tries(row)) for row in rows]


def _tries(row: sqlite3.Row) -> PinTries:
    return PinTries(row["wrong"], row["locked_until_ms"], moment_of(row["locked"]))


def keep_tries(store: Store, name: str, tries: PinTries) -> None:
    """Nothing for an unknown name: it may have been removed meanwhile."""
    store.connection.execute(
        "UPDATE managers SET wrong = ?, locked_until_ms = ?, locked = ? WHERE name = ?",
        (tries.wrong, tries.locked_until_ms, moment_text(tries.locked), name),
    )


def keep_pairing(store: Store, pairing: Pairing) -> None:
    """A new pairing, or a known one as it now is (tested, revoked)."""
    store.connection.execute(
        "INSERT INTO pairings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET name = excluded.name, token_hash = excluded.token_hash, scopes = excluded.scopes, "
        "registers = excluded.registers, timeout_ms = excluded.timeout_ms, "
        "printing = excluded.printing, tested = excluded.tested, "
        "created_ms = excluded.created_ms, revoked_ms = excluded.revoked_ms",
        (
            pairing.id,
            pairing.name,
            pairing.token_hash,
            json.dumps(sorted(pairing.scopes)),
            json.dumps(sorted(pairing.registers)),
            pairing.timeout_ms,
            pairing.printing,
            int(pairing.tested),
            pairing.created_ms,
            pairing.revoked_ms,
        ),
    )
    kind = "pairing-kept" if pairing.revoked_ms is None else "pairing-revoked"
    note(store, kind, {"id": pairing.id, "name": pairing.name})


def pairings(store: Store) -> list[Pairing]:
    """Every pairing, revoked ones too, oldest first."""
    rows = store.connection.execute("SELECT * FROM pairings ORDER BY created_ms, id")
    return [_pairing(row) for row in rows]


def pairing_by_hash(store: Store, token_hash: bytes) -> Pairing | None:
    """One that is not revoked."""
    row = store.connection.execute(
        "SELECT * FROM pairings WHERE token_hash = ? AND revoked_ms IS NULL", (token_hash,)
    ).fetchone()
    return None if row is None else _pairing(row)


def _pairing(row: sqlite3.Row) -> Pairing:
    return Pairing(
        id=row["id"],
        name=row["name"],
        token_hash=row["token_hash"],
        scopes=frozenset(json.loads(row["scopes"])),
        registers=frozenset(json.loads(row["registers"])),
        timeout_ms=row["timeout_ms"],
        printing=row["printing"],
        tested=bool(row["tested"]),
        created_ms=row["created_ms"],
        revoked_ms=row["revoked_ms"],
    )


def _row(store: Store, sql: str, value: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = store.connection.execute(sql, (value,)).fetchone()
    return row


class KnownPairings:
    """Living pairings by their token's hash, so that not every request is a question to the disk.

    `changes` counts how often any was changed: what was read before a change is not kept after it.
    """

    def __init__(self) -> None:
        self.changes = 0
        self._known: dict[bytes, Pairing] = {}

    def get(self, token_hash: bytes) -> Pairing | None:
        return self._known.get(token_hash)

    def keep(self, token_hash: bytes, found: Pairing | None, asked: int) -> None:
        if found is not None and asked == self.changes:
            if len(self._known) >= PAIRINGS_MAX:
                self._known.clear()
            self._known[token_hash] = found

    def changed(self, writing: asyncio.Future[None]) -> None:
        """A pairing was written, or perhaps: nothing read before counts any more."""
        self.changes += 1
        self._known.clear()
        if not writing.cancelled():
            writing.exception()  # told to whoever waits; nobody may
