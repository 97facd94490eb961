# SPDX-License-Identifier: Apache-2.0
"""What follows an issue: a code that is taken is searched, a customer is linked."""

from __future__ import annotations

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Confirmed,
    Unanswered,
)
from agent.platforms.messages import HttpReply, NoAnswer, NotSent
from tests.platforms.shopify.exchanges import (
    ANNA,
    BERT,
    CARD,
    NOTHING,
    OTHER_KEY,
    SHOP,
    TAKEN,
    THROTTLED,
    cash,
    data,
    errors,
    found,
    made,
    node,
    not_updated,
    said,
    steps,
    updated,
    variables,
)
from tests.platforms.talking import CODE, CREDIT, talk

LINKED = '{"id":"gid://shopify/GiftCard/77","input":{"customerId":"gid://shopify/Customer/9"}}'


def test_taken_is_searched_and_equal_is_confirmed() -> None:
    heard = talk(SHOP.issue(CREDIT, None), TAKEN, found(node(balance=cash("0.0"))))
    assert steps(heard) == ["create Create", "look Find"]
    assert variables(heard.asked[1]) == {"query": CODE.reveal()}
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.balance == Money(0, "USD")


def test_taken_and_linked_meanwhile_says_whose_it_is() -> None:
    same = talk(SHOP.issue(CREDIT, ANNA), TAKEN, found(node(customer={"id": ANNA})))
    assert steps(same) == ["create Create", "look Find"]
    assert isinstance(same.result, Confirmed)
    assert same.result.linked
    other = talk(SHOP.issue(CREDIT, ANNA), TAKEN, found(node(customer={"id": BERT})))
    assert isinstance(other.result, Confirmed)
    assert not other.result.linked
    assert other.result.card.customer_id == BERT


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"note": OTHER_KEY}, "key"),
        ({"note": None}, "key"),
        ({"enabled": False}, "disabled"),
        ({"enabled": False, "initialValue": cash("0.01")}, "amount, disabled"),
        ({"initialValue": cash("1.0", "EUR")}, "amount, currency"),
    ],
)
def test_taken_and_different_is_for_the_look_up_and_a_person(
    changes: dict[str, object], message: str
) -> None:
    heard = talk(SHOP.issue(CREDIT, None), TAKEN, found(node(**changes)))
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.message == message


@pytest.mark.parametrize(
    "nothing",
    [
        NOTHING,
        found(node(lastCharacters="zzzz")),
        found(node(), node(id="gid://shopify/GiftCard/78")),
        THROTTLED,
        errors("INTERNAL_SERVER_ERROR"),
    ],
)
def test_taken_and_not_seen_by_the_search_yet_is_unanswered(nothing: HttpReply) -> None:
    heard = talk(SHOP.issue(CREDIT, None), TAKEN, nothing)
    assert isinstance(heard.result, Unanswered)
    assert heard.result.why == "TAKEN"
    assert not heard.result.differs
    assert heard.result.saying.code == "TAKEN"


def test_a_card_that_only_mentions_the_code_is_passed_over() -> None:
    mentions = node(id="gid://shopify/GiftCard/78", lastCharacters="zzzz")
    heard = talk(SHOP.issue(CREDIT, None), TAKEN, found(mentions, node()))
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.reference == CARD


def test_a_confirmed_create_goes_on_to_the_link_by_its_id() -> None:
    heard = talk(SHOP.issue(CREDIT, ANNA), made(), updated(customer={"id": ANNA}))
    assert [name.split("-")[0] for name in steps(heard)] == ["create Create", "link"]
    assert heard.asked[1].request.body.decode().endswith(f'"variables":{LINKED}}}')
    assert isinstance(heard.result, Confirmed)
    assert heard.result.linked
    assert heard.result.card.customer_id == ANNA


@pytest.mark.parametrize(
    "answers",
    [
        [NotSent("connect")],
        [NoAnswer("deadline")],
        [not_updated("input", "customerId"), data("giftCard", node())],
        [not_updated("input", "customerId"), data("giftCard", node(customer={"id": BERT}))],
        [not_updated(), data("giftCard", None)],
        [not_updated(), NoAnswer("reset")],
        [errors("INTERNAL_SERVER_ERROR")],
        [THROTTLED],
        [updated(customer={"id": BERT})],
        [updated(customer=None)],
        [updated(customer={"id": ANNA}, note=None)],
        [data("giftCardUpdate", {"giftCard": None, "userErrors": []})],
        [said(b"")],
    ],
    ids=str,
)
def test_a_link_that_fails_leaves_the_credit_confirmed_and_unlinked(
    answers: list[HttpReply | NotSent | NoAnswer],
) -> None:
    heard = talk(SHOP.issue(CREDIT, ANNA), made(), *answers)
    assert isinstance(heard.result, Confirmed)
    assert not heard.result.linked
    assert heard.result.card.customer_id is None
