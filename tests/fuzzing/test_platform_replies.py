# SPDX-License-Identifier: Apache-2.0
"""A platform that says anything: every conversation ends in one of its outcomes.

Confirmed only with this credit's amount, currency, code and key; a code is never in what is kept
or shown; no reply breaks a conversation.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from hypothesis import example
from hypothesis import strategies as st

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.faults import PlatformUnavailable
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    BurnRefused,
    Burnt,
    BurnUnknown,
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
    Unknown,
    Unmatched,
    Unsent,
)
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from tests.convergence.loop import run
from tests.fakes.platform import MemoryEffects
from tests.fuzzing.effort import fuzzed
from tests.fuzzing.strategies import failures, replies_about
from tests.platforms.talking import CODE, CREDIT, KEY, card, cents, reply, resource

ANA: Final = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")
GOOD: Final = resource()
DEAD: Final = resource(enabled=False)
BURNT: Final = resource(initial=cents(1), balance=cents(1), enabled=False)
LINKED: Final = resource(customer_id="cus_1")
MATCHES: Final = {"matches": [{"customer_id": "cus_1", "masked": "a***"}]}
BALANCE: Final = {"balance": cents(100), "enabled": True}
PAGE: Final = {"credits": [GOOD], "next_cursor": None}

Said = HttpReply | NotSent | NoAnswer


def talks(*goods: Any) -> st.SearchStrategy[list[Said]]:
    """A few replies in a row, about any of these."""
    one = st.one_of(*[replies_about(good, CODE.reveal()) for good in goods], failures)
    return st.lists(one, min_size=1, max_size=6)


about_cards = talks(GOOD, DEAD, BURNT, LINKED)


class Script:
    """`agent.platforms.exchange.Wire`: gives the replies in order, and then none."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._left = list(said)
        self.asked: list[HttpRequest] = []

    async def send(self, request: HttpRequest, deadline: float) -> Said:
        self.asked.append(request)
        return self._left.pop(0) if self._left else NoAnswer("deadline")


def platform(said: Sequence[Said]) -> tuple[DrivenPlatform, Script]:
    script = Script(said)
    return DrivenPlatform(RestAdapter(RestOptions(url="https://credit.example")), script), script


def says_this_credit(said: Sequence[Said], enabled: bool = True) -> bool:
    """Whether some reply is, read without our own reader, this very credit."""
    for each in said:
        if not isinstance(each, HttpReply) or each.status not in (200, 201):
            continue
        try:
            body = json.loads(each.body)
        except ValueError:
            continue
        if not isinstance(body, dict) or body.get("enabled") is not enabled:
            continue
        amount = {"minor": CREDIT.amount.minor, "currency": CREDIT.amount.currency}
        initial = body.get("initial")
        equal = isinstance(initial, dict) and {name: initial.get(name) for name in amount} == amount
        if equal and body.get("code") == CODE.reveal() and body.get("key") == KEY.text:
            return True
    return False


def without_code(result: object) -> None:
    """What is kept and shown of a result holds no code in any form."""
    shown = repr(result).upper().replace("-", "")
    assert CODE.reveal() not in shown


@example(said=[card(201, id=CODE.reveal())], customer=None)
@example(said=[reply(500, {}, request_id=CODE.grouped().title())], customer=None)
@fuzzed(said=about_cards, customer=st.sampled_from((None, "cus_1")))
def test_an_issue_is_confirmed_only_by_this_very_credit(
    said: list[Said], customer: str | None
) -> None:
    here, _ = platform(said)
    effects = MemoryEffects()
    outcome = run(here.issue(CREDIT, customer, {}, effects, 1e9))
    assert isinstance(outcome, Confirmed | Refused | Unsent | Unanswered | Throttled)
    if isinstance(outcome, Confirmed):
        assert outcome.card.initial == CREDIT.amount
        assert outcome.card.enabled
        assert says_this_credit(said)
    if isinstance(outcome, Refused | Throttled | Unsent):
        assert not isinstance(said[0], NoAnswer)
    without_code(outcome)
    for step in effects.steps.values():
        without_code(step.reply)


@fuzzed(said=about_cards)
def test_a_look_up_finds_only_what_a_reply_says(said: list[Said]) -> None:
    here, script = platform(said)
    finding = run(here.find(CREDIT, 1e9))
    assert isinstance(finding, Found | FoundVoid | FoundDifferent | Absent | Unknown)
    if isinstance(finding, Found):
        assert says_this_credit(said)
    if isinstance(finding, Absent):
        heard = said[: len(script.asked)]
        assert all(isinstance(each, HttpReply) and each.status == 404 for each in heard)
    without_code(finding)


@fuzzed(said=about_cards)
def test_a_code_is_dead_only_where_a_reply_shows_it_dead(said: list[Said]) -> None:
    here, _ = platform(said)
    burn = run(here.burn(CREDIT, {}, MemoryEffects(), 1e9))
    assert isinstance(burn, Burnt | SpentInPart | BurnUnknown | BurnRefused)
    if isinstance(burn, Burnt | SpentInPart):
        assert not burn.card.enabled
        assert burn.card.key == KEY.text
    if isinstance(burn, SpentInPart):
        assert burn.spent.positive
    without_code(burn)


@fuzzed(said=talks(LINKED, GOOD))
def test_a_link_is_made_only_where_the_reply_names_the_customer(said: list[Said]) -> None:
    here, _ = platform(said)
    result = run(here.link(CREDIT, "cus_1", {}, MemoryEffects(), 1e9))
    assert isinstance(result, LinkResult)
    if result is LinkResult.LINKED:
        assert isinstance(said[0], HttpReply)
        assert json.loads(said[0].body)["customer_id"] == "cus_1"
    noted, _ = platform(said)
    assert run(noted.annotate(CREDIT, {"pos": "1"}, {}, MemoryEffects(), 1e9)) in (True, False)


@fuzzed(said=talks(MATCHES, {"matches": []}))
def test_a_customer_is_matched_only_where_exactly_one_was_named(said: list[Said]) -> None:
    here, _ = platform(said)
    resolution = run(here.resolve(ANA, 1e9))
    assert isinstance(resolution, Matched | Unmatched | Ambiguous | Unknown)
    if isinstance(resolution, Matched):
        assert isinstance(said[0], HttpReply)
        (one,) = json.loads(said[0].body)["matches"]
        assert one["customer_id"] == resolution.customer_id
        assert resolution.masked.isprintable()
    assert ANA.value not in repr(resolution)


@fuzzed(said=talks(BALANCE))
def test_a_balance_is_money_none_or_unknown(said: list[Said]) -> None:
    here, _ = platform(said)
    balance = run(here.balance(CODE, 1e9))
    assert balance is None or isinstance(balance, Money | Unknown)
    without_code(balance)


@fuzzed(said=talks(PAGE, {**PAGE, "next_cursor": "2"}))
def test_a_list_is_whole_or_says_that_it_is_not(said: list[Said]) -> None:
    here, _ = platform(said)

    async def listed() -> PlatformUnavailable | int:
        try:
            return len([card async for card in here.list_since(1_763_600_000_000, 1e9)])
        except PlatformUnavailable as fault:
            return fault

    found = run(listed())
    if isinstance(found, int):
        assert isinstance(said[0], HttpReply)
        assert said[0].status == 200
    else:
        without_code(found.values)
