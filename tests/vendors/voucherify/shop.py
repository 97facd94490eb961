# SPDX-License-Identifier: Apache-2.0
"""A shop in front of Voucherify in memory: the real adapter, driver and transport, in virtual
time; and a fault that can be aimed at one request of one kind."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from agent.domain.credit import Credit
from agent.domain.outcome import Burn, Finding, LinkResult, Outcome
from agent.platforms.adapter import DrivenPlatform
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import run, running
from tests.simulation.network import Network
from tests.simulation.profiles import HOST, Profile, opened
from tests.simulation.wire import Answer, Reply, Request
from tests.vendors.voucherify.profile import PROFILE
from tests.vendors.voucherify.simulator import SimVoucherify

WALL_MS = 1_763_600_000_000
ANSWER_S = 60.0
Instead = Callable[[Request, Callable[[], Answer]], Answer]
"""What comes instead of an answer; it may or may not carry the request out."""


@dataclass
class Aim:
    """Lets one fault bite the request of this operation with this number, and no other."""

    simulated: SimVoucherify
    operation: str = ""
    number: int = 1
    fault: str | Instead = ""
    asked: Counter[str] = field(default_factory=Counter)
    hit: bool = False

    def handle(self, request: Request) -> Answer:
        operation = self.simulated.operation_of(request)
        self.asked[operation] += 1
        if self.hit or (operation, self.asked[operation]) != (self.operation, self.number):
            return self.simulated.handle(request)
        self.hit = True
        if not isinstance(self.fault, str):
            return self.fault(request, lambda: self.simulated.handle(request))
        board = self.simulated.board
        board.chances = {self.fault: 1.0}
        try:
            return self.simulated.handle(request)
        finally:
            board.calm()


@dataclass
class Shop:
    """One credit's steps, sent with what was journalled of it before."""

    simulated: SimVoucherify
    network: Network
    platform: DrivenPlatform
    aim: Aim
    effects: MemoryEffects = field(default_factory=MemoryEffects)

    def until(self) -> float:
        return running().time() + ANSWER_S

    async def issue(self, of: Credit, customer_id: str | None = None) -> Outcome:
        effects = self.effects
        return await self.platform.issue(of, customer_id, effects.done, effects, self.until())

    async def find(self, of: Credit) -> Finding:
        return await self.platform.find(of, self.until())

    async def burn(self, of: Credit) -> Burn:
        return await self.platform.burn(of, self.effects.done, self.effects, self.until())

    async def link(self, of: Credit, customer_id: str) -> LinkResult:
        effects = self.effects
        return await self.platform.link(of, customer_id, effects.done, effects, self.until())

    async def annotate(self, of: Credit, fields: dict[str, str]) -> bool:
        effects = self.effects
        return await self.platform.annotate(of, fields, effects.done, effects, self.until())


def visit(
    script: Callable[[Shop], Awaitable[None]], seed: int = 1, profile: Profile = PROFILE
) -> None:
    """Runs a script in virtual time."""

    async def main() -> None:
        network, loop = Network(random.Random(seed)), running()

        def now_ms() -> int:
            return WALL_MS + int(loop.time() * 1000)

        simulated = SimVoucherify(profile, random.Random(seed + 1), now_ms)
        simulated.customers.add("cus_1", "Anna B", ("email", "anna@example.com"), ("loyalty", "L1"))
        simulated.customers.add("cus_2", "Tim T", ("phone", "+4915112345678"))
        aim = Aim(simulated)
        network.serve(HOST, aim.handle)
        async with opened(profile, network, "till", lambda: "secret") as platform:
            await script(Shop(simulated, network, platform, aim))

    run(seed, main)


def said(reply: Reply) -> Instead:
    """These words, and nothing was done."""
    return lambda request, carry_out: reply


def done_and_said(reply: Reply) -> Instead:
    """It was carried out, and these words come back."""

    def answer(request: Request, carry_out: Callable[[], Answer]) -> Answer:
        carry_out()
        return reply

    return answer
