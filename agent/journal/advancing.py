# SPDX-License-Identifier: Apache-2.0
"""A known credit's next step, and a print's: read, decide and save in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent.domain.action import Decision
from agent.domain.event import Event, Heard, PaperLeaving
from agent.domain.faults import NotNow, PaperRefused, UnknownCredit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import Paper, PaperKind
from agent.journal import limits, reading
from agent.journal.details import details_of
from agent.journal.saving import save_change
from agent.journal.store import Store
from agent.ports import JobSpan, PrintedBytes, PrintJob, Step

_NEXT: Final[Mapping[Paper, frozenset[Paper]]] = {
    Paper.QUEUED: frozenset({Paper.SENT, Paper.UNCERTAIN, Paper.FAILED}),
    Paper.SENT: frozenset({Paper.SENT, Paper.PRINTED, Paper.UNCERTAIN, Paper.FAILED}),
    Paper.UNCERTAIN: frozenset({Paper.UNCERTAIN, Paper.PRINTED, Paper.FAILED}),
}
"""Where a spool row may go. Printed and failed are ends: another copy is another row."""


def advance(store: Store, key: IdempotencyKey, event: Event, step: Step) -> Decision:
    """As `ports.Journal.advance`. An answer that was heard already is heard: nothing is written."""
    stands = store.known.standing(key.text) or reading.standing(store, key.text)
    if stands is None:
        raise UnknownCredit(key=key.text)
    before = stands.record
    if isinstance(event, Heard) and before.heard:
        return Decision(before)
    if stands.columns["code_sealed"] is None:
        # Without its code nothing about it can be sent, burnt or printed any more.
        raise NotNow(state=before.state.value, event=event.name, case="erased")
    request = before.request
    others = limits.exposure(store, request.place, request.amount.currency, before)
    return save_change(store, stands, step(before, others), event.name, details_of(event))


def advance_print(
    store: Store,
    job_id: int,
    event: Event,
    step: Step,
    paper: Paper,
    sealed: PrintedBytes | None,
    proof: str | None = None,
) -> Decision:
    """As `ports.Journal.advance_print`.

    Raises `PaperRefused` where the job cannot go there (a job leaves once only), ValueError for
    a second token of one credit.
    """
    row = store.connection.execute("SELECT * FROM spool WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise UnknownCredit(job=job_id)
    state = Paper(row["state"])
    leaves_again = isinstance(event, PaperLeaving) and state is not Paper.QUEUED
    if leaves_again or paper not in _NEXT.get(state, frozenset()):
        raise PaperRefused(state=state.value, paper=paper.value)
    key = IdempotencyKey(row["key"])
    decision = advance(store, key, event, step)
    store.connection.execute(
        "UPDATE spool SET state = ?, proof = coalesce(?, proof) WHERE id = ?",
        (paper.value, proof, job_id),
    )
    if sealed is not None:
        store.connection.execute(
            "UPDATE spool SET sealed = ? WHERE id = ?",
            (store.seal.close(f"spool:{job_id}", sealed.data), job_id),
        )
        if sealed.token is not None:
            _keep_token(store, key, sealed.token)
    return decision


def _keep_token(store: Store, key: IdempotencyKey, text: str) -> None:
    stands = token(store, key)
    if stands is None:
        store.connection.execute(
            "INSERT INTO tokens VALUES (?, ?)",
            (key.text, store.seal.close(f"token:{key.text}", text.encode())),
        )
    elif stands != text:
        raise ValueError("a credit has one token; a reprint is the same paper")


def token(store: Store, key: IdempotencyKey) -> str | None:
    """The token that was first printed, until it is erased."""
    row = store.connection.execute(
        "SELECT sealed FROM tokens WHERE key = ?", (key.text,)
    ).fetchone()
    return None if row is None else store.seal.open(f"token:{key.text}", row["sealed"]).decode()


def printed_bytes(store: Store, job_id: int) -> bytes | None:
    """What left for the printer with this job, until it is erased."""
    row = store.connection.execute("SELECT sealed FROM spool WHERE id = ?", (job_id,)).fetchone()
    if row is None or row["sealed"] is None:
        return None
    return store.seal.open(f"spool:{job_id}", row["sealed"])


def prints(store: Store, key: IdempotencyKey) -> list[PrintJob]:
    """A credit's jobs, oldest first."""
    return _jobs(store, "WHERE key = ? ORDER BY id", (key.text,))


def waiting_prints(
    store: Store,
    states: tuple[Paper, ...],
    route: str | None = None,
    span: JobSpan | None = None,
) -> list[PrintJob]:
    """As `ports.Journal.waiting_prints`. Each state is asked for apart: together, SQLite would
    sort all that waits before it takes the first of it."""
    within = span or JobSpan()
    ours = ""
    if route is not None:
        ours = (
            "AND route = ? "
            "AND NOT EXISTS (SELECT 1 FROM credits WHERE key = spool.key AND pos_prints = 1) "
        )
    order = "DESC" if within.newest else "ASC"
    found: list[PrintJob] = []
    for state in states:
        names = (state.value, within.after, within.before, *(() if route is None else (route,)))
        where = f"WHERE state = ? AND id > ? AND id < ? {ours}ORDER BY id {order} LIMIT ?"
        found += _jobs(store, where, (*names, within.limit))
    found.sort(key=lambda job: job.id, reverse=within.newest)
    return sorted(found[: within.limit], key=lambda job: job.id)


def _jobs(store: Store, where: str, values: tuple[str | int, ...]) -> list[PrintJob]:
    rows = store.connection.execute(
        "SELECT id, key, kind, copy, state, by, reason, queued_ms, route, proof "  # noqa: S608
        f"FROM spool {where}",
        values,
    )
    return [
        PrintJob(
            id=row["id"],
            key=IdempotencyKey(row["key"]),
            kind=PaperKind(row["kind"]),
            copy=row["copy"],
            state=Paper(row["state"]),
            by=row["by"],
            reason=row["reason"],
            queued_ms=row["queued_ms"],
            route=row["route"],
            proof=row["proof"],
        )
        for row in rows
    ]
