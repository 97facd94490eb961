# SPDX-License-Identifier: Apache-2.0
"""Refunds to a payment, by recorded replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    Refused,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.sale import (
    Refund,
    Refunded,
    RefundRejected,
    RefundTo,
)
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply, NoAnswer
from tests.platforms.saleor.answers import (
    BROKEN,
    SALEOR,
    THROTTLED,
    answer,
    failed,
    money,
    payload,
    refused,
    variables,
)
from tests.platforms.saleor.receipts import (
    GRANT,
    GRANT_ID,
    LEG,
    ORDER,
    PAYMENT,
    REQUEST,
    granted,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk


def noted(*grants: object) -> HttpReply:
    return answer({"order": {"id": ORDER, "grantedRefunds": list(grants)}})


GRANTED = payload(GRANT, grantedRefund=granted())
TAKEN_UP = payload(REQUEST, transaction={"id": PAYMENT})
OTHERS = granted("SUCCESS", id="other", reason="0421-03-1763600000000-ZZZZZZZZ damaged")


def test_a_refund_is_looked_for_then_granted_then_requested_then_polled() -> None:
    heard = talk(
        SALEOR.refund(LEG), noted(OTHERS), GRANTED, TAKEN_UP, noted(OTHERS, granted("SUCCESS"))
    )
    look, grant, request, poll = heard.asked
    assert isinstance(grant, Do)
    assert grant.step == "refund-grant"
    assert variables(grant.request) == {
        "id": ORDER,
        "input": {
            "amount": "48.50",
            "reason": f"{KEY.text} damaged",
            "transactionId": PAYMENT,
            "lines": [{"id": "line-1", "quantity": 2}, {"id": "line-2", "quantity": 1}],
        },
    }
    assert isinstance(request, Do)
    assert request.step.startswith("refund-request-")
    assert variables(request.request) == {"grantedRefundId": GRANT_ID, "id": PAYMENT}
    assert variables(look.request) == variables(poll.request) == {"id": ORDER}
    assert heard.result == Refunded(GRANT_ID, Money(4850, "USD"))


def test_an_amount_alone_names_no_lines() -> None:
    heard = talk(SALEOR.refund(replace(LEG, lines=(), reason="")), noted(), BROKEN)
    assert variables(heard.asked[1].request)["input"] == {
        "amount": "48.50",
        "reason": KEY.text,
        "transactionId": PAYMENT,
    }


@pytest.mark.parametrize(
    "polled",
    [noted(granted("PENDING")), noted(granted()), noted(), BROKEN, THROTTLED, NoAnswer("deadline")],
    ids=str,
)
def test_a_refund_that_the_payment_app_has_not_ended_is_accepted(
    polled: HttpReply | NoAnswer,
) -> None:
    heard = talk(SALEOR.refund(LEG), noted(), GRANTED, TAKEN_UP, polled)
    assert isinstance(heard.result, Accepted)
    assert heard.result.reference == GRANT_ID


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("SUCCESS", Refunded),
        ("PENDING", Accepted),
        ("FAILURE", Refused),
        ("SOMETHING_NEW", Unanswered),
    ],
)
def test_a_refund_that_was_requested_before_is_not_requested_again(
    status: str, outcome: type[object]
) -> None:
    heard = talk(SALEOR.refund(LEG), noted(granted(status)))
    assert not any(isinstance(ask, Do) for ask in heard.asked)
    assert isinstance(heard.result, outcome)


def test_a_grant_from_before_is_taken_up_and_not_made_again() -> None:
    late = granted(id="later", createdAt="2025-11-20T00:53:21+00:00")
    heard = talk(
        SALEOR.refund(LEG), noted(late, granted()), TAKEN_UP, noted(late, granted("PENDING"))
    )
    assert variables(heard.asked[1].request)["grantedRefundId"] == GRANT_ID
    assert isinstance(heard.result, Accepted)


def test_of_two_grants_the_one_that_was_requested_counts() -> None:
    done = granted("SUCCESS", id="later", createdAt="2025-11-20T00:53:21+00:00")
    heard = talk(SALEOR.refund(LEG), noted(granted(), done))
    assert len(heard.asked) == 1
    assert heard.result == Refunded("later", Money(4850, "USD"))


@pytest.mark.parametrize("code", ["REFUND_IS_PENDING", "REFUND_ALREADY_PROCESSED"])
def test_a_request_that_is_there_already_is_read_back(code: str) -> None:
    no = answer({REQUEST: {"errors": [{"field": "grantedRefundId", "code": code, "message": ""}]}})
    heard = talk(SALEOR.refund(LEG), noted(), GRANTED, no, noted(granted("SUCCESS")))
    assert isinstance(heard.result, Refunded)
    waiting = talk(SALEOR.refund(LEG), noted(), GRANTED, no, noted(granted("PENDING")))
    assert isinstance(waiting.result, Accepted)


@pytest.mark.parametrize(
    "code",
    [
        "INVALID",
        "GRAPHQL_ERROR",
        "NOT_FOUND",
        "AMOUNT_GREATER_THAN_AVAILABLE",
        "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK",
    ],
)
def test_a_request_that_is_refused_says_so_in_the_vendors_words(code: str) -> None:
    no = refused(REQUEST, code, "grantedRefundId", "Not so.")
    outcome = talk(SALEOR.refund(LEG), noted(), GRANTED, no).result
    assert isinstance(outcome, Refused)
    assert outcome.saying.code == code


@pytest.mark.parametrize(
    "code",
    [
        "GRAPHQL_ERROR",
        "NOT_FOUND",
        "NOT_CONFIGURED",
        "SHIPPING_COSTS_ALREADY_GRANTED",
        "AMOUNT_GREATER_THAN_AVAILABLE",
        "REQUIRED",
        "INVALID",
    ],
)
def test_a_grant_that_is_refused_may_be_our_own_from_before(code: str) -> None:
    no = refused(GRANT, code, "lines")
    assert isinstance(talk(SALEOR.refund(LEG), noted(), no, noted()).result, Refused)
    ours = talk(SALEOR.refund(LEG), noted(), no, noted(granted("PENDING")))
    assert isinstance(ours.result, Accepted)
    hidden = talk(SALEOR.refund(LEG), noted(), no, BROKEN)
    assert isinstance(hidden.result, Unanswered)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (BROKEN, Unanswered),
        (reply(200, b""), Unanswered),
        (payload(GRANT, grantedRefund=None), Unanswered),
        (payload(GRANT, grantedRefund=OTHERS), Unanswered),
        (payload(GRANT, grantedRefund=granted(amount=money(50))), Unanswered),
        (payload(GRANT, grantedRefund=granted(amount=money(48.5, "EUR"))), Unanswered),
        (refused(GRANT, "SOMETHING_NEW"), Unanswered),
        (THROTTLED, Throttled),
        (failed("PermissionDenied", GRANT, data={GRANT: None}), Unsent),
        (failed("PermissionDenied", GRANT, "grantedRefund", data={GRANT: {}}), Unanswered),
    ],
)
def test_a_grant_without_our_refund_in_the_answer_is_never_success(
    said: HttpReply, outcome: type[object]
) -> None:
    assert isinstance(talk(SALEOR.refund(LEG), noted(), said).result, outcome)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (BROKEN, Unanswered),
        (payload(REQUEST, transaction=None), Unanswered),
        (payload(REQUEST, transaction={"id": "other"}), Unanswered),
        (THROTTLED, Throttled),
        (failed("PermissionDenied", REQUEST, data={REQUEST: None}), Unsent),
    ],
)
def test_a_request_without_our_payment_in_the_answer_is_never_success(
    said: HttpReply, outcome: type[object]
) -> None:
    assert isinstance(talk(SALEOR.refund(LEG), noted(), GRANTED, said).result, outcome)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (BROKEN, Unsent),
        (THROTTLED, Throttled),
        (failed("PermissionDenied", "order", data={"order": None}), Unsent),
        (answer({"order": None}), Refused),
        (answer({"order": {"id": "other", "grantedRefunds": []}}), Unsent),
        (answer({"order": {"id": ORDER, "grantedRefunds": None}}), Unsent),
        (noted({"id": GRANT_ID}), Unsent),
    ],
)
def test_a_refund_that_cannot_be_looked_for_is_not_sent(
    said: HttpReply, outcome: type[object]
) -> None:
    heard = talk(SALEOR.refund(LEG), said)
    assert not any(isinstance(ask, Do) for ask in heard.asked)
    assert isinstance(heard.result, outcome)


@pytest.mark.parametrize(
    "leg",
    [
        replace(LEG, to=RefundTo.CREDIT),
        replace(LEG, tender=None),
        replace(LEG, credit=replace(CREDIT, amount=Money(4850, "AFN"))),
    ],
)
def test_what_saleor_cannot_refund_is_refused_without_a_request(leg: Refund) -> None:
    heard = talk(SALEOR.refund(leg))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        (noted(granted("SUCCESS")), Refunded),
        (noted(granted("PENDING")), Accepted),
        (noted(granted("FAILURE")), RefundRejected),
        (noted(granted()), Absent),
        (noted(), Absent),
        (noted(OTHERS, granted("SUCCESS", reason=None)), Absent),
        (noted(granted("SUCCESS", amount=money(50))), Unknown),
        (noted(granted("SOMETHING_NEW")), Unknown),
        (answer({"order": None}), Unknown),
        (BROKEN, Unknown),
        (THROTTLED, Unknown),
    ],
)
def test_a_refund_is_found_again_by_our_key(said: HttpReply, finding: type[object]) -> None:
    assert isinstance(talk(SALEOR.find_refund(LEG), said).result, finding)


def test_no_saying_of_a_refund_holds_the_code() -> None:
    echo = refused(GRANT, "INVALID", "reason", f"bad {CODE.reveal()}")
    outcome = talk(SALEOR.refund(LEG), noted(), echo, noted()).result
    assert CODE.reveal() not in str(outcome)
