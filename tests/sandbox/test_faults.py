# SPDX-License-Identifier: Apache-2.0
"""Each fault through the real adapter, driver, transport and sockets: what the platform's ledger
holds afterwards, which outcome the agent got, and how the next look-up ends the doubt."""

from __future__ import annotations

import asyncio

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    BurnUnknown,
    Confirmed,
    Found,
    FoundDifferent,
    LinkResult,
    Matched,
    Outcome,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.sandbox import Fault
from agent.sandbox.faults import KINDS, Faults
from tests.fakes.platform import MemoryEffects
from tests.sandbox.conftest import NOW_MS, Shop, credit

ANNA = CustomerReference(CustomerKind.EMAIL, "anna@example.com")


async def issue(
    shop: Shop, effects: MemoryEffects, customer_id: str | None = None, seconds: float = 5
) -> Outcome:
    return await shop.platform.issue(
        credit(), customer_id, effects.done, effects, shop.deadline(seconds)
    )


async def add_anna(shop: Shop) -> None:
    body = {
        "customer_id": "cus_1",
        "masked": "A*** B.",
        "identifiers": [{"kind": "email", "value": ANNA.value}],
    }
    assert (await shop.control("POST", "/sandbox/customers", body))[0] == 201


async def test_down_refuses_connections_and_the_same_port_comes_back(shop: Shop) -> None:
    effects = MemoryEffects()
    assert isinstance(await issue(shop, effects), Confirmed)  # a connection is kept now
    url = shop.sandbox.url
    await shop.on(Fault.DOWN)
    await shop.on(Fault.DOWN)
    for _ in range(2):
        outcome = await shop.platform.issue(credit(1), None, {}, MemoryEffects(), shop.deadline())
        assert outcome == Unsent("connect")
    assert await shop.platform.find(credit(), shop.deadline()) == Unknown("connect")
    await shop.sandbox.switch(Fault.DOWN, on=False)
    assert shop.sandbox.url == url
    assert isinstance(await issue(shop, effects), Confirmed)
    assert len(shop.sandbox.ledger()) == 1


async def test_slow_waits_and_then_answers(shop: Shop) -> None:
    await shop.on(Fault.SLOW, ms=750, times=1)
    assert isinstance(await issue(shop, MemoryEffects()), Confirmed)
    assert shop.slept == [0.75]


async def test_an_answer_lost_after_commit_is_found_again_and_never_doubled(shop: Shop) -> None:
    effects = MemoryEffects()
    await shop.on(Fault.ANSWER_LOST_AFTER_COMMIT, times=1)
    assert await issue(shop, effects) == Unanswered("reset")
    assert len(shop.sandbox.ledger()) == 1
    assert isinstance(await shop.platform.find(credit(), shop.deadline()), Found)
    again = await issue(shop, effects)
    assert isinstance(again, Confirmed)
    assert len(shop.sandbox.ledger()) == 1
    assert len(effects.journalled) == 1


@pytest.mark.parametrize("executed", [False, True])
async def test_a_saved_500_is_replayed_for_its_key_until_the_window_has_passed(
    shop: Shop, executed: bool
) -> None:
    effects = MemoryEffects()
    await shop.on(Fault.SAVED_500, times=1, executed=executed)
    for _ in range(2):
        outcome = await issue(shop, effects)
        assert isinstance(outcome, Unanswered)
        assert outcome.why == "unknown"
    assert len(shop.sandbox.ledger()) == int(executed)
    finding = await shop.platform.find(credit(), shop.deadline())
    assert isinstance(finding, Found) if executed else finding == Absent()
    shop.now_ms += 86_400_000
    assert isinstance(await issue(shop, effects), Confirmed)
    assert len(shop.sandbox.ledger()) == 1


async def test_throttled_says_when_and_did_nothing(shop: Shop) -> None:
    await shop.on(Fault.THROTTLED, retry_after_s=7)
    outcome = await issue(shop, MemoryEffects())
    assert isinstance(outcome, Throttled)
    assert outcome.retry_after_s == 7
    finding = await shop.platform.find(credit(), shop.deadline())
    assert isinstance(finding, Unknown)
    assert finding.retry_after_s == 7
    assert shop.sandbox.ledger() == []


async def test_a_wrong_amount_that_was_only_said_is_cleared_by_the_look_up(shop: Shop) -> None:
    await shop.on(Fault.WRONG_AMOUNT, times=1)
    outcome = await issue(shop, MemoryEffects())
    assert isinstance(outcome, Unanswered)
    assert outcome.differs
    found = await shop.platform.find(credit(), shop.deadline())
    assert isinstance(found, Found)
    assert found.card.initial == Money(4850, "USD")


async def test_a_wrong_amount_on_the_ledger_is_for_a_person(shop: Shop) -> None:
    await shop.on(Fault.WRONG_AMOUNT, times=1, ledger="wrong", by=-50)
    effects = MemoryEffects()
    outcome = await issue(shop, effects)
    assert isinstance(outcome, Unanswered)
    assert outcome.differs
    found = await shop.platform.find(credit(), shop.deadline())
    assert isinstance(found, FoundDifferent)
    assert found.card.initial == Money(4800, "USD")
    again = await issue(shop, effects)
    assert isinstance(again, Unanswered)
    assert again.differs
    assert len(shop.sandbox.ledger()) == 1


@pytest.mark.parametrize(
    ("fault", "why", "made"),
    [
        (Fault.EMPTY_200, "empty", 1),
        (Fault.ACCEPTED_202, "status-202", 1),
        (Fault.REDIRECT_3XX, "portal", 0),
        (Fault.HTML_200, "portal", 0),
        (Fault.HALF_CLOSED_BODY, "half-a-body", 1),
        (Fault.UNAVAILABLE_503, "status-503", 0),
    ],
)
async def test_what_is_neither_yes_nor_no_is_unanswered_and_settled_by_asking_again(
    shop: Shop, fault: Fault, why: str, made: int
) -> None:
    effects = MemoryEffects()
    await shop.on(fault, times=1)
    outcome = await issue(shop, effects)
    assert isinstance(outcome, Unanswered)
    assert outcome.why == why
    assert len(shop.sandbox.ledger()) == made
    assert shop.sandbox.faults.bitten(fault) == 1
    assert isinstance(await issue(shop, effects), Confirmed)
    assert len(shop.sandbox.ledger()) == 1


@pytest.mark.parametrize(
    "fault", [Fault.EMPTY_200, Fault.REDIRECT_3XX, Fault.HTML_200, Fault.HALF_CLOSED_BODY]
)
async def test_a_look_up_that_is_spoilt_is_never_an_absence(shop: Shop, fault: Fault) -> None:
    await shop.on(fault)
    assert isinstance(await shop.platform.find(credit(), shop.deadline()), Unknown)
    burn = await shop.platform.burn(credit(), {}, MemoryEffects(), shop.deadline())
    assert isinstance(burn, BurnUnknown)
    assert not burn.perhaps_sent


@pytest.mark.parametrize("executed", [False, True])
async def test_a_reset_on_a_kept_connection_is_unanswered_and_sent_once(
    shop: Shop, executed: bool
) -> None:
    assert await shop.platform.find(credit(), shop.deadline()) == Absent()
    await shop.on(Fault.RESET_ON_KEPT_CONNECTION, executed=executed)
    effects = MemoryEffects()
    assert await issue(shop, effects) == Unanswered("reset")
    assert shop.sandbox.faults.bitten(Fault.RESET_ON_KEPT_CONNECTION) == 1
    assert len(shop.sandbox.ledger()) == int(executed)
    again = await issue(shop, effects)  # on a new connection
    assert isinstance(again, Confirmed)
    assert len(shop.sandbox.ledger()) == 1


async def test_a_reset_look_up_is_not_tried_again_behind_our_back(shop: Shop) -> None:
    assert await shop.platform.find(credit(), shop.deadline()) == Absent()
    await shop.on(Fault.RESET_ON_KEPT_CONNECTION, paths=["GET /v1/*"])
    assert await shop.platform.find(credit(), shop.deadline()) == Unknown("reset")
    assert shop.sandbox.faults.bitten(Fault.RESET_ON_KEPT_CONNECTION) == 1


async def test_a_forgotten_key_meets_the_taken_code_and_is_confirmed(shop: Shop) -> None:
    effects = MemoryEffects()
    await issue(shop, effects)
    await shop.on(Fault.KEY_FORGOTTEN)
    assert isinstance(await issue(shop, effects), Confirmed)
    assert shop.sandbox.faults.bitten(Fault.KEY_FORGOTTEN) == 1
    assert len(shop.sandbox.ledger()) == 1


async def test_look_ups_may_lag_by_time_by_calls_or_as_long_as_it_is_on(shop: Shop) -> None:
    effects = MemoryEffects()
    await shop.on(Fault.LOOKUP_LAGGING, seconds=30)
    await issue(shop, effects)
    assert await shop.platform.find(credit(), shop.deadline()) == Absent()
    shop.now_ms += 30_000
    assert isinstance(await shop.platform.find(credit(), shop.deadline()), Found)
    await shop.sandbox.switch(Fault.LOOKUP_LAGGING, on=False)
    assert isinstance(await shop.platform.find(credit(), shop.deadline()), Found)
    await shop.on(Fault.LOOKUP_LAGGING, calls=2)
    assert await shop.platform.find(credit(), shop.deadline()) == Absent()
    assert isinstance(await shop.platform.find(credit(), shop.deadline()), Found)
    await shop.on(Fault.LOOKUP_LAGGING)
    assert await shop.platform.find(credit(), shop.deadline()) == Absent()
    assert [card async for card in shop.platform.list_since(0, shop.deadline())] == []
    assert isinstance(await issue(shop, effects), Confirmed)  # the code still deduplicates
    assert len(shop.sandbox.ledger()) == 1


async def test_a_burn_under_a_lagging_look_up_proves_nothing_yet(shop: Shop) -> None:
    await issue(shop, MemoryEffects())
    await shop.on(Fault.LOOKUP_LAGGING)
    burn = await shop.platform.burn(credit(), {}, MemoryEffects(), shop.deadline())
    assert isinstance(burn, BurnUnknown)
    assert burn.why == "code-taken"
    assert shop.sandbox.ledger()[0]["enabled"] is True


async def test_customers_may_be_unknown_or_doubled(shop: Shop) -> None:
    await add_anna(shop)
    assert await shop.platform.resolve(ANNA, shop.deadline()) == Matched("cus_1", "A*** B.")
    await shop.on(Fault.UNKNOWN_CUSTOMER)
    assert await shop.platform.resolve(ANNA, shop.deadline()) == Unmatched()
    outcome = await issue(shop, MemoryEffects(), "cus_1")
    assert isinstance(outcome, Confirmed)
    assert not outcome.linked
    result = await shop.platform.link(credit(), "cus_1", {}, MemoryEffects(), shop.deadline())
    assert result is LinkResult.REFUSED
    await shop.sandbox.switch(Fault.UNKNOWN_CUSTOMER, on=False)
    await shop.on(Fault.DUPLICATE_IDENTIFIER)
    assert await shop.platform.resolve(ANNA, shop.deadline()) == Ambiguous(2)
    await shop.sandbox.switch(Fault.DUPLICATE_IDENTIFIER, on=False)
    assert isinstance(await shop.platform.resolve(ANNA, shop.deadline()), Matched)


async def test_an_expired_token_has_done_nothing(shop: Shop) -> None:
    await shop.on(Fault.TOKEN_EXPIRED)
    outcome = await issue(shop, MemoryEffects())
    assert isinstance(outcome, Unsent)
    assert outcome.why == "auth"
    assert shop.sandbox.ledger() == []


async def test_a_documented_503_has_done_nothing(shop: Shop) -> None:
    await shop.on(Fault.NOT_EXECUTED_503)
    assert isinstance(await issue(shop, MemoryEffects()), Throttled)
    assert shop.sandbox.ledger() == []


@pytest.mark.parametrize("executed", [False, True])
async def test_a_hanging_platform_is_unanswered_at_the_deadline(shop: Shop, executed: bool) -> None:
    await shop.on(Fault.HANG, executed=executed)
    effects = MemoryEffects()
    assert await issue(shop, effects, seconds=0.2) == Unanswered("deadline")
    assert len(shop.sandbox.ledger()) == int(executed)
    await shop.sandbox.switch(Fault.HANG, on=False)
    assert isinstance(await issue(shop, effects), Confirmed)
    assert len(shop.sandbox.ledger()) == 1


async def test_a_link_that_hangs_leaves_the_credit_confirmed(shop: Shop) -> None:
    await add_anna(shop)
    await shop.on(Fault.HANG, paths=["POST /v1/credits/link"])
    effects = MemoryEffects()
    outcome = await issue(shop, effects, "cus_1", seconds=0.3)
    assert isinstance(outcome, Confirmed)
    assert not outcome.linked
    await shop.sandbox.switch(Fault.HANG, on=False)
    done = effects.done
    result = await shop.platform.link(credit(), "cus_1", done, effects, shop.deadline())
    assert result is LinkResult.LINKED


async def test_a_link_whose_answer_is_lost_is_repeated_with_the_same_bytes(shop: Shop) -> None:
    await add_anna(shop)
    effects = MemoryEffects()
    await shop.on(Fault.ANSWER_LOST_AFTER_COMMIT, times=1, paths=["POST /v1/credits/link"])
    outcome = await issue(shop, effects, "cus_1")
    assert isinstance(outcome, Confirmed)
    assert not outcome.linked
    again = await issue(shop, effects, "cus_1")
    assert isinstance(again, Confirmed)
    assert again.linked
    assert [effect.step.partition("-")[0] for effect in effects.journalled] == ["create", "link"]


async def test_a_hanging_sandbox_can_be_closed(shop: Shop) -> None:
    await shop.on(Fault.HANG)
    assert await issue(shop, MemoryEffects(), seconds=0.1) == Unanswered("deadline")
    async with asyncio.timeout(5):
        await shop.sandbox.aclose()


async def test_the_platforms_clock_is_heard(shop: Shop) -> None:
    shop.now_ms = NOW_MS + 3_600_000
    await issue(shop, MemoryEffects())
    assert shop.platform.date_ms == NOW_MS + 3_600_000


def test_every_fault_has_its_kind_and_bites_only_where_and_as_often_as_told() -> None:
    assert set(KINDS) == set(Fault)
    faults = Faults()
    faults.set("slow", times=2, paths=("/v1/credits/*",))
    assert faults.bites(Fault.SLOW, "POST", "/v1/credits") is None
    assert faults.bites(Fault.SLOW, "POST", "/v1/credits/find") is not None
    assert faults.bites(Fault.SLOW, "GET", "/v1/credits/by-key/K") is not None
    assert faults.bites(Fault.SLOW, "POST", "/v1/credits/find") is None
    assert faults.bitten(Fault.SLOW) == 2
    faults.set(Fault.THROTTLED, paths=("POST /v1/credits",))
    assert faults.bites(Fault.THROTTLED, "GET", "/v1/credits") is None
    assert faults.bites(Fault.THROTTLED, "POST", "/v1/credits") is not None
    faults.clear("throttled")
    faults.reset()
    assert faults.active() == []
    assert faults.bitten(Fault.SLOW) == 0
    for switch in (faults.set, faults.clear):
        with pytest.raises(ValueError, match="no fault"):
            switch("sloow")
