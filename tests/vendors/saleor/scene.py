# SPDX-License-Identifier: Apache-2.0
"""A till at a Saleor shop: the real driver, adapter and transport over a network in memory.

`Till` asks as the forwarder does (look up, then send again) and checks every answer against what
is true at the shop in that moment. What it finds wrong it keeps in `wrong`.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.faults import PlatformUnavailable
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    Burn,
    BurnRefused,
    Burnt,
    Confirmed,
    Found,
    FoundVoid,
    LinkResult,
    Matched,
    Refused,
    SpentInPart,
    Unanswered,
    Unknown,
)
from agent.domain.sale import (
    Refund,
    Refunded,
    RefundLine,
    RefundRejected,
    RefundTo,
    Sale,
)
from agent.platforms.adapter import DrivenPlatform
from tests.contracts.test_platform_contract import credit
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run, running
from tests.simulation.network import Line, Network
from tests.simulation.platform_cards import SimCard
from tests.simulation.platform_faults import FaultBoard, FaultKind
from tests.simulation.profiles import HOST, opened
from tests.vendors.saleor.profile import PROFILE
from tests.vendors.saleor.shop_orders import SimOrder
from tests.vendors.saleor.simulator import SimSaleor

WALL_MS: Final = 1_763_600_000_000
ANNA: Final = CustomerReference(CustomerKind.EMAIL, "anna@example.com")
PATIENCE: Final = 30
WAIT_S: Final = 90.0
"""Longer than a sandbox's minute, and than look-ups take to settle."""


class AimedBoard(FaultBoard):
    """One fault, at one operation: from its request number `first`, for `times` requests."""

    def __init__(
        self, dice: random.Random, fault: str, operation: str, first: int, times: int
    ) -> None:
        super().__init__(dice, {fault: 1.0})
        self.late_s = (20.0, 600.0)
        self.slow_s = (1.0, 8.0)
        self._fault = fault
        self._operation = operation
        self._skip = first - 1
        self._times = times

    def drawn(self, operation: str, among: Mapping[str, FaultKind], now_ms: int) -> str:
        if self._fault not in among or not self._aims(operation):
            return ""
        return self.bite(self._fault)

    def bites(self, name: str, operation: str, now_ms: int) -> bool:
        if name != self._fault or not self._aims(operation):
            return False
        self.bite(name)
        return True

    def _aims(self, operation: str) -> bool:
        if operation != self._operation or self._times == 0:
            return False
        if self._skip:
            self._skip -= 1
            return False
        self._times -= 1
        return True


@dataclass
class Till:
    """`confirmed`, `refused`: whether anybody was told so."""

    shop: SimSaleor
    platform: DrivenPlatform
    line: Line
    of: Credit = field(default_factory=credit)
    wrong: list[str] = field(default_factory=list)
    confirmed: bool = False
    refused: bool = False
    effects: MemoryEffects = field(default_factory=MemoryEffects)

    def turn_to(self, of: Credit) -> None:
        """Another credit, with a journal of its own."""
        self.of, self.effects = of, MemoryEffects()

    def soon(self) -> float:
        return running().time() + 10.0

    def cards(self) -> list[SimCard]:
        return self.shop.cards.of_code(self.of.code.reveal())

    def live(self) -> list[SimCard]:
        return [card for card in self.cards() if card.enabled]

    async def wait(self) -> None:
        await passes(WAIT_S)
        self.check(len(self.cards()) <= 1, "two cards under one code")

    def check(self, true: bool, sentence: str) -> None:
        if not true:
            self.wrong.append(sentence)

    # ---- one credit, as the forwarder brings it home

    async def issued(self, customer_id: str | None) -> None:
        """Until it is confirmed or refused, or somebody must look."""
        doubtful = False
        for _ in range(PATIENCE):
            done = self.effects.done
            outcome = await self.platform.issue(
                self.of, customer_id, done, self.effects, self.soon()
            )
            match outcome:
                case Confirmed(card, linked):
                    self._is_true(card.initial, "confirmed")
                    if linked:
                        self._is_linked(customer_id)
                    return
                case Refused():
                    self.refused = True
                    await self.wait()
                    self.check(not self.live(), "refused, and a card stands")
                    return
                case Unanswered(differs=True):
                    doubtful = True
            await self.wait()
            if await self._found() or doubtful:
                return
        self.wrong.append("it never came home")

    async def _found(self) -> bool:
        asked_ms = WALL_MS + int(running().time() * 1000)
        match await self.platform.find(self.of, self.soon()):
            case Found(card):
                self._is_true(card.initial, "found")
                return True
            case FoundVoid():
                self.check(not self.live(), "void, and a card is alive")
                return True
            case Absent():
                later = all(card.created_ms >= asked_ms for card in self.cards())
                self.check(later, "absent, and a card stands")
                return False
            case Unknown():
                return False
            case _:
                return True

    def _is_true(self, initial: Money, word: str) -> None:
        self.confirmed = True
        cards = self.live()
        right = len(cards) == 1 and cards[0].minor == self.of.amount.minor == initial.minor
        self.check(right and cards[0].key == self.of.key.text, f"{word}, and it is not true")

    def _is_linked(self, customer_id: str | None) -> None:
        self.check([card.customer_id for card in self.cards()] == [customer_id], "linked to nobody")

    async def linked(self, customer_id: str) -> LinkResult:
        for _ in range(PATIENCE):
            done = self.effects.done
            result = await self.platform.link(self.of, customer_id, done, self.effects, self.soon())
            if result is LinkResult.LINKED:
                self._is_linked(customer_id)
            if result is not LinkResult.UNKNOWN:
                return result
            await self.wait()
        return LinkResult.UNKNOWN

    async def noted(self) -> bool:
        for _ in range(PATIENCE):
            done = self.effects.done
            fields = {"reason": "damaged"}
            if await self.platform.annotate(self.of, fields, done, self.effects, self.soon()):
                notes = [card.note or {} for card in self.cards()]
                self.check([n.get("countermark_reason") for n in notes] == ["damaged"], "no note")
                return True
            await self.wait()
        return False

    async def burnt(self) -> Burn | None:
        for _ in range(PATIENCE):
            done = self.effects.done
            burn = await self.platform.burn(self.of, done, self.effects, self.soon())
            if isinstance(burn, Burnt | SpentInPart):
                dead = [card.enabled for card in self.cards()] == [False]
                self.check(dead, "burnt, and it is not dead")
                return burn
            if isinstance(burn, BurnRefused):
                return burn
            await self.wait()
        return None

    # ---- questions

    async def balanced(self) -> None:
        await passes(6)  # a replica may lag
        for _ in range(PATIENCE):
            left = await self.platform.balance(self.of.code, self.soon())
            if isinstance(left, Money):
                truth = sum(card.balance for card in self.live())
                self.check(left.minor == truth, "another balance than the card's")
                return
            self.check(left is not None or not self.live(), "no balance, and a card stands")
            await self.wait()

    async def listed(self) -> None:
        """An audit: every card is on it, or the list says that it broke off."""
        await passes(6)
        for _ in range(PATIENCE):
            try:
                cards = [each async for each in self.platform.list_since(0, self.soon())]
            except PlatformUnavailable:
                await self.wait()
                continue
            named = {card.reference for card in cards}
            self.check(named == {card.id for card in self.shop.cards}, "a list that is not whole")
            return

    async def resolved(self) -> str | None:
        for _ in range(PATIENCE):
            match await self.platform.resolve(ANNA, self.soon()):
                case Matched(customer_id):
                    self.check(customer_id == "cus_1", "somebody else")
                    return customer_id
            await self.wait()
        return None

    # ---- a refund

    async def sold(self, receipt: str) -> Sale | None:
        for _ in range(PATIENCE):
            sale = await self.platform.sale(receipt, self.soon())
            if isinstance(sale, Sale):
                return sale
            self.check(isinstance(sale, Unknown), "a sale that is there was denied")
            await self.wait()
        return None

    async def refunded(self, order: SimOrder) -> None:
        leg = Refund(
            self.of,
            order.id,
            RefundTo.TENDER,
            (RefundLine("line-1", 1),),
            order.payment,
            reason="damaged",
        )
        for _ in range(PATIENCE):
            done = self.effects.done
            told: object = await self.platform.refund(leg, done, self.effects, self.soon())
            if not isinstance(told, Refunded | Accepted | Refused):
                await self.wait()
                told = await self.platform.find_refund(leg, self.soon())
            match told:
                case Refunded(_, amount):
                    paid = [grant.minor for grant in order.grants if grant.paid]
                    self.check(paid == [amount.minor], "refunded, and it was not paid")
                    return
                case Accepted():
                    waits = [each for each in order.grants if each.status == "PENDING"]
                    self.check(len(waits) == 1, "accepted, and nothing waits")
                    self.shop.orders.settle("SUCCESS")
                case RefundRejected() | Refused():
                    return
            await self.wait()
        self.wrong.append("the refund never ended")


def visit(
    script: Callable[[Till], Awaitable[None]], board: FaultBoard | None = None, seed: int = 1
) -> Till:
    """Plays a script in virtual time; the till as it ended."""
    tills: list[Till] = []

    async def main() -> None:
        network, loop = Network(random.Random(seed)), running()

        def now_ms() -> int:
            return WALL_MS + int(loop.time() * 1000)

        shop = PROFILE.platform(random.Random(seed + 1), now_ms)
        if board is not None:
            shop.board = board
        shop.customers.add("cus_1", "", ("email", ANNA.value))
        shop.customers.add("cus_2", "", ("loyalty", "B0042"), ("phone", "+15550100"))
        shop.customers.add("cus_3", "", ("phone", "+15550100"))
        network.serve(HOST, shop.handle)
        async with opened(PROFILE, network, "till", lambda: "secret") as platform:
            till = Till(shop, platform, network.line("till"))
            tills.append(till)
            await script(till)

    run(seed, main)
    return tills[0]
