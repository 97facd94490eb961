# SPDX-License-Identifier: Apache-2.0
"""Finding, burning, linking, resolving, balances and lists at BigCommerce, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    SpentInPart,
    Unknown,
    Unmatched,
)
from agent.platforms.adapter import Page
from agent.platforms.bigcommerce.adapter import BigcommerceAdapter
from agent.platforms.bigcommerce.options import BigcommerceOptions
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply
from tests.platforms.bigcommerce.recorded import (
    ABSENT,
    ADAPTER,
    EMPTY,
    FIND,
    HOUSE,
    LINKS,
    OPTIONS,
    OTHER_KEY,
    carried,
    fields,
    found,
    linked,
    listed,
    made,
    v2,
    v3,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

ANNA = CustomerReference(CustomerKind.EMAIL, "anna+1@example.com")
PHONE = CustomerReference(CustomerKind.PHONE, "+15550100")
LOYAL = CustomerReference(CustomerKind.LOYALTY, "42")
BURN = "burn POST /v2/gift_certificates"
FAILURES: list[tuple[HttpReply, str, int | None]] = [
    (v2(500), "status-500", None),
    (v2(503), "status-503", None),
    (v2(429, "slow", x_rate_limit_time_reset_ms="9000"), "throttled", 9),
    (v2(401), "auth", None),
    (v3(403), "auth", None),
    (v2(400), "invalid", None),
    (reply(200, b""), "empty", None),
    (reply(200, b"<p>", content_type="text/html"), "not-json", None),
    (reply(200, {"data": 1}), "not-the-contract", None),
    (reply(302, b""), "status-302", None),
    (reply(404, b"", content_type="text/html"), "status-404", None),
]


@pytest.mark.parametrize("absent", [ABSENT, EMPTY])
def test_absent_is_an_empty_list_and_nothing_else(absent: HttpReply) -> None:
    heard = talk(ADAPTER.find(CREDIT), absent)
    assert heard.said == [FIND]
    assert heard.result == Absent()


def test_a_spent_certificate_is_still_ours() -> None:
    result = talk(ADAPTER.find(CREDIT), found(balance="0.0000")).result
    assert isinstance(result, Found)
    assert result.card.balance == Money(0, "USD")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "disabled"},
        {"status": "disabled", "amount": "0.0100", "balance": "0.0100"},
        {"status": "disabled", "amount": "0.0100", "balance": "0.0100", "message": OTHER_KEY},
    ],
)
def test_disabled_under_our_key_or_at_the_burns_amount_is_void(changes: dict[str, object]) -> None:
    assert isinstance(talk(ADAPTER.find(CREDIT), found(**changes)).result, FoundVoid)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0.0100", "balance": "0.0100"},
        {"currency_code": "EUR"},
        {"message": OTHER_KEY},
        {"message": OTHER_KEY, "status": "disabled"},
        {"status": "pending"},
        {"status": "expired"},
    ],
)
def test_anything_else_under_our_code_is_different(changes: dict[str, object]) -> None:
    result = talk(ADAPTER.find(CREDIT), found(**changes)).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.message


def test_two_under_our_code_are_different() -> None:
    result = talk(ADAPTER.find(CREDIT), listed(fields(), fields(id=25))).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.code == "several"


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_a_look_up_that_fails_has_learnt_nothing(
    failure: HttpReply, why: str, wait: int | None
) -> None:
    for exchange in (ADAPTER.find(CREDIT), ADAPTER.balance(CODE)):
        result = talk(exchange, failure).result
        assert isinstance(result, Unknown)
        assert (result.why, result.retry_after_s) == (why, wait)
    burnt = talk(ADAPTER.burn(CREDIT), failure).result
    assert isinstance(burnt, BurnUnknown)
    assert (burnt.why, burnt.perhaps_sent) == (why, False)


def test_burning_names_every_field_again_and_the_balance_that_was_read() -> None:
    gone = made(200, status="disabled", balance="10.0000")
    heard = talk(ADAPTER.burn(CREDIT), found(balance="10.0000"), gone)
    burn = heard.asked[1]
    assert isinstance(burn, Do)
    assert burn.step.startswith("burn-disable-")
    assert (burn.request.method, burn.request.path) == ("PUT", "/v2/gift_certificates/24")
    assert burn.request.body.decode() == (
        f'{{"code":"{CODE.reveal()}","amount":"48.50","currency_code":"USD","status":"disabled",'
        f'"to_name":"Store credit","to_email":"{HOUSE}","from_name":"Store credit",'
        f'"from_email":"{HOUSE}","message":"{KEY}","balance":"10.00"}}'
    )
    assert isinstance(heard.result, SpentInPart)
    assert heard.result.spent == Money(3850, "USD")


def test_a_burn_of_other_bytes_is_another_step() -> None:
    steps = set()
    for balance, number in (("48.5000", 24), ("10.0000", 24), ("48.5000", 25)):
        exchange = ADAPTER.burn(CREDIT)
        next(exchange)
        ask = exchange.send(found(balance=balance, id=number))
        assert isinstance(ask, Do)
        steps.add(ask.step)
    assert len(steps) == 3


@pytest.mark.parametrize("status", ["active", "pending", "expired"])
def test_whatever_is_not_disabled_is_disabled(status: str) -> None:
    heard = talk(ADAPTER.burn(CREDIT), found(status=status), made(200, status="disabled"))
    assert isinstance(heard.result, Burnt)


def test_burning_what_is_dead_already_does_nothing() -> None:
    heard = talk(ADAPTER.burn(CREDIT), found(status="disabled"))
    assert heard.said == [FIND]
    assert isinstance(heard.result, Burnt)


def test_burning_what_is_absent_creates_it_disabled_at_the_smallest_amount() -> None:
    small = {"amount": "0.0100", "balance": "0.0100", "status": "disabled"}
    heard = talk(ADAPTER.burn(CREDIT), ABSENT, made(**small))
    assert heard.said == [FIND, BURN]
    assert b'"amount":"0.01","currency_code":"USD","status":"disabled"' in (
        heard.asked[1].request.body
    )
    assert isinstance(heard.result, Burnt)
    ignored = talk(
        ADAPTER.burn(CREDIT),
        ABSENT,
        made(amount="0.0100", balance="0.0100"),
        made(200, **small),
    )
    assert isinstance(ignored.result, Burnt)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_burn_that_is_refused_is_looked_behind(status: int) -> None:
    first = talk(ADAPTER.burn(CREDIT), ABSENT, v2(status), found(), made(200, status="disabled"))
    assert isinstance(first.result, Burnt)
    nobody = talk(ADAPTER.burn(CREDIT), ABSENT, v2(status), ABSENT)
    assert isinstance(nobody.result, BurnUnknown if status == 409 else BurnRefused)
    blind = talk(ADAPTER.burn(CREDIT), ABSENT, v2(status), v2(500))
    assert isinstance(blind.result, BurnUnknown)
    assert blind.result.perhaps_sent


@pytest.mark.parametrize(
    ("there", "answer", "result"),
    [
        (found(message=OTHER_KEY), None, BurnRefused),
        (listed(fields(), fields(id=25)), None, BurnRefused),
        (found(), made(200), BurnUnknown),
        (found(), made(200, status="disabled", code="D" * 16), BurnUnknown),
        (found(), made(200, status="disabled", message=OTHER_KEY), BurnUnknown),
        (found(), v2(404), BurnRefused),
        (found(), v2(500), BurnUnknown),
        (found(), v2(429), BurnUnknown),
        (found(), reply(200, b""), BurnUnknown),
        (ABSENT, v2(507), BurnRefused),
        (ABSENT, v2(500), BurnUnknown),
        (ABSENT, v2(401), BurnUnknown),
    ],
)
def test_a_code_is_burnt_only_when_the_answer_shows_it(
    there: HttpReply, answer: HttpReply | None, result: type[object]
) -> None:
    replies = [there] if answer is None else [there, answer]
    assert isinstance(talk(ADAPTER.burn(CREDIT), *replies).result, result)


@pytest.mark.parametrize(
    ("replies", "result"),
    [
        ([carried(), linked()], LinkResult.LINKED),
        ([ABSENT, linked()], LinkResult.LINKED),
        ([carried(7)], LinkResult.LINKED),
        ([carried(8)], LinkResult.ELSEWHERE),
        ([carried(7, 8)], LinkResult.ELSEWHERE),
        ([carried(8, key=OTHER_KEY)], LinkResult.UNKNOWN),
        ([v3(500)], LinkResult.UNKNOWN),
        ([v3(403)], LinkResult.UNKNOWN),
        ([carried(), v3(409), carried(7)], LinkResult.LINKED),
        ([carried(), v3(409), carried(8)], LinkResult.ELSEWHERE),
        ([carried(), v3(409), carried()], LinkResult.UNKNOWN),
        ([carried(), v3(404)], LinkResult.REFUSED),
        ([carried(), v3(422)], LinkResult.REFUSED),
        ([carried(), v3(500)], LinkResult.UNKNOWN),
        ([carried(), linked(8)], LinkResult.UNKNOWN),
    ],
)
def test_a_credit_is_linked_once_and_to_one(replies: list[HttpReply], result: LinkResult) -> None:
    heard = talk(ADAPTER.link(CREDIT, "7"), *replies)
    assert heard.said[0] == LINKS
    assert heard.result is result


@pytest.mark.parametrize("customer_id", ["", "cus_1", "7/../8", "-7", "0", "7" * 30])
def test_an_id_that_is_none_of_bigcommerces_is_refused_unasked(customer_id: str) -> None:
    heard = talk(ADAPTER.link(CREDIT, customer_id))
    assert heard.asked == []
    assert heard.result is LinkResult.REFUSED


def test_nothing_is_noted_on_a_certificate() -> None:
    heard = talk(ADAPTER.annotate(CREDIT, {"pos": "T1"}))
    assert heard.asked == []
    assert heard.result is False


def people(*rows: dict[str, object]) -> HttpReply:
    return reply(200, {"data": list(rows), "meta": {"pagination": {"total": len(rows)}}})


def test_customers_are_asked_for_by_e_mail_and_compared() -> None:
    row = {"id": 7, "email": "Anna+1@Example.com"}
    heard = talk(ADAPTER.resolve(ANNA), people(row, {"id": 8, "email": "other@example.com"}))
    assert heard.said == ["look GET /v3/customers?email:in=anna%2B1%40example.com"]
    assert heard.result == Matched("7", ANNA.masked())
    twice = talk(ADAPTER.resolve(ANNA), people(row, {**row, "id": 8}))
    assert twice.result == Ambiguous(2)
    assert talk(ADAPTER.resolve(ANNA), people()).result == Unmatched()


def test_customers_are_asked_for_by_phone_in_two_forms() -> None:
    heard = talk(ADAPTER.resolve(PHONE), people({"id": 7, "email": "", "phone": "1 (555) 0100"}))
    assert heard.said == ["look GET /v3/customers?phone:in=%2B15550100,15550100"]
    assert isinstance(heard.result, Matched)
    other = talk(ADAPTER.resolve(PHONE), people({"id": 7, "email": "", "phone": None}))
    assert other.result == Unmatched()


def test_a_loyalty_number_is_an_id_only_where_the_settings_say_so() -> None:
    assert talk(ADAPTER.resolve(LOYAL)).result == Unmatched()
    told = BigcommerceAdapter(BigcommerceOptions.read({**OPTIONS, "loyalty_is_customer_id": True}))
    heard = talk(told.resolve(LOYAL), people({"id": 42, "email": ""}))
    assert heard.said == ["look GET /v3/customers?id:in=42"]
    assert isinstance(heard.result, Matched)
    foreign = CustomerReference(CustomerKind.LOYALTY, "B0042")
    assert talk(told.resolve(foreign)).result == Unmatched()


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_who_a_customer_is_stays_unknown_when_the_question_fails(
    failure: HttpReply, why: str, wait: int | None
) -> None:
    result = talk(ADAPTER.resolve(ANNA), failure).result
    assert isinstance(result, Unknown)
    assert (result.why, result.retry_after_s) == (why, wait)


@pytest.mark.parametrize(
    ("there", "left"),
    [
        (found(balance="12.3400"), Money(1234, "USD")),
        (found(status="disabled"), Money(0, "USD")),
        (found(status="pending"), Money(0, "USD")),
        (ABSENT, None),
    ],
)
def test_a_balance_is_what_can_be_spent(there: HttpReply, left: Money | None) -> None:
    assert talk(ADAPTER.balance(CODE), there).result == left


def test_the_balance_of_two_is_unknown() -> None:
    result = talk(ADAPTER.balance(CODE), listed(fields(), fields(id=25))).result
    assert isinstance(result, Unknown)


SINCE = 1_763_600_000_000


def test_a_list_is_paged_by_rising_id_and_filtered_by_date() -> None:
    rows = [
        fields(id=24, purchase_date="1763600000"),
        fields(id=25, purchase_date="Thu, 20 Nov 2025 00:53:20 +0000", message="Hi"),
        fields(id=26, purchase_date="Tue, 20 Jan 2015 08:45:38 CST"),
        fields(id=27, purchase_date="1421700000"),
        fields(id=28, purchase_date="whenever"),
        fields(id=29, purchase_date=None, status="disabled"),
        fields(id=30, message="a foreign one", amount="?"),
    ]
    heard = talk(ADAPTER.list_page(SINCE, None), listed(*rows))
    assert heard.said == ["look GET /v2/gift_certificates?min_id=1&limit=250&sort=id&direction=asc"]
    assert isinstance(heard.result, Page)
    assert [each.reference for each in heard.result.cards] == ["24", "25", "28", "29"]
    assert [each.key for each in heard.result.cards] == [KEY.text, None, KEY.text, KEY.text]
    assert heard.result.cursor is None


def test_a_full_page_leads_to_the_next_one() -> None:
    rows = [fields(id=n) for n in range(51, 301)]
    heard = talk(ADAPTER.list_page(SINCE, "50"), listed(*rows))
    assert heard.said[0].endswith("?min_id=51&limit=250&sort=id&direction=asc")
    assert isinstance(heard.result, Page)
    assert heard.result.cursor == "300"
    end = talk(ADAPTER.list_page(SINCE, "300"), ABSENT)
    assert end.result == Page((), None)


@pytest.mark.parametrize(
    "page",
    [
        listed(fields(amount="?")),
        listed(fields(id=25), fields(id=24)),
        v2(500),
        reply(200, {}),
    ],
)
def test_a_list_that_cannot_be_read_whole_is_none(page: HttpReply) -> None:
    assert isinstance(talk(ADAPTER.list_page(SINCE, None), page).result, Unknown)
