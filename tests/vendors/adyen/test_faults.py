# SPDX-License-Identifier: Apache-2.0
"""Every fault, at every operation, at every moment: none puts a credit on a card twice, and none is
told CONFIRMED, or voided, that is not so."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from agent.domain.credit import Credit, Instrument
from agent.domain.outcome import Accepted, Burn, Burnt, Confirmed, Outcome, Refused
from agent.domain.sale import Refund, RefundOutcome, RefundTo
from agent.platforms.adapter import DrivenPlatform
from tests.contracts.test_platform_contract import NOW_MS, credit
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run, running
from tests.simulation.network import Network
from tests.simulation.platform_faults import PLATFORM_FAULTS
from tests.simulation.profiles import HOST, opened
from tests.vendors.adyen.profile import BOTH, GIVEX, PROFILE, AdyenProfile
from tests.vendors.adyen.scene import LINE, Scene, plastic, play
from tests.vendors.adyen.simulator import AdyenPlatform

UNFIT: Final = {"key_forgotten", "lookup_lag", "customer_unknown", "customer_double"}
"""Adyen keeps its keys, has no index that lags behind, and knows no customers of cards."""
FAULTS: Final = (*sorted(set(PLATFORM_FAULTS) - UNFIT), *sorted(LINE))
MOMENTS: Final = ("at the first try", "at the second try", "at the burn", "from the first on")
NEVER_DONE: Final = {"refused_422", "wrong_amount", "saved_500", "wrong_amount_said"}
"""After these the platform itself will not have it, or tells it otherwise: nobody is told yes."""


@dataclass
class Shop:
    """A simulated Adyen, its network, and the real adapter, driver and transport before it."""

    simulated: AdyenPlatform
    network: Network
    platform: DrivenPlatform
    effects: MemoryEffects = field(default_factory=MemoryEffects)

    def fault(self, name: str) -> None:
        chances = self.network.line("till").faults if name in LINE else self.simulated.board.chances
        chances[name] = 1.0

    def calm(self) -> None:
        self.simulated.board.calm()
        self.network.line("till").faults.clear()

    async def issue(self, of: Credit) -> Outcome:
        done, until = self.effects.done, running().time() + 10
        outcome = await self.platform.issue(of, None, done, self.effects, until)
        if isinstance(outcome, Confirmed):
            assert self.live(of) == [of.amount.minor]
        assert self.made(of) <= 1
        return outcome

    async def burn(self, of: Credit) -> Burn:
        done, until = self.effects.done, running().time() + 10
        burn = await self.platform.burn(of, done, self.effects, until)
        if isinstance(burn, Burnt):
            assert self.live(of) == []
        assert self.made(of) <= 1
        return burn

    def made(self, of: Credit) -> int:
        return sum(card.key == of.key.text for card in self.simulated.cards)

    def live(self, of: Credit) -> list[int]:
        return [card.minor for card in self.simulated.live(of.key.text)]


def visit(
    script: Callable[[Shop], Awaitable[None]], profile: AdyenProfile = PROFILE, seed: int = 1
) -> None:
    async def main() -> None:
        network, loop = Network(random.Random(seed)), running()
        start_s = loop.time()

        def now_ms() -> int:
            return NOW_MS + int((loop.time() - start_s) * 1000)

        simulated = profile.platform(random.Random(seed + 1), now_ms)
        network.serve(HOST, simulated.handle)
        async with opened(profile, network, "till", lambda: "secret") as platform:
            await script(Shop(simulated, network, platform))

    run(seed, main)


def scanned(number: int = 0) -> Credit:
    return replace(credit(number), instrument=Instrument.PLASTIC, plastic=plastic(number))


@pytest.mark.parametrize("profile", BOTH, ids=lambda each: each.name)
@pytest.mark.parametrize(("fault", "moment"), list(product(FAULTS, MOMENTS)))
def test_a_fault_doubles_nothing_and_nothing_false_is_told(
    fault: str, moment: str, profile: AdyenProfile
) -> None:
    of = scanned()

    async def script(shop: Shop) -> None:
        if moment == "at the second try":
            shop.fault("line_answer_lost")
            await shop.issue(of)
            shop.calm()
        if moment != "at the burn":
            shop.fault(fault)
            await shop.issue(of)
            burn = None
            if moment == "from the first on":
                await shop.issue(of)
                burn = await shop.burn(of)
            shop.calm()
            await passes(1_000)  # what is carried out late, is
            if isinstance(burn, Burnt):
                assert shop.live(of) == []
                return  # nobody asks for it again
        outcome = await shop.issue(of)
        if moment == "at the burn" or fault not in NEVER_DONE:
            assert isinstance(outcome, Confirmed | Refused)
        if moment == "at the burn":
            shop.fault(fault)
            await shop.burn(of)
            shop.calm()
            await passes(1_000)
        burn = await shop.burn(of)
        await passes(1_000)
        if isinstance(burn, Burnt):
            assert shop.live(of) == []
        if moment == "at the burn":
            assert isinstance(burn, Burnt)

    visit(script, profile)


@pytest.mark.parametrize("profile", BOTH, ids=lambda each: each.name)
def test_two_credits_for_one_card_are_one_credit_and_one_refusal(profile: AdyenProfile) -> None:
    """A cashier who heard nothing rings it up anew with the card still in hand."""
    first = scanned(0)
    second = replace(scanned(1), plastic=first.plastic)

    async def script(shop: Shop) -> None:
        shop.fault("reset_before_read")
        await shop.issue(first)
        shop.calm()
        other = Shop(shop.simulated, shop.network, shop.platform)
        assert isinstance(await other.issue(second), Confirmed)
        assert not isinstance(await shop.issue(first), Confirmed)
        assert other.live(second) == [4850]

    visit(script, profile)


def test_a_key_that_was_forgotten_does_not_bring_the_money_again() -> None:
    """Eight days later the first look is new as well, and finds the card full."""
    of = scanned()

    async def script(shop: Shop) -> None:
        assert isinstance(await shop.issue(of), Confirmed)
        await passes(8 * 86_400)
        assert isinstance(await shop.issue(of), Refused)
        assert not isinstance(await shop.burn(of), Burnt)

    visit(script)


def test_a_card_that_was_spent_since_is_confirmed_by_its_key_and_not_burnt() -> None:
    of = scanned()

    async def script(shop: Shop) -> None:
        assert isinstance(await shop.issue(of), Confirmed)
        assert shop.simulated.spend(plastic(0).number, 850)
        assert isinstance(await shop.issue(of), Confirmed)
        assert not isinstance(await shop.burn(of), Burnt)

    visit(script)


@pytest.mark.parametrize("fault", ["line_answer_lost", "reset_after_read", "duplicate"])
def test_a_refund_goes_to_checkout_once_whatever_happens_to_its_answer(fault: str) -> None:
    payment = "PAY0000000000001"
    refund = Refund(credit(), "S-1", RefundTo.TENDER, tender=payment)

    async def script(shop: Shop) -> None:
        shop.simulated.captured[payment] = 10_000
        shop.fault(fault)
        outcomes = [await _refunded(shop, refund)]
        shop.calm()
        await passes(1_000)
        outcomes.append(await _refunded(shop, refund))
        assert isinstance(outcomes[-1], Accepted)
        assert len(shop.simulated.refunds) == 1
        assert shop.simulated.captured[payment] == 10_000 - refund.amount.minor

    visit(script)


async def _refunded(shop: Shop, refund: Refund) -> RefundOutcome:
    until = running().time() + 10
    return await shop.platform.refund(refund, shop.effects.done, shop.effects, until)


# ---- the whole machine


def rush(fault: str, point: str, count: int) -> Callable[[Scene], Awaitable[None]]:
    """Five credits and two voids under a fault, and a death of the machine in between."""

    async def script(scene: Scene) -> None:
        scene.faults(**{fault: 0.5})
        scene.doom(point, count)
        keys = []
        for number in range(5):
            keys.append(await scene.issue(plastic(number)))
            await passes(40)
        for key in keys[:2]:
            if key is not None:
                await scene.void(key)
        await passes(900)

    return script


POINTS: Final = ("before-request", "after-request", "before-commit", "after-commit")
PLAYED: Final = (
    "answer_lost",
    "hang",
    "late",
    "half_body",
    "empty_200",
    "outage_503",
    "conflict_409",
    "not_executed_503",
    "reset_after_read",
    "duplicate",
    "stall",
)


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "point"), list(product(PLAYED, POINTS)))
def test_a_machine_that_dies_under_a_fault_keeps_every_cent_once(
    fault: str, point: str, tmp_path: Path
) -> None:
    seed = PLAYED.index(fault) * len(POINTS) + POINTS.index(point)
    profile = BOTH[(PLAYED.index(fault) + POINTS.index(point)) % 2]
    judged = play(rush(fault, point, seed % 6), tmp_path, seed, profile)
    assert judged.wrong == []
    assert judged.states["confirmed"] >= 1
    assert judged.bitten[fault] >= 1


def test_a_calm_day_confirms_what_is_kept_and_voids_what_came_back(tmp_path: Path) -> None:
    async def script(scene: Scene) -> None:
        first = await scene.issue(plastic(1))
        await scene.issue(plastic(2))
        assert first is not None
        await scene.void(first)
        await scene.issue(plastic(2))  # a card that is full by now

    judged = play(script, tmp_path)
    assert judged.wrong == []
    assert judged.states == {"voided": 1, "confirmed": 1, "refused": 1}


def test_a_lost_answer_is_learnt_by_the_same_bytes_after_a_restart(tmp_path: Path) -> None:
    async def script(scene: Scene) -> None:
        scene.faults(answer_lost=1.0)
        await scene.issue(plastic(1))
        await scene.restart()
        scene.calm()

    judged = play(script, tmp_path, profile=GIVEX)
    assert judged.wrong == []
    assert judged.states == {"confirmed": 1}


def test_a_week_without_an_answer_ends_at_a_person_and_never_sends_again(tmp_path: Path) -> None:
    async def script(scene: Scene) -> None:
        scene.faults(answer_lost=1.0)
        await scene.issue(plastic(1))
        scene.line.up = False
        now_s = scene.loop.time()
        scene.quiet.since_s, scene.quiet.until_s = now_s, now_s + 8 * 86_400
        await passes(8 * 86_400 + 60)

    judged = play(script, tmp_path)
    assert judged.wrong == []
    assert set(judged.states) <= {"review", "confirmed"}
