# SPDX-License-Identifier: Apache-2.0
"""Our durable memory, and who may do what, kept beside the credits."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.domain.action import Decision
from agent.domain.approval import Approval, Manager, Pairing, PinTries
from agent.domain.code import Code
from agent.domain.day import Day
from agent.domain.event import Event
from agent.domain.exposure import Exposure
from agent.domain.idempotency import Alias, IdempotencyKey
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, State
from agent.ports.claims import ClaimBook
from agent.ports.paper import JobSpan, PrintedBytes, PrintJob
from agent.ports.platform import Done, Effect, EffectLog

Admit = Callable[[Sequence[tuple[str, CreditRecord]], Sequence[CreditRecord]], CreditRecord | None]
"""Given the known aliases of a request and the records alike: the record meant, or None."""


Begin = Callable[[CreditRecord, Exposure], Decision]
"""Decides a new record's first step, inside the transaction that opens it."""


Step = Callable[[CreditRecord, Exposure], Decision]
"""Decides a record's next step, inside the transaction that saves it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be opened: RECEIVED, with its aliases; `opening`: its first frozen effect."""

    record: CreditRecord
    aliases: tuple[str, ...]
    opening: Effect | None = None
    approval_id: str | None = None
    approve: Callable[[Approval | None], Approval] | None = None
    """Given the stored approval of `approval_id`: raises `ApprovalInvalid`, else it is used."""


@dataclass(frozen=True, slots=True)
class Opened:
    """`fresh`: this call made the record; else it is the one that the aliases name.

    `frozen`: its first effect, where that was journalled with it.
    """

    decision: Decision
    fresh: bool
    frozen: Effect | None = None


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """What waits: how many, their sum by currency in minor units, the oldest's opening time."""

    count: int
    minor_by_currency: Mapping[str, int]
    oldest_opened_ms: int | None
    by_state: Mapping[State, int]
    on_paper: int


class Journal(ClaimBook, Protocol):
    """Our durable memory. Every method returns only when its commit is on disk.

    Raises `CannotJournal` when a commit fails; nothing was changed then.
    """

    async def open(self, draft: Draft, admit: Admit, begin: Begin) -> Opened:
        """One transaction: aliases, business identity, limits, record, event, outbox, spool.

        Where `begin` decides SENDING, `draft.opening` is journalled with it. Raises what
        `admit` raises, `UnitTaken`, `ApprovalInvalid`; nothing is left behind then.
        """
        ...

    async def advance(self, key: IdempotencyKey, event: Event, step: Step) -> Decision:
        """Reads, decides and saves in one transaction; raises `UnknownCredit`, `NotNow`."""
        ...

    async def advance_print(
        self,
        job_id: int,
        event: Event,
        step: Step,
        paper: Paper,
        sealed: PrintedBytes | None,
        proof: str | None = None,
    ) -> Decision:
        """The same for a print's event, with its spool row in the same transaction.

        `proof`: how the end is known, or why it is not, as a short code.
        """
        ...

    async def note(self, kind: str, details: Mapping[str, str | int]) -> None:
        """An event of no record (observed, approval given, limits lifted), in the same chain."""
        ...

    async def lift_limits(self, by: str) -> None:
        """A manager or the hub ends a fresh journal's reduced limits."""
        ...

    async def get(self, key: IdempotencyKey) -> CreditRecord | None: ...

    async def by_code(self, code: Code) -> CreditRecord | None: ...

    async def by_alias(self, alias: Alias) -> CreditRecord | None:
        """The credit that an outside name leads to."""
        ...

    async def done(self, key: IdempotencyKey) -> Done: ...

    def effects(self, key: IdempotencyKey) -> EffectLog: ...

    async def due(self, at_ms: int, limit: int) -> Sequence[IdempotencyKey]:
        """Credits whose time has come (`due_ms` not after `at_ms`), oldest first."""
        ...

    async def next_due_ms(self) -> int | None: ...

    async def unfinished(self) -> Sequence[CreditRecord]:
        """Every record in RECEIVED or SENDING, whatever it takes to read them all."""
        ...

    async def newest_number(self) -> int:
        """Records are numbered in the order of opening; 0 where there is none."""
        ...

    async def interrupted(
        self, state: State, after: int, through: int, limit: int
    ) -> Sequence[tuple[int, IdempotencyKey]]:
        """What a restart must look at, by number, with `after < number <= through`: in SENDING,
        or in RECEIVED and still holding room under the limits."""
        ...

    async def listed(
        self, states: Sequence[State], unheard: bool, limit: int, after: str | None
    ) -> Sequence[CreditRecord]: ...

    async def unheard_of(self, caller: str, place: Place, limit: int) -> Sequence[CreditRecord]:
        """What a caller asked for at a register and has not heard the end of, newest first."""
        ...

    async def recent(self, place: Place, limit: int) -> Sequence[CreditRecord]:
        """The newest credits of a register, newest first."""
        ...

    async def totals(self, place: Place | None) -> QueueTotals: ...

    async def day(self, place: Place, date: datetime.date, from_ms: int, until_ms: int) -> Day:
        """A register's business day; what people did from `from_ms` to before `until_ms`."""
        ...

    async def prints(self, key: IdempotencyKey) -> Sequence[PrintJob]: ...

    async def waiting_prints(
        self, states: Sequence[Paper], route: str | None = None, span: JobSpan | None = None
    ) -> Sequence[PrintJob]:
        """The jobs in one of `states`, within `span` or all of them; of one `route`: those that
        its own printer prints."""
        ...

    async def token(self, key: IdempotencyKey) -> str | None:
        """The voucher token that was first printed for this credit."""
        ...


class AccessStore(Protocol):
    """Who may do what: approvals, managers and pairings, kept beside the credits."""

    async def keep_approval(self, approval: Approval) -> None: ...

    async def approval(self, approval_id: str) -> Approval | None: ...

    async def use_approval(self, approval_id: str, used_by: str) -> None:
        """Marks it used; raises `ApprovalInvalid` where it was used already."""
        ...

    async def keep_manager(self, manager: Manager) -> None: ...

    async def remove_manager(self, name: str) -> bool: ...

    async def managers(self) -> Sequence[Manager]: ...

    async def keep_tries(self, name: str, tries: PinTries) -> None: ...

    async def keep_pairing(self, pairing: Pairing) -> None: ...

    async def pairings(self) -> Sequence[Pairing]: ...

    async def pairing_by_hash(self, token_hash: bytes) -> Pairing | None:
        """A pairing that is not revoked."""
        ...
