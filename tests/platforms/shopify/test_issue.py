# SPDX-License-Identifier: Apache-2.0
"""Every branch of issuing a gift card at Shopify, by recorded replies."""

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
from tests.platforms.shopify.exchanges import (
    ANNA,
    CARD,
    COST,
    DENIED,
    OTHER_KEY,
    PATH,
    SHOP,
    THROTTLED,
    cash,
    data,
    errors,
    made,
    node,
    not_made,
    said,
    steps,
    variables,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

CREATED = (
    '{"query":"mutation Create($input: GiftCardCreateInput!) { giftCardCreate(input: $input) '
    "{ giftCard { id lastCharacters enabled note createdAt initialValue { amount currencyCode } "
    "balance { amount currencyCode } } giftCardCode userErrors { field message code } } }"
    '","variables":{"input":{"code":"CODE","initialAmount":{"amount":"48.50","currencyCode":"USD"},'
    '"note":"0421-03-1763600000000-7K3QF2ZD"}}}'
).replace("CODE", CODE.reveal())


def test_the_issuance_is_these_bytes_and_a_function_of_key_code_and_amount() -> None:
    opening = SHOP.opening(CREDIT)
    assert opening is not None
    assert opening.step == "create"
    assert opening.request.path == PATH
    assert opening.request.body.decode() == CREATED
    assert next(SHOP.issue(CREDIT, ANNA)) == opening
    later = SHOP.opening(replace(CREDIT, epoch=1))
    assert later is not None
    assert later.request == opening.request


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Money(4850, "USD"), "48.50"),
        (Money(1200, "JPY"), "1200"),
        (Money(1, "EUR"), "0.01"),
    ],
)
def test_money_crosses_as_a_decimal_text(amount: Money, written: str) -> None:
    opening = SHOP.opening(replace(CREDIT, amount=amount))
    assert opening is not None
    sent = variables(opening)["input"]["initialAmount"]
    assert sent == {"amount": written, "currencyCode": amount.currency}


@pytest.mark.parametrize(
    "amount", [Money(1255, "KWD"), Money(5000, "CUP"), Money(7000, "BHD"), Money(100, "XCG")]
)
def test_a_currency_that_shopify_may_round_or_not_know_is_refused_unsent(amount: Money) -> None:
    credit = replace(CREDIT, amount=amount)
    assert SHOP.opening(credit) is None
    heard = talk(SHOP.issue(credit, ANNA))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is RefusalReason.CURRENCY


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (Money(4850, "USD"), "48.5"),
        (Money(4800, "USD"), "48.0"),
        (Money(4800, "USD"), "48"),
        (Money(1200, "JPY"), "1200.0"),
        (Money(1200, "JPY"), "1200.00"),
        (Money(10**12, "USD"), "10000000000.0"),
    ],
)
def test_this_very_credit_is_confirmed_however_many_zeros_are_shown(
    amount: Money, told: str
) -> None:
    value = cash(told, amount.currency)
    heard = talk(
        SHOP.issue(replace(CREDIT, amount=amount), None), made(initialValue=value, balance=value)
    )
    assert steps(heard) == ["create Create"]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.reference == CARD
    assert heard.result.card.initial == amount
    assert heard.result.saying.request_id == "8f-77"
    assert not heard.result.linked


def test_the_code_may_come_back_in_either_case() -> None:
    for named in (CODE.reveal(), CODE.reveal().lower()):
        assert isinstance(talk(SHOP.issue(CREDIT, None), made(named)).result, Confirmed)


@pytest.mark.parametrize(
    ("code", "changes", "differs"),
    [
        (None, {"initialValue": cash("48.51")}, "amount"),
        (None, {"initialValue": cash("48.5", "EUR")}, "currency"),
        (None, {"note": OTHER_KEY}, "key"),
        (None, {"note": None}, "key"),
        (None, {"note": "a gift"}, "key"),
        (None, {"enabled": False}, "disabled"),
        (None, {"lastCharacters": "zzzz"}, "code"),
        ("d" * 16, {}, "code"),
        (CODE.reveal()[:-1], {}, "code"),
    ],
)
def test_a_200_with_another_card_is_never_success(
    code: str | None, changes: dict[str, object], differs: str
) -> None:
    heard = talk(SHOP.issue(CREDIT, ANNA), made(code, **changes))
    assert steps(heard) == ["create Create"]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.message == differs


NO_CARD: dict[str, object] = {"giftCard": None, "giftCardCode": None, "userErrors": []}
DEEP = errors(
    "ACCESS_DENIED",
    path=["giftCardCreate", "giftCard", "note"],
    data={"giftCardCreate": {"giftCard": None, "giftCardCode": None, "userErrors": []}},
)


@pytest.mark.parametrize(
    "odd",
    [
        said(b""),
        said(b"{"),
        said([]),
        said({}),
        said({"data": None}),
        said({"data": {}}),
        said({"data": {"giftCardCreate": []}}),
        said({"data": {"giftCardCreate": None}}),
        said({"data": {"giftCardCreate": NO_CARD}}),
        said({"data": {"giftCardCreate": {"status": "PENDING"}}}),
        said(b"<h1>Sign in</h1>", content_type="text/html"),
        made(initialValue={"amount": 48.5, "currencyCode": "USD"}),
        made(initialValue=cash("48.505")),
        made(initialValue=cash("4.85e1")),
        made(initialValue=cash("-")),
        made(initialValue=cash("48.5", "XXX")),
        made(balance=cash("lots")),
        made(enabled="true"),
        made(id=""),
        data("giftCardCreate", {"giftCard": node(), "giftCardCode": None, "userErrors": []}),
        errors("INTERNAL_SERVER_ERROR", "Internal error. Looks like something went wrong"),
        errors("SOMETHING_NEW"),
        errors("", "Timeout"),
        errors("TIMEOUT", data={"giftCardCreate": None}, path=["giftCardCreate"]),
        errors("ACCESS_DENIED", data={"giftCardCreate": {"giftCard": node()}}),
        errors("INVALID_VARIABLE", data={"giftCardCreate": None}),
        errors("undefinedField", "Field 'x' doesn't exist on type 'GiftCard'"),
        DEEP,
        not_made("INTERNAL_ERROR", "Unexpected internal error"),
        not_made("SOMETHING_NEW"),
        not_made(None, "unknown"),
        not_made("TAKEN", "taken", ["input", "note"]),
        said({"status": "PENDING"}, 202),
        said({"data": {"giftCardCreate": NO_CARD}}, 201),
        reply(302, b"", location="http://portal.example/"),
        said({"errors": "Internal Server Error"}, 500),
        said({"errors": "Bad Gateway"}, 502),
        said(b"upstream connect error", 503, content_type="text/plain"),
        said({"errors": "Gateway Timeout"}, 504),
        said(b"<h1>Blocked</h1>", 403, content_type="text/html"),
        said(b"<h1>Not Found</h1>", 404, content_type="text/html"),
        said({}, 404),
        said(b"{", 404),
        said({"errors": "rejected"}, 430),
        said({"errors": "odd"}, 418),
    ],
    ids=lambda odd: f"{odd.status}-{odd.body[:60]!r}",
)
def test_what_is_neither_yes_nor_no_is_unanswered(odd: HttpReply) -> None:
    heard = talk(SHOP.issue(CREDIT, ANNA), odd)
    assert steps(heard) == ["create Create"]
    assert isinstance(heard.result, Unanswered)
    assert not heard.result.differs
    assert heard.result.saying.status == odd.status


def test_a_card_beside_errors_is_no_success() -> None:
    both = {
        "giftCard": node(),
        "giftCardCode": CODE.reveal(),
        "userErrors": [{"field": None, "message": "No", "code": "INVALID"}],
    }
    heard = talk(SHOP.issue(CREDIT, None), data("giftCardCreate", both))
    assert isinstance(heard.result, Unanswered)
    assert heard.result.why == "card-and-errors"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("GIFT_CARD_LIMIT_EXCEEDED", RefusalReason.LIMIT),
        ("CUSTOMER_NOT_FOUND", RefusalReason.PLATFORM),
        ("GREATER_THAN", RefusalReason.PLATFORM),
        ("INVALID", RefusalReason.PLATFORM),
        ("MISSING_ARGUMENT", RefusalReason.PLATFORM),
        ("RECIPIENT_NOT_FOUND", RefusalReason.PLATFORM),
        ("TOO_LONG", RefusalReason.PLATFORM),
        ("TOO_SHORT", RefusalReason.PLATFORM),
    ],
)
def test_a_documented_no_is_refused_with_the_vendors_words(
    code: str, reason: RefusalReason
) -> None:
    heard = talk(
        SHOP.issue(CREDIT, None), not_made(code, "is not right", ["input", "initialAmount"])
    )
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is reason
    assert heard.result.saying.code == code
    assert heard.result.saying.message == "is not right (input.initialAmount)"
    assert heard.result.saying.request_id == "8f-77"


def test_a_variable_that_the_schema_refuses_was_not_executed() -> None:
    no = errors("INVALID_VARIABLE", "Variable $input was provided invalid value for currencyCode")
    heard = talk(SHOP.issue(CREDIT, None), no)
    assert isinstance(heard.result, Refused)
    assert heard.result.saying.code == "INVALID_VARIABLE"


@pytest.mark.parametrize(
    ("no", "why"),
    [
        (said({"errors": "[API] Invalid API key or access token"}, 401), "auth"),
        (reply(401, b""), "auth"),
        (said({"errors": "This action requires merchant approval"}, 403), "auth"),
        (DENIED, "auth"),
        (errors("ACCESS_DENIED"), "auth"),
        (errors("SHOP_INACTIVE"), "shop-inactive"),
        (errors("MAX_COST_EXCEEDED"), "max-cost"),
        (said({"errors": "Unavailable Shop"}, 402), "shop-frozen"),
        (said({"errors": "This store is unavailable"}, 423), "shop-locked"),
        (said({"errors": "Not Found"}, 404), "no-such-path"),
        (said({"errors": {"query": "Required parameter missing"}}, 400), "bad-request"),
        (said({"error": "Not acceptable"}, 406), "bad-request"),
        (said({"errors": "Too long"}, 414), "bad-request"),
        (said({"errors": "Media type"}, 415), "bad-request"),
    ],
)
def test_what_shopify_documents_as_turned_away_is_unsent(no: HttpReply, why: str) -> None:
    heard = talk(SHOP.issue(CREDIT, None), no)
    assert steps(heard) == ["create Create"]
    assert isinstance(heard.result, Unsent)
    assert heard.result.why == why


def test_the_scope_that_is_missing_stands_in_the_words() -> None:
    for no in (DENIED, errors("ACCESS_DENIED", "Access denied", requiredAccess="`x_y` scope")):
        heard = talk(SHOP.issue(CREDIT, None), no)
        assert isinstance(heard.result, Unsent)
        assert "scope" in heard.result.saying.message


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (THROTTLED, 4),
        (errors("THROTTLED", cost=COST), 1),
        (errors("THROTTLED"), 5),
        (errors("THROTTLED", cost={"throttleStatus": {"restoreRate": 0}}), 5),
        (said({"errors": "Exceeded"}, 429, retry_after="17"), 17),
        (said({"errors": "Exceeded"}, 429, retry_after="2.0"), 5),
        (said({"errors": "Exceeded"}, 429, retry_after="999999"), 86_400),
        (reply(429, b""), 5),
    ],
)
def test_throttled_says_how_long_to_wait(wait: HttpReply, seconds: int) -> None:
    heard = talk(SHOP.issue(CREDIT, None), wait)
    assert isinstance(heard.result, Throttled)
    assert heard.result.retry_after_s == seconds


def test_an_interrupted_create_is_left_to_the_driver() -> None:
    exchange = SHOP.issue(CREDIT, ANNA)
    next(exchange)
    with pytest.raises(Interrupted):
        exchange.throw(Interrupted(NoAnswer("reset")))


def test_the_code_never_stands_in_a_saying_nor_in_a_path_nor_in_a_repr() -> None:
    echo = f"card {CODE.reveal()} / {CODE.grouped().lower()}"
    for no in (
        not_made("INVALID", echo, ["input", CODE.reveal()]),
        not_made(CODE.reveal(), echo),
        errors("INVALID_VARIABLE", echo, requiredAccess=echo),
        said({"errors": echo}, 403),
        errors(CODE.reveal(), echo),
    ):
        heard = talk(SHOP.issue(CREDIT, None), no)
        assert CODE.reveal() not in str(heard.result)
        assert CODE.grouped().lower() not in str(heard.result)
        assert CODE.reveal() not in repr(heard.asked)
        assert all(CODE.reveal() not in ask.request.path for ask in heard.asked)
    echoed = talk(SHOP.issue(CREDIT, None), made(id=f"gid/{CODE.reveal()}"))
    assert CODE.reveal() not in str(echoed.result)


def test_the_ids_worth_a_commit_hold_no_code() -> None:
    opening = SHOP.opening(CREDIT)
    assert opening is not None
    assert opening.keep(made()) == {"status": "200", "request_id": "8f-77", "reference": CARD}
    assert opening.keep(reply(500, b"")) == {"status": "500"}
    kept = opening.keep(made(id=CODE.reveal()))
    assert CODE.reveal() not in str(kept)
    assert KEY.text not in str(kept)
