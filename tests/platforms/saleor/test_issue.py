# SPDX-License-Identifier: Apache-2.0
"""Every branch of issuing at Saleor, by recorded replies."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.domain.credit import Credit
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
from agent.platforms.saleor import documents
from tests.platforms.saleor.answers import (
    BROKEN,
    CARD_ID,
    DENIED,
    NO_VOUCHER,
    NOWHERE,
    OTHER_KEY,
    SALEOR,
    TAKEN,
    THROTTLED,
    answer,
    failed,
    issued,
    made,
    money,
    node,
    payload,
    refused,
    variables,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

CREATE = "create POST /graphql/"
LOOK = "look POST /graphql/"


def test_the_body_is_key_code_amount_and_currency_and_nothing_else() -> None:
    opening = SALEOR.opening(CREDIT)
    assert opening is not None
    assert variables(opening.request) == {
        "input": {
            "code": CODE.reveal(),
            "balance": {"amount": "48.50", "currency": "USD"},
            "isActive": True,
            "metadata": [{"key": "countermark_key", "value": KEY.text}],
        }
    }
    body = {"query": documents.CREATE, "variables": variables(opening.request)}
    assert opening.request.body == json.dumps(body, separators=(",", ":")).encode()
    assert opening.request.headers[0] == ("Content-Type", "application/json")
    assert next(SALEOR.issue(CREDIT, "VXNlcjox")) == opening
    assert SALEOR.opening(replace(CREDIT, epoch=3)) == opening


@pytest.mark.parametrize(
    ("amount", "said", "read"),
    [
        (Money(1200, "JPY"), "1200", 1200.0),
        (Money(48500, "KWD"), "48.500", 48.5),
        (Money(100, "USD"), "1.00", 1),
        (Money(99_999_999_999, "USD"), "999999999.99", 999999999.99),
        (Money(700, "AFN"), "7.00", 7.0),
    ],
)
def test_an_amount_goes_out_as_a_decimal_string_and_is_read_back_exactly(
    amount: Money, said: str, read: float
) -> None:
    credit = Credit(KEY, CODE, amount)
    same = money(read, amount.currency)
    card = made(initialBalance=same, currentBalance=same, issued=issued(read, amount.currency))
    heard = talk(SALEOR.issue(credit, None), card)
    assert variables(heard.asked[0].request)["input"]["balance"]["amount"] == said
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.initial == amount


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (Money(4850, "AFN"), RefusalReason.CURRENCY),
        (Money(48500, "IQD"), RefusalReason.CURRENCY),
        (Money(100_000_000_000, "USD"), RefusalReason.LIMIT),
        (Money(1_000_000_000, "JPY"), RefusalReason.LIMIT),
    ],
)
def test_an_amount_that_saleor_cannot_take_is_refused_without_a_request(
    amount: Money, reason: RefusalReason
) -> None:
    credit = Credit(KEY, CODE, amount)
    heard = talk(SALEOR.issue(credit, "VXNlcjox"))
    assert heard.asked == []
    assert SALEOR.opening(credit) is None
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is reason


def test_this_very_credit_is_confirmed() -> None:
    heard = talk(SALEOR.issue(CREDIT, None), made())
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.reference == CARD_ID
    assert heard.result.card.initial == Money(4850, "USD")
    assert not heard.result.linked


def test_the_initial_amount_is_that_of_the_issued_event() -> None:
    """Staff set another balance: that overwrites initialBalance, and never the event."""
    reset = made(initialBalance=money(99), currentBalance=money(99))
    assert isinstance(talk(SALEOR.issue(CREDIT, None), reset).result, Confirmed)
    raised = made(initialBalance=money(48.5), issued=issued(10))
    wrong = talk(SALEOR.issue(CREDIT, None), raised).result
    assert isinstance(wrong, Unanswered)
    assert wrong.differs


@pytest.mark.parametrize(
    "events", [[], [{"balance": None}], [{"balance": {"initialBalance": None}}]]
)
def test_without_an_issued_event_the_card_itself_says_its_initial_amount(
    events: list[object],
) -> None:
    heard = talk(SALEOR.issue(CREDIT, None), made(issued=events))
    assert isinstance(heard.result, Confirmed)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"issued": issued(48.51)}, "amount"),
        ({"issued": issued(48.5, "EUR")}, "currency"),
        ({"code": CODE.reveal().lower()}, "code"),
        ({"code": "D" * 16}, "code"),
        ({"metafield": OTHER_KEY}, "key"),
        ({"metafield": None}, "key"),
        ({"isActive": False}, "disabled"),
    ],
)
def test_a_200_with_another_credit_is_never_success(changes: dict[str, object], named: str) -> None:
    heard = talk(SALEOR.issue(CREDIT, "VXNlcjox"), made(**changes))
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.message == named


@pytest.mark.parametrize(
    "odd",
    [
        reply(200, b""),
        reply(200, b"<h1>Sign in</h1>", content_type="text/html"),
        reply(200, b"{"),
        reply(200, []),
        reply(200, {}),
        reply(200, {"data": None}),
        reply(200, {"status": "PENDING"}),
        reply(202, {"status": "PENDING"}),
        reply(202, {"data": {"giftCardCreate": {"errors": [], "giftCard": node()}}}),
        reply(204, b""),
        reply(302, b"", location="https://portal.example/"),
        answer({"giftCardCreate": None}),
        answer({"giftCardCreate": {"giftCard": node()}}),
        payload("giftCardCreate", giftCard=None),
        payload("giftCardCreate"),
        payload("giftCardUpdate", giftCard=node()),
        made(issued=None),
        made(id=""),
        made(isActive="true"),
        made(initialBalance=money("48.50")),
        made(issued=issued("48.50")),
        made(issued=issued(True)),
        made(issued=issued(48.505)),
        made(issued=issued(48.5, "XXQ")),
        made(issued=issued(1e300)),
        refused("giftCardCreate", "SOMETHING_NEW", "code"),
        answer({"giftCardCreate": {"errors": ["no"], "giftCard": None}}),
        failed("KeyError", "giftCardCreate", data={"giftCardCreate": None}),
        failed("OperationalError", "giftCardCreate", message="deadlock detected"),
        failed("IntegrityError", "giftCardCreate", message="null value in column"),
        failed("GraphQLError", status=400, message='Cannot query field "issued".'),
        failed("PermissionDenied", "giftCardCreate", status=403),
        BROKEN,
        reply(400, b"Bad request", content_type="text/plain"),
        reply(401, b"", content_type="text/html"),
        reply(403, b"<h1>Blocked</h1>", content_type="text/html"),
        reply(404, b"<h1>404</h1>", content_type="text/html"),
        reply(502, b"upstream connect error", content_type="text/plain"),
        reply(503, b"unavailable", content_type="text/plain"),
    ],
    ids=lambda odd: f"{odd.status}-{odd.body[:44]!r}",
)
def test_what_is_neither_yes_nor_no_is_unanswered(odd: HttpReply) -> None:
    heard = talk(SALEOR.issue(CREDIT, "VXNlcjox"), odd)
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Unanswered)
    assert not heard.result.differs
    assert heard.result.saying.status == odd.status


@pytest.mark.parametrize(
    ("code", "where", "reason"),
    [
        ("INVALID", "balance", RefusalReason.CURRENCY),
        ("INVALID", "code", RefusalReason.PLATFORM),
        ("REQUIRED", "channel", RefusalReason.PLATFORM),
        ("NOT_FOUND", "assignedTo", RefusalReason.PLATFORM),
        ("GRAPHQL_ERROR", None, RefusalReason.PLATFORM),
        ("EXPIRED_GIFT_CARD", None, RefusalReason.PLATFORM),
        ("DUPLICATED_INPUT_ITEM", "tags", RefusalReason.PLATFORM),
        ("CANNOT_ASSIGN", "id", RefusalReason.PLATFORM),
    ],
)
def test_a_documented_no_is_refused_with_the_vendors_words(
    code: str, where: str | None, reason: RefusalReason
) -> None:
    heard = talk(SALEOR.issue(CREDIT, None), refused("giftCardCreate", code, where, "Words."))
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is reason
    assert heard.result.saying.code == code
    assert heard.result.saying.message == (f"{where}: Words." if where else "Words.")


@pytest.mark.parametrize(
    "name",
    [
        "PermissionDenied",
        "InvalidTokenError",
        "InvalidSignatureError",
        "ExpiredSignatureError",
        "DecodeError",
        "JSONWebTokenError",
    ],
)
def test_a_refused_token_inside_of_a_200_is_not_executed(name: str) -> None:
    denied = failed(name, "giftCardCreate", message=DENIED, data={"giftCardCreate": None})
    outcome = talk(SALEOR.issue(CREDIT, None), denied).result
    assert isinstance(outcome, Unsent)
    assert outcome.why == "auth"
    assert outcome.saying.code == name
    assert "MANAGE_GIFT_CARD" in outcome.saying.message


def test_a_shop_that_lets_nobody_in_without_a_token_says_401() -> None:
    closed = failed("STOREFRONT_TRAFFIC_NOT_ALLOWED", status=401)
    outcome = talk(SALEOR.issue(CREDIT, None), closed).result
    assert isinstance(outcome, Unsent)
    assert outcome.why == "auth"


def test_a_field_that_is_denied_says_nothing_of_the_card_that_was_made() -> None:
    data: dict[str, object] = {"giftCardCreate": {"errors": [], "giftCard": None}}
    denied = failed("PermissionDenied", "giftCardCreate", "giftCard", "events", data=data)
    outcome = talk(SALEOR.issue(CREDIT, None), denied).result
    assert isinstance(outcome, Unanswered)
    assert outcome.why == "scope"


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (THROTTLED, 60),
        (reply(429, b"", retry_after="17"), 17),
        (reply(429, {"errors": [{"message": "Too many requests"}]}), 60),
    ],
)
def test_a_sandbox_that_throttles_is_left_alone_for_its_minute(
    wait: HttpReply, seconds: int
) -> None:
    outcome = talk(SALEOR.issue(CREDIT, None), wait).result
    assert isinstance(outcome, Throttled)
    assert outcome.retry_after_s == seconds


def test_an_interrupted_create_is_left_to_the_driver() -> None:
    exchange = SALEOR.issue(CREDIT, "VXNlcjox")
    next(exchange)
    with pytest.raises(Interrupted):
        exchange.throw(Interrupted(NoAnswer("reset")))


def test_the_code_never_stands_in_a_saying_nor_in_a_path_nor_in_a_repr() -> None:
    echo = refused(
        "giftCardCreate", "INVALID", "code", f"{CODE.reveal()} / {CODE.grouped().lower()}"
    )
    heard = talk(SALEOR.issue(CREDIT, None), echo)
    assert isinstance(heard.result, Refused)
    assert CODE.last_four in heard.result.saying.message
    replied = talk(SALEOR.issue(CREDIT, None), TAKEN[2], NOWHERE, NO_VOUCHER)
    for text in (str(heard.result), str(replied.result), repr(replied.asked)):
        assert CODE.reveal() not in text
        assert CODE.grouped().lower() not in text
    assert all(CODE.reveal() not in ask.request.path for ask in replied.asked)


def test_the_ids_that_are_kept_are_the_cards_and_never_the_code() -> None:
    opening = SALEOR.opening(CREDIT)
    assert opening is not None
    assert opening.keep(made()) == {"status": "200", "reference": CARD_ID}
    assert opening.keep(BROKEN) == {"status": "500"}
    assert CODE.reveal() not in str(opening.keep(made(id=CODE.reveal())))
