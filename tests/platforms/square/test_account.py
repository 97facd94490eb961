# SPDX-License-Identifier: Apache-2.0
"""Customers and probes at Square, by recorded replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.outcome import (
    Ambiguous,
    Matched,
    Unknown,
    Unmatched,
)
from agent.platforms.messages import HttpReply
from agent.platforms.probe import ProbeResult
from tests.platforms.square.recorded import (
    LOCATION,
    NOT_FOUND,
    SQUARE,
    error,
)
from tests.platforms.square.sold import (
    DOWN,
)
from tests.platforms.talking import reply, talk

ANNA: Final = CustomerReference(CustomerKind.EMAIL, "anna@example.com")
PHONE: Final = CustomerReference(CustomerKind.PHONE, "+12065551234")
CLUB: Final = CustomerReference(CustomerKind.LOYALTY, "B0042")


def customers(*found: Mapping[str, object], **more: object) -> HttpReply:
    return reply(200, {"customers": list(found), **more} if found else {})


def test_one_customer_is_matched_and_shown_masked() -> None:
    anna = {
        "id": "C1",
        "given_name": "Anna",
        "family_name": "Berg",
        "email_address": "Anna@Example.com",
    }
    heard = talk(SQUARE.resolve(ANNA), customers(anna))
    assert heard.said == ["look POST /v2/customers/search"]
    assert heard.asked[0].request.body.decode() == (
        '{"limit":10,"query":{"filter":{"email_address":{"exact":"anna@example.com"}}}}'
    )
    assert heard.result == Matched("C1", "A*** B.")
    assert "Berg" not in repr(heard.result)


@pytest.mark.parametrize("kept", ["+12065551234", "206-555-1234", "(206) 555 1234", "5551234"])
def test_a_phone_number_is_the_same_however_it_was_typed(kept: str) -> None:
    found = customers({"id": "C1", "phone_number": kept})
    assert talk(SQUARE.resolve(PHONE), found).result == Matched("C1")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (ANNA, {"id": "C1", "email_address": "other@example.com"}),
        (ANNA, {"id": "C1"}),
        (PHONE, {"id": "C1", "phone_number": "+12065550000"}),
        (PHONE, {"id": "C1", "phone_number": "1234"}),
        (CLUB, {"id": "C1", "reference_id": "B00422"}),
    ],
)
def test_a_customer_who_was_not_asked_for_is_nobody(
    asked: CustomerReference, found: dict[str, object]
) -> None:
    result = talk(SQUARE.resolve(asked), customers(found)).result
    assert isinstance(result, Unknown)
    assert result.why == "not-asked-for"


def test_none_and_several_are_told_apart() -> None:
    two = [{"id": each, "reference_id": "b0042"} for each in ("C1", "C2")]
    assert talk(SQUARE.resolve(CLUB), customers()).result == Unmatched()
    assert talk(SQUARE.resolve(CLUB), customers(*two)).result == Ambiguous(2)
    more = customers(two[0], cursor="next")
    assert talk(SQUARE.resolve(CLUB), more).result == Ambiguous(2)
    assert isinstance(talk(SQUARE.resolve(CLUB), DOWN).result, Unknown)


NOW_MS: Final = 1_763_600_000_000
SCOPES: Final = [
    "GIFTCARDS_READ",
    "GIFTCARDS_WRITE",
    "CUSTOMERS_READ",
    "ORDERS_READ",
    "PAYMENTS_READ",
    "PAYMENTS_WRITE",
]


def place(**changes: object) -> HttpReply:
    return reply(
        200, {"location": {"id": LOCATION, "status": "ACTIVE", "currency": "USD", **changes}}
    )


def token(*scopes: str, **more: object) -> HttpReply:
    return reply(200, {"scopes": list(scopes or SCOPES), "merchant_id": "M1", **more})


@pytest.mark.parametrize(
    ("replies", "wrong", "words"),
    [
        ((error(401, "UNAUTHORIZED"),), ["credentials"], "put a valid one"),
        ((error(429, "RATE_LIMITED"),), ["credentials"], "try again later"),
        ((reply(200, b"<h1>", content_type="text/html"),), ["credentials"], "platform.url"),
        ((token("GIFTCARDS_READ"), place()), ["scope"], "GIFTCARDS_WRITE"),
        ((token(expires_at="2025-11-19T00:00:00Z"), place()), ["credentials"], "has expired"),
        ((token(), NOT_FOUND), ["account"], "platform.location_id"),
        ((token(), place(status="INACTIVE")), ["account"], "INACTIVE"),
        ((token(), place(id="L2")), ["account"], "another location"),
    ],
)
def test_a_probe_says_what_stands_in_the_way(
    replies: tuple[HttpReply, ...], wrong: list[str], words: str
) -> None:
    probed = talk(SQUARE.probe(NOW_MS), *replies).result
    found = [each for each in probed if each.result is ProbeResult.WRONG]
    assert [each.what for each in found] == wrong
    assert words in found[0].detail


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ((token(*SCOPES[:2]), place()), "CUSTOMERS_READ"),
        ((token(expires_at="2025-11-22T00:00:00Z"), place()), "expires in 1 days"),
        ((token(expires_at="soon"), place()), "cannot be read"),
        ((token(expires_at="2025-11-22T00:00:00"), place()), "cannot be read"),
        ((token(), error(403, "INSUFFICIENT_SCOPES")), "MERCHANT_PROFILE_READ"),
    ],
)
def test_a_probe_says_what_is_weaker_than_it_should_be(
    replies: tuple[HttpReply, ...], words: str
) -> None:
    probed = talk(SQUARE.probe(NOW_MS), *replies).result
    weak = [each for each in probed if each.result is ProbeResult.WEAK]
    assert any(words in each.detail for each in weak)
    assert all(each.result is not ProbeResult.WRONG for each in probed)


def test_a_probe_finds_nothing_wrong_where_all_is_well() -> None:
    heard = talk(SQUARE.probe(NOW_MS), token(expires_at="2026-11-19T00:00:00Z"), place())
    assert heard.said == ["look POST /oauth2/token/status", f"look GET /v2/locations/{LOCATION}"]
    assert {each.result for each in heard.result} == {ProbeResult.OK}
