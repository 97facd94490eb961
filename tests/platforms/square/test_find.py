# SPDX-License-Identifier: Apache-2.0
"""Looking for credits, balances and lists at Square, and linking, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Unknown,
)
from agent.platforms.adapter import Page
from agent.platforms.messages import HttpReply
from tests.platforms.square.recorded import (
    ACTIVITIES,
    BY_CODE,
    CARD_ID,
    DEAD,
    LISTED,
    LOCATION,
    NOT_FOUND,
    OTHER_KEY,
    PENDING,
    SQUARE,
    activated,
    activity,
    card,
    error,
    listed,
    money,
)
from tests.platforms.talking import CREDIT, KEY, reply, talk

ACTIVE = card()
GONE = card("DEACTIVATED", 0)
ONE_CENT = (card("ACTIVE", 1), listed(activated(1)))
FAILURES = [
    (error(500, "INTERNAL_SERVER_ERROR"), "internal_server_error", None),
    (error(429, "RATE_LIMITED", retry_after="9"), "throttled", 9),
    (error(401, "UNAUTHORIZED"), "auth", None),
    (reply(200, b""), "empty", None),
    (reply(200, b"<p>", content_type="text/html"), "not-json", None),
    (reply(200, {}), "not-the-contract", None),
    (reply(302, b""), "status-302", None),
    (reply(404, b"", content_type="text/html"), "status-404", None),
]


def test_found_is_the_card_with_its_activation_beside_it() -> None:
    heard = talk(SQUARE.find(CREDIT), card("ACTIVE", 0, customer_ids=["CUSTOMER1"]), LISTED)
    assert heard.said == [BY_CODE, ACTIVITIES]
    assert isinstance(heard.result, Found)
    assert heard.result.card.initial == Money(4850, "USD")
    assert heard.result.card.balance == Money(0, "USD")
    assert heard.result.card.customer_id == "CUSTOMER1"


@pytest.mark.parametrize(
    "nothing",
    [NOT_FOUND, error(400, "BAD_REQUEST"), error(400, "INVALID_VALUE"), PENDING],
)
def test_absent_is_no_card_and_a_card_that_was_never_activated(nothing: HttpReply) -> None:
    heard = talk(SQUARE.find(CREDIT), nothing)
    assert heard.said == [BY_CODE]
    assert heard.result == Absent()


@pytest.mark.parametrize(
    "dead",
    [
        DEAD,
        listed(activated(1), activity("DEACTIVATE", 1, 0)),
        listed(activated(1, key=OTHER_KEY), activity("DEACTIVATE", 1, 0)),
        listed(activated(1, key=None), activity("DEACTIVATE", 1, 0)),
    ],
)
def test_deactivated_under_our_key_or_at_the_burns_amount_is_void(dead: HttpReply) -> None:
    assert isinstance(talk(SQUARE.find(CREDIT), GONE, dead).result, FoundVoid)


def test_what_was_spent_of_a_dead_card_is_read_from_before_its_death() -> None:
    spent = listed(
        activity("ACTIVATE"), activity("REDEEM", 850, 4000), activity("DEACTIVATE", 4000, 0)
    )
    result = talk(SQUARE.find(CREDIT), GONE, spent).result
    assert isinstance(result, FoundVoid)
    assert result.card.balance == Money(4000, "USD")


@pytest.mark.parametrize(
    ("look", "activities"),
    [
        (card("ACTIVE", 1), listed(activated(1))),
        (card(balance_money=money(4850, "EUR")), listed(activated(4850, "EUR"))),
        (ACTIVE, listed(activated(key=OTHER_KEY))),
        (ACTIVE, listed(activated(key=None))),
        (ACTIVE, listed(activity("REFUND", 4850))),
        (GONE, listed(activated(key=OTHER_KEY), activity("DEACTIVATE", 4850, 0))),
        (GONE, listed()),
        (GONE, listed(activity("DEACTIVATE", 0, 0))),
    ],
)
def test_anything_else_under_our_code_is_different(look: HttpReply, activities: HttpReply) -> None:
    result = talk(SQUARE.find(CREDIT), look, activities).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.code == "differs"
    assert result.saying.message


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_a_look_up_that_fails_has_learnt_nothing(
    failure: HttpReply, why: str, wait: int | None
) -> None:
    for replies in ([failure], [ACTIVE, failure]):
        if replies == [failure] and why == "not-the-contract":
            continue
        result = talk(SQUARE.find(CREDIT), *replies).result
        assert isinstance(result, Unknown)
        if failure.body != b"{}":
            assert (result.why, result.retry_after_s) == (why, wait)


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        ((card("BLOCKED"),), "blocked"),
        ((card("PENDING", 5),), "empty-with-money"),
        ((card(gan="D" * 16),), "foreign"),
        ((ACTIVE, listed()), "not-listed"),
        ((ACTIVE, listed(activity("ACTIVATE", gift_card_id="gftc:other"))), "not-listed"),
        ((card(balance_money=money(1, "EUR")), LISTED), "two-currencies"),
    ],
)
def test_what_cannot_be_true_yet_is_looked_up_again(
    replies: tuple[HttpReply, ...], why: str
) -> None:
    result = talk(SQUARE.find(CREDIT), *replies).result
    assert isinstance(result, Unknown)
    assert result.why == why


def test_a_link_looks_for_the_card_and_repeats_nothing() -> None:
    linked = card(customer_ids=["CUSTOMER1"])
    heard = talk(SQUARE.link(CREDIT, "CUSTOMER1"), ACTIVE, linked)
    assert heard.said[0] == BY_CODE
    assert heard.said[1].startswith("link-")
    assert heard.result is LinkResult.LINKED
    assert talk(SQUARE.link(CREDIT, "CUSTOMER1"), linked).result is LinkResult.LINKED
    assert talk(SQUARE.link(CREDIT, "CUSTOMER2"), linked).result is LinkResult.ELSEWHERE


@pytest.mark.parametrize(
    ("replies", "result"),
    [
        ((NOT_FOUND,), LinkResult.UNKNOWN),
        ((card(gan="D" * 16),), LinkResult.UNKNOWN),
        ((error(500, "INTERNAL_SERVER_ERROR"),), LinkResult.UNKNOWN),
        ((ACTIVE, error(500, "INTERNAL_SERVER_ERROR")), LinkResult.UNKNOWN),
        ((ACTIVE, error(429, "RATE_LIMITED")), LinkResult.UNKNOWN),
        ((ACTIVE, card(customer_ids=["CUSTOMER2"])), LinkResult.UNKNOWN),
        ((ACTIVE, error(404, "CUSTOMER_NOT_FOUND")), LinkResult.REFUSED),
        ((ACTIVE, NOT_FOUND), LinkResult.REFUSED),
        ((ACTIVE, error(400, "BAD_REQUEST")), LinkResult.REFUSED),
    ],
)
def test_a_link_that_is_not_seen_is_not_there(
    replies: tuple[HttpReply, ...], result: LinkResult
) -> None:
    assert talk(SQUARE.link(CREDIT, "CUSTOMER1"), *replies).result is result


def test_another_customer_is_another_step() -> None:
    one = talk(SQUARE.link(CREDIT, "CUSTOMER1"), ACTIVE, ACTIVE).said[1]
    two = talk(SQUARE.link(CREDIT, "CUSTOMER2"), ACTIVE, ACTIVE).said[1]
    assert one != two


def test_there_is_no_field_for_notes_so_nothing_is_asked() -> None:
    heard = SQUARE.annotate(CREDIT, {"reason": "x"})
    with pytest.raises(StopIteration) as end:
        next(heard)
    assert end.value.value is False


@pytest.mark.parametrize(
    ("look", "left"),
    [
        (ACTIVE, Money(4850, "USD")),
        (PENDING, Money(0, "USD")),
        (card("DEACTIVATED", 4850), Money(0, "USD")),
        (NOT_FOUND, None),
    ],
)
def test_a_balance_is_what_can_be_spent(look: HttpReply, left: Money | None) -> None:
    heard = talk(SQUARE.balance(CREDIT.code), look)
    assert heard.said == [BY_CODE]
    assert heard.result == left


@pytest.mark.parametrize("look", [card("BLOCKED"), card(gan="D" * 16), reply(500, b"")])
def test_a_balance_that_is_not_known_is_not_nothing(look: HttpReply) -> None:
    assert isinstance(talk(SQUARE.balance(CREDIT.code), look).result, Unknown)


def test_a_page_is_activations_with_their_cards_as_they_stand() -> None:
    told = listed(activity("ACTIVATE"), activated(100, key=None), cursor="more/1")
    heard = talk(
        SQUARE.list_page(1_763_600_000_123, "c&1"), told, card("ACTIVE", 12), card("DEACTIVATED", 0)
    )
    assert heard.said[0] == (
        "look GET /v2/gift-cards/activities?type=ACTIVATE"
        f"&location_id={LOCATION}&begin_time=2025-11-20T00%3A53%3A20.123Z&sort_order=ASC"
        "&limit=10&cursor=c%261"
    )
    assert isinstance(heard.result, Page)
    assert heard.result.cursor == "more/1"
    first, second = heard.result.cards
    assert (first.reference, first.key, first.enabled) == (CARD_ID, KEY.text, True)
    assert (first.initial.minor, first.balance.minor) == (4850, 12)
    assert (second.key, second.enabled, second.initial.minor) == (None, False, 100)
    assert talk(SQUARE.list_page(0, None), reply(200, {})).result == Page((), None)


@pytest.mark.parametrize(
    "replies",
    [
        (error(500, "INTERNAL_SERVER_ERROR"),),
        (LISTED, error(429, "RATE_LIMITED")),
        (LISTED, card(balance_money=money(1, "EUR"))),
        (LISTED, NOT_FOUND),
    ],
)
def test_a_list_that_is_not_whole_is_none(replies: tuple[HttpReply, ...]) -> None:
    assert isinstance(talk(SQUARE.list_page(0, None), *replies).result, Unknown)


def test_a_time_out_of_range_is_the_drivers_to_catch() -> None:
    with pytest.raises(OverflowError):
        next(SQUARE.list_page(10**18, None))
