# SPDX-License-Identifier: Apache-2.0
"""A shop, the real plug-in at two registers, and one misfortune at a chosen request.

The real catalog, driver, transport and adapter over a network in memory, in virtual time. What is
true is read from the shop's own cards and orders.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.platforms.adapter import DrivenPlatform
from tests.simulation.loop import running
from tests.simulation.network import Network
from tests.simulation.platform_cards import SimCard
from tests.simulation.profiles import HOST, opened
from tests.simulation.wire import Answer, Request
from tests.vendors.shopify.orders import SimLine, SimOrder, SimTransaction
from tests.vendors.shopify.profile import PROFILE
from tests.vendors.shopify.simulator import ShopSim

NOW_MS: Final = 1_763_600_000_000
ANNA: Final = "gid://shopify/Customer/9"
ORDER: Final = "gid://shopify/Order/500"
PAYMENT: Final = "gid://shopify/OrderTransaction/600"
LINE: Final = "gid://shopify/LineItem/800"
KEY: Final = IdempotencyKey("0421-03-1763600000000-7K3QF2ZD")
CREDIT: Final = Credit(KEY, Code.draw(3, tuple(range(14))), Money(4850, "USD"))


@dataclass
class Mishap:
    """`fault` of the platform bites the requests of `operation` with these numbers (from 1)."""

    fault: str = ""
    operation: str = ""
    numbers: frozenset[int] = frozenset()
    seen: Counter[str] = field(default_factory=Counter)


class Stage:
    """`now_ms` follows the virtual clock. `shop`: what is true."""

    def __init__(self, seed: int, mishap: Mishap | None = None) -> None:
        self.network = Network(random.Random(f"network {seed}"))
        self.shop = ShopSim(PROFILE, random.Random(f"shop {seed}"), self.now_ms)
        self.mishap = mishap or Mishap()
        self.server = self.network.serve(HOST, self._handle)
        self.shop.customers.add(ANNA, "Anna", ("email", "anna@example.com"), ("loyalty", "C-77"))
        self.shop.orders.add(
            SimOrder(
                ORDER,
                "#1001",
                "USD",
                [SimLine(LINE, "Coat", 3, 2425, sku="C-1")],
                [SimTransaction(PAYMENT, "SALE", 7275, "cash")],
                NOW_MS,
                ANNA,
            )
        )

    def now_ms(self) -> int:
        return NOW_MS + int(running().time() * 1000)

    def _handle(self, request: Request) -> Answer:
        mishap, board = self.mishap, self.shop.board
        operation = self.shop.operation_of(request)
        mishap.seen[operation] += 1
        hit = operation == mishap.operation and mishap.seen[operation] in mishap.numbers
        board.chances = {mishap.fault: 1.0} if hit else {}
        return self.shop.handle(request)

    @asynccontextmanager
    async def register(self, name: str) -> AsyncIterator[DrivenPlatform]:
        async with opened(PROFILE, self.network, name, lambda: "secret") as platform:
            yield platform

    def cards(self) -> list[SimCard]:
        return self.shop.cards.of_code(CREDIT.code.reveal())

    def paid_back(self) -> int:
        """Minor units of every refund of the order, pending ones among them."""
        return self.shop.orders.by_id[ORDER].refunded


def soon() -> float:
    """A counter's deadline from now."""
    return running().time() + 8.0
