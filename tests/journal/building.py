# SPDX-License-Identifier: Apache-2.0
"""What the journal's tests are built from: a clock that is moved, seeded chance, drafts, steps.

Decisions are the real ones, so that the journal is fed what a register would feed it.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.decisions.admission import admit
from agent.decisions.circumstances import Circumstances
from agent.decisions.decide import decide
from agent.decisions.limits import Limits
from agent.domain.action import Decision
from agent.domain.code import Code
from agent.domain.credit import CreditRequest, PosTransaction, Unit
from agent.domain.customer import Customer, Skipped
from agent.domain.event import Answered, Begun, BudgetEnded, Event
from agent.domain.exposure import Exposure
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.outcome import Card, Confirmed
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, State
from agent.domain.symbols import from_values
from agent.journal import InlineJournal, Journal, WrittenJournal, open_inline, open_journal
from agent.journal.seal import Seal
from agent.journal.store import random_bytes
from agent.ports import Admit, Draft, Effect, Opened, Step

SEAL_KEY = bytes(range(32))
PLACE = Place("0421", "03")
NOON_MS = 1_763_640_000_000
KINDS = ("written", "inline", "inline-file")


class Chance:
    """Seeded, so that a failing test fails again."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)

    def fraction(self) -> float:
        return self._random.random()


@dataclass
class Bench:
    """A register's surroundings: time, chance, limits, whether the link is up."""

    now_ms: int = NOON_MS
    link_up: bool = True
    resolves: bool = False
    limits: Limits = field(default_factory=Limits)
    chance: Chance = field(default_factory=Chance)
    number: int = 0
    seen: list[Exposure] = field(default_factory=list)

    def clock_ms(self) -> int:
        return self.now_ms

    def seal(self) -> Seal:
        return Seal(SEAL_KEY, lambda count: random_bytes(self.chance, count))

    def inline(self, folder: Path | None = None, machine: bytes = b"machine") -> InlineJournal:
        return open_inline(
            folder,
            seal_key=SEAL_KEY,
            machine=machine,
            clock_ms=self.clock_ms,
            chance=self.chance,
        )

    async def written(self, folder: Path, machine: bytes = b"machine") -> WrittenJournal:
        return await open_journal(
            folder,
            seal_key=SEAL_KEY,
            machine=machine,
            clock_ms=self.clock_ms,
            chance=self.chance,
        )

    async def of_kind(self, kind: str, folder: Path) -> Journal:
        match kind:
            case "written":
                return await self.written(folder)
            case "inline":
                return self.inline()
            case _:
                return self.inline(folder)

    def moment(self) -> Moment:
        return Moment(self.now_ms, self.now_ms - NOON_MS + 1_000, "boot")

    def circumstances(self, others: Exposure) -> Circumstances:
        return Circumstances(
            now=self.moment(),
            limits=self.limits,
            others=others,
            link_up=self.link_up,
            resolves=self.resolves,
            chance=self.chance.fraction(),
        )

    def key(self, place: Place = PLACE) -> IdempotencyKey:
        symbols = from_values([self.chance.below(32) for _ in range(8)])
        return IdempotencyKey.make(place, self.now_ms, symbols)

    def code(self) -> Code:
        below = self.chance.below
        return Code.draw(below(22), tuple(below(32) for _ in range(14)))

    def draft(
        self,
        minor: int = 4_850,
        *,
        place: Place = PLACE,
        customer: Customer | None = None,
        units: Sequence[Unit] = (),
        aliases: Sequence[str] | None = None,
        distinct: bool = True,
        approval_id: str | None = None,
    ) -> Draft:
        """A new credit under an alias of its own, unless `aliases` says otherwise."""
        self.number += 1
        request = CreditRequest(
            place=place,
            amount=Money(minor, "USD"),
            operator="ana",
            reason="return",
            pos=PosTransaction(datetime.date(2025, 11, 20), f"{self.number:05d}"),
            occurred_at_ms=self.now_ms,
            customer=customer or Skipped(),
            units=tuple(units),
            distinct=distinct,
        )
        record = CreditRecord(
            key=self.key(place),
            code=self.code(),
            request=request,
            caller="pos-1",
            state=State.RECEIVED,
            opened=self.moment(),
            changed_ms=self.now_ms,
        )
        names = (f"alias {self.number}",) if aliases is None else tuple(aliases)
        opening = Effect("create", 0, "POST", "/v1/cards", record.code.reveal().encode())
        return Draft(record, names, opening, approval_id)

    def admit(self, draft: Draft) -> Admit:
        request = draft.record.request

        def admitted(
            known: Sequence[tuple[str, CreditRecord]], alike: Sequence[CreditRecord]
        ) -> CreditRecord | None:
            return admit(request, known, alike, self.moment())

        return admitted

    def begin(self, record: CreditRecord, others: Exposure) -> Decision:
        self.seen.append(others)
        return decide(record, Begun(), self.circumstances(others))

    def step(self, event: Event) -> Step:
        def step(record: CreditRecord, others: Exposure) -> Decision:
            self.seen.append(others)
            return decide(record, event, self.circumstances(others))

        return step

    async def open(self, journal: Journal, draft: Draft | None = None) -> Opened:
        draft = draft or self.draft()
        return await journal.open(draft, self.admit(draft), self.begin)

    async def opened(self, journal: Journal, draft: Draft | None = None) -> CreditRecord:
        return (await self.open(journal, draft)).decision.record

    async def advance(self, journal: Journal, record: CreditRecord, event: Event) -> CreditRecord:
        decision = await journal.advance(record.key, event, self.step(event))
        return decision.record

    async def confirmed(self, journal: Journal, draft: Draft | None = None) -> CreditRecord:
        record = await self.opened(journal, draft)
        return await self.advance(journal, record, Answered(Confirmed(card_of(record))))

    async def on_paper(self, journal: Journal, draft: Draft | None = None) -> CreditRecord:
        """UNSETTLED, with a voucher queued where there is room."""
        record = await self.opened(journal, draft)
        return await self.advance(journal, record, BudgetEnded())


def card_of(record: CreditRecord) -> Card:
    amount = record.request.amount
    return Card(f"card-{record.key.chance}", amount, amount, True, record.key.text)


def without_admission(
    known: Sequence[tuple[str, CreditRecord]], alike: Sequence[CreditRecord]
) -> CreditRecord | None:
    """Takes every request for new."""
    del known, alike
    return None


def keep(record: CreditRecord, others: Exposure) -> Decision:
    """A step that changes nothing but the time."""
    del others
    return Decision(replace(record, changed_ms=record.changed_ms + 1))


def replaced_by(record: CreditRecord) -> Step:
    """A step that decides on `record`, whatever stands."""

    def step(stands: CreditRecord, others: Exposure) -> Decision:
        del stands, others
        return Decision(record)

    return step


async def seen(journal: Journal) -> list[object]:
    """Everything that a refused operation must leave as it was."""
    records = await journal.listed((), False, 1_000, None)
    letters = await journal.letters(PLACE, 0, 1_000)
    jobs = await journal.waiting_prints(tuple(Paper))
    return [records, letters, jobs, await journal.totals(None)]


def everything(folder: Path) -> bytes:
    """All bytes of every file of a journal's folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
