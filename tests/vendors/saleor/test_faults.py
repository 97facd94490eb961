# SPDX-License-Identifier: Apache-2.0
"""Every fault, at every operation, at three moments: none ends in a double credit or a lie."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from agent.domain.outcome import BurnRefused, Burnt, LinkResult
from tests.contracts.test_platform_contract import credit
from tests.simulation.network import AT_CONNECT, AT_REQUEST
from tests.simulation.platform_faults import EVERY, MEANINGS, REFUSERS, SPOILERS
from tests.simulation.run import judge
from tests.vendors.saleor.scene import AimedBoard, Till, visit
from tests.vendors.saleor.shop_orders import SimOrder

MOMENTS = {"at once": (1, 1), "the second time": (2, 1), "three times": (1, 3)}


def aims() -> Iterator[tuple[str, str, str]]:
    """Fault, operation, moment."""
    for name, kind in {**SPOILERS, **REFUSERS, **MEANINGS}.items():
        for operation in sorted(kind.where & EVERY):
            for moment in MOMENTS:
                yield name, operation, moment


AIMS = list(aims())


def order_of(till: Till) -> SimOrder:
    lines = {"line-1": (2, till.of.amount.minor)}
    return till.shop.orders.add(SimOrder("order-1", 1042, "R-77", "USD", lines, "cus_1"))


async def a_day(till: Till) -> None:
    """A credit for Anna, from the counter to the claim that is turned away, and a refund."""
    order = order_of(till)
    customer = await till.resolved()
    await till.issued(customer)
    await till.balanced()
    await till.listed()
    await till.listed()
    if till.confirmed:
        assert await till.linked("cus_1") in (LinkResult.LINKED, LinkResult.REFUSED)
        assert await till.noted()
    await till.sold("1042")
    await till.refunded(order)
    burn = await till.burnt()
    assert isinstance(burn, Burnt | BurnRefused)
    assert isinstance(burn, Burnt) or not till.confirmed
    till.turn_to(credit(1))  # a code that was never sent, burnt by a verifier
    burn = await till.burnt()
    assert isinstance(burn, Burnt | BurnRefused)
    assert isinstance(burn, Burnt) or till.shop.bitten["refused_422"]
    await till.wait()
    await till.wait()
    assert not any(card.enabled and card.key is not None for card in till.cards())
    assert sum(grant.paid for grant in order.grants) <= 1


def test_there_are_more_than_a_hundred_faults() -> None:
    assert len(AIMS) > 300
    assert {fault for fault, _, _ in AIMS} >= set(SPOILERS) | set(REFUSERS)


@pytest.mark.parametrize(("fault", "operation", "moment"), AIMS)
def test_no_fault_ends_in_a_double_credit_or_a_false_confirmation(
    fault: str, operation: str, moment: str
) -> None:
    first, times = MOMENTS[moment]
    board = AimedBoard(random.Random(7), fault, operation, first, times)
    till = visit(a_day, board)
    assert till.wrong == []
    assert board.bitten[fault] or moment != "at once"
    everything = till.shop.cards
    assert len({card.code for card in everything}) == len(everything)
    if fault not in ("refused_422", "wrong_amount"):
        assert till.confirmed or till.refused
    if fault == "wrong_amount" and moment == "at once":
        assert not till.confirmed


@pytest.mark.parametrize("chance", [0.15, 0.5])
@pytest.mark.parametrize("fault", [*AT_CONNECT, *AT_REQUEST])
def test_no_fault_of_the_line_does_either(fault: str, chance: float) -> None:
    async def script(till: Till) -> None:
        till.line.faults[fault] = chance
        await a_day(till)

    for seed in (3, 4):
        till = visit(script, seed=seed)
        assert till.wrong == []
        assert len({card.code for card in till.shop.cards}) == len(till.shop.cards)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3, 4])  # in 4, paper comes out as the forwarder begins
def test_every_cent_once_in_a_whole_store(seed: int) -> None:
    verdict = judge(seed, 30, profile="saleor")
    assert verdict.figures["credits"] > 15
    assert not verdict.violations, "\n".join(verdict.violations)
