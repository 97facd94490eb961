# SPDX-License-Identifier: Apache-2.0
"""Every branch of issuing a gift voucher, by recorded replies."""

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
from agent.platforms.exchange import Do, Interrupted
from agent.platforms.messages import HttpReply, NoAnswer, NotSent
from agent.platforms.voucherify import errors, wire
from agent.platforms.voucherify.adapter import VoucherifyAdapter
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk
from tests.platforms.voucherify.recorded import (
    CREATE,
    CUSTOMER,
    GET,
    ID,
    JPY,
    NOT_EXECUTED,
    NOT_FOUND,
    ODD,
    OTHER_CODE,
    OTHER_KEY,
    TAKEN,
    USD,
    WAITS,
    error,
    gift,
    metadata,
    not_found,
    publication,
    voucher,
)

YEN = replace(CREDIT, amount=Money(1200, "JPY"))


def test_the_request_byte_for_byte() -> None:
    opening = USD.opening(CREDIT)
    assert opening is not None
    assert (opening.step, opening.request.method) == ("create", "POST")
    assert opening.request.path == "/v1/vouchers"
    assert opening.request.body == (
        b'{"code":"%s","type":"GIFT_VOUCHER","gift":{"amount":4850,"effect":"APPLY_TO_ORDER"},'
        b'"active":true,"metadata":{"countermark_key":"0421-03-1763600000000-7K3QF2ZD",'
        b'"countermark_currency":"USD"}}' % CODE.reveal().encode()
    )
    assert opening.request.headers == (
        ("Content-Type", "application/json"),
        ("X-Voucherify-API-Version", "v2018-08-01"),
    )
    assert next(USD.issue(CREDIT, CUSTOMER)) == opening


def test_the_bytes_are_a_function_of_the_token_alone() -> None:
    again = Credit(KEY, CODE, Money(4850, "USD"))
    first, second = USD.opening(CREDIT), USD.opening(replace(again, epoch=3))
    assert first is not None
    assert second is not None
    assert first.request == second.request


@pytest.mark.parametrize(
    ("adapter", "amount", "hundredths"),
    [
        (USD, Money(4850, "USD"), 4850),
        (USD, Money(1, "USD"), 1),
        (USD, Money(10**12, "USD"), 10**12),
        (JPY, Money(1200, "JPY"), 120_000),
        (JPY, Money(1, "JPY"), 100),
    ],
)
def test_an_amount_is_its_value_times_100_exactly(
    adapter: VoucherifyAdapter, amount: Money, hundredths: int
) -> None:
    opening = adapter.opening(replace(CREDIT, amount=amount))
    assert opening is not None
    assert json.loads(opening.request.body)["gift"]["amount"] == hundredths


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_a_currency_that_is_not_the_projects_is_refused_without_a_request(currency: str) -> None:
    foreign = replace(CREDIT, amount=Money(4850, currency))
    assert USD.opening(foreign) is None
    heard = talk(USD.issue(foreign, None))
    assert heard.said == []
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is RefusalReason.CURRENCY


def test_a_currency_without_an_exact_form_never_becomes_bytes() -> None:
    with pytest.raises(ValueError, match="no exact form"):
        wire.in_hundredths(Money(4850, "KWD"))


def test_this_very_voucher_is_confirmed() -> None:
    heard = talk(USD.issue(CREDIT, None), voucher())
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.reference == ID
    assert heard.result.card.initial == Money(4850, "USD")
    assert heard.result.card.key == KEY.text
    assert not heard.result.linked


def test_yen_come_back_as_yen() -> None:
    answer = voucher(gift=gift(120_000), metadata=metadata(currency="JPY"))
    heard = talk(JPY.issue(YEN, None), answer)
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.initial == Money(1200, "JPY")


def test_what_is_no_whole_yen_is_never_confirmed() -> None:
    answer = voucher(gift=gift(120_050), metadata=metadata(currency="JPY"))
    result = talk(JPY.issue(YEN, None), answer).result
    assert isinstance(result, Unanswered)
    assert result.why == "nonsense-amount"


def test_a_voucher_that_was_spent_meanwhile_is_confirmed() -> None:
    heard = talk(USD.issue(CREDIT, None), TAKEN, voucher(gift=gift(4850, 0)))
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.balance == Money(0, "USD")


DIFFERENT = [
    ({"gift": gift(4851)}, "amount"),
    ({"gift": gift(485_000)}, "amount"),
    ({"metadata": metadata(currency="EUR")}, "currency"),
    ({"code": OTHER_CODE}, "code"),
    ({"metadata": metadata(OTHER_KEY)}, "key"),
    ({"metadata": {}}, "key"),
    ({"metadata": None}, "key"),
    ({"metadata": {"countermark_key": 7}}, "key"),
    ({"active": False}, "disabled"),
    ({"type": "DISCOUNT_VOUCHER", "gift": None}, "amount"),
    ({"type": "LOYALTY_CARD", "gift": None, "metadata": None}, "key, amount"),
]


@pytest.mark.parametrize(("changes", "names"), DIFFERENT)
@pytest.mark.parametrize("taken", [False, True])
def test_another_voucher_is_never_confirmed(
    changes: dict[str, object], names: str, taken: bool
) -> None:
    before = [TAKEN] if taken else []
    heard = talk(USD.issue(CREDIT, CUSTOMER), *before, voucher(**changes))
    assert heard.said == [CREATE, GET][: 1 + taken]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.message == names


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: f"{odd.status}-{odd.body[:50]!r}")
def test_what_is_neither_yes_nor_no_is_unanswered(odd: HttpReply) -> None:
    heard = talk(USD.issue(CREDIT, CUSTOMER), odd)
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Unanswered)
    assert not heard.result.differs
    assert heard.result.saying.status == odd.status


def test_an_unknown_error_keeps_the_vendors_words() -> None:
    result = talk(USD.issue(CREDIT, None), error(400, "something_new", details="Look here")).result
    assert isinstance(result, Unanswered)
    assert result.why == "something_new"
    assert result.saying.code == "something_new"
    assert result.saying.message == "No: Look here"
    assert result.saying.request_id == "v-0bb3403b9a158c87b2"


@pytest.mark.parametrize("key", sorted(errors.REFUSALS))
def test_a_documented_no_is_refused_with_the_vendors_words(key: str) -> None:
    heard = talk(USD.issue(CREDIT, None), error(400, key, details="gift.amount"))
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Refused)
    limit = key == "gift_amount_exceeded"
    assert heard.result.reason is (RefusalReason.LIMIT if limit else RefusalReason.PLATFORM)
    assert heard.result.saying.code == key
    assert heard.result.saying.message == "No: gift.amount"


def test_a_campaign_that_is_gone_is_a_no() -> None:
    assert isinstance(talk(USD.issue(CREDIT, None), not_found("campaign")).result, Refused)


@pytest.mark.parametrize(("no", "why"), NOT_EXECUTED)
def test_what_is_documented_as_failed_is_unsent(no: HttpReply, why: str) -> None:
    heard = talk(USD.issue(CREDIT, None), no)
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Unsent)
    assert heard.result.why == why


@pytest.mark.parametrize(("wait", "seconds"), WAITS)
def test_a_limit_says_how_long_to_wait(wait: HttpReply, seconds: int) -> None:
    heard = talk(USD.issue(CREDIT, None), wait)
    assert isinstance(heard.result, Throttled)
    assert heard.result.retry_after_s == seconds


FIRST = [
    TAKEN,
    error(409, "duplicate_resource_key"),
    error(409),
    error(409, "something_new"),
    error(400, "duplicate_found"),
    error(400, "duplicate_resource_key"),
]


@pytest.mark.parametrize("taken", FIRST)
def test_somebody_was_first_is_read_back_and_equal_is_confirmed(taken: HttpReply) -> None:
    heard = talk(USD.issue(CREDIT, None), taken, voucher())
    assert heard.said == [CREATE, GET]
    assert isinstance(heard.result, Confirmed)


UNREADABLE = [NOT_FOUND, error(500), error(429), error(401), reply(200, b""), error(402)]


@pytest.mark.parametrize("nothing", UNREADABLE)
def test_somebody_was_first_and_cannot_be_read_is_unanswered(nothing: HttpReply) -> None:
    heard = talk(USD.issue(CREDIT, None), TAKEN, nothing)
    assert heard.said == [CREATE, GET]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.why == "taken"
    assert not heard.result.differs


def test_a_confirmed_voucher_goes_on_to_its_holder() -> None:
    heard = talk(USD.issue(CREDIT, CUSTOMER), voucher(), publication())
    link = heard.asked[1]
    assert isinstance(link, Do)
    assert link.request.path == "/v1/publications"
    assert link.request.body == (
        b'{"voucher":"%s","customer":{"id":"%s"},"source_id":"%s","channel":"countermark"}'
        % (
            CODE.reveal().encode(),
            CUSTOMER.encode(),
            CREDIT.vendor_key(f"link {CUSTOMER}").encode(),
        )
    )
    assert isinstance(heard.result, Confirmed)
    assert heard.result.linked
    assert heard.result.card.customer_id == CUSTOMER


NO_LINK = [
    NotSent("connect"),
    NoAnswer("deadline"),
    error(400, "voucher_disabled"),
    error(404),
    not_found("customer"),
    error(500),
    error(429),
    error(401),
    publication(result="FAILURE"),
    publication(customer_id="cust_other"),
    publication(voucher={"code": OTHER_CODE}),
    reply(200, b""),
]


@pytest.mark.parametrize("answer", NO_LINK, ids=str)
def test_a_link_that_fails_leaves_the_credit_confirmed_and_unlinked(
    answer: HttpReply | NotSent | NoAnswer,
) -> None:
    heard = talk(USD.issue(CREDIT, CUSTOMER), voucher(), answer)
    assert isinstance(heard.result, Confirmed)
    assert not heard.result.linked
    assert heard.result.card.customer_id is None


@pytest.mark.parametrize(("holder", "linked"), [(CUSTOMER, True), ("cust_other", False)])
def test_a_voucher_that_has_a_holder_is_not_published_again(holder: str, linked: bool) -> None:
    heard = talk(USD.issue(CREDIT, CUSTOMER), TAKEN, voucher(holder_id=holder))
    assert heard.said == [CREATE, GET]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.linked is linked


def test_an_answer_that_never_comes_ends_the_conversation() -> None:
    exchange = USD.issue(CREDIT, CUSTOMER)
    next(exchange)
    with pytest.raises(Interrupted):
        exchange.throw(Interrupted(NoAnswer("reset")))


def test_the_code_stands_in_no_saying_no_repr_and_in_no_path_of_an_issue() -> None:
    said = f"voucher {CODE.reveal()} / {CODE.grouped().lower()}"
    echo = error(400, "invalid_voucher", details=said, message=CODE.reveal())
    heard = talk(USD.issue(CREDIT, None), echo)
    assert isinstance(heard.result, Refused)
    assert CODE.reveal() not in str(heard.result)
    assert CODE.grouped().lower() not in str(heard.result)
    assert CODE.last_four in heard.result.saying.message
    linked = talk(USD.issue(CREDIT, CUSTOMER), voucher(), publication())
    assert all(CODE.reveal() not in ask.request.path for ask in linked.asked)
    assert CODE.reveal() not in repr(linked.asked)
    assert CODE.reveal() not in str(linked.result)
    taken = talk(USD.issue(CREDIT, None), TAKEN, not_found(name=CODE.reveal()))
    assert CODE.reveal() not in repr(taken.asked)
    assert CODE.reveal() not in str(taken.result)


def test_what_is_kept_of_an_answer_holds_ids_and_no_code() -> None:
    opening = USD.opening(CREDIT)
    assert opening is not None
    assert opening.keep(voucher()) == {"status": "200", "reference": ID}
    kept = opening.keep(error(500, details=CODE.reveal(), request_id=f"v-{CODE.reveal()}"))
    assert kept == {"status": "500", "request_id": f"v-…{CODE.last_four}"}
