# SPDX-License-Identifier: Apache-2.0
"""Every fault of the simulated platform, as the real adapter hears it, and what is true then."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    Confirmed,
    Found,
    Outcome,
    Refused,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.platforms.adapter import DrivenPlatform
from tests.contracts.test_platform_contract import credit
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run, running
from tests.simulation.network import Network
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_faults import PLATFORM_FAULTS
from tests.simulation.profiles import HOST, PROFILES, REST, Profile, opened

WALL_MS = 1_763_600_000_000
HOUR_S = 3600.0


@dataclass
class Shop:
    """A simulated platform, its network, and the real adapter in front of it."""

    simulated: SimPlatform
    network: Network
    platform: DrivenPlatform

    async def issue(self, of: Credit, customer_id: str | None = None) -> Outcome:
        until = running().time() + 10
        return await self.platform.issue(of, customer_id, {}, MemoryEffects(), until)

    async def find(self, of: Credit) -> object:
        return await self.platform.find(of, running().time() + 10)

    def chance(self, fault: str) -> None:
        self.simulated.board.chances = {fault: 1.0}

    def created(self) -> int:
        return len(self.simulated.cards)


def visit(
    script: Callable[[Shop], Awaitable[None]], profile: Profile = REST, seed: int = 1
) -> None:
    async def main() -> None:
        network, loop = Network(random.Random(seed)), running()

        def now_ms() -> int:
            return WALL_MS + int(loop.time() * 1000)

        simulated = SimPlatform(profile, random.Random(seed + 1), now_ms)
        simulated.customers.add("cus_1", "A*** B.", ("email", "anna@example.com"))
        network.serve(HOST, simulated.handle)
        async with opened(profile, network, "till", lambda: "secret") as platform:
            await script(Shop(simulated, network, platform))

    run(seed, main)


# Fault: how the first issue is heard, and how many cards there may be ten minutes later.
VERDICTS: dict[str, tuple[type[object], set[int]]] = {
    "answer_lost": (Unanswered, {1}),
    "hang": (Unanswered, {0, 1}),
    "late": (Unanswered, {1}),
    "slow": (Confirmed, {1}),
    "duplicate_inside": (Confirmed, {1}),
    "half_body": (Unanswered, {1}),
    "empty_200": (Unanswered, {0, 1}),
    "accepted_202": (Unanswered, {0, 1}),
    "redirect": (Unanswered, {0}),
    "html_200": (Unanswered, {0}),
    "outage_503": (Unanswered, {0, 1}),
    "token_revoked": (Unsent, {0}),
    "throttled": (Throttled, {0}),
    "not_executed_503": (Throttled, {0}),
    "refused_422": (Refused, {0}),
    "conflict_409": (Unanswered, {0, 1}),
    "saved_500": (Unanswered, {0, 1}),
    "key_forgotten": (Confirmed, {1}),
    "lookup_lag": (Confirmed, {1}),
    "wrong_amount_said": (Unanswered, {1}),
    "wrong_amount": (Unanswered, {1}),
    "customer_unknown": (Confirmed, {1}),
    "customer_double": (Confirmed, {1}),
}


def test_every_fault_of_a_platform_has_a_verdict_here() -> None:
    assert set(VERDICTS) == set(PLATFORM_FAULTS)


@pytest.mark.parametrize("fault", VERDICTS)
def test_a_fault_is_heard_as_what_it_is_and_does_what_it_says(fault: str) -> None:
    verdict, cards = VERDICTS[fault]
    counts = set()

    async def script(shop: Shop) -> None:
        shop.simulated.board.late_s = (60, 61)
        shop.simulated.board.slow_s = (2, 5)
        shop.chance(fault)
        outcome = await shop.issue(credit())
        assert isinstance(outcome, verdict), outcome
        shop.simulated.board.calm()
        await passes(600)
        counts.add(shop.created())

    for seed in range(12):
        visit(script, seed=seed)
    assert counts == cards


@pytest.mark.parametrize("fault", sorted(set(VERDICTS) - {"wrong_amount", "refused_422"}))
def test_after_the_fault_the_same_credit_is_confirmed_and_stands_once(fault: str) -> None:
    async def script(shop: Shop) -> None:
        shop.chance(fault)
        await shop.issue(credit())
        shop.simulated.board.calm()
        await passes(25 * HOUR_S)  # past the window of its key, with its saved 500
        assert isinstance(await shop.issue(credit()), Confirmed)
        assert isinstance(await shop.find(credit()), Found)
        assert shop.created() == 1

    for seed in range(4):
        visit(script, seed=seed)


def test_a_saved_500_is_said_again_while_its_key_is_kept() -> None:
    async def script(shop: Shop) -> None:
        shop.chance("saved_500")
        await shop.issue(credit())
        shop.simulated.board.calm()
        again = await shop.issue(credit())
        assert isinstance(again, Unanswered)
        assert again.why == "unknown"

    visit(script)


def test_a_forgotten_key_is_stopped_by_the_code() -> None:
    async def script(shop: Shop) -> None:
        await shop.issue(credit())
        shop.chance("key_forgotten")
        assert isinstance(await shop.issue(credit()), Confirmed)
        assert shop.simulated.bitten == {"key_forgotten": 1}
        assert shop.created() == 1

    visit(script)


def test_a_look_up_that_lags_says_absent_and_sees_it_within_the_settling_time() -> None:
    async def script(shop: Shop) -> None:
        shop.chance("lookup_lag")
        await shop.issue(credit())
        shop.simulated.cards.of_code(credit().code.reveal())[0].visible_ms += 1000
        assert await shop.find(credit()) == Absent()
        await passes(REST.settling_ms / 1000)
        assert isinstance(await shop.find(credit()), Found)

    visit(script)


def test_a_customer_may_be_gone_or_doubled_for_once() -> None:
    anna = CustomerReference(CustomerKind.EMAIL, "anna@example.com")

    async def script(shop: Shop) -> None:
        until = running().time() + 60
        shop.chance("customer_unknown")
        assert await shop.platform.resolve(anna, until) == Unmatched()
        shop.chance("customer_double")
        assert await shop.platform.resolve(anna, until) == Ambiguous(2)

    visit(script)


def test_a_lasting_fault_bites_until_its_moment_and_never_after() -> None:
    async def script(shop: Shop) -> None:
        until_ms = WALL_MS + int((running().time() + HOUR_S) * 1000)
        shop.simulated.board.last("token_revoked", until_ms)
        assert isinstance(await shop.issue(credit()), Unsent)
        await passes(HOUR_S - 10)
        assert isinstance(await shop.issue(credit()), Unsent)
        await passes(20)
        assert isinstance(await shop.issue(credit()), Confirmed)

    visit(script)


def test_a_new_token_is_needed_and_taken_while_we_run() -> None:
    secret = ["secret"]

    async def main() -> None:
        network, loop = Network(random.Random(1)), running()
        simulated = SimPlatform(REST, random.Random(2), lambda: WALL_MS)
        network.serve(HOST, simulated.handle)
        async with opened(REST, network, "till", lambda: secret[0]) as platform:
            shop = Shop(simulated, network, platform)
            simulated.token = "another"
            assert isinstance(await shop.issue(credit()), Unsent)
            secret[0] = "another"
            await passes(2)
            assert isinstance(await shop.issue(credit()), Confirmed)
            assert loop.faults == []

    run(1, main)


def test_one_rate_limit_holds_for_everybody_and_refills_by_the_second() -> None:
    profile = Profile("narrow", rate=(2.0, 3.0))

    async def script(shop: Shop) -> None:
        outcomes = [await shop.issue(credit(number)) for number in range(8)]
        throttled = [each for each in outcomes if isinstance(each, Throttled)]
        assert 3 <= len(outcomes) - len(throttled) <= 5
        assert all(each.retry_after_s >= 1 for each in throttled)
        await passes(throttled[-1].retry_after_s)
        assert isinstance(await shop.issue(credit(9)), Confirmed)

    visit(script, profile)


def test_what_others_do_is_in_the_log_beside_what_we_did() -> None:
    code = credit().code.reveal()

    async def script(shop: Shop) -> None:
        await shop.issue(credit(), "cus_1")
        assert shop.simulated.spend(code, 850)
        assert not shop.simulated.spend(code, 4001)
        assert shop.simulated.disable_elsewhere(code)
        shop.simulated.foreign("ZZZZ000000000001", 100, "USD")
        log = [(each.what, each.minor, each.by) for each in shop.simulated.cards.log]
        assert log == [
            ("created", 4850, "us"),
            ("linked", 0, "us"),
            ("spent", 850, "shopper"),
            ("disabled", 4000, "other"),
            ("created", 100, "other"),
        ]

    visit(script)


# ---- profiles


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_says_of_itself_what_it_does(name: str) -> None:
    profile = PROFILES[name]

    async def script(shop: Shop) -> None:
        abilities = shop.platform.abilities
        assert isinstance(await shop.issue(credit()), Confirmed)
        await passes(profile.settling_ms / 1000)
        found = await shop.find(credit())
        assert isinstance(found, Found if abilities.exact_lookup else Unknown)
        window_s = abilities.key_window_s
        await passes(10 * 24 * HOUR_S if window_s is None else window_s + 1)
        again = await shop.issue(credit())
        twice = not abilities.unique_codes and window_s is not None
        assert shop.created() == (2 if twice else 1)
        assert isinstance(again, Confirmed if abilities.exact_lookup else Unanswered)

    visit(script, profile)


@pytest.mark.parametrize("name", [name for name, each in PROFILES.items() if each.lag_ms[1]])
def test_a_lagging_profile_is_seen_in_the_end_and_not_always_at_once(name: str) -> None:
    profile, seen = PROFILES[name], []

    async def script(shop: Shop) -> None:
        for number in range(8):
            await shop.issue(credit(number))
            seen.append(isinstance(await shop.find(credit(number)), Found))
        await passes(profile.settling_ms / 1000)
        for number in range(8):
            assert isinstance(await shop.find(credit(number)), Found)

    visit(script, profile)
    assert not all(seen)


@pytest.mark.parametrize("name", PROFILES)
def test_nothing_is_carried_out_later_than_a_platform_can_bear(name: str) -> None:
    profile = PROFILES[name]
    if not profile.dedupes_late:
        assert profile.late_s[1] * 1000 < profile.settling_ms - profile.lag_ms[1]
        assert "key_forgotten" in profile.unfit
    else:
        assert profile.late_s[1] > 60
