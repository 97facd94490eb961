# SPDX-License-Identifier: Apache-2.0
"""The plug-in: its settings, its secrets, and how it reads the bucket of every answer."""

from __future__ import annotations

import pytest

from agent.platforms.abilities import contradictions
from agent.platforms.messages import HttpReply
from agent.platforms.shopify import platform
from agent.platforms.shopify.answers import pause_s
from tests.platforms.shopify.exchanges import COST, THROTTLED, data, errors, found, said
from tests.platforms.talking import reply


def test_the_shop_makes_the_address_and_an_address_goes_before_it() -> None:
    made = platform({"shop": "brand"})
    assert made.transport.url == "https://brand.myshopify.com"
    assert contradictions(made.adapter.abilities) == ()
    given = platform({"shop": "brand", "url": "https://gateway.example"})
    assert given.transport.url == "https://gateway.example"


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ({}, "platform.url"),
        ({"shop": "Brand"}, "platform.shop"),
        ({"shop": "brand.myshopify.com"}, "platform.shop"),
        ({"shop": 7, "url": "https://x.example"}, "platform.shop"),
        ({"url": "http://brand.example"}, "plain http"),
        ({"shop": "brand", "loyalty": "club"}, "did you mean loyalty_key"),
        ({"shop": "brand", "loyalty_key": "a b"}, "platform.loyalty_key"),
        ({"shop": "brand", "location_id": 0}, "platform.location_id"),
        ({"shop": "brand", "settling_ms": -1}, "platform.settling_ms"),
        ({"shop": "brand", "client_id": "a b"}, "platform.client_id"),
        ({"client_id": "abc", "url": "http://brand.example"}, "plain http"),
    ],
)
def test_a_wrong_setting_is_named(table: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        platform(table)


def test_the_token_goes_into_shopifys_own_header_and_is_never_empty() -> None:
    made = platform({"shop": "brand"})
    assert made.prove(" shpat_1\n") == {"X-Shopify-Access-Token": "shpat_1"}
    assert made.oauth is None
    with pytest.raises(ValueError, match="empty"):
        made.prove(" \n")
    assert "shpat" not in repr(made)


def test_with_a_client_id_tokens_are_fetched_from_the_shop_itself() -> None:
    made = platform({"shop": "brand", "client_id": "a1b2"})
    assert made.oauth is not None
    assert made.oauth.token_url == "https://brand.myshopify.com/admin/oauth/access_token"
    assert made.oauth.in_body
    assert made.prove("shpat_2") == {"X-Shopify-Access-Token": "shpat_2"}


def bucket(left: object, most: object = 2000.0, rate: object = 100.0) -> HttpReply:
    status = {"maximumAvailable": most, "currentlyAvailable": left, "restoreRate": rate}
    body = {"data": {"giftCards": None}, "extensions": {"cost": {"throttleStatus": status}}}
    return said(body)


@pytest.mark.parametrize(
    ("heard", "seconds"),
    [
        (bucket(2000), 0.0),
        (bucket(500), 0.0),
        (bucket(499.5), 0.005),
        (bucket(0), 5.0),
        (bucket(-50), 5.5),
        (bucket(0, 20_000, 1000), 5.0),
        (bucket(0, rate=0), 0.0),
        (bucket("full"), 0.0),
        (bucket(True), 0.0),
        (bucket(None), 0.0),
        (bucket(10**12), 0.0),
        (found(), 0.0),
        (THROTTLED, 9.0),
        (errors("THROTTLED", cost=COST), 0.0),
        (data("giftCards", None), 0.0),
        (said({"errors": "x"}, 429, retry_after="7"), 7.0),
        (reply(200, b"throttleStatus"), 0.0),
        (reply(200, b"<p>", content_type="text/html"), 0.0),
        (reply(500, b""), 0.0),
    ],
)
def test_the_backlog_leaves_a_quarter_of_the_bucket_to_the_counter(
    heard: HttpReply, seconds: float
) -> None:
    assert pause_s(heard) == pytest.approx(seconds)


def test_the_bucket_is_also_read_where_the_documentation_shows_it() -> None:
    status = {"maximumAvailable": 1000, "currentlyAvailable": 0, "restoreRate": 50}
    inside = {"code": "THROTTLED", "cost": {"throttleStatus": status}}
    assert pause_s(said({"errors": [{"message": "Throttled", "extensions": inside}]})) == 5.0
