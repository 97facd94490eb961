# SPDX-License-Identifier: Apache-2.0
"""Opening a credit: known or new, approved, its units free, its first step decided, all at once.

One transaction holds all of it, so that two equal requests of the same instant cannot both be
new. Whatever raises leaves nothing behind: `core` undoes this operation alone.
"""

from __future__ import annotations

import hashlib

from agent.domain.action import Decision
from agent.domain.credit import CreditRequest
from agent.domain.event import Begun
from agent.domain.faults import ApprovalInvalid, UnitTaken
from agent.domain.record import CreditRecord, State
from agent.journal import access, limits, lost, reading
from agent.journal.chain import Happening, append
from agent.journal.details import opening_details
from agent.journal.effects import freeze_first
from agent.journal.saving import digest_of, refuse_the_impossible, save_new
from agent.journal.store import Store
from agent.ports import Admit, Begin, Draft, Opened


def alias_digest(text: str) -> bytes:
    """Aliases are only ever compared, so the journal keeps SHA-256 of them."""
    return hashlib.sha256(text.encode()).digest()


def open_credit(store: Store, draft: Draft, admit: Admit, begin: Begin) -> Opened:
    """As `ports.Journal.open`."""
    aliases = {alias_digest(alias): alias for alias in draft.aliases}
    found = reading.by_aliases(store, tuple(aliases))
    lost.refuse_lost(store, [digest for digest in aliases if digest not in found])
    known = [(alias, found[digest]) for digest, alias in aliases.items() if digest in found]
    keys = {record.key.text for _, record in known}
    meant = admit(known, reading.Alike(store, draft.record, keys))
    if meant is not None:
        new = [digest for digest in aliases if digest not in found]
        _join(store, meant, new)
        return Opened(Decision(meant), fresh=False)
    if known:
        raise ValueError("a known alias cannot open a new record")
    store.room.require()
    decision = _begin(store, draft, begin, list(aliases))
    frozen = draft.opening if decision.record.state is State.SENDING else None
    if frozen is not None:
        freeze_first(store, draft.record.key, frozen)
    return Opened(decision, fresh=True, frozen=frozen)


def _begin(store: Store, draft: Draft, begin: Begin, aliases: list[bytes]) -> Decision:
    record = draft.record
    if record.state is not State.RECEIVED or record.revision:
        raise ValueError("a draft is a received record without a revision")
    lost.refuse_doubtful(store, record.request, draft.approval_id is not None)
    approved_by = _use_approval(store, draft)
    _refuse_taken(store, record.request)
    lost.refuse_lost_units(store, record.request)
    request = record.request
    others = limits.exposure(store, request.place, request.amount.currency, None)
    decision = begin(record, others)
    refuse_the_impossible(record, decision.record)
    details = opening_details(request, record.caller, approved_by)
    decision = save_new(store, decision, Begun.name, details)
    key = record.key.text
    _name(store, key, aliases)
    if decision.record.state not in (State.REFUSED, State.WITHDRAWN, State.VOIDED):
        for unit in request.units:
            store.connection.execute(
                "INSERT INTO units VALUES (?, ?, ?, ?)", (unit.sale, unit.line, unit.number, key)
            )
    return decision


def _join(store: Store, record: CreditRecord, aliases: list[bytes]) -> None:
    """Further outside names of a known record."""
    if not aliases:
        return
    key = record.key.text
    _name(store, key, aliases)
    state = record.state.value
    append(
        store,
        Happening(
            "alias-added",
            {"count": len(aliases)},
            key=key,
            source=state,
            target=state,
            revision=record.revision,
            digest=digest_of(store, key),
        ),
    )


def _name(store: Store, key: str, aliases: list[bytes]) -> None:
    for alias in aliases:
        store.connection.execute("INSERT INTO aliases VALUES (?, ?)", (alias, key))


def _use_approval(store: Store, draft: Draft) -> str | None:
    """The manager whose approval is used up by this credit."""
    if draft.approval_id is None:
        return None
    stored = access.approval(store, draft.approval_id)
    if draft.approve is not None:
        stored = draft.approve(stored)
    if stored is None:
        raise ApprovalInvalid(why="unknown")
    access.use_approval(store, stored.id, draft.record.key.text)
    return stored.manager


def _refuse_taken(store: Store, request: CreditRequest) -> None:
    for unit in request.units:
        row = store.connection.execute(
            "SELECT key FROM units WHERE sale = ? AND line = ? AND number = ?",
            (unit.sale, unit.line, unit.number),
        ).fetchone()
        if row is not None:
            raise UnitTaken(key=row["key"])
