# SPDX-License-Identifier: Apache-2.0
"""BigCommerce in memory behind a network, and the real adapter, driver and transport before it."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from agent.domain.credit import Credit
from agent.domain.outcome import Burn, Finding, LinkResult, Outcome
from agent.platforms.adapter import DrivenPlatform
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run, running
from tests.simulation.network import Network
from tests.simulation.platform_faults import PLATFORM_FAULTS, SPOILERS, FaultBoard, FaultKind
from tests.simulation.profiles import HOST, opened
from tests.vendors.bigcommerce.profile import PROFILE, BigcommerceProfile
from tests.vendors.bigcommerce.simulator import SimBigcommerce

WALL_MS = 1_763_600_000_000
EMAIL = "anna@example.com"
DEADLINE_S = 10.0


class Moment(Enum):
    """Which asks of an operation a fault bites."""

    FIRST = auto()
    SECOND = auto()
    LONG = auto()


@dataclass(slots=True)
class Aimed(FaultBoard):
    """One fault, on one operation, at one moment."""

    fault: str = ""
    at: str = ""
    moment: Moment = Moment.FIRST
    asked: int = 0

    def drawn(self, operation: str, among: Mapping[str, FaultKind], now_ms: int) -> str:
        if operation == self.at and among is SPOILERS:  # the first question of each request
            self.asked += 1
        return self.bite(self.fault) if self.fault in among and self._hits(operation) else ""

    def bites(self, name: str, operation: str, now_ms: int) -> bool:
        if name != self.fault or not self._hits(operation):
            return False
        self.bite(name)
        return True

    def _hits(self, operation: str) -> bool:
        match self.moment:
            case Moment.FIRST:
                now = self.asked == 1
            case Moment.SECOND:
                now = self.asked == 2
            case Moment.LONG:
                now = self.asked <= 4
        return operation == self.at and now and operation in PLATFORM_FAULTS[self.fault].where


@dataclass
class Shop:
    """One till at one store."""

    simulated: SimBigcommerce
    network: Network
    platform: DrivenPlatform
    effects: MemoryEffects = field(default_factory=MemoryEffects)

    async def issue(self, of: Credit, customer_id: str | None = None) -> Outcome:
        done, until = self.effects.done, running().time() + DEADLINE_S
        return await self.platform.issue(of, customer_id, done, self.effects, until)

    async def find(self, of: Credit) -> Finding:
        return await self.platform.find(of, running().time() + DEADLINE_S)

    async def burn(self, of: Credit) -> Burn:
        done, until = self.effects.done, running().time() + DEADLINE_S
        return await self.platform.burn(of, done, self.effects, until)

    async def link(self, of: Credit, customer_id: str) -> LinkResult:
        done, until = self.effects.done, running().time() + DEADLINE_S
        return await self.platform.link(of, customer_id, done, self.effects, until)

    def aim(self, fault: str, at: str, moment: Moment) -> Aimed:
        """From now on that fault bites there and then, and nothing else anywhere."""
        old = self.simulated.board
        aimed = Aimed(old.dice, late_s=old.late_s, fault=fault, at=at, moment=moment)
        self.simulated.board = aimed
        return aimed

    async def settled(self) -> None:
        """So long that an *absent* may be believed."""
        await passes(self.platform.abilities.settling_ms / 1000 + 1)

    @property
    def anna(self) -> str:
        return str(self.simulated.number_of("cus_1"))


def visit(
    script: Callable[[Shop], Awaitable[None]],
    profile: BigcommerceProfile = PROFILE,
    seed: int = 1,
    second: bool = False,
) -> Shop:
    """Plays the script to its end. `second`: a store that makes a second certificate."""
    shops: list[Shop] = []

    async def main() -> None:
        network, loop = Network(random.Random(seed)), running()

        def now_ms() -> int:
            return WALL_MS + int(loop.time() * 1000)

        dice = random.Random(seed + 1)
        simulated = SimBigcommerce(profile, dice, now_ms, second=second)
        simulated.board.late_s = profile.late_s
        simulated.customers.add("cus_1", "A*** B.", ("email", EMAIL))
        simulated.number_of("cus_1")
        network.serve(HOST, simulated.handle)
        async with opened(profile, network, "till", lambda: "secret") as platform:
            shops.append(Shop(simulated, network, platform))
            await script(shops[0])
        shops.append(shops[0])

    run(seed, main)
    assert len(shops) == 2, "the script was not played to its end"
    assert shops[0].simulated.deleted == 0
    return shops[0]
