# SPDX-License-Identifier: Apache-2.0
"""Voucherify in memory does what its documentation says, and the real adapter lives with it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    Burnt,
    Confirmed,
    Found,
    LinkResult,
    Matched,
    Refused,
    Throttled,
    Unmatched,
    Unsent,
)
from agent.platforms.probe import ProbeResult
from tests.contracts import test_platform_contract as suite
from tests.contracts.test_platform_contract import credit
from tests.simulation.loop import passes, run
from tests.simulation.network import Network
from tests.simulation.profiles import HOST, opened
from tests.simulation.run import judge
from tests.simulation.wire import Reply, Request
from tests.vendors.voucherify.profile import PROFILE
from tests.vendors.voucherify.shop import Shop, visit
from tests.vendors.voucherify.simulator import SimVoucherify

Case = Callable[..., Coroutine[Any, Any, None]]
LACKS = {
    "test_resolving_tells_one_none_and_several_apart",  # no search by telephone
    "test_a_credit_that_differs_in_anything_is_never_confirmed-3",  # no search by our key alone
}


def _cases() -> Iterator[Any]:
    for name, case in vars(suite).items():
        if not name.startswith("test_"):
            continue
        marks = [mark for mark in getattr(case, "pytestmark", []) if mark.name == "parametrize"]
        if not marks:
            yield pytest.param(case, {}, id=name)
            continue
        argument, values = marks[0].args
        for number, value in enumerate(values):
            yield pytest.param(case, {argument: value}, id=f"{name}-{number}")


CASES = list(_cases())


async def _try(case: Case, arguments: dict[str, object]) -> None:
    network = Network(random.Random(1))
    profile = replace(PROFILE, lag_ms=(0, 0))  # the suite's clock stands still
    simulated = SimVoucherify(profile, random.Random(2), lambda: suite.NOW_MS)
    server = network.serve(HOST, simulated.handle)
    simulated.customers.add("cus_1", "Anna B", ("email", suite.ANNA.value))
    simulated.customers.add("cus_2", "Tim T")

    def spend(code: Code, amount: Money) -> None:
        assert simulated.spend(code.reveal(), amount.minor)

    async def set_down(down: bool) -> None:
        server.up = not down

    async with opened(profile, network, "till", lambda: "secret") as platform:
        await case(suite.World(platform, spend, set_down), **arguments)


@pytest.mark.parametrize(("case", "arguments"), [each for each in CASES if each.id not in LACKS])
def test_the_contracts_suite_holds(case: Case, arguments: dict[str, object]) -> None:
    held: list[bool] = []

    async def main() -> None:
        await _try(case, arguments)
        held.append(True)

    run(1, main)
    assert held == [True]


def test_what_it_lacks_of_the_suite_is_named_and_is_little() -> None:
    assert {each.id for each in CASES} >= LACKS
    assert len(CASES) - len(LACKS) >= 16


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_every_cent_once_in_this_world(seed: int) -> None:
    verdict = judge(seed, 30, profile="voucherify")
    assert verdict.figures["credits"] > 15
    assert not verdict.violations, "\n".join(verdict.violations)


# ---- what Voucherify does


def test_a_code_is_unique_while_its_voucher_stands() -> None:
    async def script(shop: Shop) -> None:
        assert isinstance(await shop.issue(credit()), Confirmed)
        await passes(5)
        for _ in range(2):
            assert isinstance(await shop.issue(credit()), Confirmed)  # read back each time
        assert len(shop.simulated.cards) == 1
        assert shop.aim.asked == {"create": 3, "find": 2}

    visit(script)


def test_nothing_is_remembered_but_the_code() -> None:
    """The same body under another code is another voucher: only the code guards a credit."""

    async def script(shop: Shop) -> None:
        await shop.issue(credit())
        other = Credit(credit().key, credit(1).code, credit().amount)
        shop.effects.steps.clear()
        await shop.issue(other)
        assert len(shop.simulated.cards) == 2

    visit(script)


def test_a_read_by_code_may_lag_and_sees_it_within_the_settling_time() -> None:
    seen = []

    async def script(shop: Shop) -> None:
        for number in range(8):
            shop.effects.steps.clear()
            await shop.issue(credit(number))
            seen.append(isinstance(await shop.find(credit(number)), Found))
        await passes(PROFILE.settling_ms / 1000)
        for number in range(8):
            assert isinstance(await shop.find(credit(number)), Found)
        assert await shop.find(credit(9)) == Absent()

    visit(script)
    assert not all(seen)


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_money_crosses_in_hundredths_and_comes_back_exactly(currency: str) -> None:
    wanted = replace(credit(), amount=Money(1234, currency))

    async def script(shop: Shop) -> None:
        outcome = await shop.issue(wanted)
        if currency == "KWD":
            assert isinstance(outcome, Refused)
            assert shop.aim.asked == {}
            return
        assert isinstance(outcome, Confirmed)
        assert outcome.card.initial == Money(1234, currency)
        (card,) = shop.simulated.cards
        assert (card.minor, card.currency) == (1234, currency)

    visit(script)


def test_a_publication_is_made_once_and_a_holder_stays() -> None:
    async def script(shop: Shop) -> None:
        assert isinstance(await shop.issue(credit(), "cus_1"), Confirmed)
        await passes(5)
        assert await shop.link(credit(), "cus_1") is LinkResult.LINKED
        assert await shop.link(credit(), "cus_2") is LinkResult.ELSEWHERE
        assert len(shop.simulated.publications) == 1

    visit(script)


def test_a_publication_whose_answer_was_lost_is_not_made_again() -> None:
    async def script(shop: Shop) -> None:
        await shop.issue(credit())
        await passes(5)
        shop.aim.operation, shop.aim.fault = "link", "answer_lost"
        assert await shop.link(credit(), "cus_1") is LinkResult.UNKNOWN
        assert await shop.link(credit(), "cus_1") is LinkResult.LINKED
        assert len(shop.simulated.publications) == 1
        assert shop.aim.asked["link"] == 1

    visit(script)


@pytest.mark.parametrize("merges", [True, False])
def test_a_note_never_costs_our_key_whether_metadata_are_merged_or_replaced(merges: bool) -> None:
    async def script(shop: Shop) -> None:
        shop.simulated.merges = merges
        await shop.issue(credit())
        await passes(5)
        assert await shop.annotate(credit(), {"pos": "T1"})
        assert await shop.annotate(credit(), {"reason": "damaged"})
        assert isinstance(await shop.find(credit()), Found)
        (card,) = shop.simulated.cards
        assert card.note is not None
        assert card.note["countermark_reason"] == "damaged"

    visit(script)


def test_a_burn_of_nothing_is_one_request_and_outlives_a_late_issue() -> None:
    async def script(shop: Shop) -> None:
        assert isinstance(await shop.burn(credit()), Burnt)
        assert shop.aim.asked == {"find": 1, "create": 1}
        (card,) = shop.simulated.cards
        assert (card.minor, card.enabled) == (1, False)
        await shop.issue(credit())
        assert len(shop.simulated.cards) == 1

    visit(script)


def test_a_used_up_plan_lets_the_queue_wait_and_keeps_it_out_of_the_way() -> None:
    async def script(shop: Shop) -> None:
        shop.simulated.plan_used_up = True
        outcome = await shop.issue(credit())
        assert isinstance(outcome, Throttled)
        assert outcome.retry_after_s == 3_600
        assert outcome.saying.message == "Payment Required"
        assert len(shop.simulated.cards) == 0
        shop.simulated.plan_used_up = False
        assert isinstance(await shop.issue(credit()), Confirmed)

    visit(script)


def test_one_rate_limit_holds_for_everybody_and_says_when_it_ends() -> None:
    profile = replace(PROFILE, rate=(0.5, 2.0))

    async def script(shop: Shop) -> None:
        outcomes = []
        for number in range(4):
            shop.effects.steps.clear()
            outcomes.append(await shop.issue(credit(number)))
        throttled = [each for each in outcomes if isinstance(each, Throttled)]
        assert throttled
        await passes(throttled[-1].retry_after_s)
        shop.effects.steps.clear()
        assert isinstance(await shop.issue(credit(9)), Confirmed)

    visit(script, profile=profile)


def test_the_rate_headers_pause_the_backlog() -> None:
    async def script(shop: Shop) -> None:
        assert isinstance(await shop.issue(credit()), Confirmed)
        assert shop.platform.pause_s == 0
        shop.aim.operation, shop.aim.number, shop.aim.fault = "create", 2, "throttled"
        outcome = await shop.issue(credit())
        assert isinstance(outcome, Throttled)
        assert shop.platform.pause_s == pytest.approx(outcome.retry_after_s, abs=1)

    visit(script)


@pytest.mark.parametrize("header", ["x-app-id", "x-app-token"])
def test_both_keys_are_needed(header: str) -> None:
    simulated = SimVoucherify(PROFILE, random.Random(1), lambda: suite.NOW_MS)
    headers = {"x-app-id": "app-1", "x-app-token": "secret"}
    path = "/v1/vouchers?created_at%5Bafter%5D=2025-01-01T00:00:00Z&order=created_at"

    def status(of: dict[str, str]) -> int:
        answer = simulated.handle(Request("GET", path, of))
        assert isinstance(answer, Reply)
        return answer.status

    assert status(headers) == 200
    assert status({**headers, header: "another"}) == 401
    assert status({name: text for name, text in headers.items() if name != header}) == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/v1/vouchers/X", 405),
        ("POST", "/v1/vouchers/X/enable", 405),
        ("POST", "/v1/vouchers/X/balance", 405),
        ("GET", "/v2/vouchers/X", 404),
        ("GET", "/v1/vouchers/X", 404),
        ("POST", "/v1/vouchers", 400),
        ("POST", "/v1/publications", 400),
    ],
)
def test_what_else_is_asked_is_turned_away(method: str, path: str, status: int) -> None:
    simulated = SimVoucherify(PROFILE, random.Random(1), lambda: suite.NOW_MS)
    headers = {"x-app-id": "app-1", "x-app-token": "secret"}
    answer = simulated.handle(Request(method, path, headers, b"{}"))
    assert isinstance(answer, Reply)
    assert answer.status == status
    assert json.loads(answer.body)["code"] == status


def test_the_list_is_paged_to_its_end_past_99_pages() -> None:
    """9,900 vouchers are all that the pages show; the list goes on from the last moment."""

    async def script(shop: Shop) -> None:
        simulated = shop.simulated
        for number in range(10_050):
            card = simulated.foreign(f"X{number:015d}", 100, "USD")
            card.created_ms += number // 3  # three at every moment
        await passes(10)
        listed = [card async for card in shop.platform.list_since(0, shop.until())]
        assert [card.reference for card in listed] == [card.id for card in simulated.cards]
        assert shop.aim.asked["list"] > 100

    visit(script)


def test_customers_are_found_by_email_and_by_their_number() -> None:
    def who(kind: CustomerKind, value: str) -> CustomerReference:
        return CustomerReference(kind, value)

    async def script(shop: Shop) -> None:
        async def resolve(kind: CustomerKind, value: str) -> object:
            return await shop.platform.resolve(who(kind, value), shop.until())

        assert await resolve(CustomerKind.EMAIL, "anna@example.com") == Matched(
            "cus_1", "A*** B***"
        )
        assert await resolve(CustomerKind.EMAIL, "nobody@example.com") == Unmatched()
        assert await resolve(CustomerKind.LOYALTY, "L1") == Matched("cus_1", "A*** B***")
        assert await resolve(CustomerKind.LOYALTY, "L2") == Unmatched()
        assert await resolve(CustomerKind.PHONE, "+4915112345678") == Matched("cus_2", "T*** T***")
        shop.simulated.customers.add("cus_3", "Anna C", ("email", "anna@example.com"))
        assert await resolve(CustomerKind.EMAIL, "anna@example.com") == Ambiguous(2)

    visit(script)


def test_a_probe_issues_nothing_and_says_what_is_wrong() -> None:
    async def script(shop: Shop) -> None:
        probed = await shop.platform.probe(suite.NOW_MS, shop.until())
        assert [each.result for each in probed] == [ProbeResult.OK] * 3
        shop.simulated.schema = {"allow_defined_only": True, "properties": {}}
        probed = await shop.platform.probe(suite.NOW_MS, shop.until())
        assert probed[-1].result is ProbeResult.WRONG
        assert "countermark_key" in probed[-1].detail
        shop.simulated.token = "another"
        (only,) = await shop.platform.probe(suite.NOW_MS, shop.until())
        assert (only.what, only.result) == ("credentials", ProbeResult.WRONG)
        assert len(shop.simulated.cards) == 0
        assert isinstance(await shop.issue(credit()), Unsent)

    visit(script)
