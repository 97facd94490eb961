# SPDX-License-Identifier: Apache-2.0
"""The oracle's own book: what was promised, said, printed and done, written down as it happened.

It holds what callers, screens and paper were told, who asked for what, and what each machine's
journal was last seen to hold. It never asks `agent.decisions`, and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.domain.credit import CreditRequest, Unit
from agent.domain.moment import Moment
from agent.domain.record import Answer, CreditRecord, Paper, PaperKind, State


@dataclass(slots=True)
class Told:
    """One answer that somebody heard."""

    at_s: float
    machine: str
    key: str
    state: State
    word: Answer | None
    revision: int


@dataclass(slots=True)
class Intent:
    """What a till, or a page, wants once: one sale, however often and by whatever name it asks."""

    number: int
    machine: str
    request: CreditRequest
    caller: str
    names: list[str]
    pos_prints: bool = False
    budget_s: float = 1.0
    approval_id: str | None = None
    told: list[Told] = field(default_factory=list)
    asked: int = 0
    wraps: Intent | None = None
    """The sale whose number this one's POS used again."""

    @property
    def key(self) -> str | None:
        return self.told[-1].key if self.told else None


@dataclass(slots=True)
class Row:
    """A record as one journal was last seen to hold it, by a notice or by its own table."""

    state: State
    revision: int
    perhaps_sent: bool
    promised: bool
    shared: bool
    paper: Paper
    kind: PaperKind | None = None
    reserved: bool = False
    approved: bool = False
    opened_ms: int = 0
    sent: Moment | None = None
    begun_shared: bool = True
    """Whether it was shared already as its last send was begun: paper may leave under a send."""
    told: bool = False
    """Whether the flows told it after its commit."""

    @classmethod
    def of(cls, record: CreditRecord) -> Row:
        return cls(
            record.state,
            record.revision,
            record.perhaps_sent,
            record.promised,
            record.shared,
            record.paper,
            record.paper_kind,
            record.reserved,
            record.paper_approved_by is not None,
            record.opened.wall_ms,
            record.last_sent,
            record.shared,
            told=True,
        )


@dataclass(slots=True)
class Entry:
    """Everything that is known of one key."""

    key: str
    minor: int
    currency: str
    place: str
    code: str | None = None
    home: str = ""
    """The machine that made the key."""
    rows: dict[str, Row] = field(default_factory=dict)
    """By machine: more than one where a journal was cloned."""
    words: set[Answer] = field(default_factory=set)
    token: str | None = None
    out: bool = False
    """Whether its code is known to have left by a printer, a screen or a POS."""
    papers: set[int] = field(default_factory=set)
    """Which copies came out of a printer of ours."""
    affirmed: bool = False
    bodies: dict[str, bytes] = field(default_factory=dict)
    """The bytes of each create, by the step's own header."""
    steps: set[str] = field(default_factory=set)
    """The vendor's keys under which the whole amount was sent."""
    vain: dict[str, int] = field(default_factory=dict)
    """How many answers came under each, but for those that say "not carried out"."""
    sent_by: dict[str, int] = field(default_factory=dict)
    """How many creates left a machine of which nobody said that they were not carried out."""
    looked: set[str] = field(default_factory=set)
    """Machines that looked it up since they last sent it."""
    units: tuple[Unit, ...] = ()
    """What was returned for it."""
    void_asked: bool = False
    written_off: bool = False
    """Somebody took the loss of what was spent."""
    by_person: bool = False
    """A person named the platform's own card for it."""
    touched: set[str] = field(default_factory=set)
    """What another system at the platform did to its card."""
    lost: bool = False
    """Its own journal lost it with a disk: only paper and the platform know it."""
    cloned: bool = False
    rewound: bool = False
    """An older backup of its journal came back: what happened since is forgotten there."""
    untold: bool = False
    """A start found it RECEIVED, and nobody has asked for it since."""
    collected: set[str] = field(default_factory=set)
    """Machines that have told CONFIRMED to whoever brought its paper."""
    claims: list[str] = field(default_factory=list)
    """How each claim of its paper ended, in order."""

    def row(self, machine: str) -> Row | None:
        return self.rows.get(machine)

    @property
    def undone_elsewhere(self) -> bool:
        """Whether somebody killed its card of whom its own journal need not know: a hand at the
        platform, or the other holder of a journal that came back or was cloned."""
        return "disabled" in self.touched or (self.excused and self.void_asked)

    @property
    def excused(self) -> bool:
        """Whether its home journal forgot something about it, or another holds a copy of it."""
        return self.lost or self.cloned or self.rewound


@dataclass(slots=True)
class Book:
    """All of it. `wrong`: what may never happen, and did; each sentence once."""

    intents: list[Intent] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    by_code: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, None] = field(default_factory=dict)
    confirmations: dict[str, int] = field(default_factory=dict)
    """By machine, since its journal was made or came back."""
    lifted: set[str] = field(default_factory=set)

    def entry(self, key: str, minor: int, currency: str, place: str, machine: str) -> Entry:
        found = self.entries.get(key)
        if found is None:
            found = self.entries[key] = Entry(key, minor, currency, place, home=machine)
        return found

    def note(self, sentence: str) -> None:
        self.wrong.setdefault(sentence)
