# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of issuing in a shop, by recorded replies."""

from __future__ import annotations

import pytest

from agent.platforms.messages import HttpReply
from agent.platforms.probe import ProbeResult
from tests.platforms.shopify.exchanges import (
    DENIED,
    SHOP,
    THROTTLED,
    cash,
    data,
    errors,
    said,
    steps,
)
from tests.platforms.talking import talk

# ---- probe

EVERY = (
    "write_gift_cards",
    "read_gift_cards",
    "write_customers",
    "read_customers",
    "read_orders",
    "write_orders",
    "read_all_orders",
)
LIMIT = data("giftCardConfiguration", {"issueLimit": cash("2000.0")})


def installed(*scopes: str, domain: str = "brand.myshopify.com") -> HttpReply:
    return data(
        "currentAppInstallation",
        {"accessScopes": [{"handle": each} for each in scopes]},
        shop={"myshopifyDomain": domain, "currencyCode": "USD"},
    )


def test_a_shop_that_could_be_used_proves_it_without_issuing_anything() -> None:
    heard = talk(SHOP.probe(0), installed(*EVERY), LIMIT)
    assert steps(heard) == ["look Installation", "look Limit"]
    assert {each.what: each.result for each in heard.result} == {
        "credentials": ProbeResult.OK,
        "account": ProbeResult.OK,
        "scope": ProbeResult.OK,
        "limit": ProbeResult.OK,
    }
    assert "USD 2000.00" in heard.result[-1].detail


def test_a_missing_scope_is_named_and_a_write_scope_contains_reading() -> None:
    heard = talk(SHOP.probe(0), installed("write_gift_cards"), LIMIT)
    scopes = [each for each in heard.result if each.what == "scope"]
    assert [each.result for each in scopes] == [ProbeResult.WRONG] + [ProbeResult.WEAK] * 4
    assert "read_customers" in scopes[0].detail
    assert "read_gift_cards" not in scopes[0].detail


def test_another_shops_token_and_an_old_version_are_told() -> None:
    other = installed(*EVERY, domain="test.myshopify.com")
    spoken = (*other.headers, ("x-shopify-api-version", "2027-10"))
    heard = talk(SHOP.probe(0), HttpReply(200, spoken, other.body), DENIED)
    results = {each.what: each.result for each in heard.result}
    assert results["account"] is ProbeResult.WRONG
    assert results["version"] is ProbeResult.WEAK
    assert results["limit"] is ProbeResult.WEAK


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (said({"errors": "no"}, 401), "token"),
        (said({"errors": "no"}, 404), "address"),
        (said({"errors": "no"}, 402), "frozen"),
        (said({"errors": "no"}, 423), "locked"),
        (errors("SHOP_INACTIVE"), "active"),
        (THROTTLED, "limit"),
        (data("currentAppInstallation", None), "Admin API"),
        (said(b"<h1>Hello</h1>", content_type="text/html"), "Admin API"),
    ],
)
def test_what_stands_in_the_way_is_said_in_words(answer: HttpReply, word: str) -> None:
    (only,) = talk(SHOP.probe(0), answer).result
    assert only.result is ProbeResult.WRONG
    assert word in only.detail
    assert only.saying is not None


def test_a_shop_that_sells_in_a_currency_with_three_digits_is_told_of_it() -> None:
    kuwait = data(
        "currentAppInstallation",
        {"accessScopes": [{"handle": each} for each in EVERY]},
        shop={"myshopifyDomain": "brand.myshopify.com", "currencyCode": "KWD"},
    )
    heard = talk(SHOP.probe(0), kuwait, LIMIT)
    (account,) = [each for each in heard.result if each.what == "account"]
    assert account.result is ProbeResult.WRONG
    assert "KWD" in account.detail
