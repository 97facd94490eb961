# SPDX-License-Identifier: Apache-2.0
"""Making a code dead for ever at Shopify, by recorded replies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    BurnRefused,
    Burnt,
    BurnUnknown,
    FoundVoid,
    SpentInPart,
)
from agent.platforms.messages import HttpReply
from tests.platforms.shopify.exchanges import (
    CARD,
    DENIED,
    NOTHING,
    OTHER_KEY,
    SHOP,
    TAKEN,
    THROTTLED,
    cash,
    data,
    deactivated,
    errors,
    found,
    made,
    node,
    not_made,
    steps,
    variables,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

SMALL = {"initialValue": cash("0.01"), "balance": cash("0.01")}
BURN = ["look Find", "burn Create"]


def test_burning_what_is_there_deactivates_it() -> None:
    heard = talk(SHOP.burn(CREDIT), found(node()), deactivated())
    assert steps(heard)[0] == "look Find"
    assert steps(heard)[1].startswith("burn-deactivate-")
    assert variables(heard.asked[1]) == {"id": CARD}
    assert isinstance(heard.result, Burnt)
    assert not heard.result.card.enabled


def test_burning_what_is_dead_already_does_nothing() -> None:
    heard = talk(SHOP.burn(CREDIT), found(node(enabled=False)))
    assert steps(heard) == ["look Find"]
    assert isinstance(heard.result, Burnt)


@pytest.mark.parametrize(
    ("amount", "smallest"),
    [
        (Money(4850, "USD"), "0.01"),
        (Money(1200, "JPY"), "1"),
    ],
)
def test_burning_what_is_absent_creates_the_smallest_amount_and_deactivates_it(
    amount: Money, smallest: str
) -> None:
    credit = replace(CREDIT, amount=amount)
    value = cash(smallest, amount.currency)
    small: dict[str, Any] = {"initialValue": value, "balance": value}
    heard = talk(SHOP.burn(credit), NOTHING, made(**small), deactivated(**small))
    assert steps(heard)[:2] == BURN
    issued = variables(heard.asked[1])["input"]
    assert issued == {"code": CODE.reveal(), "initialAmount": value, "note": KEY.text}
    assert isinstance(heard.result, Burnt)
    seen = talk(SHOP.find(credit), found(node(enabled=False, note=None, **small))).result
    assert isinstance(seen, FoundVoid)


def test_a_burn_says_what_was_spent() -> None:
    left = {"balance": cash("40.0")}
    heard = talk(SHOP.burn(CREDIT), found(node(**left)), deactivated(**left))
    assert isinstance(heard.result, SpentInPart)
    assert heard.result.spent == Money(850, "USD")


def test_a_code_that_was_taken_meanwhile_is_searched_and_deactivated() -> None:
    heard = talk(SHOP.burn(CREDIT), NOTHING, TAKEN, found(node()), deactivated())
    assert steps(heard)[:3] == [*BURN, "look Find"]
    assert isinstance(heard.result, Burnt)


def test_a_code_that_is_taken_and_not_seen_yet_is_not_burnt() -> None:
    heard = talk(SHOP.burn(CREDIT), NOTHING, TAKEN, NOTHING)
    assert isinstance(heard.result, BurnUnknown)
    assert heard.result.why == "TAKEN"


@pytest.mark.parametrize("currency", ["CUP", "KWD"])
def test_a_currency_that_is_not_exact_is_not_burnt_by_a_new_card(currency: str) -> None:
    heard = talk(SHOP.burn(replace(CREDIT, amount=Money(5000, currency))), NOTHING)
    assert steps(heard) == ["look Find"]
    assert isinstance(heard.result, BurnRefused)


@pytest.mark.parametrize(
    "changes", [{"note": OTHER_KEY}, {"note": None}, {"note": OTHER_KEY, "enabled": False}]
)
def test_a_foreign_card_is_never_deactivated(changes: dict[str, object]) -> None:
    heard = talk(SHOP.burn(CREDIT), found(node(**changes)))
    assert steps(heard) == ["look Find"]
    assert isinstance(heard.result, BurnRefused)


@pytest.mark.parametrize(
    ("answer", "expected", "perhaps"),
    [
        (not_made("INVALID"), BurnRefused, None),
        (not_made("INTERNAL_ERROR"), BurnUnknown, True),
        (THROTTLED, BurnUnknown, False),
        (DENIED, BurnUnknown, False),
        (made(note=OTHER_KEY), BurnRefused, None),
    ],
)
def test_a_burn_that_cannot_create_says_so(
    answer: HttpReply, expected: type, perhaps: bool | None
) -> None:
    result = talk(SHOP.burn(CREDIT), NOTHING, answer).result
    assert isinstance(result, expected)
    assert not isinstance(result, BurnUnknown) or result.perhaps_sent is perhaps


GONE = {"field": ["id"], "message": "could not be found", "code": "GIFT_CARD_NOT_FOUND"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            data("giftCardDeactivate", {"giftCard": None, "userErrors": [GONE]}),
            BurnRefused,
        ),
        (deactivated(enabled=True), BurnUnknown),
        (deactivated(note=OTHER_KEY), BurnUnknown),
        (deactivated(lastCharacters="zzzz"), BurnUnknown),
        (data("giftCardDeactivate", {"giftCard": None, "userErrors": []}), BurnUnknown),
        (errors("INTERNAL_SERVER_ERROR"), BurnUnknown),
        (THROTTLED, BurnUnknown),
        (reply(200, b""), BurnUnknown),
    ],
)
def test_a_deactivation_without_proof_is_no_burn(answer: HttpReply, expected: type) -> None:
    assert isinstance(talk(SHOP.burn(CREDIT), found(node()), answer).result, expected)
