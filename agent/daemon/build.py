# SPDX-License-Identifier: Apache-2.0
"""Joins the parts: flows over journal, platform and press; a spool for each printer route."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.domain.faults import SettingsWrong
from agent.domain.record import CreditRecord, Paper
from agent.flows.approvals import Approvals, PinHash
from agent.flows.board import Board
from agent.flows.claim import Claims
from agent.flows.closing import Closing
from agent.flows.forward import Forwarder
from agent.flows.issue import Issue
from agent.flows.link import Link
from agent.flows.papers import Papers
from agent.flows.recover import Recovery
from agent.flows.register import Registers
from agent.flows.replay import Replay
from agent.flows.steps import Steps
from agent.flows.talk import Talk
from agent.flows.turns import Turns
from agent.ports import (
    Abilities,
    AccessStore,
    Chance,
    Clock,
    Composed,
    JobSpan,
    Journal,
    Observer,
    Platform,
    Press,
    PrintEnd,
    PrintJob,
)
from agent.printing.spool import Spool, SpoolCalls

Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


@dataclass(frozen=True, slots=True)
class House:
    """The agent's flows, joined. `spools` by register id."""

    steps: Steps
    issue: Issue
    forwarder: Forwarder
    closing: Closing
    papers: Papers
    approvals: Approvals
    recovery: Recovery
    claims: Claims
    spools: Mapping[str, Spool]


@dataclass(frozen=True, slots=True)
class World:
    """What the flows stand on."""

    journal: Journal
    access: AccessStore
    platform: Platform
    press: Press
    pins: PinHash
    clock: Clock
    chance: Chance
    observer: Observer | None = None


def _require_currencies(abilities: Abilities, registers: Registers) -> None:
    """Paper promised in a currency that is refused for ever could never be confirmed."""
    if abilities.currencies is None:
        return
    for register in registers:
        if register.currency not in abilities.currencies:
            raise SettingsWrong(
                file="the settings",
                key="store.currency",
                problem=f"{abilities.name} does not take {register.currency}",
            )


def join(world: World, registers: Registers, spawn: Spawn) -> House:
    """Builds every flow. Nothing runs yet.

    Raises `SettingsWrong` for a register whose currency the platform does not take.
    """
    _require_currencies(world.platform.abilities, registers)
    spools: dict[str, Spool] = {}

    def paper_queued(record: CreditRecord) -> None:
        spool = spools.get(record.request.place.register)
        if spool is not None and not record.pos_prints:
            spool.wake(record.key)

    link = Link(world.clock, world.chance)
    steps = Steps(
        journal=world.journal,
        clock=world.clock,
        chance=world.chance,
        link=link,
        registers=registers,
        board=Board(),
        abilities=world.platform.abilities,
        paper_queued=paper_queued,
    )
    talk = Talk(world.platform, world.journal, link, world.clock, world.observer)
    turns = Turns()
    forwarder = Forwarder(steps, talk, turns)
    papers = Papers(steps, world.press)
    for register in registers:
        name = register.place.register
        spools[name] = Spool(name, world.press, _calls(name, world, papers), world.clock)
    return House(
        steps=steps,
        issue=Issue(steps, talk, forwarder, turns, spawn),
        forwarder=forwarder,
        closing=Closing(steps, talk, forwarder, turns),
        papers=papers,
        approvals=Approvals(world.access, world.pins, world.clock, world.chance),
        recovery=Recovery(steps, turns),
        claims=Claims(steps, talk, forwarder, turns, Replay(steps, talk, turns)),
        spools=spools,
    )


def _calls(route: str, world: World, papers: Papers) -> SpoolCalls:
    journal = world.journal

    async def waiting(states: Sequence[Paper], span: JobSpan) -> Sequence[PrintJob]:
        """This route's jobs, without those of tills that own their printer."""
        return await journal.waiting_prints(states, route, span)

    async def leaving(job: PrintJob, composed: Composed) -> None:
        await papers.leaving(job, composed)

    async def ended(job: PrintJob, end: PrintEnd) -> None:
        await papers.ended(job, end)
        if world.observer is not None:
            world.observer.printed(job.kind.value, end.paper.value)

    return SpoolCalls(waiting, papers.load, leaving, ended)
