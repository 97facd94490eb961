# SPDX-License-Identifier: Apache-2.0
"""Credits as a counter opens and confirms them: real drafts, real decisions, the real clock."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.daemon.world import SystemChance, SystemClock
from agent.decisions.admission import admit
from agent.decisions.circumstances import Circumstances
from agent.decisions.decide import decide
from agent.decisions.limits import Limits
from agent.domain.action import Decision
from agent.domain.code import Code
from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.event import Answered, Begun, Event
from agent.domain.exposure import Exposure
from agent.domain.idempotency import CallerAlias, IdempotencyKey, PosAlias
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.outcome import Card, Confirmed, Saying
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State
from agent.domain.symbols import from_values
from agent.ports import Admit, Draft, Effect, Step

PLACE = Place("0421", "03")
SEAL_KEY = bytes(range(32))
DAY = datetime.date(2026, 11, 21)
LIMITS = Limits(per_credit=10**9, outstanding=10**15, per_hour=10**15)
"""Room enough for a million that wait."""


class StillClock:
    """Always the moment at which it was made."""

    def __init__(self) -> None:
        self._moment = SystemClock().now()

    def now(self) -> Moment:
        return self._moment


@dataclass(slots=True)
class Till:
    """Makes drafts, and decides as the flows do."""

    clock: SystemClock | StillClock = field(default_factory=SystemClock)
    chance: SystemChance = field(default_factory=SystemChance)

    def clock_ms(self) -> int:
        return self.clock.now().wall_ms

    def draft(self, number: int) -> Draft:
        """A new credit with both of its outside names. No amount comes twice, so that the question
        for credits alike is asked and finds none."""
        now, below = self.clock.now(), self.chance.below
        pos = PosTransaction(DAY, f"T{number:07d}")
        request = CreditRequest(
            place=PLACE,
            amount=Money(1_000 + number, "USD"),
            operator="ann",
            reason="return",
            pos=pos,
            occurred_at_ms=now.wall_ms,
        )
        record = CreditRecord(
            key=IdempotencyKey.make(PLACE, now.wall_ms, from_values([below(32) for _ in range(8)])),
            code=Code.draw(below(22), tuple(below(32) for _ in range(14))),
            request=request,
            caller="till",
            state=State.RECEIVED,
            opened=now,
            changed_ms=now.wall_ms,
        )
        aliases = (
            CallerAlias("till", str(PLACE), f"bench-{number}").text(),
            PosAlias(PLACE, pos.business_date, pos.number, pos.line).text(),
        )
        body = record.code.reveal().encode() + record.key.text.encode() + bytes(60)
        return Draft(record, aliases, Effect("create", 0, "POST", "/v1/credits", body))

    def admit(self, draft: Draft) -> Admit:
        def admitted(
            known: Sequence[tuple[str, CreditRecord]], alike: Sequence[CreditRecord]
        ) -> CreditRecord | None:
            return admit(draft.record.request, known, alike, draft.record.opened)

        return admitted

    def begin(self, record: CreditRecord, others: Exposure) -> Decision:
        return decide(record, Begun(), self._circumstances(others))

    def step(self, event: Event) -> Step:
        def step(record: CreditRecord, others: Exposure) -> Decision:
            return decide(record, event, self._circumstances(others))

        return step

    def confirmed(self, record: CreditRecord) -> Answered:
        """The platform's yes, away from the counter: no receipt goes with it."""
        amount = record.request.amount
        card = Card(f"card-{record.key.chance}", amount, amount, True, record.key.text)
        return Answered(Confirmed(card, saying=Saying(201, request_id=record.key.chance)))

    def _circumstances(self, others: Exposure) -> Circumstances:
        return Circumstances(
            now=self.clock.now(),
            limits=LIMITS,
            others=others,
            resolves=False,
            chance=self.chance.fraction(),
        )
