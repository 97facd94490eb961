# SPDX-License-Identifier: Apache-2.0
"""What is Saleor's own, as the real adapter meets it at the shop in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    BurnRefused,
    Confirmed,
    Found,
    FoundDifferent,
    LinkResult,
    Matched,
    Outcome,
    Refused,
    SpentInPart,
    Throttled,
    Unanswered,
    Unmatched,
    Unsent,
)
from agent.platforms.probe import ProbeResult
from tests.contracts.test_platform_contract import credit
from tests.fakes.platform import MemoryEffects
from tests.simulation.loop import passes, running
from tests.simulation.wire import Reply, Request
from tests.vendors.saleor.scene import WALL_MS, Till, visit
from tests.vendors.saleor.simulator import SimSaleor


async def issue(till: Till, of: Credit, customer_id: str | None = None) -> Outcome:
    return await till.platform.issue(of, customer_id, {}, MemoryEffects(), till.soon())


def said(shop: SimSaleor, document: str, variables: Mapping[str, object], token: str) -> Reply:
    """A request by hand."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = shop.handle(Request("POST", "/graphql/", headers, body))
    assert isinstance(answer, Reply)
    return answer


def test_a_credit_is_confirmed_found_and_stands_once() -> None:
    async def script(till: Till) -> None:
        assert isinstance(await issue(till, credit()), Confirmed)
        await passes(3)
        assert isinstance(await till.platform.find(credit(), till.soon()), Found)
        assert isinstance(await issue(till, credit()), Confirmed)
        assert len(till.shop.cards) == 1

    visit(script)


def test_all_three_shapes_of_already_there_end_in_the_same_confirmation() -> None:
    shapes = set()

    async def script(till: Till) -> None:
        await issue(till, credit())
        await passes(3)
        shapes.add(till.shop._already_there("giftCardCreate").body[:40])
        assert isinstance(await issue(till, credit()), Confirmed)

    for seed in range(12):
        visit(script, seed=seed)
    assert len(shapes) >= 2


def test_a_card_is_hidden_by_a_replica_for_a_moment_and_never_refused() -> None:
    async def script(till: Till) -> None:
        await issue(till, credit())
        (card,) = till.shop.cards
        card.visible_ms = WALL_MS + int(running().time() * 1000) + 60_000
        assert await till.platform.find(credit(), till.soon()) == Absent()
        hidden = await issue(till, credit())
        assert isinstance(hidden, Unanswered)
        assert not hidden.differs
        await passes(60)
        assert isinstance(await issue(till, credit()), Confirmed)

    visit(script)


def test_a_code_that_a_voucher_owns_is_refused_and_cannot_be_burnt() -> None:
    async def script(till: Till) -> None:
        till.shop.vouchers.add(credit().code.reveal())
        assert isinstance(await issue(till, credit()), Refused)
        burn = await till.platform.burn(credit(), {}, MemoryEffects(), till.soon())
        assert isinstance(burn, BurnRefused)
        assert len(till.shop.cards) == 0

    visit(script)


def test_codes_tell_upper_from_lower_case() -> None:
    async def script(till: Till) -> None:
        till.shop.foreign(credit().code.reveal().lower(), 100, "USD")
        assert isinstance(await issue(till, credit()), Confirmed)
        assert len(till.shop.cards) == 2

    visit(script)


def test_a_wrong_token_is_a_200_and_nothing_is_issued() -> None:
    async def script(till: Till) -> None:
        till.shop.token = "another"
        outcome = await issue(till, credit())
        assert isinstance(outcome, Unsent)
        assert (outcome.why, outcome.saying.status) == ("auth", 200)
        assert len(till.shop.cards) == 0

    visit(script)


def test_a_sandbox_that_throttles_is_left_alone_by_the_whole_queue() -> None:
    async def script(till: Till) -> None:
        till.shop.board.chances = {"throttled": 1.0}
        outcome = await issue(till, credit())
        assert isinstance(outcome, Throttled)
        assert outcome.retry_after_s == 60
        assert 50 < till.platform.pause_s <= 60
        till.shop.board.calm()
        await passes(61)
        assert till.platform.pause_s == 0
        assert isinstance(await issue(till, credit()), Confirmed)

    visit(script)


def test_a_balance_that_staff_set_anew_leaves_the_credit_what_it_was() -> None:
    async def script(till: Till) -> None:
        await issue(till, credit())
        (card,) = till.shop.cards
        till.shop.reset_balance(card, 9_900)
        await passes(3)
        found = await till.platform.find(credit(), till.soon())
        assert isinstance(found, Found)
        assert found.card.initial == Money(4850, "USD")
        assert await till.platform.balance(credit().code, till.soon()) == Money(9900, "USD")

    visit(script)


def test_another_amount_under_our_code_is_for_a_person() -> None:
    async def script(till: Till) -> None:
        await issue(till, credit())
        await passes(3)
        other = replace(credit(), amount=Money(4851, "USD"))
        outcome = await issue(till, other)
        assert isinstance(outcome, Unanswered)
        assert outcome.differs
        assert isinstance(await till.platform.find(other, till.soon()), FoundDifferent)

    visit(script)


@pytest.mark.parametrize(
    ("amount", "left"),
    [(Money(1200, "JPY"), 1200), (Money(48_505, "KWD"), 48_505), (Money(700, "AFN"), 700)],
)
def test_currencies_of_every_number_of_digits_are_right_to_the_last(
    amount: Money, left: int
) -> None:
    async def script(till: Till) -> None:
        of = replace(credit(), amount=amount)
        assert isinstance(await issue(till, of), Confirmed)
        (card,) = till.shop.cards
        assert (card.minor, card.currency) == (left, amount.currency)

    visit(script)


def test_a_card_is_never_handed_on_to_another_customer() -> None:
    async def script(till: Till) -> None:
        await issue(till, credit())
        await passes(3)
        assert await till.linked("cus_1") is LinkResult.LINKED
        assert await till.linked("cus_1") is LinkResult.LINKED
        assert await till.linked("cus_2") is LinkResult.ELSEWHERE
        assert [card.customer_id for card in till.shop.cards] == ["cus_1"]

    visit(script)


@pytest.mark.parametrize("spent", [False, True])
def test_a_card_that_was_used_or_a_customer_who_is_gone_is_not_linked(spent: bool) -> None:
    async def script(till: Till) -> None:
        await issue(till, credit())
        await passes(3)
        if spent:
            assert till.shop.spend(credit().code.reveal(), 100)
        assert await till.linked("cus_1" if spent else "cus_9") is LinkResult.REFUSED

    visit(script)


def test_a_burn_says_what_was_spent_before() -> None:
    async def script(till: Till) -> None:
        await issue(till, credit())
        await passes(3)
        till.shop.spend(credit().code.reveal(), 850)
        burn = await till.burnt()
        assert isinstance(burn, SpentInPart)
        assert burn.spent == Money(850, "USD")

    visit(script)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (CustomerKind.EMAIL, "anna@example.com", Matched("cus_1", "")),
        (CustomerKind.EMAIL, "nobody@example.com", Unmatched()),
        (CustomerKind.LOYALTY, "B0042", Matched("cus_2", "")),
        (CustomerKind.PHONE, "+15550100", Ambiguous(2)),
    ],
)
def test_customers_are_known_by_email_reference_and_phone(
    kind: CustomerKind, value: str, expected: object
) -> None:
    async def script(till: Till) -> None:
        found = await till.platform.resolve(CustomerReference(kind, value), till.soon())
        assert found == expected

    visit(script)


def test_a_list_pages_through_everything_since_a_moment() -> None:
    async def script(till: Till) -> None:
        for number in range(250):
            till.shop.foreign(f"OLD{number:010d}", 100, "USD")
        await passes(60)
        since_ms = WALL_MS + int(running().time() * 1000)
        for number in range(130):
            till.shop.foreign(f"NEW{number:010d}", 100, "USD")
        await issue(till, credit())
        await passes(3)
        cards = [each async for each in till.platform.list_since(since_ms, till.soon())]
        assert len(cards) == 131
        assert [each.key for each in cards if each.key] == [credit().key.text]
        assert till.shop.asked["list"] == 2

    visit(script)


def test_the_probe_names_what_is_missing() -> None:
    async def script(till: Till) -> None:
        fit = await till.platform.probe(WALL_MS, till.soon())
        assert {each.result for each in fit} == {ProbeResult.OK}
        till.shop.permissions.remove("HANDLE_PAYMENTS")
        weak = await till.platform.probe(WALL_MS, till.soon())
        (missing,) = [each for each in weak if each.result is not ProbeResult.OK]
        assert "HANDLE_PAYMENTS" in missing.detail
        till.shop.token = "another"
        (wrong,) = await till.platform.probe(WALL_MS, till.soon())
        assert (wrong.what, wrong.result) == ("credentials", ProbeResult.WRONG)

    visit(script)


# ---- the simulator itself


def test_a_field_that_is_not_there_is_a_400_as_by_a_schema() -> None:
    async def script(till: Till) -> None:
        unknown = said(till.shop, "query Q { shop { secretName } }", {}, "secret")
        assert unknown.status == 400
        assert said(till.shop, "query Q { nothing { id } }", {}, "secret").status == 400
        assert said(till.shop, "no document", {}, "secret").status == 400

    visit(script)


def test_the_error_of_an_amount_is_inside_of_a_200() -> None:
    document = (
        "mutation M($input: GiftCardCreateInput!) "
        "{ giftCardCreate(input: $input) { errors { field code } giftCard { id } } }"
    )

    async def script(till: Till) -> None:
        for amount in ("0", "-1", "48.505", "1000000000", "many", None):
            balance = {"amount": amount, "currency": "USD"}
            variables = {"input": {"code": "A2345678", "balance": balance, "isActive": True}}
            reply = said(till.shop, document, variables, "secret")
            payload = json.loads(reply.body)["data"]["giftCardCreate"]
            assert (reply.status, payload["giftCard"]) == (200, None)
            assert [each["code"] for each in payload["errors"]] == ["INVALID"]
        assert len(till.shop.cards) == 0

    visit(script)
