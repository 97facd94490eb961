# SPDX-License-Identifier: Apache-2.0
"""Every branch of burning at Square, by recorded replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    BurnRefused,
    Burnt,
    BurnUnknown,
    SpentInPart,
)
from agent.platforms.messages import HttpReply
from tests.platforms.square.recorded import (
    ACTIVITIES,
    BURN_ACTIVATE,
    BURN_CREATE,
    BY_CODE,
    DEACTIVATE,
    DEAD,
    LISTED,
    NOT_FOUND,
    NOT_PENDING,
    OTHER_KEY,
    PENDING,
    REUSED,
    SQUARE,
    TAKEN,
    activated,
    activity,
    card,
    done,
    error,
    listed,
)
from tests.platforms.talking import CREDIT, talk

ACTIVE = card()
GONE = card("DEACTIVATED", 0)
ONE_CENT = (card("ACTIVE", 1), listed(activated(1)))


def test_a_live_card_is_deactivated_and_looked_at_again() -> None:
    heard = talk(SQUARE.burn(CREDIT), ACTIVE, LISTED, done("DEACTIVATE", 0), GONE, DEAD)
    assert heard.said == [BY_CODE, ACTIVITIES, DEACTIVATE, BY_CODE, ACTIVITIES]
    assert isinstance(heard.result, Burnt)
    assert not heard.result.card.enabled


def test_what_is_absent_is_created_and_activated_at_the_smallest_amount_and_deactivated() -> None:
    heard = talk(
        SQUARE.burn(CREDIT),
        NOT_FOUND,
        PENDING,
        done("ACTIVATE", 1),
        *ONE_CENT,
        done("DEACTIVATE", 0),
        GONE,
        listed(activated(1), activity("DEACTIVATE", 1, 0)),
    )
    assert heard.said == [
        BY_CODE,
        BURN_CREATE,
        BURN_ACTIVATE,
        BY_CODE,
        ACTIVITIES,
        DEACTIVATE,
        BY_CODE,
        ACTIVITIES,
    ]
    assert isinstance(heard.result, Burnt)
    assert b'"amount":1,' in heard.asked[2].request.body


def test_an_empty_card_is_activated_at_the_smallest_amount_only() -> None:
    dead = listed(activated(1), activity("DEACTIVATE", 1, 0))
    heard = talk(
        SQUARE.burn(CREDIT), PENDING, done("ACTIVATE", 1), *ONE_CENT, done("DEACTIVATE"), GONE, dead
    )
    assert heard.said[1] == BURN_ACTIVATE
    assert isinstance(heard.result, Burnt)


def test_the_whole_amount_that_came_first_is_deactivated() -> None:
    heard = talk(
        SQUARE.burn(CREDIT), PENDING, NOT_PENDING, ACTIVE, LISTED, done("DEACTIVATE"), GONE, DEAD
    )
    assert isinstance(heard.result, Burnt)


@pytest.mark.parametrize("taken", [TAKEN, REUSED, error(500, "INTERNAL_SERVER_ERROR"), card()])
def test_a_number_that_was_taken_meanwhile_is_burnt_as_it_stands(taken: HttpReply) -> None:
    heard = talk(
        SQUARE.burn(CREDIT), NOT_FOUND, taken, ACTIVE, LISTED, done("DEACTIVATE"), GONE, DEAD
    )
    assert isinstance(heard.result, Burnt)
    empty = talk(SQUARE.burn(CREDIT), NOT_FOUND, taken, PENDING, error(429, "RATE_LIMITED"))
    assert isinstance(empty.result, BurnUnknown)


def test_a_dead_card_is_burnt_without_a_step() -> None:
    heard = talk(SQUARE.burn(CREDIT), GONE, DEAD)
    assert heard.said == [BY_CODE, ACTIVITIES]
    assert isinstance(heard.result, Burnt)
    never = talk(SQUARE.burn(CREDIT), GONE, listed())
    assert isinstance(never.result, Burnt)


def test_a_card_that_was_spent_in_part_says_how_much() -> None:
    spent = listed(activity("ACTIVATE"), activity("REDEEM", 850, 4000))
    dead = listed(
        activity("ACTIVATE"),
        activity("REDEEM", 850, 4000),
        activity("REDEEM", 1000, 3000),
        activity("DEACTIVATE", 3000, 0),
    )
    heard = talk(SQUARE.burn(CREDIT), card("ACTIVE", 4000), spent, done("DEACTIVATE"), GONE, dead)
    assert isinstance(heard.result, SpentInPart)
    assert heard.result.spent == Money(1850, "USD")


def test_after_more_activities_than_a_page_the_card_itself_says_its_balance() -> None:
    dead = listed(activity("ACTIVATE"), activity("REDEEM", 1, 4849), cursor="next")
    result = talk(SQUARE.burn(CREDIT), card("DEACTIVATED", 4000), dead).result
    assert isinstance(result, SpentInPart)
    assert result.spent == Money(850, "USD")


@pytest.mark.parametrize(
    "replies",
    [
        (ACTIVE, listed(activated(key=OTHER_KEY))),
        (ACTIVE, listed(activated(key=None))),
        (GONE, listed(activated(key=OTHER_KEY), activity("DEACTIVATE", 4850, 0))),
        (ACTIVE, LISTED, error(400, "BAD_REQUEST"), ACTIVE, LISTED),
        (NOT_FOUND, error(400, "BAD_REQUEST"), NOT_FOUND),
        (PENDING, error(400, "AMOUNT_TOO_HIGH"), PENDING),
        (PENDING, error(400, "VALUE_TOO_LOW"), PENDING),
    ],
)
def test_what_cannot_be_burnt_is_a_persons(replies: tuple[HttpReply, ...]) -> None:
    assert isinstance(talk(SQUARE.burn(CREDIT), *replies).result, BurnRefused)


@pytest.mark.parametrize(
    ("replies", "perhaps_sent"),
    [
        ((error(500, "INTERNAL_SERVER_ERROR"),), False),
        ((card("BLOCKED"),), False),
        ((NOT_FOUND, error(401, "UNAUTHORIZED")), False),
        ((NOT_FOUND, error(429, "RATE_LIMITED")), False),
        ((NOT_FOUND, REUSED, NOT_FOUND), True),
        ((NOT_FOUND, error(500, "INTERNAL_SERVER_ERROR"), NOT_FOUND), True),
        ((PENDING, error(500, "INTERNAL_SERVER_ERROR")), True),
        ((PENDING, error(400, "BAD_REQUEST"), PENDING), True),
        ((PENDING, REUSED, PENDING), True),
        ((PENDING, done("ACTIVATE", 1), PENDING), True),
        ((PENDING, done("ACTIVATE", 1), NOT_FOUND), True),
        ((ACTIVE, LISTED, error(500, "INTERNAL_SERVER_ERROR")), True),
        ((ACTIVE, LISTED, error(429, "RATE_LIMITED")), True),
        ((ACTIVE, LISTED, done("DEACTIVATE"), ACTIVE, LISTED), True),
        ((ACTIVE, LISTED, done("DEACTIVATE"), error(500, "INTERNAL_SERVER_ERROR")), True),
        ((ACTIVE, LISTED, REUSED, ACTIVE, LISTED), True),
    ],
)
def test_without_proof_that_it_is_dead_nothing_is_burnt(
    replies: tuple[HttpReply, ...], perhaps_sent: bool
) -> None:
    result = talk(SQUARE.burn(CREDIT), *replies).result
    assert isinstance(result, BurnUnknown)
    assert result.perhaps_sent is perhaps_sent


def test_a_currency_that_square_does_not_know_has_nothing_to_burn() -> None:
    credit = replace(CREDIT, amount=Money(5, "BYN"))
    heard = talk(SQUARE.burn(credit), NOT_FOUND)
    assert isinstance(heard.result, BurnRefused)
