# SPDX-License-Identifier: Apache-2.0
"""Every fault of a platform and of a line, at every operation and at several moments, through the
real driver and adapter: none ends in a second card, a second refund or a false confirmation."""

from __future__ import annotations

import functools

import pytest

from agent.domain.credit import Credit
from agent.domain.money import Money
from agent.domain.outcome import (
    Burnt,
    Confirmed,
    Found,
    FoundVoid,
    LinkResult,
    Outcome,
    RefusalReason,
    Refused,
    Unanswered,
    Unsent,
)
from agent.domain.sale import Refund, Refunded, RefundLine, RefundTo
from agent.platforms.adapter import DrivenPlatform
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run
from tests.simulation.network import AT_CONNECT, AT_REQUEST
from tests.simulation.platform_faults import PLATFORM_FAULTS
from tests.vendors.shopify.stage import (
    ANNA,
    CREDIT,
    LINE,
    ORDER,
    PAYMENT,
    Mishap,
    Stage,
    soon,
)

TRIES_MAX = 30
WAIT_S = 45.0
LATE_S = 1_000.0
"""Longer than any request here is carried out late."""
MOMENTS = {"once": {1}, "twice": {1, 2}, "later": {2}}
MEANT = ("create", "link", "disable", "find")
NOT_SHOPIFYS = frozenset({"key_forgotten", "customer_double"})
"""There is no key of gift cards to forget; e-mails, phones and custom ids are unique in a shop."""
CASES = [
    (fault, operation, moment)
    for fault, kind in PLATFORM_FAULTS.items()
    for operation in MEANT
    for moment in MOMENTS
    if operation in kind.where and fault not in NOT_SHOPIFYS
    # a link and a deactivation that went well are asked for once
    if moment != "later" or operation in ("create", "find")
]


async def issued(stage: Stage, till: DrivenPlatform, effects: MemoryEffects) -> Outcome:
    """Tries as a forwarder does, until an end or a person; judges each word at once."""
    outcome: Outcome = Unsent("never tried")
    for _ in range(TRIES_MAX):
        outcome = await till.issue(CREDIT, ANNA, effects.done, effects, soon())
        if isinstance(outcome, Confirmed):
            told_true(stage, outcome)
            break
        if isinstance(outcome, Refused) or (isinstance(outcome, Unanswered) and outcome.differs):
            found = await till.find(CREDIT, soon())
            assert isinstance(outcome, Refused) or not isinstance(found, Found) or equal(stage)
            break
        await passes(WAIT_S)
    return outcome


def told_true(stage: Stage, outcome: Confirmed) -> None:
    (card,) = stage.cards()
    assert (card.minor, card.currency, card.key) == (4850, "USD", CREDIT.key.text)
    assert card.enabled
    assert outcome.card.reference == card.id
    assert not outcome.linked or card.customer_id == ANNA


def equal(stage: Stage) -> bool:
    return [(card.minor, card.enabled) for card in stage.cards()] == [(4850, True)]


async def burnt(till: DrivenPlatform, effects: MemoryEffects) -> bool:
    for _ in range(TRIES_MAX):
        if isinstance(await till.burn(CREDIT, effects.done, effects, soon()), Burnt):
            return True
        await passes(WAIT_S)
    return False


async def story(stage: Stage) -> None:
    """Issue at one till, again at another that holds the paper, link, then burn and replay."""
    effects, others = MemoryEffects(), MemoryEffects()
    async with stage.register("till1") as one, stage.register("till2") as two:
        first = await issued(stage, one, effects)
        second = await issued(stage, two, others)
        assert len(stage.cards()) <= 1
        await passes(LATE_S)
        assert len(stage.cards()) <= 1
        if isinstance(first, Confirmed):
            assert equal(stage)
            assert isinstance(second, Confirmed | Refused)
            linked = [await link(one, effects) for _ in range(4)]
            assert linked[-1] is LinkResult.LINKED
            assert stage.cards()[0].customer_id == ANNA
        assert await burnt(one, effects)
        await passes(LATE_S)
        replayed = await two.issue(CREDIT, None, others.done, others, soon())
        assert not isinstance(replayed, Confirmed)
        assert isinstance(await two.find(CREDIT, soon()), FoundVoid)
        (card,) = stage.cards()
        assert not card.enabled


async def link(till: DrivenPlatform, effects: MemoryEffects) -> LinkResult:
    await passes(WAIT_S)
    return await till.link(CREDIT, ANNA, effects.done, effects, soon())


@pytest.mark.parametrize(("fault", "operation", "moment"), CASES)
def test_no_fault_of_the_shop_doubles_or_confirms_falsely(
    fault: str, operation: str, moment: str
) -> None:
    numbers = frozenset(MOMENTS[moment])

    async def main(seed: int) -> int:
        stage = Stage(seed, Mishap(fault, operation, numbers))
        await story(stage)
        return stage.shop.bitten[fault]

    bitten = [run(seed, functools.partial(main, seed)) for seed in range(2)]
    assert sum(bitten) > 0, "the fault never bit"


@pytest.mark.parametrize("fault", [*AT_CONNECT, *AT_REQUEST])
@pytest.mark.parametrize("phase", ["issue", "second", "burn"])
def test_no_fault_of_the_line_doubles_or_confirms_falsely(fault: str, phase: str) -> None:
    async def main() -> None:
        stage = Stage(7)
        effects, others = MemoryEffects(), MemoryEffects()
        async with stage.register("till1") as one, stage.register("till2") as two:

            async def with_the_fault(name: str, asked: DrivenPlatform) -> None:
                """One try with the fault at everything, then a calm line."""
                line = stage.network.line("till1" if asked is one else "till2")
                if name != phase:
                    return
                line.faults[fault] = 1.0
                mine = effects if asked is one else others
                if name == "burn":
                    await asked.burn(CREDIT, mine.done, mine, soon())
                else:
                    outcome = await asked.issue(CREDIT, ANNA, mine.done, mine, soon())
                    if isinstance(outcome, Confirmed):
                        told_true(stage, outcome)
                line.faults.clear()

            await with_the_fault("issue", one)
            assert isinstance(await issued(stage, one, effects), Confirmed)
            await with_the_fault("second", two)
            assert isinstance(await issued(stage, two, others), Confirmed)
            await with_the_fault("burn", one)
            assert await burnt(one, effects)
            await passes(LATE_S)
            assert len(stage.cards()) == 1
            assert not stage.cards()[0].enabled
            assert stage.network.bitten[fault] > 0

    run(3, main)


# ---- refunds

REFUND = Refund(CREDIT, ORDER, RefundTo.TENDER, (RefundLine(LINE, 2),), PAYMENT, ANNA, "too big")
STORE_CREDIT = Refund(CREDIT, ORDER, RefundTo.CREDIT, (RefundLine(LINE, 2),), None, ANNA)
SPOILT = [
    (fault, operation, moment)
    for fault, kind in PLATFORM_FAULTS.items()
    for operation in ("create", "by_key")
    for moment in MOMENTS
    if operation in kind.where and fault not in NOT_SHOPIFYS
    # what is remembered or said of a new card is no matter of refunds
    if fault not in ("conflict_409", "saved_500", "lookup_lag", "refused_422")
    if not fault.startswith("wrong_amount")
]


@pytest.mark.parametrize("asked", [REFUND, STORE_CREDIT], ids=["tender", "credit"])
@pytest.mark.parametrize(("fault", "operation", "moment"), SPOILT)
def test_no_fault_pays_a_refund_twice_or_tells_of_one_that_is_not(
    fault: str, operation: str, moment: str, asked: Refund
) -> None:
    async def main() -> None:
        stage = Stage(5, Mishap(fault, operation, frozenset(MOMENTS[moment])))
        effects = MemoryEffects()
        async with stage.register("till1") as till:
            for _ in range(2):
                assert await refunded(till, asked, effects)
                assert stage.paid_back() == 4850
                await passes(LATE_S)
            assert isinstance(await till.find_refund(asked, soon()), Refunded)
            assert stage.paid_back() == 4850
        (only,) = stage.shop.orders.by_id[ORDER].refunds
        assert CREDIT.key.text in (only.note or "")
        assert stage.shop.bitten[fault] > 0 or (operation, moment) == ("create", "later")

    run(5, main)


async def refunded(till: DrivenPlatform, asked: Refund, effects: MemoryEffects) -> bool:
    for _ in range(TRIES_MAX):
        outcome = await till.refund(asked, effects.done, effects, soon())
        if isinstance(outcome, Refunded):
            return outcome.amount == asked.amount
        await passes(WAIT_S)
    return False


def test_a_refund_after_two_days_is_found_by_its_note_and_not_paid_again() -> None:
    """The key is kept for 24 hours only; the answer of the first try was lost."""

    async def main() -> None:
        stage = Stage(6, Mishap("answer_lost", "create", frozenset({1})))
        effects = MemoryEffects()
        async with stage.register("till1") as till:
            lost = await till.refund(REFUND, effects.done, effects, soon())
            assert isinstance(lost, Unanswered)
            await passes(2 * 86_400.0)
            found = await till.refund(REFUND, effects.done, effects, soon())
            assert isinstance(found, Refunded)
            assert stage.paid_back() == 4850
            assert stage.mishap.seen["create"] == 1

    run(6, main)


def test_an_amount_with_three_digits_is_refused_before_the_shop_could_round_it() -> None:
    async def main() -> None:
        stage = Stage(8)
        effects = MemoryEffects()
        credit = Credit(CREDIT.key, CREDIT.code, Money(1255, "KWD"))
        async with stage.register("till1") as till:
            outcome = await till.issue(credit, None, {}, effects, soon())
            assert isinstance(outcome, Refused)
            assert outcome.reason is RefusalReason.CURRENCY
            assert stage.cards() == []
            assert effects.journalled == []

    run(8, main)


def test_there_are_more_than_a_hundred_faults() -> None:
    assert len(CASES) >= 100
    assert len(SPOILT) >= 50
