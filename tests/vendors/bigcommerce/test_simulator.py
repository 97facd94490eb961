# SPDX-License-Identifier: Apache-2.0
"""The simulated BigCommerce does what the vendor documents, as the real adapter hears it."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    Burnt,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    Refused,
    SpentInPart,
    Throttled,
    Unanswered,
    Unmatched,
)
from agent.domain.sale import Refund, Refunded, RefundLine, RefundRejected, RefundTo, Sale
from tests.contracts.test_platform_contract import credit
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, running
from tests.simulation.run import judge
from tests.simulation.wire import Reply, Request
from tests.vendors.bigcommerce.profile import PROFILE, TRIED
from tests.vendors.bigcommerce.shop import EMAIL, WALL_MS, Moment, Shop, visit
from tests.vendors.bigcommerce.simulator import PATH, SimBigcommerce

TOKEN = {"x-auth-token": "secret"}
ONE = credit()


def ask(simulated: SimBigcommerce, method: str, path: str, body: object = None) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    answer = simulated.handle(Request(method, path, TOKEN, data))
    assert isinstance(answer, Reply)
    return answer


def alone(second: bool = False) -> SimBigcommerce:
    profile = replace(PROFILE, lag_ms=(0, 0), rate=None)
    return SimBigcommerce(profile, random.Random(1), lambda: WALL_MS, second=second)


def body(**changes: object) -> dict[str, object]:
    named = dict.fromkeys(("to_name", "from_name"), "House")
    mailed = dict.fromkeys(("to_email", "from_email"), "house@example.com")
    return {**named, **mailed, "amount": "10.00", "currency_code": "USD", "code": "A1", **changes}


def test_codes_are_cut_at_twenty_without_a_word() -> None:
    simulated = alone()
    made = ask(simulated, "POST", PATH, body(code="A" * 25))
    assert made.status == 201
    assert json.loads(made.body)["code"] == "A" * 20
    assert ask(simulated, "POST", PATH, body(code="A" * 20 + "B")).status in (400, 409, 422)


@pytest.mark.parametrize("field", ["to_name", "to_email", "from_name", "from_email", "amount"])
def test_recipient_and_amount_are_required(field: str) -> None:
    simulated = alone()
    without = {name: value for name, value in body().items() if name != field}
    assert ask(simulated, "POST", PATH, without).status == 400
    assert len(simulated.cards) == 0


def test_an_empty_list_is_204_and_amounts_have_four_digits() -> None:
    simulated = alone()
    assert ask(simulated, "GET", f"{PATH}?code=A1").status == 204
    ask(simulated, "POST", PATH, body())
    (shown,) = json.loads(ask(simulated, "GET", f"{PATH}?code=A1").body)
    assert (shown["amount"], shown["balance"]) == ("10.0000", "10.0000")
    assert json.loads(ask(simulated, "GET", f"{PATH}?min_id=1&limit=250").body) == [shown]
    assert ask(simulated, "GET", f"{PATH}?min_id=2&limit=250").status == 204


def test_a_put_without_a_balance_gives_spent_money_back() -> None:
    simulated = alone()
    ask(simulated, "POST", PATH, body())
    assert simulated.spend("A1", 600)
    kept = ask(simulated, "PUT", f"{PATH}/1", body(balance="4.00", status="active"))
    assert json.loads(kept.body)["balance"] == "4.0000"
    reset = ask(simulated, "PUT", f"{PATH}/1", body(status="active"))
    assert json.loads(reset.body)["balance"] == "10.0000"


def test_without_the_token_nothing_is_done_and_the_quota_is_told() -> None:
    simulated = alone()
    answer = simulated.handle(Request("POST", PATH, {}, json.dumps(body()).encode()))
    assert isinstance(answer, Reply)
    assert answer.status == 401
    assert dict(answer.headers)["X-Rate-Limit-Requests-Left"] == "149"
    assert len(simulated.cards) == 0


def test_a_credit_is_issued_found_linked_spent_and_burnt() -> None:
    async def script(shop: Shop) -> None:
        assert await shop.find(ONE) == Absent()
        outcome = await shop.issue(ONE, shop.anna)
        assert isinstance(outcome, Confirmed)
        assert outcome.linked
        (card,) = shop.simulated.cards
        assert (card.key, card.customer_id) == (ONE.key.text, "cus_1")
        await passes(10)
        assert isinstance(await shop.find(ONE), Found)
        assert isinstance(await shop.issue(ONE), Confirmed)
        assert len(shop.simulated.cards) == 1
        until = running().time() + 10
        assert await shop.platform.balance(ONE.code, until) == ONE.amount
        assert shop.simulated.spend(ONE.code.reveal(), 1000)
        burnt = await shop.burn(ONE)
        assert isinstance(burnt, SpentInPart)
        assert burnt.spent == Money(1000, "USD")
        assert isinstance(await shop.find(ONE), FoundVoid)
        again = await shop.issue(ONE)
        assert isinstance(again, Unanswered)
        assert again.differs

    visit(script)


def test_a_code_that_was_never_made_is_burnt_and_can_not_be_issued_afterwards() -> None:
    async def script(shop: Shop) -> None:
        assert isinstance(await shop.burn(ONE), Burnt)
        await passes(10)
        assert isinstance(await shop.find(ONE), FoundVoid)
        assert not isinstance(await shop.issue(ONE), Confirmed)
        assert not any(card.enabled for card in shop.simulated.cards)

    visit(script)


def test_a_code_of_somebody_else_is_a_persons_affair() -> None:
    async def script(shop: Shop) -> None:
        shop.simulated.foreign(ONE.code.reveal(), ONE.amount.minor, "USD")
        assert isinstance(await shop.find(ONE), FoundDifferent)
        outcome = await shop.issue(ONE)
        assert isinstance(outcome, Unanswered)
        assert outcome.differs
        assert len(shop.simulated.cards) == 1

    visit(script)


def test_a_certificate_that_look_ups_do_not_show_yet_is_not_made_twice() -> None:
    async def script(shop: Shop) -> None:
        shop.simulated.board.chances = {"lookup_lag": 1.0}
        assert isinstance(await shop.issue(ONE), Confirmed)
        assert not isinstance(await shop.issue(ONE), Confirmed)
        assert len(shop.simulated.cards) == 1
        await shop.settled()
        assert isinstance(await shop.find(ONE), Found)

    visit(script)


def test_customers_are_found_and_a_link_may_be_repeated() -> None:
    async def script(shop: Shop) -> None:
        anna = CustomerReference(CustomerKind.EMAIL, EMAIL)
        nobody = CustomerReference(CustomerKind.EMAIL, "nobody@example.com")
        until = running().time() + 60
        assert await shop.platform.resolve(anna, until) == Matched(shop.anna, anna.masked())
        assert await shop.platform.resolve(nobody, until) == Unmatched()
        assert isinstance(await shop.issue(ONE), Confirmed)
        assert await shop.link(ONE, shop.anna) is LinkResult.LINKED
        assert await shop.link(ONE, shop.anna) is LinkResult.LINKED
        shop.simulated.customers.add("cus_2", "B***")
        other = str(shop.simulated.number_of("cus_2"))
        assert await shop.link(ONE, other) is LinkResult.ELSEWHERE
        assert await shop.link(credit(1), "999") is LinkResult.REFUSED

    visit(script)


def test_the_list_is_whole_over_several_pages() -> None:
    async def script(shop: Shop) -> None:
        for number in range(520):
            shop.simulated.foreign(f"F{number:06d}", 100 + number, "USD")
        assert isinstance(await shop.issue(ONE), Confirmed)
        await passes(30)
        listed = [card async for card in shop.platform.list_since(WALL_MS, running().time() + 60)]
        assert len(listed) == 521
        assert [card.key for card in listed if card.key] == [ONE.key.text]

    visit(script)


def test_the_quota_of_the_store_throttles_and_pauses_the_backlog() -> None:
    async def script(shop: Shop) -> None:
        seen: set[type[object]] = set()
        for _ in range(400):
            seen.add(type(await shop.issue(ONE)))
        assert seen == {Confirmed, Throttled}
        assert shop.platform.pause_s > 0
        assert len(shop.simulated.cards) == 1

    visit(script, replace(PROFILE, lag_ms=(0, 0)))


def refund(order: int, line: int, minor: int, to: RefundTo, number: int = 0) -> Refund:
    lines = (RefundLine(str(line), 1),)
    tender = "stripe" if to is RefundTo.TENDER else None
    return Refund(credit(number, minor), str(order), to, lines, tender)


def test_a_refund_is_accepted_polled_and_final_when_its_money_moved() -> None:
    async def script(shop: Shop) -> None:
        order = shop.simulated.orders.add(("Towel", 2, 1999), ("Mug", 1, 500))
        until = running().time() + 600
        sale = await shop.platform.sale(str(order.number), until)
        assert isinstance(sale, Sale)
        assert [each.unit.minor for each in sale.lines] == [1999, 500]
        back = refund(order.number, int(sale.lines[0].reference), 1999, RefundTo.TENDER)
        assert await shop.platform.find_refund(back, until) == Absent()
        for _ in range(2):
            outcome = await shop.platform.refund(back, {}, MemoryEffects(), until)
            assert isinstance(outcome, Accepted)
        assert order.refunded == 1999
        assert isinstance(await shop.platform.find_refund(back, until), Accepted)
        shop.simulated.orders.settle(order)
        assert isinstance(await shop.platform.find_refund(back, until), Refunded)
        left = await shop.platform.sale(str(order.number), until)
        assert isinstance(left, Sale)
        assert (left.refundable.minor, left.lines[0].refundable) == (2499, 1)

    visit(script)


def test_a_declined_refund_is_found_out_and_a_guest_gets_no_store_credit() -> None:
    async def script(shop: Shop) -> None:
        order = shop.simulated.orders.add(("Towel", 1, 1999))
        line, until = order.lines[0][0], running().time() + 600
        guest = refund(order.number, line, 1999, RefundTo.CREDIT)
        assert isinstance(await shop.platform.refund(guest, {}, MemoryEffects(), until), Refused)
        back = refund(order.number, line, 1999, RefundTo.TENDER, 1)
        assert isinstance(await shop.platform.refund(back, {}, MemoryEffects(), until), Accepted)
        shop.simulated.orders.settle(order, declined="expired card")
        assert isinstance(await shop.platform.find_refund(back, until), RefundRejected)

    visit(script)


@pytest.mark.parametrize("fault", ["answer_lost", "late", "half_body", "outage_503", "hang"])
def test_a_refund_whose_answer_was_lost_is_never_paid_twice(fault: str) -> None:
    async def script(shop: Shop) -> None:
        order = shop.simulated.orders.add(("Towel", 2, 1999), customer=7)
        back = refund(order.number, order.lines[0][0], 1999, RefundTo.CREDIT)
        effects = MemoryEffects()
        aimed = shop.aim(fault, "annotate", Moment.FIRST)
        first = await shop.platform.refund(back, {}, effects, running().time() + 10)
        assert isinstance(first, Unanswered)
        assert aimed.bitten[fault] == 1
        await shop.settled()
        again = await shop.platform.refund(back, effects.done, effects, running().time() + 10)
        assert isinstance(again, Accepted)
        assert order.refunded == 1999
        found = await shop.platform.find_refund(back, running().time() + 10)
        assert isinstance(found, Refunded)

    visit(script)


def test_one_refund_of_an_order_at_a_time() -> None:
    async def script(shop: Shop) -> None:
        order = shop.simulated.orders.add(("Towel", 2, 1999), busy=True)
        back = refund(order.number, order.lines[0][0], 1999, RefundTo.TENDER)
        outcome = await shop.platform.refund(back, {}, MemoryEffects(), running().time() + 10)
        assert isinstance(outcome, Unanswered)
        assert order.refunded == 0

    visit(script)


@pytest.mark.parametrize("seed", [3, 7])
def test_a_world_with_bigcommerce_keeps_every_promise(seed: int) -> None:
    verdict = judge(seed, 40, profile=PROFILE.name)
    assert verdict.violations == ()
    assert verdict.figures["credits"] > 20


def test_the_tried_store_claims_one_thing_more() -> None:
    assert replace(TRIED.abilities(), unique_codes=False) == PROFILE.abilities()
