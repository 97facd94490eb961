# SPDX-License-Identifier: Apache-2.0
"""A gift-card platform as the flows ask it, and the log of what is sent to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.customer import CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import Burn, Card, Finding, LinkResult, Outcome, Resolution, Unknown


@dataclass(frozen=True, slots=True)
class Effect:
    """The exact bytes of one `Do`: journalled before the first of them leaves.

    Frozen bytes are method, path and body; credentials are added by the transport and never
    stored. Path and body may hold the code: sealed at rest, absent from `repr`.
    """

    step: str
    epoch: int
    method: str
    path: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class DoneStep:
    """A step that was journalled: its bytes, and what the vendor said (ids only, no codes)."""

    effect: Effect
    reply: Mapping[str, str] | None = None


Done = Mapping[str, DoneStep]


class EffectLog(Protocol):
    """Where the driver commits each step before and after it, for one credit."""

    async def before(self, effect: Effect) -> None:
        """Returns when the bytes are on disk; a step already there with equal bytes is free."""
        ...

    async def after(self, step: str, reply: Mapping[str, str]) -> None:
        """Keeps the vendor's ids of a step: on disk with the credit's next commit, which the end
        of a conversation always is."""
        ...


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a platform can do, as data (design section 6).

    `unique_codes`: a second card under one code is refused for ever; `key_window_s`: how long a
    native key is kept (None: for ever; 0: no native key); `exact_lookup`: an *absent* is exact
    after `settling_ms`; `code_length_max` in characters; `currencies`: those that it takes, None
    where it takes all in which we issue. Paper promised in another could never be confirmed, so
    a register of another does not start.
    """

    name: str
    unique_codes: bool
    key_window_s: int | None
    compares_body: bool
    exact_lookup: bool
    settling_ms: int
    voids: bool
    links: bool
    resolves: bool
    lists: bool
    instruments: frozenset[Instrument] = frozenset({Instrument.CARD})
    code_length_max: int = 16
    currencies: frozenset[str] | None = None


class Platform(Protocol):
    """A gift-card platform, as flows see it. Every call ends by its deadline (seconds)."""

    @property
    def abilities(self) -> Abilities: ...

    @property
    def pause_s(self) -> float:
        """For how many seconds the backlog should leave the platform alone, by its own word."""
        ...

    def opening(self, credit: Credit) -> Effect | None:
        """The first `Do` of an issue where nothing is looked up before it, else None. Pure."""
        ...

    async def issue(
        self,
        credit: Credit,
        customer_id: str | None,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> Outcome: ...

    async def find(self, credit: Credit, deadline_s: float) -> Finding: ...

    async def burn(
        self, credit: Credit, done: Done, effects: EffectLog, deadline_s: float
    ) -> Burn: ...

    async def link(
        self,
        credit: Credit,
        customer_id: str,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> LinkResult: ...

    async def annotate(
        self,
        credit: Credit,
        fields: Mapping[str, str],
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> bool: ...

    async def resolve(self, customer: CustomerReference, deadline_s: float) -> Resolution: ...

    async def balance(self, code: Code, deadline_s: float) -> Money | Unknown | None:
        """The live balance; None where the platform knows no such code."""
        ...

    def list_since(self, since_ms: int, deadline_s: float) -> AsyncIterator[Card]: ...
