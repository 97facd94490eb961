# SPDX-License-Identifier: Apache-2.0
"""Every error code that Square documents has its meaning, and none has two."""

from __future__ import annotations

import json

import pytest

from agent.domain.outcome import RefusalReason
from agent.platforms.messages import HttpReply
from agent.platforms.reading import AUTH, No, NotExecuted, Odd, Wait
from agent.platforms.square import errors, platform
from tests.platforms.square.recorded import LOCATION, error
from tests.platforms.talking import reply
from tests.vendors.specs import spec

LISTS = {
    "AUTHENTICATION": errors.AUTHENTICATION,
    "SETTINGS": errors.SETTINGS,
    "LIMITS": errors.LIMITS,
    "CURRENCIES": errors.CURRENCIES,
    "REFUSED": errors.REFUSED,
    "NEITHER": errors.NEITHER,
    "ALONE": frozenset({errors.REUSED, errors.RATE_LIMITED, errors.REFUND_BUSY}),
}


def test_every_documented_code_stands_in_one_list_and_no_other_does() -> None:
    document = json.loads(spec("square", "openapi.json").read_text(encoding="utf-8"))
    documented = set(document["components"]["schemas"]["ErrorCode"]["enum"])
    listed = [code for codes in LISTS.values() for code in codes]
    assert len(listed) == len(set(listed))
    assert set(listed) == documented


@pytest.mark.parametrize("code", sorted(errors.AUTHENTICATION))
def test_the_authentication_family_stops_the_queue(code: str) -> None:
    for status in (400, 401, 403):
        read = errors.negative(error(status, code, "no"), None, "GIFTCARDS_READ")
        assert isinstance(read, NotExecuted)
        assert read.why == AUTH
        assert ("GIFTCARDS_READ" in read.saying.message) == (code in errors.SCOPES)


@pytest.mark.parametrize("code", sorted(errors.SETTINGS))
def test_what_is_wrong_for_every_credit_refuses_none(code: str) -> None:
    read = errors.negative(error(400, code), None, "")
    assert isinstance(read, NotExecuted)
    assert read.why == "settings"


@pytest.mark.parametrize("code", sorted(errors.REFUSED | errors.LIMITS | errors.CURRENCIES))
def test_a_permanent_no_is_one_and_keeps_squares_words(code: str) -> None:
    read = errors.negative(error(400, code, "because"), None, "")
    assert isinstance(read, No)
    assert (read.saying.code, read.saying.message) == (code, "because")
    limit, currency = code in errors.LIMITS, code in errors.CURRENCIES
    reason = RefusalReason.LIMIT if limit else RefusalReason.CURRENCY
    assert read.reason is (reason if limit or currency else RefusalReason.PLATFORM)


@pytest.mark.parametrize("code", sorted(errors.NEITHER))
def test_what_nobody_knows_is_neither_yes_nor_no(code: str) -> None:
    for status in (400, 409, 500, 503):
        assert isinstance(errors.negative(error(status, code), None, ""), Odd)


@pytest.mark.parametrize("code", sorted(errors.REFUSED | errors.SETTINGS | {errors.REUSED}))
def test_a_no_with_a_servers_failure_is_no_no(code: str) -> None:
    assert isinstance(errors.negative(error(500, code), None, ""), Odd)


def test_the_rest_of_the_codes_have_each_their_own_meaning() -> None:
    reused = errors.negative(error(400, errors.REUSED), None, "")
    assert isinstance(reused, No)
    assert reused.code == "key-reused"
    limited = errors.negative(error(429, errors.RATE_LIMITED, retry_after="7"), None, "")
    assert isinstance(limited, Wait)
    assert limited.retry_after_s == 7
    busy = errors.negative(error(400, errors.REFUND_BUSY), None, "")
    assert isinstance(busy, Wait)
    assert busy.retry_after_s == errors.BUSY_S


@pytest.mark.parametrize(
    "odd",
    [
        error(400, "SOMETHING_NEW"),
        error(400, "lower_case"),
        reply(400, {"errors": []}),
        reply(400, {"message": "no"}),
        reply(400, {"errors": [{"code": 7}]}),
        reply(400, b"no", content_type="text/plain"),
        reply(429, b""),
        reply(418, {}),
    ],
)
def test_a_code_that_nobody_documented_is_neither_yes_nor_no(odd: HttpReply) -> None:
    assert isinstance(errors.negative(odd, None, ""), Odd)


def test_the_first_of_several_errors_is_the_one_that_counts() -> None:
    body = {"errors": [{"code": "NOT_FOUND", "detail": "a", "field": "gan"}, {"code": "GONE"}]}
    read = errors.negative(reply(404, body, x_request_id="r-1"), None, "")
    assert isinstance(read, No)
    assert read.code == "not-found"
    assert (read.saying.message, read.saying.request_id) == ("a: gan", "r-1")


def test_a_429_holds_the_whole_queue_and_nothing_else_does() -> None:
    plugin = platform({"location_id": LOCATION})
    assert plugin.pause_s(error(429, "RATE_LIMITED", retry_after="11")) == 11.0
    assert plugin.pause_s(reply(429, b"")) == 5.0
    assert plugin.pause_s(reply(200, {}, retry_after="11")) == 0.0


def test_the_token_is_a_bearer_and_never_empty() -> None:
    plugin = platform({"location_id": LOCATION})
    assert plugin.prove(" EAAA ") == {"Authorization": "Bearer EAAA"}
    with pytest.raises(ValueError, match="empty"):
        plugin.prove(" \n")
    assert "EAAA" not in repr(plugin)
