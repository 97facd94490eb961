# SPDX-License-Identifier: Apache-2.0
"""What the flows need from the world: a clock, chance, the journal, a platform, paper, a signer.

Protocols and the small values that cross them. No part implements another's port; the daemon
joins them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.domain.action import Decision
from agent.domain.approval import Approval, Manager, Pairing, PinTries
from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.customer import CustomerReference
from agent.domain.event import Event
from agent.domain.exposure import Exposure
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.outcome import Burn, Card, Finding, LinkResult, Outcome, Resolution, Unknown
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.domain.voucher import VoucherToken


class Clock(Protocol):
    """Time. `monotonic_s` never jumps and is what deadlines are made of."""

    def now(self) -> Moment: ...

    def monotonic_s(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class Chance(Protocol):
    """Randomness fit for codes (a cryptographic source outside of simulations)."""

    def below(self, bound: int) -> int:
        """A whole number in 0 .. bound - 1."""
        ...

    def fraction(self) -> float:
        """A number in [0, 1), for jitter."""
        ...


@dataclass(frozen=True, slots=True)
class Effect:
    """The exact bytes of one `Do`: journalled before the first of them leaves.

    Frozen bytes are method, path and body; credentials are added by the transport and never
    stored. The body may hold the code: sealed at rest, absent from `repr`.
    """

    step: str
    epoch: int
    method: str
    path: str
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
        """Keeps the vendor's ids of a step."""
        ...


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a platform can do, as data (design section 6).

    `unique_codes`: a second card under one code is refused for ever; `key_window_s`: how long a
    native key is kept (None: for ever; 0: no native key); `exact_lookup`: an *absent* is exact
    after `settling_ms`; `code_length_max` in characters.
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


class Platform(Protocol):
    """A gift-card platform, as flows see it. Every call ends by its deadline (seconds)."""

    @property
    def abilities(self) -> Abilities: ...

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
    """`fresh`: this call made the record; else it is the one that the aliases name."""

    decision: Decision
    fresh: bool


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A durable line of the spool. `state`: queued, sent, printed, uncertain or failed."""

    id: int
    key: IdempotencyKey
    kind: PaperKind
    copy: int
    state: Paper
    by: str
    reason: str
    queued_ms: int
    route: str
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """What waits: how many, their sum by currency in minor units, the oldest's opening time."""

    count: int
    minor_by_currency: Mapping[str, int]
    oldest_opened_ms: int | None
    by_state: Mapping[State, int]
    on_paper: int


class Journal(Protocol):
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

    async def done(self, key: IdempotencyKey) -> Done: ...

    def effects(self, key: IdempotencyKey) -> EffectLog: ...

    async def due(self, at_ms: int, limit: int) -> Sequence[CreditRecord]:
        """Records whose time has come (`due_ms` not after `at_ms`), oldest first."""
        ...

    async def next_due_ms(self) -> int | None: ...

    async def unfinished(self) -> Sequence[CreditRecord]:
        """Every record in RECEIVED or SENDING: what a restart must look at."""
        ...

    async def listed(
        self, states: Sequence[State], unheard: bool, limit: int, after: str | None
    ) -> Sequence[CreditRecord]: ...

    async def totals(self, place: Place | None) -> QueueTotals: ...

    async def prints(self, key: IdempotencyKey) -> Sequence[PrintJob]: ...

    async def waiting_prints(self, states: Sequence[Paper]) -> Sequence[PrintJob]: ...

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


@dataclass(frozen=True, slots=True)
class PrintedBytes:
    """What is about to leave for the printer; sealed at rest, like the token in it."""

    data: bytes = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Signer(Protocol):
    """The register's own key. Signing happens only when paper is made."""

    def sign(self, token: VoucherToken) -> VoucherToken:
        """The token with this register's key id and signature."""
        ...


@dataclass(frozen=True, slots=True)
class PrintEnd:
    """How a print ended: printed, sent, uncertain or failed; `proof` or `why` as a short code."""

    paper: Paper
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """A paper ready to leave, in the forms that printers and tills can take."""

    escpos: bytes = field(repr=False)
    svg: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Press(Protocol):
    """Makes papers and gets them out, one printer route per register."""

    def compose(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: str | None
    ) -> Composed:
        """The same record, kind and copy give the same paper; `token` where one was printed."""
        ...

    async def out(
        self, route: str, composed: Composed, before_first_byte: Callable[[], Awaitable[None]]
    ) -> PrintEnd:
        """Sends a paper; `before_first_byte` commits first, and nothing leaves if it raises."""
        ...


class Observer(Protocol):
    """Who counts. Called after the fact; decides nothing and must not fail."""

    def outcome(self, question: str, outcome: str) -> None:
        """The platform was asked a `question` (issue, find, ...); one word for how it ended."""
        ...

    def printed(self, kind: str, result: str) -> None:
        """A paper of this kind ended: printed, sent, uncertain or failed."""
        ...


class Notices(Protocol):
    """Who wants to know that a record changed: screens, long polls, event streams."""

    def changed(self, record: CreditRecord) -> None: ...
