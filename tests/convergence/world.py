# SPDX-License-Identifier: Apache-2.0
"""A world between two events, and its normal form: all of it that decides the future.

Two worlds with one normal form must have equal futures, so that a walk goes on from one of them
for both. Times count as ages in steps, attempts as far as a rule asks for them. `walk` takes
samples of the worlds that it merged and holds their futures against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, State
from agent.domain.voucher import VoucherToken
from agent.flows.forward import BLIND_MAX
from agent.journal import InlineJournal
from agent.journal.chain import head_of
from agent.ports import Done
from tests.convergence.contract import age
from tests.convergence.kind import Kind
from tests.convergence.profiles import STEP_MS
from tests.convergence.shelf import Shelf

_OF_NO_WEIGHT: Final = frozenset(
    {
        "key",
        "code",
        "request",
        "caller",
        "opened",
        "changed_ms",
        "first_sent",
        "settled_ms",
        "saying",
        "revision",
        "copies",
        "paper_approved_by",
        "expires_on",
    }
)
"""The same in every world of a walk, or read by no rule."""
_CLAIMS_OWN: Final = frozenset(
    {"key", "code", "amount", "saying", "opened_ms", "changed_ms", "settled_ms", "scans"}
    | {"revision", "expires_on"}
)
"""The same of a claim."""


@dataclass(frozen=True, slots=True)
class Told:
    """What people were told and cannot be untold. `dead`: there is no credit, money may be paid
    out another way; `asked`: a person was called to it, other than to name the customer;
    `token`: the paper in the shopper's hand."""

    dead: bool = False
    confirmed: bool = False
    asked: bool = False
    token: VoucherToken | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Everything, between two events. Journals and the backup of A's are bytes of a database."""

    a: bytes
    b: bytes
    backup: bytes
    shelf: Shelf
    at_ms: int
    armed: bool = False
    key: IdempotencyKey | None = None
    told: Told = Told()

    def later(self) -> World:
        return replace(self, at_ms=self.at_ms + STEP_MS)


Form = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What a journal holds of the one credit; only the record's times go by. `head`: of its
    chain of events."""

    head: bytes = b""
    record: CreditRecord | None = None
    rest: Form = ()
    claim: Form = ()


def form(world: World, read: Sequence[Read], kind: Kind) -> Form:
    """The normal form. `read`: what the world's journals hold: A's, B's and the copy of A's."""
    at_ms = world.at_ms
    a, _, copy = read
    return (
        a.head == copy.head,  # else a restore is noticed
        *[journal_form(each, at_ms) for each in read],
        kind.form(world.shelf, at_ms),
        world.armed,
        world.key is not None,
        replace(world.told, token=None),
        world.told.token is not None,
    )


def journal_form(read: Read, at_ms: int) -> Form:
    """What a journal knows of the one credit."""
    record = None if read.record is None else record_form(read.record, at_ms)
    return record, read.rest, read.claim


def record_form(record: CreditRecord, at_ms: int) -> Form:
    found: list[Any] = []
    for each in fields(record):
        if each.name in _OF_NO_WEIGHT:
            continue
        value = getattr(record, each.name)
        match each.name:
            case "attempts":
                value = min(value, BLIND_MAX)
            case "last_sent":
                value = None if value is None else age(value.wall_ms, at_ms)
            case "due_ms" | "claimed":
                value = value is None
        found.append(value)
    if record.state in (State.VOIDED, State.WITHDRAWN):
        return (record.state, record.void, record.paper)
    return tuple(found)


async def read_of(journal: InlineJournal, key: IdempotencyKey | None) -> Read:
    """What a journal holds of the one credit, and of its paper where that is another's."""
    if key is None:
        return Read()
    record, claim = await journal.get(key), await journal.claim(key)
    rest: Form = ()
    if record is not None:
        jobs = [(job.kind, job.copy, job.state) for job in await journal.prints(key)]
        rest = (_steps(await journal.done(key)), tuple(jobs), await journal.token(key))
    claimed: Form = ()
    if claim is not None:
        told = [getattr(claim, each.name) for each in fields(claim) if each.name not in _CLAIMS_OWN]
        claimed = (*told, _steps(await journal.claim_done(key)))
    _, head = head_of(journal.core.store)
    return Read(head, record, rest, claimed)


def _steps(done: Done) -> Form:
    return tuple((step, each.effect) for step, each in sorted(done.items()))
