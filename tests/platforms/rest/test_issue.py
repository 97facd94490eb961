# SPDX-License-Identifier: Apache-2.0
"""Every branch of issuing by the contract, by recorded replies."""

from __future__ import annotations

import json
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
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from tests.platforms.talking import (
    CODE,
    CREDIT,
    KEY,
    NOT_FOUND,
    card,
    cents,
    problem,
    reply,
    resource,
    talk,
)

REST = RestAdapter(RestOptions(url="https://credit.example"))
CREATE = "create POST /v1/credits"
BY_KEY = f"look GET /v1/credits/by-key/{KEY}"
BY_CODE = "look POST /v1/credits/find"


def test_the_body_is_key_code_amount_and_currency_and_nothing_else() -> None:
    opening = REST.opening(CREDIT)
    assert json.loads(opening.request.body) == {
        "key": KEY.text,
        "code": CODE.reveal(),
        "amount": {"minor": 4850, "currency": "USD"},
    }
    with_customer = next(REST.issue(CREDIT, "cus_1"))
    assert with_customer == opening


def test_the_vendor_key_follows_the_step_and_the_epoch() -> None:
    create = dict(REST.opening(CREDIT).request.headers)["Idempotency-Key"]
    later = dict(REST.opening(replace(CREDIT, epoch=1)).request.headers)["Idempotency-Key"]
    assert create == CREDIT.vendor_key("create")
    assert len({create, later, CREDIT.vendor_key("burn")}) == 3


@pytest.mark.parametrize("status", [200, 201])
def test_this_very_credit_is_confirmed(status: int) -> None:
    heard = talk(REST.issue(CREDIT, None), card(status))
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.reference == "crd_1"
    assert heard.result.card.initial == Money(4850, "USD")
    assert heard.result.saying.request_id == "req_7"
    assert not heard.result.linked


def test_a_replay_that_was_spent_meanwhile_is_confirmed() -> None:
    heard = talk(REST.issue(CREDIT, None), card(200, balance=cents(0)))
    assert isinstance(heard.result, Confirmed)


@pytest.mark.parametrize(
    "changes",
    [
        {"initial": cents(4851)},
        {"initial": cents(4850, "EUR")},
        {"code": "D" * 16},
        {"key": "0421-03-1763600000000-ZZZZZZZZ"},
        {"key": None},
        {"enabled": False},
    ],
)
def test_a_2xx_with_another_credit_is_never_success(changes: dict[str, object]) -> None:
    heard = talk(REST.issue(CREDIT, "cus_1"), card(201, **changes))
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs


@pytest.mark.parametrize(
    "odd",
    [
        reply(200, b""),
        reply(201, b""),
        reply(202, {"status": "PENDING"}),
        reply(202, resource()),
        reply(204, b""),
        reply(302, b"", location="http://portal.example/"),
        reply(200, b"<h1>Sign in</h1>", content_type="text/html"),
        reply(200, resource(), content_type="text/html"),
        reply(200, resource(), content_type=""),
        reply(200, b"{"),
        reply(200, [resource()]),
        reply(200, {"status": "PENDING"}),
        reply(200, {**resource(), "initial": {"minor": "4850", "currency": "USD"}}),
        reply(200, {**resource(), "initial": {"minor": 4850.0, "currency": "USD"}}),
        reply(200, {**resource(), "initial": {"minor": True, "currency": "USD"}}),
        reply(200, {**resource(), "initial": {"minor": 4850, "currency": "XXX"}}),
        reply(200, {**resource(), "enabled": "true"}),
        reply(200, {**resource(), "id": ""}),
        problem(409, "in-progress"),
        problem(409, "something-new"),
        problem(500, "unknown"),
        problem(502, "bad-gateway"),
        problem(503, "unavailable"),
        reply(503, b"upstream connect error", content_type="text/plain"),
        problem(422, "something-new"),
        reply(422, b"", content_type="text/html"),
        reply(403, b"<h1>Blocked</h1>", content_type="text/html"),
        reply(404, b"<h1>404</h1>", content_type="text/html"),
        problem(404, "something-new"),
        reply(400, b"Bad request", content_type="text/plain"),
        reply(410, b""),
    ],
    ids=lambda odd: f"{odd.status}-{odd.header('content-type')}-{odd.body[:20]!r}",
)
def test_what_is_neither_yes_nor_no_is_unanswered(odd: HttpReply) -> None:
    heard = talk(REST.issue(CREDIT, "cus_1"), odd)
    assert heard.said == [CREATE]
    assert isinstance(heard.result, Unanswered)
    assert not heard.result.differs
    assert heard.result.saying.status == odd.status


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("refused", RefusalReason.PLATFORM),
        ("bad-field", RefusalReason.PLATFORM),
        ("currency", RefusalReason.CURRENCY),
        ("limit", RefusalReason.LIMIT),
    ],
)
def test_a_documented_no_is_refused_with_the_vendors_words(
    code: str, reason: RefusalReason
) -> None:
    no = problem(422, code, vendor_code="GC-42", detail="closed program", field="amount.minor")
    heard = talk(REST.issue(CREDIT, None), no)
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is reason
    assert heard.result.saying.code == "GC-42"
    assert heard.result.saying.message == "No: closed program: amount.minor"


def test_a_request_that_the_contract_calls_bad_is_refused() -> None:
    heard = talk(REST.issue(CREDIT, None), problem(400, "bad-request"))
    assert isinstance(heard.result, Refused)


@pytest.mark.parametrize(
    ("no", "why"),
    [
        (problem(401, "unauthorised"), "auth"),
        (reply(401, b""), "auth"),
        (problem(403, "forbidden"), "auth"),
        (problem(404, "no-such-path"), "no-such-path"),
    ],
)
def test_what_the_contract_documents_as_not_executed_is_unsent(no: HttpReply, why: str) -> None:
    heard = talk(REST.issue(CREDIT, None), no)
    assert isinstance(heard.result, Unsent)
    assert heard.result.why == why


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (problem(429, "throttled", retry_after="17"), 17),
        (problem(429, "throttled", retry_after="999999"), 86_400),
        (problem(429, "throttled", retry_after="-1"), 5),
        (problem(429, "throttled", retry_after="Wed, 21 Oct 2026 07:28:00 GMT"), 5),
        (problem(429, "throttled"), 5),
        (reply(429, b""), 5),
        (problem(503, "not-executed", retry_after="3"), 3),
    ],
)
def test_throttled_says_how_long_to_wait(wait: HttpReply, seconds: int) -> None:
    heard = talk(REST.issue(CREDIT, None), wait)
    assert isinstance(heard.result, Throttled)
    assert heard.result.retry_after_s == seconds


@pytest.mark.parametrize("code", ["code-taken", "key-reused"])
def test_taken_is_read_back_and_equal_is_confirmed(code: str) -> None:
    heard = talk(REST.issue(CREDIT, None), problem(409, code), card())
    assert heard.said == [CREATE, BY_KEY]
    assert isinstance(heard.result, Confirmed)


def test_taken_and_not_under_our_key_is_read_back_by_code() -> None:
    other = card(key="0421-03-1763600000000-ZZZZZZZZ")
    heard = talk(REST.issue(CREDIT, None), problem(409, "code-taken"), NOT_FOUND, other)
    assert heard.said == [CREATE, BY_KEY, BY_CODE]
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.message == "key"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"enabled": False}, "disabled"),
        ({"enabled": False, "initial": cents(1)}, "amount, disabled"),
        ({"initial": cents(100, "EUR")}, "amount, currency"),
    ],
)
def test_taken_and_different_is_for_the_look_up_and_a_person(
    changes: dict[str, object], message: str
) -> None:
    heard = talk(REST.issue(CREDIT, None), problem(409, "code-taken"), card(**changes))
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.message == message


@pytest.mark.parametrize("nothing", [NOT_FOUND, problem(500, "unknown"), problem(429, "throttled")])
def test_taken_and_unreadable_is_unanswered(nothing: HttpReply) -> None:
    replies = [nothing, nothing] if nothing is NOT_FOUND else [nothing]
    heard = talk(REST.issue(CREDIT, None), problem(409, "code-taken"), *replies)
    assert isinstance(heard.result, Unanswered)
    assert heard.result.why == "code-taken"
    assert not heard.result.differs


def test_a_confirmed_create_goes_on_to_the_link() -> None:
    heard = talk(REST.issue(CREDIT, "cus_1"), card(201), card(customer_id="cus_1"))
    link = heard.asked[1]
    assert isinstance(link, Do)
    assert json.loads(link.request.body) == {"code": CODE.reveal(), "customer_id": "cus_1"}
    assert isinstance(heard.result, Confirmed)
    assert heard.result.linked
    assert heard.result.card.customer_id == "cus_1"


@pytest.mark.parametrize(
    "answer",
    [
        NotSent("connect"),
        NoAnswer("deadline"),
        problem(409, "linked-elsewhere"),
        problem(409, "disabled"),
        problem(422, "unknown-customer"),
        problem(404, "not-found"),
        problem(500, "unknown"),
        problem(429, "throttled"),
        card(customer_id="cus_2"),
        card(customer_id=None),
        card(customer_id="cus_1", code="D" * 16),
        reply(200, b""),
    ],
    ids=str,
)
def test_a_link_that_fails_leaves_the_credit_confirmed_and_unlinked(
    answer: HttpReply | NotSent | NoAnswer,
) -> None:
    heard = talk(REST.issue(CREDIT, "cus_1"), card(201), answer)
    assert isinstance(heard.result, Confirmed)
    assert not heard.result.linked
    assert heard.result.card.customer_id is None


def test_a_card_that_is_linked_already_is_not_linked_again() -> None:
    same = talk(REST.issue(CREDIT, "cus_1"), card(customer_id="cus_1"))
    assert same.said == [CREATE]
    assert isinstance(same.result, Confirmed)
    assert same.result.linked
    other = talk(REST.issue(CREDIT, "cus_1"), card(customer_id="cus_2"))
    assert other.said == [CREATE]
    assert isinstance(other.result, Confirmed)
    assert not other.result.linked
    assert other.result.card.customer_id == "cus_2"


def test_an_interrupted_create_is_left_to_the_driver() -> None:
    exchange = REST.issue(CREDIT, "cus_1")
    next(exchange)
    with pytest.raises(Interrupted):
        exchange.throw(Interrupted(NoAnswer("reset")))


def test_the_code_never_stands_in_a_saying_nor_in_a_path_nor_in_a_repr() -> None:
    echo = problem(422, "refused", detail=f"card {CODE.reveal()} / {CODE.grouped().lower()}")
    heard = talk(REST.issue(CREDIT, None), echo)
    assert isinstance(heard.result, Refused)
    assert CODE.reveal() not in str(heard.result)
    assert CODE.grouped().lower() not in str(heard.result)
    assert CODE.last_four in heard.result.saying.message
    taken = talk(REST.issue(CREDIT, None), problem(409, "code-taken"), NOT_FOUND, NOT_FOUND)
    assert all(CODE.reveal() not in ask.request.path for ask in taken.asked)
    assert CODE.reveal() not in repr(taken.asked)
