# SPDX-License-Identifier: Apache-2.0
"""Every branch of issuing a gift certificate, by recorded replies."""

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
from agent.platforms.exchange import Do, Interrupted
from agent.platforms.messages import HttpReply, NoAnswer, NotSent
from tests.platforms.bigcommerce.recorded import (
    ABSENT,
    ADAPTER,
    CREATE,
    EMPTY,
    FIND,
    HOUSE,
    LINKS,
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

LINK = "POST /v3/customers/7/metafields"


def test_nothing_is_sent_before_the_code_was_looked_for() -> None:
    assert ADAPTER.opening(CREDIT) is None


def test_the_body_is_key_code_amount_currency_and_the_house_byte_for_byte() -> None:
    heard = talk(ADAPTER.issue(CREDIT, "7"), ABSENT, made(), linked())
    create = heard.asked[1].request
    assert create.body.decode() == (
        f'{{"code":"{CODE.reveal()}","amount":"48.50","currency_code":"USD","status":"active",'
        f'"to_name":"Store credit","to_email":"{HOUSE}","from_name":"Store credit",'
        f'"from_email":"{HOUSE}","message":"{KEY}"}}'
    )
    alone = talk(ADAPTER.issue(replace(CREDIT, epoch=3), None), ABSENT, made())
    assert alone.asked[1].request == create
    assert create.headers == (("Accept", "application/json"), ("Content-Type", "application/json"))


@pytest.mark.parametrize(
    ("minor", "currency", "written", "answered"),
    [
        (4850, "USD", "48.50", "48.5000"),
        (1, "EUR", "0.01", "0.0100"),
        (1200, "JPY", "1200", "1200.0000"),
        (2147483647, "USD", "21474836.47", "21474836.47"),
    ],
)
def test_amounts_cross_as_decimal_text(
    minor: int, currency: str, written: str, answered: str
) -> None:
    credit = replace(CREDIT, amount=Money(minor, currency))
    answer = made(amount=answered, balance=answered, currency_code=currency)
    heard = talk(ADAPTER.issue(credit, None), ABSENT, answer)
    assert f'"amount":"{written}"'.encode() in heard.asked[1].request.body
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.initial == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (Money(4850, "KWD"), RefusalReason.CURRENCY),
        (Money(2147483648, "USD"), RefusalReason.LIMIT),
        (Money(21474837, "JPY"), RefusalReason.LIMIT),
    ],
)
def test_what_the_vendor_cannot_keep_is_refused_without_a_request(
    amount: Money, reason: RefusalReason
) -> None:
    heard = talk(ADAPTER.issue(replace(CREDIT, amount=amount), None))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is reason


@pytest.mark.parametrize("absent", [ABSENT, EMPTY])
@pytest.mark.parametrize("status", [200, 201])
def test_this_very_certificate_is_confirmed(absent: HttpReply, status: int) -> None:
    heard = talk(ADAPTER.issue(CREDIT, None), absent, made(status))
    assert heard.said == [FIND, CREATE]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.reference == "24"
    assert heard.result.card.initial == Money(4850, "USD")
    assert not heard.result.linked


def test_numbers_in_place_of_texts_never_become_floats() -> None:
    exact = reply(201, b'{"id":24,"code":"%b","amount":48.5,"balance":48.50000,"status":"active",'
                  b'"currency_code":"USD","message":"%b"}'
                  % (CODE.reveal().encode(), KEY.text.encode()))  # fmt: skip
    assert isinstance(talk(ADAPTER.issue(CREDIT, None), ABSENT, exact).result, Confirmed)


@pytest.mark.parametrize("spent", ["48.5000", "10.0000", "0.0000"])
def test_what_is_there_already_is_confirmed_and_not_made_again(spent: str) -> None:
    heard = talk(ADAPTER.issue(CREDIT, None), found(balance=spent))
    assert heard.said == [FIND]
    assert isinstance(heard.result, Confirmed)


DIFFERENT = [
    ({"amount": "48.5100", "balance": "48.5100"}, "amount"),
    ({"currency_code": "EUR"}, "currency"),
    ({"message": OTHER_KEY}, "key"),
    ({"message": "Happy Birthday!"}, "key"),
    ({"message": None}, "key"),
    ({"status": "disabled"}, "disabled"),
    ({"status": "pending"}, "status pending"),
    ({"status": "expired"}, "status expired"),
    ({"status": "redeemed"}, "status redeemed"),
]


@pytest.mark.parametrize(("changes", "named"), DIFFERENT)
def test_another_certificate_is_never_success(changes: dict[str, object], named: str) -> None:
    for replies in ([found(**changes)], [ABSENT, made(**changes)]):
        heard = talk(ADAPTER.issue(CREDIT, "7"), *replies)
        assert isinstance(heard.result, Unanswered)
        assert heard.result.differs
        assert heard.result.saying.message == named


@pytest.mark.parametrize("code", [CODE.reveal()[:15], CODE.reveal() + "ABCD", "D" * 16])
def test_a_code_that_was_cut_or_is_foreign_is_never_success(code: str) -> None:
    heard = talk(ADAPTER.issue(CREDIT, None), ABSENT, made(code=code))
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs


def test_two_certificates_under_one_code_are_for_a_person() -> None:
    heard = talk(ADAPTER.issue(CREDIT, None), listed(fields(), fields(id=25)))
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.code == "several"


ODD = [
    reply(200, b""),
    reply(201, b""),
    reply(202, {"status": "PENDING"}),
    reply(202, fields()),
    reply(204, b""),
    reply(207, fields()),
    reply(301, b"", location="http://portal.example/"),
    reply(201, b"<h1>Sign in</h1>", content_type="text/html"),
    reply(201, fields(), content_type="text/html"),
    reply(201, b"{"),
    reply(201, b"[" * 100_000),
    reply(201, [fields()]),
    reply(201, {**fields(), "amount": "lots"}),
    reply(201, {**fields(), "amount": None}),
    reply(201, {**fields(), "amount": True}),
    reply(201, {**fields(), "amount": "48.5001"}),
    reply(201, {**fields(), "balance": "48.5100"}),
    reply(201, {**fields(), "balance": "-1.0000"}),
    reply(201, b'{"id":24,"amount":NaN}'),
    reply(201, {**fields(), "currency_code": ""}),
    reply(201, {**fields(), "currency_code": "XXX"}),
    reply(201, {**fields(), "id": "24"}),
    reply(201, {**fields(), "id": 0}),
    reply(201, {**fields(), "id": True}),
    reply(201, {**fields(), "code": ""}),
    reply(400, b"Bad request", content_type="text/plain"),
    reply(400, {"status": 500, "title": "another's"}),
    reply(403, b"<h1>Blocked</h1>", content_type="text/html"),
    reply(404, b"<h1>404</h1>", content_type="text/html"),
    reply(409, b"", content_type="text/html"),
    reply(422, b"{}"),
    v2(410),
    v2(500),
    v2(501),
    v3(502),
    v2(503),
    v3(504),
    v2(509),
    reply(503, b"upstream connect error", content_type="text/plain"),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: f"{odd.status}-{odd.body[:24]!r}")
def test_what_is_neither_yes_nor_no_is_unanswered(odd: HttpReply) -> None:
    heard = talk(ADAPTER.issue(CREDIT, "7"), ABSENT, odd)
    assert heard.said == [FIND, CREATE]
    assert isinstance(heard.result, Unanswered)
    assert not heard.result.differs
    assert heard.result.saying.status == odd.status


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize("error", [v2, v3])
def test_a_refusal_is_looked_behind_since_it_may_mean_taken(status: int, error: object) -> None:
    assert callable(error)
    no = error(status, "The code is in use")
    first = talk(ADAPTER.issue(CREDIT, None), ABSENT, no, found())
    assert first.said == [FIND, CREATE, FIND]
    assert isinstance(first.result, Confirmed)
    other = talk(ADAPTER.issue(CREDIT, None), ABSENT, no, found(message=OTHER_KEY))
    assert isinstance(other.result, Unanswered)
    assert other.result.differs
    nobody = talk(ADAPTER.issue(CREDIT, None), ABSENT, no, ABSENT)
    assert isinstance(nobody.result, Unanswered if status == 409 else Refused)
    assert nobody.result.saying.message == "The code is in use"
    for unread in (v2(500), v2(429), NoAnswer("deadline"), NotSent("connect")):
        blind = talk(ADAPTER.issue(CREDIT, None), ABSENT, no, unread)
        assert isinstance(blind.result, Unanswered)
        assert not blind.result.differs


def test_a_full_plan_is_a_refusal_by_its_limit() -> None:
    heard = talk(ADAPTER.issue(CREDIT, None), ABSENT, v2(507, "limit reached"))
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is RefusalReason.LIMIT


@pytest.mark.parametrize(
    ("no", "why"),
    [
        (v2(401), "auth"),
        (reply(401, b""), "auth"),
        (v3(403), "auth"),
        (v2(404), "no-such-path"),
        (v2(405), "status-405"),
        (v2(406), "status-406"),
        (v2(413), "status-413"),
        (v2(415), "status-415"),
    ],
)
def test_what_is_documented_as_not_processed_is_unsent(no: HttpReply, why: str) -> None:
    heard = talk(ADAPTER.issue(CREDIT, None), ABSENT, no)
    assert isinstance(heard.result, Unsent)
    assert heard.result.why == why


def test_a_missing_scope_is_named() -> None:
    heard = talk(ADAPTER.issue(CREDIT, None), ABSENT, v3(403, "You do not have permission"))
    assert isinstance(heard.result, Unsent)
    assert heard.result.saying.code == "scope store_v2_marketing"
    assert heard.result.saying.message == "You do not have permission"


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (v2(429, "slow", x_rate_limit_time_reset_ms="15000"), 15),
        (v2(429, "slow", x_rate_limit_time_reset_ms="15001"), 16),
        (v2(429, "slow", x_rate_limit_time_reset_ms="0"), 1),
        (v2(429, "slow", x_rate_limit_time_reset_ms="999999999999"), 86_400),
        (v2(429, "slow", x_rate_limit_time_reset_ms="-5"), 30),
        (v2(429, "slow", retry_after="7"), 7),
        (reply(429, b""), 30),
        (v3(423, "locked"), 30),
    ],
)
def test_throttled_says_how_long_to_wait(wait: HttpReply, seconds: int) -> None:
    for replies in ([wait], [ABSENT, wait]):
        heard = talk(ADAPTER.issue(CREDIT, None), *replies)
        assert isinstance(heard.result, Throttled)
        assert heard.result.retry_after_s == seconds


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (v2(401), "auth"),
        (v3(403), "auth"),
        (v2(404), "no-such"),
        (v2(500), "status-500"),
        (v2(503), "status-503"),
        (reply(200, b""), "empty"),
        (reply(200, b"<p>", content_type="text/html"), "not-json"),
        (reply(200, {}), "not-the-contract"),
        (reply(302, b""), "status-302"),
        (found(code="SOMEBODYELSE"), "filter-ignored"),
        (found(code=CODE.reveal().lower()), "filter-ignored"),
    ],
)
def test_an_issue_whose_question_failed_has_sent_nothing(look: HttpReply, why: str) -> None:
    heard = talk(ADAPTER.issue(CREDIT, "7"), look)
    assert heard.said == [FIND]
    assert isinstance(heard.result, Unsent)
    assert heard.result.why == why


def test_a_customer_is_linked_by_a_metafield_and_the_certificate_stays_untouched() -> None:
    heard = talk(ADAPTER.issue(CREDIT, "7"), ABSENT, made(), linked())
    link = heard.asked[2]
    assert isinstance(link, Do)
    assert f"{link.request.method} {link.request.path}" == LINK
    assert link.request.body.decode() == (
        f'{{"permission_set":"read","namespace":"countermark","key":"{KEY}",'
        f'"value":"{CODE.last_four}"}}'
    )
    assert isinstance(heard.result, Confirmed)
    assert heard.result.linked
    assert heard.result.card.customer_id == "7"


def test_one_that_was_there_before_is_asked_whom_it_is_linked_to() -> None:
    same = talk(ADAPTER.issue(CREDIT, "7"), found(), carried(7))
    assert same.said == [FIND, LINKS]
    assert isinstance(same.result, Confirmed)
    assert same.result.linked
    other = talk(ADAPTER.issue(CREDIT, "7"), found(), carried(8))
    assert isinstance(other.result, Confirmed)
    assert not other.result.linked


@pytest.mark.parametrize(
    "answer",
    [
        NotSent("connect"),
        NoAnswer("deadline"),
        v3(404),
        v3(422),
        v3(500),
        v3(429),
        linked(8),
        linked(7, OTHER_KEY),
        reply(200, b""),
    ],
    ids=str,
)
def test_a_link_that_fails_leaves_the_credit_confirmed_and_unlinked(
    answer: HttpReply | NotSent | NoAnswer,
) -> None:
    heard = talk(ADAPTER.issue(CREDIT, "7"), ABSENT, made(), answer)
    assert isinstance(heard.result, Confirmed)
    assert not heard.result.linked
    assert heard.result.card.customer_id is None


def test_an_interrupted_create_is_left_to_the_driver() -> None:
    exchange = ADAPTER.issue(CREDIT, "7")
    next(exchange)
    exchange.send(ABSENT)
    with pytest.raises(Interrupted):
        exchange.throw(Interrupted(NoAnswer("reset")))


def test_the_code_never_stands_in_a_saying_nor_in_a_repr_nor_in_what_is_kept() -> None:
    echo = f"code {CODE.reveal()} / {CODE.grouped().lower()} is in use"
    heard = talk(ADAPTER.issue(CREDIT, None), ABSENT, v2(422, echo), ABSENT)
    assert isinstance(heard.result, Refused)
    assert CODE.reveal() not in repr(heard)
    assert CODE.grouped().lower() not in repr(heard)
    assert CODE.last_four in heard.result.saying.message
    details = reply(422, [{"status": 422, "message": "", "details": {"code": CODE.reveal()}}])
    quoted = talk(ADAPTER.issue(CREDIT, None), ABSENT, details, ABSENT)
    assert CODE.reveal() not in repr(quoted)
    create = heard.asked[1]
    assert isinstance(create, Do)
    kept = create.keep(made(201))
    assert kept == {"status": "201", "reference": "24"}
    assert CODE.reveal() not in str(create.keep(reply(201, fields(), x_request_id=CODE.reveal())))
