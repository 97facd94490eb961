# SPDX-License-Identifier: Apache-2.0
"""Every branch of issuing at Square, by recorded replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Confirmed,
    RefusalReason,
    Refused,
    Throttled,
    Unanswered,
    Unsent,
)
from agent.platforms.exchange import Interrupted
from agent.platforms.messages import HttpReply, NoAnswer
from tests.platforms.square.recorded import (
    ACTIVATE,
    ACTIVITIES,
    BY_CODE,
    BY_ID,
    CARD_ID,
    CREATE,
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
    gift_card,
    listed,
    money,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

ACTIVE = card()
LINK = f"POST /v2/gift-cards/{CARD_ID}/link-customer"
LINKED = card(customer_ids=["CUSTOMER1"])


def test_a_credit_is_an_empty_card_its_activation_and_a_look_at_it() -> None:
    heard = talk(SQUARE.issue(CREDIT, None), PENDING, done(), ACTIVE)
    assert heard.said == [CREATE, ACTIVATE, BY_ID]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.reference == CARD_ID
    assert heard.result.card.initial == Money(4850, "USD")
    assert heard.result.card.key == KEY.text
    assert not heard.result.linked


def test_the_opening_is_the_first_step_whoever_the_customer_is() -> None:
    assert next(SQUARE.issue(CREDIT, "CUSTOMER1")) == SQUARE.opening(CREDIT)


def test_a_replay_that_was_spent_meanwhile_is_confirmed() -> None:
    heard = talk(SQUARE.issue(CREDIT, None), PENDING, done(), card("ACTIVE", 0))
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.balance == Money(0, "USD")


@pytest.mark.parametrize(
    ("look", "why", "differs"),
    [
        (PENDING, "still-pending", False),
        (card("BLOCKED"), "blocked", False),
        (card("DEACTIVATED", 0), "differs", True),
        (card(gan="D" * 16), "differs", True),
        (card(balance_money=money(4850, "EUR")), "two-currencies", False),
        (card("PENDING", 4850), "empty-with-money", False),
        (NOT_FOUND, "not-found", False),
        (error(429, "RATE_LIMITED"), "throttled", False),
        (error(401, "UNAUTHORIZED"), "auth", False),
        (reply(500, b""), "status-500", False),
        (reply(200, {}), "not-the-contract", False),
        (reply(200, {"gift_card": gift_card(), "errors": [{}]}), "not-the-contract", False),
    ],
)
def test_an_activation_is_no_confirmation_before_the_card_is_seen_alive(
    look: HttpReply, why: str, differs: bool
) -> None:
    heard = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), PENDING, done(), look)
    assert heard.said == [CREATE, ACTIVATE, BY_ID]
    assert isinstance(heard.result, Unanswered)
    assert (heard.result.why, heard.result.differs) == (why, differs)


@pytest.mark.parametrize(
    "changed",
    [
        done(activate_activity_details={"amount_money": money(4851)}),
        done(activate_activity_details={"amount_money": money(4850), "reference_id": OTHER_KEY}),
        done(activate_activity_details={"amount_money": money(4850), "reference_id": None}),
        done(
            activate_activity_details={
                "amount_money": money(4850, "EUR"),
                "reference_id": KEY.text,
            }
        ),
    ],
)
def test_an_activation_of_anything_else_is_never_success(changed: HttpReply) -> None:
    heard = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), PENDING, changed, ACTIVE)
    assert isinstance(heard.result, Unanswered)


@pytest.mark.parametrize(
    "foreign",
    [
        done("LOAD", activate_activity_details=None),
        done(gift_card_gan="D" * 16),
        done("ACTIVATE", activate_activity_details=None),
    ],
)
def test_another_cards_activity_is_foreign(foreign: HttpReply) -> None:
    heard = talk(SQUARE.issue(CREDIT, None), PENDING, foreign)
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs


def test_a_card_under_another_number_is_foreign() -> None:
    heard = talk(SQUARE.issue(CREDIT, None), card("PENDING", 0, gan="7783320006753271"))
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs


ODD = [
    reply(200, b""),
    reply(202, {"status": "PENDING"}),
    reply(204, b""),
    reply(302, b"", location="https://portal.example/"),
    reply(200, b"<h1>Sign in</h1>", content_type="text/html"),
    reply(200, {"gift_card": gift_card("PENDING", 0)}, content_type="text/html"),
    reply(200, b"{"),
    reply(200, {"gift_card": {**gift_card("PENDING", 0), "state": "SOMETHING_NEW"}}),
    reply(200, {"gift_card": {**gift_card("PENDING", 0), "balance_money": {"amount": "0"}}}),
    reply(200, {"gift_card": {**gift_card("PENDING", 0), "balance_money": money(-1)}}),
    reply(200, {"gift_card": {**gift_card("PENDING", 0), "balance_money": money(0, "XXX")}}),
    error(500, "INTERNAL_SERVER_ERROR", category="API_ERROR"),
    error(503, "SERVICE_UNAVAILABLE", category="API_ERROR"),
    error(504, "GATEWAY_TIMEOUT", category="API_ERROR"),
    error(409, "CONFLICT"),
    error(408, "REQUEST_TIMEOUT"),
    error(400, "TEMPORARY_ERROR", category="PAYMENT_METHOD_ERROR"),
    error(400, "SOMETHING_NEW"),
    reply(429, b"", content_type="text/plain"),
    reply(403, b"<h1>Blocked</h1>", content_type="text/html"),
    reply(404, b"<h1>404</h1>", content_type="text/html"),
    reply(503, b"upstream connect error", content_type="text/plain"),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: f"{odd.status}-{odd.body[:60]!r}")
def test_a_creation_that_is_neither_yes_nor_no_is_looked_up(odd: HttpReply) -> None:
    heard = talk(SQUARE.issue(CREDIT, None), odd, NOT_FOUND)
    assert heard.said == [CREATE, BY_CODE]
    assert isinstance(heard.result, Unanswered)
    assert not heard.result.differs
    goes_on = talk(SQUARE.issue(CREDIT, None), odd, PENDING, done(), ACTIVE)
    assert goes_on.said == [CREATE, BY_CODE, ACTIVATE, BY_ID]
    assert isinstance(goes_on.result, Confirmed)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: f"{odd.status}-{odd.body[:60]!r}")
def test_an_activation_that_is_neither_yes_nor_no_is_unanswered(odd: HttpReply) -> None:
    heard = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), PENDING, odd)
    assert heard.said == [CREATE, ACTIVATE]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.saying.status == odd.status


@pytest.mark.parametrize("taken", [TAKEN, REUSED, NOT_PENDING, card()])
def test_a_number_that_is_taken_is_read_back_and_equal_is_confirmed(taken: HttpReply) -> None:
    heard = talk(SQUARE.issue(CREDIT, None), taken, ACTIVE, LISTED)
    assert heard.said == [CREATE, BY_CODE, ACTIVITIES]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.key == KEY.text


@pytest.mark.parametrize("was_first", [NOT_PENDING, REUSED, error(400, "INVALID_VALUE")])
def test_a_card_that_was_activated_before_is_read_back(was_first: HttpReply) -> None:
    heard = talk(SQUARE.issue(CREDIT, None), PENDING, was_first, ACTIVE, LISTED)
    assert heard.said == [CREATE, ACTIVATE, BY_CODE, ACTIVITIES]
    assert isinstance(heard.result, Confirmed)


@pytest.mark.parametrize(
    ("look", "list_", "message"),
    [
        (card("ACTIVE", 1), listed(activated(1)), "amount"),
        (ACTIVE, listed(activated(key=OTHER_KEY)), "key"),
        (ACTIVE, listed(activated(key=None)), "key"),
        (card("DEACTIVATED", 0), DEAD, "disabled"),
        (card("DEACTIVATED", 0), listed(activated(1), activity("DEACTIVATE", 1, 0)), "amount"),
        (ACTIVE, listed(activity("REFUND", 4850)), "key"),
        (card("DEACTIVATED", 0), listed(), "key, amount, disabled"),
    ],
)
def test_a_number_that_is_taken_by_anything_else_is_for_a_person(
    look: HttpReply, list_: HttpReply, message: str
) -> None:
    heard = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), TAKEN, look, list_)
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert message in heard.result.saying.message


@pytest.mark.parametrize(
    "unread",
    [
        (error(500, "INTERNAL_SERVER_ERROR"),),
        (error(429, "RATE_LIMITED"),),
        (card("BLOCKED"),),
        (card(gan="D" * 16),),
        (ACTIVE, error(500, "INTERNAL_SERVER_ERROR")),
        (ACTIVE, reply(200, {})),
    ],
)
def test_what_is_taken_and_cannot_be_read_is_asked_again_later(
    unread: tuple[HttpReply, ...],
) -> None:
    heard = talk(SQUARE.issue(CREDIT, None), REUSED, *unread)
    assert isinstance(heard.result, Unanswered)
    assert heard.result.why == "key-reused"
    assert not heard.result.differs


def test_a_key_that_was_used_for_another_body_refuses_nothing() -> None:
    first = talk(SQUARE.issue(CREDIT, None), REUSED, NOT_FOUND)
    assert isinstance(first.result, Unanswered)
    second = talk(SQUARE.issue(CREDIT, None), PENDING, REUSED, PENDING)
    assert isinstance(second.result, Unanswered)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("BAD_REQUEST", RefusalReason.PLATFORM),
        ("INVALID_VALUE", RefusalReason.PLATFORM),
        ("INSUFFICIENT_FUNDS", RefusalReason.PLATFORM),
        ("PAYMENT_LIMIT_EXCEEDED", RefusalReason.LIMIT),
        ("AMOUNT_TOO_HIGH", RefusalReason.LIMIT),
        ("UNSUPPORTED_CURRENCY", RefusalReason.CURRENCY),
        ("CURRENCY_MISMATCH", RefusalReason.CURRENCY),
    ],
)
def test_a_documented_no_is_refused_once_the_card_is_seen_empty(
    code: str, reason: RefusalReason
) -> None:
    no = error(400, code, "Load amount exceeds maximum buyer daily amount.")
    heard = talk(SQUARE.issue(CREDIT, None), PENDING, no, PENDING)
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is reason
    assert heard.result.saying.code == code
    assert heard.result.saying.message == "Load amount exceeds maximum buyer daily amount."
    first = talk(SQUARE.issue(CREDIT, None), no, NOT_FOUND)
    assert isinstance(first.result, Refused)


@pytest.mark.parametrize("where", [(), (PENDING,)], ids=["create", "activate"])
def test_what_square_documents_as_not_let_in_is_unsent(where: tuple[HttpReply, ...]) -> None:
    for no, why in (
        (error(401, "UNAUTHORIZED", category="AUTHENTICATION_ERROR"), "auth"),
        (error(401, "ACCESS_TOKEN_EXPIRED", category="AUTHENTICATION_ERROR"), "auth"),
        (reply(401, b""), "auth"),
        (error(403, "INSUFFICIENT_SCOPES", category="AUTHENTICATION_ERROR"), "auth"),
        (error(400, "APPLICATION_DISABLED"), "auth"),
        (error(400, "INVALID_SQUARE_VERSION_FORMAT"), "settings"),
        (error(400, "LOCATION_MISMATCH"), "settings"),
    ):
        heard = talk(SQUARE.issue(CREDIT, None), *where, no)
        assert isinstance(heard.result, Unsent)
        assert heard.result.why == why


def test_a_missing_scope_is_named() -> None:
    no = error(403, "INSUFFICIENT_SCOPES", "not granted", "AUTHENTICATION_ERROR")
    heard = talk(SQUARE.issue(CREDIT, None), no)
    assert isinstance(heard.result, Unsent)
    assert heard.result.saying.message == "GIFTCARDS_WRITE: not granted"


@pytest.mark.parametrize("where", [(), (PENDING,)], ids=["create", "activate"])
def test_throttled_says_how_long_to_wait(where: tuple[HttpReply, ...]) -> None:
    for headers, seconds in (({"retry_after": "17"}, 17), ({}, 5), ({"retry_after": "x"}, 5)):
        wait = error(429, "RATE_LIMITED", "slow", "RATE_LIMIT_ERROR", **headers)
        heard = talk(SQUARE.issue(CREDIT, None), *where, wait)
        assert isinstance(heard.result, Throttled)
        assert heard.result.retry_after_s == seconds


@pytest.mark.parametrize("before", [(), (PENDING,), (PENDING, done()), (TAKEN,)])
def test_an_interrupted_step_is_left_to_the_driver(before: tuple[HttpReply, ...]) -> None:
    exchange = SQUARE.issue(CREDIT, "CUSTOMER1")
    next(exchange)
    for each in before:
        exchange.send(each)
    with pytest.raises(Interrupted):
        exchange.throw(Interrupted(NoAnswer("reset")))


@pytest.mark.parametrize("currency", ["BYN", "ZWG"])
def test_a_currency_that_square_does_not_know_is_refused_unsent(currency: str) -> None:
    credit = replace(CREDIT, amount=Money(4850, currency))
    assert SQUARE.opening(credit) is None
    with pytest.raises(StopIteration) as end:
        next(SQUARE.issue(credit, "CUSTOMER1"))
    assert isinstance(end.value.value, Refused)
    assert end.value.value.reason is RefusalReason.CURRENCY


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 4850), ("KWD", 4850)])
def test_currencies_of_no_and_three_digits_go_out_in_their_minor_units(
    currency: str, minor: int
) -> None:
    credit = replace(CREDIT, amount=Money(minor, currency))
    active = card(balance_money=money(minor, currency))
    told = done(
        activate_activity_details={
            "amount_money": money(minor, currency),
            "reference_id": KEY.text,
        }
    )
    heard = talk(SQUARE.issue(credit, None), PENDING, told, active)
    assert isinstance(heard.result, Confirmed)
    assert f'"amount":{minor},"currency":"{currency}"'.encode() in heard.asked[1].request.body


def test_the_code_never_stands_in_a_saying_nor_in_a_path_nor_in_a_repr() -> None:
    echo = error(400, "BAD_REQUEST", f"card {CODE.reveal()} / {CODE.grouped().lower()}")
    heard = talk(SQUARE.issue(CREDIT, None), PENDING, echo, PENDING)
    assert isinstance(heard.result, Refused)
    assert CODE.reveal() not in str(heard.result)
    assert CODE.grouped().lower() not in str(heard.result)
    assert CODE.last_four in heard.result.saying.message
    long = talk(SQUARE.issue(CREDIT, "CUSTOMER1"), TAKEN, ACTIVE, LISTED, LINKED)
    assert all(CODE.reveal() not in ask.request.path for ask in long.asked)
    assert CODE.reveal() not in repr(long)


def test_an_id_made_of_the_code_is_hidden_too() -> None:
    named = f"gftc:{CODE.reveal()}"
    replies = (PENDING, done(gift_card_id=named), card(id=named))
    heard = talk(SQUARE.issue(CREDIT, None), *replies)
    assert CODE.reveal() not in repr(heard.result)
    assert all(CODE.reveal() not in ask.request.path for ask in heard.asked)
    opening = SQUARE.opening(CREDIT)
    assert opening is not None
    kept = opening.keep(card("PENDING", 0, id=named))
    assert CODE.reveal() not in str(kept)
    assert kept["status"] == "200"
