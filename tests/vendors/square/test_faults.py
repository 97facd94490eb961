# SPDX-License-Identifier: Apache-2.0
"""Every fault at every moment, through the real driver and adapter: no credit is there twice, and
none is said to be there that is not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import (
    Burnt,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    SpentInPart,
    Unanswered,
)
from agent.platforms.adapter import DrivenPlatform
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run, running
from tests.simulation.network import Network
from tests.simulation.platform_faults import MEANINGS, PLATFORM_FAULTS
from tests.simulation.profiles import HOST, opened
from tests.simulation.run import judge
from tests.simulation.wire import Answer, Request
from tests.vendors.square.profile import PROFILE
from tests.vendors.square.simulator import SquareSim

KEY: Final = IdempotencyKey("0421-03-1763600000000-7K3QF2ZD")
CREDIT: Final = Credit(KEY, Code.draw(3, tuple(range(14))), Money(4850, "USD"))
ROUNDS: Final = 8
ROUND_S: Final = 60.0
LATE_S: Final = 1_000.0
"""Longer than any request is late."""
MOMENTS: Final = {
    "issue": (("create", 1), ("create", 2), ("find", 1), ("link", 1)),
    "issue-again": (("create", 3), ("create", 4), ("find", 2), ("find", 3)),
    "burn-issued": (("find", 2), ("find", 3), ("disable", 1), ("find", 4), ("find", 5)),
    "burn-absent": (("find", 1), ("create", 1), ("create", 2), ("disable", 1)),
    "issue-then-burn": (("create", 1), ("create", 2)),
}
"""Which requests there are to each of the stories: the operation, and which one of its kind."""


def cases() -> Iterator[Any]:
    """A key is forgotten where it was remembered, and what is answered from memory has no other
    meaning than the first time."""
    for story, moments in MOMENTS.items():
        for operation, number in moments:
            for fault, kind in PLATFORM_FAULTS.items():
                remembered = story == "issue-again" and operation == "create"
                beyond = fault == "key_forgotten" if not remembered else fault in MEANINGS
                if operation in kind.where and not beyond:
                    name = f"{story}-{operation}-{number}-{fault}"
                    yield pytest.param(story, operation, number, fault, id=name)


@dataclass
class Shop:
    """One register and the simulated Square, with one fault at one moment."""

    simulated: SquareSim
    operation: str
    number: int
    fault: str
    said: list[object] = field(default_factory=list)
    seen: int = 0
    bitten: bool = False

    def handle(self, request: Request) -> Answer:
        board = self.simulated.board
        if self.simulated.operation_of(request) == self.operation:
            self.seen += 1
        now = self.seen == self.number and not self.bitten
        board.chances = {self.fault: 1.0} if now else {}
        answer = self.simulated.handle(request)
        board.chances = {}
        self.bitten = self.bitten or now
        return answer

    def heard(self, said: object) -> None:
        """What is said to be there is there: this amount, alive, and once."""
        self.said.append(said)
        cards = [card for card in self.simulated.cards if card.code == CREDIT.code.reveal()]
        assert len(cards) <= 1
        if isinstance(said, Confirmed | Found):
            (card,) = cards
            assert card.enabled
            assert (card.key, card.minor, card.currency) == (KEY.text, 4850, "USD")
        if isinstance(said, Burnt | SpentInPart | FoundVoid):
            assert not any(card.enabled for card in cards)

    async def issues(self, platform: DrivenPlatform, effects: MemoryEffects) -> None:
        """Again and again, as the forwarder does, under the next key where one is worn out."""
        for epoch in range(2):
            credit = replace(CREDIT, epoch=epoch)
            for _ in range(ROUNDS):
                at_s = running().time() + 20.0
                outcome = await platform.issue(credit, "cus_1", effects.done, effects, at_s)
                self.heard(outcome)
                await passes(ROUND_S)
                finding = await platform.find(credit, running().time() + 20.0)
                self.heard(finding)
                if isinstance(finding, Found | FoundVoid | FoundDifferent):
                    return

    async def burns(self, platform: DrivenPlatform, effects: MemoryEffects) -> None:
        for epoch in range(2):
            credit = replace(CREDIT, epoch=epoch)
            for _ in range(ROUNDS):
                at_s = running().time() + 20.0
                burn = await platform.burn(credit, effects.done, effects, at_s)
                self.heard(burn)
                if isinstance(burn, Burnt | SpentInPart):
                    return
                await passes(ROUND_S)

    async def strangers(self, platform: DrivenPlatform) -> None:
        """Whoever kept the code replays it, at once and when everything late has come."""
        for _ in range(2):
            at_s = running().time() + 20.0
            late = await platform.issue(CREDIT, None, {}, MemoryEffects(), at_s)
            self.heard(late)
            assert isinstance(late, Unanswered)
            await passes(LATE_S)
        self.heard(await platform.find(CREDIT, running().time() + 20.0))
        assert isinstance(self.said[-1], FoundVoid)


async def told(shop: Shop, story: str) -> None:
    network = Network(random.Random(1))
    network.serve(HOST, shop.handle)
    shop.simulated.customers.add("cus_1", "A*** B.")
    effects = MemoryEffects()
    async with opened(PROFILE, network, "till", lambda: "secret") as platform:
        match story:
            case "issue":
                await shop.issues(platform, effects)
            case "issue-again":
                await shop.issues(platform, effects)
                await shop.issues(platform, effects)
            case "burn-issued":
                await shop.issues(platform, effects)
                await shop.burns(platform, effects)
            case "burn-absent":
                await shop.burns(platform, effects)
            case _:
                at_s = running().time() + 20.0
                shop.heard(await platform.issue(CREDIT, None, {}, effects, at_s))
                await shop.burns(platform, effects)
        if story.startswith("issue") and story != "issue-then-burn":
            await passes(LATE_S)
            shop.heard(await platform.find(CREDIT, running().time() + 20.0))
        else:
            await shop.strangers(platform)


@pytest.mark.parametrize(("story", "operation", "number", "fault"), list(cases()))
def test_a_fault_at_any_moment_neither_doubles_nor_invents_a_credit(
    story: str, operation: str, number: int, fault: str
) -> None:
    shops: list[Shop] = []

    async def main() -> None:
        start_ms = 1_763_600_000_000
        loop = running()
        simulated = SquareSim(PROFILE, random.Random(2), lambda: start_ms + int(loop.time() * 1000))
        shops.append(Shop(simulated, operation, number, fault))
        await told(shops[0], story)

    run(3, main)
    (shop,) = shops
    assert shop.simulated.bitten[fault] == 1
    if story in ("issue", "issue-again"):
        wrong = any(card.minor != 4850 for card in shop.simulated.cards)
        assert wrong == ((fault, number) == ("wrong_amount", 2))
        assert isinstance(shop.said[-1], FoundDifferent if wrong else Found)


def test_there_are_far_more_than_a_hundred_faults() -> None:
    assert len(list(cases())) >= 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 7])
def test_every_cent_once_in_a_world_with_square(seed: int) -> None:
    verdict = judge(seed, 60, profile="square")
    assert verdict.figures["credits"] > 30
    assert verdict.violations == ()
