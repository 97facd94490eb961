# SPDX-License-Identifier: Apache-2.0
"""A gift-card platform in memory, and an effect log: for flows, and for the contract suite.

It has no wire: it answers with our own values, and it can be told to fail in the ways that matter
to flows (not sent, answer lost, throttled, hanging). It records every question it was asked.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    Burn,
    Burnt,
    BurnUnknown,
    Card,
    Confirmed,
    Finding,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    Outcome,
    RefusalReason,
    Refused,
    Resolution,
    Saying,
    SpentInPart,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.ports import Abilities, Done, DoneStep, Effect, EffectLog

FAKE_ABILITIES = Abilities(
    name="fake",
    unique_codes=True,
    key_window_s=86_400,
    compares_body=True,
    exact_lookup=True,
    settling_ms=5_000,
    voids=False,
    links=True,
    resolves=True,
    lists=True,
)


class MemoryEffects:
    """An `EffectLog` of one credit. `done` is what a later conversation is given."""

    def __init__(self) -> None:
        self.steps: dict[str, DoneStep] = {}
        self.journalled: list[Effect] = []

    @property
    def done(self) -> Done:
        return dict(self.steps)

    async def before(self, effect: Effect) -> None:
        known = self.steps.get(effect.step)
        if known is not None and known.effect.epoch == effect.epoch:
            if known.effect != effect:
                raise AssertionError(f"step {effect.step} came again with other bytes")
            return
        self.steps[effect.step] = DoneStep(effect)
        self.journalled.append(effect)

    async def after(self, step: str, reply: Mapping[str, str]) -> None:
        self.steps[step] = replace(self.steps[step], reply=dict(reply))


@dataclass(frozen=True, slots=True)
class Fail:
    """What the next matching question meets.

    `how`: unsent, lost (done, then no answer), unanswered (not done, no answer), throttled,
    refused, or hang (waits until the deadline's task is cancelled or `release` is called).
    `what`: issue, find, burn, link, annotate, resolve, balance; None for any.
    """

    how: str
    what: str | None = None
    retry_after_s: int = 1


@dataclass
class FakePlatform:
    """`agent.ports.Platform`. `cards` by whole code; `customers` by kind and value.

    `fails` are used up in order; `down` makes everything unsent until it is False again, and
    `refuses_us` answers everything with a refusal of our token.
    """

    abilities: Abilities = FAKE_ABILITIES
    pause_s: float = 0.0
    cards: dict[str, Card] = field(default_factory=dict)
    customers: dict[tuple[str, str], list[Matched]] = field(default_factory=dict)
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    fails: deque[Fail] = field(default_factory=deque)
    down: bool = False
    refuses_us: bool = False
    calls: list[str] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    created_ms: dict[str, int] = field(default_factory=dict)
    now_ms: int = 1_763_600_000_000

    def add_customer(self, kind: str, value: str, *ids: str) -> None:
        self.customers[(kind, value)] = [Matched(each, "A*** B.") for each in ids]

    def spend(self, code: Code, amount: Money) -> None:
        card = self.cards[code.reveal()]
        self.cards[code.reveal()] = replace(card, balance=card.balance - amount)

    def opening(self, credit: Credit) -> Effect | None:
        return Effect("create", credit.epoch, "POST", "/fake", self._body(credit))

    def _body(self, credit: Credit) -> bytes:
        amount = credit.amount
        return f"{credit.key} {credit.code.reveal()} {amount.minor} {amount.currency}".encode()

    async def issue(
        self,
        credit: Credit,
        customer_id: str | None,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> Outcome:
        opening = self.opening(credit)
        if opening is not None:
            await effects.before(opening)
        fail = await self._asked("issue")
        match fail:
            case Fail("unsent"):
                return Unsent("connect")
            case Fail("auth"):
                return Unsent("auth", Saying(401))
            case Fail("throttled", _, retry_after_s):
                return Throttled(retry_after_s)
            case Fail("refused"):
                return Refused(RefusalReason.PLATFORM, Saying(422, "refused"))
            case Fail("unanswered"):
                return Unanswered("deadline")
            case _:
                outcome = self._create(credit, customer_id)
                return outcome if fail is None else Unanswered("reset")

    def _create(self, credit: Credit, customer_id: str | None) -> Outcome:
        code = credit.code.reveal()
        if code not in self.cards:
            taken = any(card.key == credit.key.text for card in self.cards.values())
            if taken:
                return Unanswered("key-reused", differs=True)
            self._add(credit, credit.amount)
        match self._finding(credit):
            case Found(card):
                if customer_id is not None and card.customer_id is None:
                    card = self.cards[code] = replace(card, customer_id=customer_id)
                return Confirmed(card, customer_id is not None and card.customer_id == customer_id)
            case _:
                return Unanswered("differs", differs=True)

    def _add(self, credit: Credit, amount: Money) -> Card:
        code = credit.code.reveal()
        card = Card(f"fake-{len(self.cards) + 1}", amount, amount, True, credit.key.text)
        self.cards[code] = card
        self.created_ms[code] = self.now_ms
        return card

    async def find(self, credit: Credit, deadline_s: float) -> Finding:
        fail = await self._asked("find")
        return self._finding(credit) if fail is None else _unknown(fail)

    def _finding(self, credit: Credit) -> Finding:
        card = self.cards.get(credit.code.reveal())
        if card is None:
            others = [each for each in self.cards.values() if each.key == credit.key.text]
            return FoundDifferent(others[0], Saying(code="differs")) if others else Absent()
        ours = card.key == credit.key.text
        if card.enabled and ours and card.initial == credit.amount:
            return Found(card)
        if not card.enabled and (ours or card.initial.minor == 1):
            return FoundVoid(card)
        return FoundDifferent(card, Saying(code="differs"))

    async def burn(self, credit: Credit, done: Done, effects: EffectLog, deadline_s: float) -> Burn:
        await effects.before(Effect("burn", credit.epoch, "POST", "/fake/burn", b""))
        fail = await self._asked("burn")
        if fail is not None and fail.how != "lost":
            return BurnUnknown(fail.how, perhaps_sent=fail.how == "unanswered")
        code = credit.code.reveal()
        card = self.cards.get(code)
        if card is None:
            card = self._add(credit, Money(1, credit.amount.currency))
        card = self.cards[code] = replace(card, enabled=False)
        if fail is not None:
            return BurnUnknown("reset")
        spent = card.initial - card.balance
        return SpentInPart(card, spent) if spent.positive else Burnt(card)

    async def link(
        self,
        credit: Credit,
        customer_id: str,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> LinkResult:
        await effects.before(Effect(f"link-{customer_id}", credit.epoch, "POST", "/fake/link", b""))
        if await self._asked("link") is not None:
            return LinkResult.UNKNOWN
        code = credit.code.reveal()
        card = self.cards.get(code)
        if card is None:
            return LinkResult.UNKNOWN
        if not self._knows(customer_id):
            return LinkResult.REFUSED
        if card.customer_id not in (None, customer_id):
            return LinkResult.ELSEWHERE
        self.cards[code] = replace(card, customer_id=customer_id)
        return LinkResult.LINKED

    def _knows(self, customer_id: str) -> bool:
        known = {each.customer_id for found in self.customers.values() for each in found}
        return customer_id in known

    async def annotate(
        self,
        credit: Credit,
        fields: Mapping[str, str],
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> bool:
        await effects.before(
            Effect(f"annotate-{sorted(fields.items())}", 0, "POST", "/fake/note", b"")
        )
        code = credit.code.reveal()
        if await self._asked("annotate") is not None or code not in self.cards:
            return False
        self.notes.setdefault(code, {}).update(fields)
        return True

    async def resolve(self, customer: CustomerReference, deadline_s: float) -> Resolution:
        fail = await self._asked("resolve")
        if fail is not None:
            return _unknown(fail)
        found = self.customers.get((customer.kind.value, customer.value), [])
        if len(found) > 1:
            return Ambiguous(len(found))
        return found[0] if found else Unmatched()

    async def balance(self, code: Code, deadline_s: float) -> Money | Unknown | None:
        fail = await self._asked("balance")
        if fail is not None:
            return _unknown(fail)
        card = self.cards.get(code.reveal())
        if card is None:
            return None
        return card.balance if card.enabled else Money(0, card.balance.currency)

    async def list_since(self, since_ms: int, deadline_s: float) -> AsyncIterator[Card]:
        await self._asked("list")
        for code, card in list(self.cards.items()):
            if self.created_ms.get(code, 0) >= since_ms:
                yield card

    async def _asked(self, what: str) -> Fail | None:
        self.calls.append(what)
        if self.down:
            return Fail("unsent")
        if self.refuses_us:
            return Fail("auth")
        if not self.fails or self.fails[0].what not in (None, what):
            return None
        fail = self.fails.popleft()
        if fail.how == "hang":
            await self.released.wait()
            return Fail("unanswered")
        return fail


def _unknown(fail: Fail) -> Unknown:
    return Unknown(fail.how, retry_after_s=fail.retry_after_s if fail.how == "throttled" else None)
