# SPDX-License-Identifier: Apache-2.0
"""The link that follows an issue at Square, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.outcome import (
    Confirmed,
)
from agent.platforms.messages import HttpReply, NoAnswer, NotSent
from tests.platforms.square.recorded import (
    CARD_ID,
    NOT_FOUND,
    PENDING,
    SQUARE,
    card,
    done,
    error,
)
from tests.platforms.talking import CREDIT, reply, talk

ACTIVE = card()
LINK = f"POST /v2/gift-cards/{CARD_ID}/link-customer"
LINKED = card(customer_ids=["CUSTOMER1"])


def test_a_confirmed_credit_goes_on_to_the_link() -> None:
    heard = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), PENDING, done(), ACTIVE, LINKED)
    assert heard.said[3].endswith(LINK)
    assert heard.asked[3].request.body == b'{"customer_id":"CUSTOMER1"}'
    assert isinstance(heard.result, Confirmed)
    assert heard.result.linked
    assert heard.result.card.customer_id == "CUSTOMER1"


@pytest.mark.parametrize(
    "answer",
    [
        NotSent("connect"),
        NoAnswer("deadline"),
        NOT_FOUND,
        error(404, "CUSTOMER_NOT_FOUND"),
        error(500, "INTERNAL_SERVER_ERROR"),
        error(429, "RATE_LIMITED"),
        card(customer_ids=["CUSTOMER2"]),
        card(),
        card(id="gftc:other", customer_ids=["CUSTOMER1"]),
        reply(200, b""),
    ],
    ids=str,
)
def test_a_link_that_fails_leaves_the_credit_confirmed_and_unlinked(
    answer: HttpReply | NotSent | NoAnswer,
) -> None:
    heard = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), PENDING, done(), ACTIVE, answer)
    assert isinstance(heard.result, Confirmed)
    assert not heard.result.linked
    assert heard.result.card.customer_id is None


def test_a_card_that_is_linked_already_is_not_linked_again() -> None:
    same = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), PENDING, done(), LINKED)
    assert isinstance(same.result, Confirmed)
    assert same.result.linked
    other = talk(SQUARE.issue(CREDIT, "CUSTOMER2"), PENDING, done(), LINKED)
    assert isinstance(other.result, Confirmed)
    assert not other.result.linked
    assert other.result.card.customer_id == "CUSTOMER1"
