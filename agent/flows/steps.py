# SPDX-License-Identifier: Apache-2.0
"""A step of a record: decide inside the journal's transaction, commit, then tell who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.decisions.circumstances import Circumstances
from agent.decisions.decide import decide
from agent.domain.action import Decision, PrintPaper
from agent.domain.event import Event
from agent.domain.exposure import Exposure
from agent.domain.idempotency import IdempotencyKey
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper
from agent.flows.board import Board
from agent.flows.link import Link
from agent.flows.register import Registers
from agent.ports import Abilities, Chance, Clock, Journal, PrintedBytes

PaperQueued = Callable[[CreditRecord], None]


@dataclass(frozen=True, slots=True)
class Steps:
    """What every flow needs to move a record on."""

    journal: Journal
    clock: Clock
    chance: Chance
    link: Link
    registers: Registers
    board: Board
    abilities: Abilities
    paper_queued: PaperQueued
    queue_changed: asyncio.Event = field(default_factory=asyncio.Event)

    def circumstances(self, place: Place, others: Exposure, link_up: bool = True) -> Circumstances:
        """What a decision about a record of this place depends on, now."""
        register = self.registers.at(place)
        return Circumstances(
            now=self.clock.now(),
            limits=register.limits,
            others=others,
            policy=register.policy,
            link_up=link_up,
            resolves=self.abilities.resolves,
            enrolled=register.enrolled,
            dedupes=self.abilities.unique_codes,
            exact_lookup=self.abilities.exact_lookup,
            settling_ms=self.abilities.settling_ms,
            key_window_ms=_ms(self.abilities.key_window_s),
            expires_days=register.expires_days,
            prints=register.printer is not None,
            chance=self.chance.fraction(),
        )

    async def advance(self, key: IdempotencyKey, event: Event, link_up: bool = True) -> Decision:
        """One event: read, decide, commit, tell. Raises `NotNow` and changes nothing."""

        def step(record: CreditRecord, others: Exposure) -> Decision:
            return decide(record, event, self.circumstances(record.request.place, others, link_up))

        decision = await self.journal.advance(key, event, step)
        self.tell(decision)
        return decision

    async def advance_print(
        self,
        job_id: int,
        event: Event,
        paper: Paper,
        sealed: PrintedBytes | None = None,
        proof: str | None = None,
    ) -> Decision:
        """The same for a print, with its spool row in the same transaction."""

        def step(record: CreditRecord, others: Exposure) -> Decision:
            return decide(record, event, self.circumstances(record.request.place, others))

        decision = await self.journal.advance_print(job_id, event, step, paper, sealed, proof)
        self.tell(decision)
        return decision

    def tell(self, decision: Decision) -> None:
        """After the commit: wake the spool and whoever waits for the record."""
        if any(isinstance(action, PrintPaper) for action in decision.actions):
            self.paper_queued(decision.record)
        if decision.record.due_ms is not None:
            self.queue_changed.set()
        self.board.changed(decision.record)


def _ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000
