# SPDX-License-Identifier: Apache-2.0
"""The simulated shop does what Shopify does, passes what flows may expect of any platform as far
as Shopify can, and lets no cent double in whole worlds."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.domain.code import Code
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Burnt,
    BurnUnknown,
    Confirmed,
    Found,
    FoundDifferent,
    Matched,
    Refused,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.domain.sale import NoSale, Refund, Refunded, RefundRejected, RefundTo, Sale
from agent.platforms.probe import ProbeResult
from tests.contracts import test_platform_contract as suite
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, run
from tests.simulation.network import Network
from tests.simulation.profiles import HOST, named, opened
from tests.simulation.run import judge
from tests.vendors.shopify.orders import SimLine
from tests.vendors.shopify.profile import OPTIONS, PROFILE
from tests.vendors.shopify.simulator import ShopSim
from tests.vendors.shopify.stage import ANNA, CREDIT, LINE, ORDER, PAYMENT, Mishap, Stage, soon

# ---- what flows expect of any platform

OTHERWISE = {
    # e-mails, phones and custom ids are unique in a shop: nobody is ever there twice
    "test_resolving_tells_one_none_and_several_apart": None,
    # times are told in whole seconds: a list may begin up to a second early
    "test_every_credit_since_a_moment_is_listed_oldest_first": None,
    # there is no search for our key: under another code nothing of ours is seen
    "test_a_credit_that_differs_in_anything_is_never_confirmed": 3,
}
Case = Callable[..., Coroutine[Any, Any, None]]


def cases() -> Iterator[Any]:
    """The suite's tests with their parameters, but for those that are otherwise here."""
    for name, case in vars(suite).items():
        if not name.startswith("test_") or OTHERWISE.get(name, 0) is None:
            continue
        marks = [mark for mark in getattr(case, "pytestmark", []) if mark.name == "parametrize"]
        if not marks:
            yield pytest.param(case, {}, id=name)
            continue
        argument, values = marks[0].args
        for number, value in enumerate(values):
            if OTHERWISE.get(name) != number:
                yield pytest.param(case, {argument: value}, id=f"{name}-{number}")


@pytest.mark.parametrize(("case", "arguments"), list(cases()))
def test_the_contracts_suite_holds_where_the_search_does_not_lag(
    case: Case, arguments: dict[str, object]
) -> None:
    held: list[bool] = []

    async def main() -> None:
        profile = replace(PROFILE, lag_ms=(0, 0))
        network = Network(random.Random(1))
        shop = ShopSim(profile, random.Random(2), lambda: suite.NOW_MS)
        server = network.serve(HOST, shop.handle)
        shop.customers.add("cus_1", "Anna", ("email", suite.ANNA.value))
        shop.customers.add("cus_2", "Tom", ("phone", suite.TWINS.value))

        def spend(code: Code, amount: Money) -> None:
            assert shop.spend(code.reveal(), amount.minor)

        async def set_down(down: bool) -> None:
            server.up = not down

        async with opened(profile, network, "till", lambda: "secret") as platform:
            await case(suite.World(platform, spend, set_down), **arguments)
        held.append(True)

    run(1, main)
    assert held == [True]


def test_the_suite_was_found() -> None:
    assert len(list(cases())) >= 16


# ---- what is Shopify's own


def acted(seed: int, story: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    held: list[bool] = []

    async def main() -> None:
        await story(Stage(seed))
        held.append(True)

    run(seed, main)
    assert held == [True]


def test_a_card_that_the_search_does_not_show_yet_is_taken_and_never_made_twice() -> None:
    async def story(stage: Stage) -> None:
        effects, others = MemoryEffects(), MemoryEffects()
        async with stage.register("one") as one, stage.register("two") as two:
            first = await one.issue(CREDIT, None, {}, effects, soon())
            assert isinstance(first, Confirmed)
            stage.cards()[0].visible_ms = stage.now_ms() + 40_000
            assert await two.find(CREDIT, soon()) == Absent()
            second = await two.issue(CREDIT, None, {}, others, soon())
            assert isinstance(second, Unanswered)
            assert second.why == "TAKEN"
            burn = await two.burn(CREDIT, {}, others, soon())
            assert isinstance(burn, BurnUnknown)
            await passes(41.0)
            assert isinstance(await two.find(CREDIT, soon()), Found)
            third = await two.issue(CREDIT, None, others.done, others, soon())
            assert isinstance(third, Confirmed)
            assert len(stage.cards()) == 1

    acted(1, story)


def test_codes_do_not_tell_upper_from_lower_case() -> None:
    async def story(stage: Stage) -> None:
        stage.shop.foreign(CREDIT.code.reveal(), 4850, "USD")
        async with stage.register("one") as one:
            outcome = await one.issue(CREDIT, None, {}, MemoryEffects(), soon())
            assert isinstance(outcome, Unanswered)
            assert outcome.differs
            assert isinstance(await one.find(CREDIT, soon()), FoundDifferent)

    acted(2, story)


def test_a_dead_code_stays_taken_for_ever() -> None:
    async def story(stage: Stage) -> None:
        effects = MemoryEffects()
        async with stage.register("one") as one:
            await one.issue(CREDIT, None, {}, effects, soon())
            await passes(60.0)
            assert isinstance(await one.burn(CREDIT, effects.done, effects, soon()), Burnt)
            await passes(400 * 86_400.0)
            again = await one.issue(CREDIT, None, effects.done, effects, soon())
            assert isinstance(again, Unanswered)
            assert again.differs

    acted(3, story)


def test_one_bucket_is_drunk_by_all_registers_and_they_are_told_of_it() -> None:
    async def story(stage: Stage) -> None:
        stage.shop.points.level = 450.0
        async with stage.register("one") as one, stage.register("two") as two:
            assert one.pause_s == 0.0
            await one.balance(CREDIT.code, soon())
            assert 0.0 < one.pause_s < 2.0
            stage.shop.points.level = 0.0
            outcome = await two.issue(CREDIT, None, {}, MemoryEffects(), soon())
            assert isinstance(outcome, Throttled)
            assert outcome.retry_after_s == 1
            assert stage.cards() == []
            await passes(1.0)
            outcome = await two.issue(CREDIT, None, {}, MemoryEffects(), soon())
            assert isinstance(outcome, Confirmed)

    acted(4, story)


def test_a_scope_that_is_taken_away_stops_the_queue_and_names_itself() -> None:
    async def story(stage: Stage) -> None:
        stage.shop.scopes.remove("write_gift_cards")
        async with stage.register("one") as one:
            outcome = await one.issue(CREDIT, None, {}, MemoryEffects(), soon())
            assert isinstance(outcome, Unsent)
            assert outcome.why == "auth"
            assert "write_gift_cards" in outcome.saying.message
            probed = await one.probe(stage.now_ms(), soon())
            wrong = [each for each in probed if each.result is ProbeResult.WRONG]
            assert [each.what for each in wrong] == ["scope"]
            assert stage.cards() == []

    acted(5, story)


def test_a_card_over_the_shops_limit_is_refused() -> None:
    async def story(stage: Stage) -> None:
        stage.shop.issue_limit = 4849
        async with stage.register("one") as one:
            outcome = await one.issue(CREDIT, None, {}, MemoryEffects(), soon())
            assert isinstance(outcome, Refused)
            assert outcome.reason.value == "limit"

    acted(6, story)


def test_customers_answer_to_unique_identifiers() -> None:
    async def story(stage: Stage) -> None:
        async with stage.register("one") as one:
            club = CustomerReference(CustomerKind.LOYALTY, "C-77")
            assert await one.resolve(club, soon()) == Matched(ANNA, "A***")
            nobody = CustomerReference(CustomerKind.PHONE, "+4915112345678")
            assert await one.resolve(nobody, soon()) == Unmatched()

    acted(7, story)


def test_a_list_is_read_page_by_page() -> None:
    async def story(stage: Stage) -> None:
        for number in range(120):
            stage.shop.foreign(f"A{number:015d}", 100 + number, "USD")
        async with stage.register("one") as one:
            listed = [card async for card in one.list_since(stage.now_ms(), soon())]
            assert [card.initial.minor for card in listed] == list(range(100, 220))
            assert {card.key for card in listed} == {None}

    acted(8, story)


# ---- orders


def test_a_sale_and_its_refunds_to_tender_and_to_credit() -> None:
    async def story(stage: Stage) -> None:
        order = stage.shop.orders.by_id[ORDER]
        order.lines += [SimLine(f"{LINE}{n}", f"Sock {n}", 1, 100) for n in range(60)]
        async with stage.register("one") as one:
            sale = await one.sale("1001", soon())
            assert isinstance(sale, Sale)
            assert len(sale.lines) == 61
            assert sale.tenders[0].refundable == Money(7275, "USD")
            back = Refund(CREDIT, ORDER, RefundTo.TENDER, (), PAYMENT)
            assert isinstance(await one.refund(back, {}, MemoryEffects(), soon()), Refunded)
            after = await one.sale("#1001", soon())
            assert isinstance(after, Sale)
            assert after.refundable == Money(2425, "USD")
            assert after.tenders[0].refundable == Money(2425, "USD")
            more = replace(back, credit=replace(CREDIT, key=suite.credit(5).key))
            too_much = await one.refund(more, {}, MemoryEffects(), soon())
            assert isinstance(too_much, Refused)
            assert "greater than net payment" in too_much.saying.message
            small = replace(more.credit, amount=Money(2425, "USD"))
            credited = replace(more, credit=small, to=RefundTo.CREDIT, tender=None)
            assert isinstance(await one.refund(credited, {}, MemoryEffects(), soon()), Refunded)
            assert stage.paid_back() == 7275

    acted(9, story)


def test_a_pending_refund_is_accepted_and_polled_until_it_ends() -> None:
    async def story(stage: Stage) -> None:
        order = stage.shop.orders.by_id[ORDER]
        order.settles = "PENDING"
        back = Refund(CREDIT, ORDER, RefundTo.TENDER, (), PAYMENT)
        async with stage.register("one") as one:
            first = await one.refund(back, {}, MemoryEffects(), soon())
            assert type(first).__name__ == "Accepted"
            again = await one.refund(back, {}, MemoryEffects(), soon())
            assert type(again).__name__ == "Accepted"
            assert len(order.refunds) == 1
            order.refunds[0].transactions[0].status = "SUCCESS"
            assert isinstance(await one.find_refund(back, soon()), Refunded)
            order.refunds[0].transactions[0].status = "FAILURE"
            assert isinstance(await one.find_refund(back, soon()), RefundRejected)

    acted(10, story)


def test_a_receipt_that_nobody_knows_is_no_sale_only_for_a_token_that_sees_all() -> None:
    async def story(stage: Stage) -> None:
        async with stage.register("one") as one:
            assert await one.sale("#1002", soon()) == NoSale()
            stage.shop.scopes.remove("read_all_orders")
            assert isinstance(await one.sale("#1002", soon()), Unknown)
            assert isinstance(await one.sale("#1001", soon()), Sale)

    acted(11, story)


def test_a_refund_key_with_another_body_is_an_error_without_a_code() -> None:
    async def story(stage: Stage) -> None:
        orders, asked = stage.shop.orders, {"orderId": ORDER, "currency": "USD"}
        assert orders.create(asked, "k", 0)["userErrors"] == []
        other = orders.create({**asked, "note": "x"}, "k", 1)
        assert "idempotency" in other["userErrors"][0]["message"]
        assert orders.create(asked, "k", 2)["refund"]["id"] == "gid://shopify/Refund/1"
        assert orders.create(asked, "k", 86_400_000)["refund"]["id"] == "gid://shopify/Refund/2"

    acted(12, story)


# ---- whole worlds


@pytest.mark.parametrize("seed", [1, 2])
def test_every_cent_once_in_a_world_with_a_shop(seed: int) -> None:
    verdict = judge(seed, 60, profile="shopify")
    assert verdict.figures["credits"] > 20
    assert not verdict.violations, verdict.violations


def test_the_profile_says_of_itself_what_the_adapter_says() -> None:
    assert named("shopify") is PROFILE
    abilities = PROFILE.abilities()
    assert (abilities.unique_codes, abilities.key_window_s) == (True, 0)
    assert abilities.settling_ms == PROFILE.settling_ms
    assert PROFILE.lag_ms[1] < abilities.settling_ms
    assert OPTIONS["shop"] == "brand"
    assert Mishap().numbers == frozenset()
