# SPDX-License-Identifier: Apache-2.0
"""The journal as everybody else sees it: `ports.Journal` and `ports.AccessStore`, and upkeep.

Every method is one operation. How it reaches the core is for the two kinds to say: through a
writer's queue (`agent.journal.writer`) or at once (`agent.journal.inline`). Both behave alike,
and one contract suite holds them to it.
"""

from __future__ import annotations

import asyncio
import datetime
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from agent.domain.action import Decision
from agent.domain.approval import Approval, Manager, Pairing, PinTries
from agent.domain.claim import Claim, ClaimEvent, Scanned
from agent.domain.code import Code
from agent.domain.day import Day
from agent.domain.event import Event, Heard, PaperEnded
from agent.domain.idempotency import Alias, IdempotencyKey
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.journal import (
    access,
    advancing,
    chain,
    claims,
    effects,
    limits,
    opening,
    origin,
    outbox,
    reading,
    whose,
)
from agent.journal.store import Operation, Store
from agent.journal.whose import Elsewhere
from agent.ports import (
    Admit,
    Begin,
    ClaimStep,
    Done,
    Draft,
    Effect,
    EffectLog,
    JobSpan,
    Opened,
    PrintedBytes,
    PrintJob,
    QueueTotals,
    Step,
)

T = TypeVar("T")

Freeze = Callable[[IdempotencyKey, Effect], Awaitable[None]]
KeepReply = Callable[[Store, IdempotencyKey, str, Mapping[str, str]], None]


class Journal(ABC):
    """`restored`: this journal came from another machine or a copy, so a new signing key is
    due; `journal_id`: drawn when it was made."""

    restored: bool
    journal_id: str

    def __init__(self, restored: bool, journal_id: str) -> None:
        self.restored = restored
        self.journal_id = journal_id
        self._replies = effects.Replies()
        self._claim_replies = effects.Replies()
        self._pairings = access.KnownPairings()

    @abstractmethod
    async def write(self, operation: Operation[T], patient: bool = False) -> T:
        """Runs `operation` in a transaction; returns when that is on disk.

        A `patient` one may wait a moment for another's commit to share.

        Raises what it raises, having undone it alone; `CannotJournal` where the commit failed.
        """

    @abstractmethod
    async def read(self, operation: Operation[T]) -> T:
        """Runs `operation` without a transaction; it sees everything acknowledged before."""

    @abstractmethod
    async def checkpoint(self) -> None:
        """Empties the write-ahead log into the file."""

    @abstractmethod
    async def aclose(self) -> None:
        """Finishes what was asked, writes a last anchor, closes. May be called twice."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def open(self, draft: Draft, admit: Admit, begin: Begin) -> Opened:
        return await self.write(lambda store: opening.open_credit(store, draft, admit, begin))

    async def advance(self, key: IdempotencyKey, event: Event, step: Step) -> Decision:
        return await self._with_replies(
            key,
            lambda store: advancing.advance(store, key, event, step),
            patient=isinstance(event, Heard),
        )

    async def _with_replies(
        self, key: IdempotencyKey, operation: Operation[T], patient: bool = False
    ) -> T:
        """`operation` and, before it in the same commit, the vendor's ids that wait for one."""
        return await self._after_replies(
            key, self._replies, effects.keep_reply, operation, patient=patient
        )

    async def _with_claim_replies(self, key: IdempotencyKey, operation: Operation[T]) -> T:
        return await self._after_replies(key, self._claim_replies, claims.keep_reply, operation)

    async def _after_replies(
        self,
        key: IdempotencyKey,
        waiting: effects.Replies,
        keep: KeepReply,
        operation: Operation[T],
        patient: bool = False,
    ) -> T:
        replies = waiting.take(key)

        def kept(store: Store) -> T:
            for step, reply in replies:
                keep(store, key, step, reply)
            return operation(store)

        written = False
        try:
            value = await self.write(kept, patient)
            written = True
            return value
        finally:
            if not written:
                waiting.put_back(key, replies)

    async def advance_print(
        self,
        job_id: int,
        event: Event,
        step: Step,
        paper: Paper,
        sealed: PrintedBytes | None,
        proof: str | None = None,
    ) -> Decision:
        ended = isinstance(event, PaperEnded) and event.kind is PaperKind.RECEIPT
        return await self.write(
            lambda store: advancing.advance_print(store, job_id, event, step, paper, sealed, proof),
            patient=ended,
        )

    async def note(self, kind: str, details: Mapping[str, str | int]) -> None:
        await self.write(lambda store: access.note(store, kind, details))

    async def lift_limits(self, by: str) -> None:
        await self.write(lambda store: limits.lift(store, by))

    async def get(self, key: IdempotencyKey) -> CreditRecord | None:
        return await self.read(lambda store: reading.get(store, key))

    async def by_code(self, code: Code) -> CreditRecord | None:
        return await self.read(lambda store: reading.by_code(store, code))

    async def by_alias(self, alias: Alias) -> CreditRecord | None:
        digest = opening.alias_digest(alias.text())
        found = await self.read(lambda store: reading.by_aliases(store, (digest,)))
        return found.get(digest)

    async def done(self, key: IdempotencyKey) -> Done:
        found = await self.read(lambda store: effects.done(store, key))
        return self._replies.over(key, found)

    async def freeze(self, key: IdempotencyKey, effect: Effect) -> None:
        """Keeps a step's bytes before they leave, with what the steps before it were told."""
        await self._with_replies(key, lambda store: effects.freeze(store, key, effect))

    def effects(self, key: IdempotencyKey) -> EffectLog:
        return EffectsOf(key, self.freeze, self._replies)

    async def due(self, at_ms: int, limit: int) -> Sequence[IdempotencyKey]:
        return await self.read(lambda store: reading.due(store, at_ms, limit))

    async def next_due_ms(self) -> int | None:
        return await self.read(reading.next_due_ms)

    async def unfinished(self) -> Sequence[CreditRecord]:
        return await self.read(reading.unfinished)

    async def newest_number(self) -> int:
        return await self.read(reading.newest_number)

    async def interrupted(
        self, state: State, after: int, through: int, limit: int
    ) -> Sequence[tuple[int, IdempotencyKey]]:
        return await self.read(
            lambda store: reading.interrupted(store, state, after, through, limit)
        )

    async def listed(
        self, states: Sequence[State], unheard: bool, limit: int, after: str | None
    ) -> Sequence[CreditRecord]:
        return await self.read(lambda store: reading.listed(store, states, unheard, limit, after))

    async def unheard_of(self, caller: str, place: Place, limit: int) -> Sequence[CreditRecord]:
        return await self.read(lambda store: reading.unheard_of(store, caller, place, limit))

    async def recent(self, place: Place, limit: int) -> Sequence[CreditRecord]:
        return await self.read(lambda store: reading.recent(store, place, limit))

    async def totals(self, place: Place | None) -> QueueTotals:
        return await self.read(lambda store: reading.totals(store, place))

    async def day(self, place: Place, date: datetime.date, from_ms: int, until_ms: int) -> Day:
        from agent.journal import day as days  # asked for by people alone, once a day

        return await self.read(lambda store: days.day(store, place, date, from_ms, until_ms))

    async def prints(self, key: IdempotencyKey) -> Sequence[PrintJob]:
        return await self.read(lambda store: advancing.prints(store, key))

    async def waiting_prints(
        self, states: Sequence[Paper], route: str | None = None, span: JobSpan | None = None
    ) -> Sequence[PrintJob]:
        return await self.read(
            lambda store: advancing.waiting_prints(store, tuple(states), route, span)
        )

    async def token(self, key: IdempotencyKey) -> str | None:
        return await self.read(lambda store: advancing.token(store, key))

    async def printed_bytes(self, job_id: int) -> bytes | None:
        """What left for the printer with a job, until it is erased."""
        return await self.read(lambda store: advancing.printed_bytes(store, job_id))

    async def history(self, key: IdempotencyKey) -> Sequence[chain.Happened]:
        """Everything that happened to a credit, oldest first."""
        return await self.read(lambda store: chain.history(store, key.text))

    async def letters(self, place: Place, after: int, limit: int) -> Sequence[outbox.Letter]:
        """What a register has to tell others, behind the number `after`."""
        return await self.read(lambda store: outbox.letters(store, place, after, limit))

    async def delivered(self, place: Place, through: int) -> int:
        """The other side has everything up to `through`."""
        return await self.write(lambda store: outbox.delivered(store, place, through))

    async def probe(self) -> None:
        """Writes and commits; raises `CannotJournal` where that is not possible now."""
        await self.write(origin.probed)

    async def belongs_to(self, platform: str, moved_from: str | None = None) -> Elsewhere | None:
        """Makes `platform` the one that this journal's credits go to, for good; or says how many
        wait for another one, and changes nothing."""
        return await self.write(lambda store: whose.belongs_to(store, platform, moved_from))

    async def erase_secrets(self, keep_ms: int) -> int:
        """One bite of `upkeep.erase_secrets`; 0 when nothing is left to erase."""
        from agent.journal import upkeep  # first needed ten minutes after a start

        return await self.write(lambda store: upkeep.erase_secrets(store, keep_ms))

    async def forget(self, key: IdempotencyKey) -> None:
        """Erases who the customer of a settled credit was."""
        from agent.journal import upkeep

        await self.write(lambda store: upkeep.forget(store, key))

    async def forget_older(self, days: int) -> int:
        """The same for some of what was settled `days` ago; 0 when nobody is left to forget."""
        from agent.journal import upkeep

        keys = await self.read(lambda store: upkeep.forgettable(store, days))
        gone = await self.write(lambda store: upkeep.forget_claims(store, days))
        if keys:
            gone += await self.write(lambda store: upkeep.forget_all(store, keys))
        return gone

    async def open_claim(self, draft: Claim, scanned: Scanned, again: ClaimStep) -> Claim:
        return await self.write(lambda store: claims.open_claim(store, draft, scanned, again))

    async def advance_claim(self, key: IdempotencyKey, event: ClaimEvent, step: ClaimStep) -> Claim:
        return await self._with_claim_replies(
            key, lambda store: claims.advance_claim(store, key, event, step)
        )

    async def claim(self, key: IdempotencyKey) -> Claim | None:
        return await self.read(lambda store: claims.claim(store, key))

    async def claims(self, limit: int, after: str | None) -> Sequence[Claim]:
        return await self.read(lambda store: claims.claims(store, limit, after))

    async def claim_done(self, key: IdempotencyKey) -> Done:
        found = await self.read(lambda store: claims.done(store, key))
        return self._claim_replies.over(key, found)

    async def freeze_claim(self, key: IdempotencyKey, effect: Effect) -> None:
        """As `freeze`, for a claim."""
        await self._with_claim_replies(key, lambda store: claims.freeze(store, key, effect))

    def claim_effects(self, key: IdempotencyKey) -> EffectLog:
        return EffectsOf(key, self.freeze_claim, self._claim_replies)

    async def keep_approval(self, approval: Approval) -> None:
        await self.write(lambda store: access.keep_approval(store, approval))

    async def approval(self, approval_id: str) -> Approval | None:
        return await self.read(lambda store: access.approval(store, approval_id))

    async def use_approval(self, approval_id: str, used_by: str) -> None:
        await self.write(lambda store: access.use_approval(store, approval_id, used_by))

    async def keep_manager(self, manager: Manager) -> None:
        await self.write(lambda store: access.keep_manager(store, manager))

    async def remove_manager(self, name: str) -> bool:
        return await self.write(lambda store: access.remove_manager(store, name))

    async def managers(self) -> Sequence[Manager]:
        return await self.read(access.managers)

    async def keep_tries(self, name: str, tries: PinTries) -> None:
        await self.write(lambda store: access.keep_tries(store, name, tries))

    async def keep_pairing(self, pairing: Pairing) -> None:
        """What is remembered of pairings goes when the commit stands, whoever still waits."""
        writing = asyncio.ensure_future(
            self.write(lambda store: access.keep_pairing(store, pairing))
        )
        writing.add_done_callback(self._pairings.changed)
        await asyncio.shield(writing)

    async def pairings(self) -> Sequence[Pairing]:
        return await self.read(access.pairings)

    async def pairing_by_hash(self, token_hash: bytes) -> Pairing | None:
        known = self._pairings.get(token_hash)
        if known is not None:
            return known
        asked = self._pairings.changes
        found = await self.read(lambda store: access.pairing_by_hash(store, token_hash))
        self._pairings.keep(token_hash, found, asked)
        return found


class EffectsOf:
    """`ports.EffectLog` of one credit or claim; `freeze` says of which."""

    def __init__(self, key: IdempotencyKey, freeze: Freeze, replies: effects.Replies) -> None:
        self._key = key
        self._freeze = freeze
        self._replies = replies

    async def before(self, effect: Effect) -> None:
        await self._freeze(self._key, effect)

    async def after(self, step: str, reply: Mapping[str, str]) -> None:
        self._replies.add(self._key, step, reply)
