# SPDX-License-Identifier: Apache-2.0
"""Every fault, at every operation, at three moments: none ends in two credits, and nothing is said
to stand, or to be dead, that does not.

The tries follow the forwarder's rule for a platform whose codes nothing is built on: after a send
without an answer, an *absent* is believed once it has settled; then the same bytes go again.
"""

from __future__ import annotations

import pytest

from agent.domain.outcome import (
    Absent,
    BurnRefused,
    Burnt,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Refused,
    SpentInPart,
    Unknown,
)
from tests.contracts.test_platform_contract import credit
from tests.simulation.loop import passes
from tests.simulation.platform_faults import PLATFORM_FAULTS
from tests.vendors.bigcommerce.profile import PROFILE, TRIED, BigcommerceProfile
from tests.vendors.bigcommerce.shop import Moment, Shop, visit

ONE = credit()
TRIES_MAX = 12
OPERATIONS = ("create", "find", "disable", "link", "by_key")
CASES = [
    (fault, operation, moment)
    for fault, kind in PLATFORM_FAULTS.items()
    if fault not in PROFILE.unfit
    for operation in OPERATIONS
    if operation in kind.where
    for moment in Moment
]
ISSUING = [
    case for case in CASES if case[1] in ("create", "find") and case[0] != "duplicate_inside"
]
"""A store that makes second certificates can be helped by nobody when it carries out one request
twice."""


def live(shop: Shop) -> list[int]:
    code = ONE.code.reveal()
    return [card.minor for card in shop.simulated.cards.of_code(code) if card.enabled]


async def stands(shop: Shop) -> bool:
    """Tries until it is known. True: confirmed; False: refused, or for a person."""
    for _ in range(TRIES_MAX):
        outcome = await shop.issue(ONE)
        assert len(live(shop)) <= 1
        if isinstance(outcome, Confirmed):
            return True
        if isinstance(outcome, Refused):
            return False
        found: object = Unknown("not asked")
        while isinstance(found, Unknown):
            await shop.settled()
            found = await shop.find(ONE)
        if not isinstance(found, Absent):
            assert isinstance(found, Found | FoundVoid | FoundDifferent)
            return isinstance(found, Found)
    raise AssertionError("it never became known")


async def linked(shop: Shop) -> LinkResult:
    for _ in range(TRIES_MAX):
        result = await shop.link(ONE, shop.anna)
        if result is not LinkResult.UNKNOWN:
            return result
        await passes(60)
    raise AssertionError("it was never linked")


async def dead(shop: Shop) -> bool:
    for _ in range(TRIES_MAX):
        burn = await shop.burn(ONE)
        if isinstance(burn, Burnt | SpentInPart):
            return True
        if isinstance(burn, BurnRefused):
            return False
        await shop.settled()
    raise AssertionError("it was never burnt")


async def whole_life(shop: Shop, may_refuse: bool) -> None:
    confirmed = await stands(shop)
    assert (live(shop) == [ONE.amount.minor]) or not confirmed
    if confirmed:
        result = await linked(shop)
        (card,) = shop.simulated.cards.of_code(ONE.code.reveal())
        assert (card.customer_id == "cus_1") == (result is LinkResult.LINKED)
        assert live(shop) == [ONE.amount.minor]
    await shop.settled()  # a burn waits as a second send does
    burnt = await dead(shop)
    await passes(1_000)
    assert burnt or may_refuse  # a person looks, and nothing is paid out
    assert live(shop) == []
    assert sum(card.minor for card in shop.simulated.cards) <= ONE.amount.minor + 100


def test_there_are_more_than_a_hundred_faults() -> None:
    assert len(CASES) >= 150


@pytest.mark.parametrize("profile", [PROFILE, TRIED], ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("fault", "operation", "moment"), CASES, ids=[f"{f}-{o}-{m.name}" for f, o, m in CASES]
)
def test_no_fault_ends_in_two_credits_or_a_false_word(
    fault: str, operation: str, moment: Moment, profile: BigcommerceProfile
) -> None:
    async def script(shop: Shop) -> None:
        aimed = shop.aim(fault, operation, moment)
        await whole_life(shop, may_refuse=fault == "refused_422")
        asked_often = aimed.asked > (moment is Moment.SECOND)
        assert aimed.bitten[fault] > 0 or not asked_often

    visit(script, profile)


@pytest.mark.parametrize(
    ("fault", "operation", "moment"), ISSUING, ids=[f"{f}-{o}-{m.name}" for f, o, m in ISSUING]
)
def test_nothing_rests_on_the_vendor_refusing_a_second_certificate(
    fault: str, operation: str, moment: Moment
) -> None:
    async def script(shop: Shop) -> None:
        shop.aim(fault, operation, moment)
        confirmed = await stands(shop)
        await passes(1_000)
        assert len(shop.simulated.cards) <= 1
        assert (live(shop) == [ONE.amount.minor]) or not confirmed

    visit(script, second=True)
