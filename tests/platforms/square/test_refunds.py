# SPDX-License-Identifier: Apache-2.0
"""Every branch of refunding at Square, by recorded replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.outcome import (
    Absent,
    Accepted,
    RefusalReason,
    Refused,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.sale import (
    Refunded,
    RefundRejected,
)
from agent.platforms.messages import HttpReply
from tests.platforms.square.recorded import (
    CARD_ID,
    NOT_FOUND,
    OTHER_KEY,
    REUSED,
    SQUARE,
    card,
    error,
    gift_card,
    money,
)
from tests.platforms.square.sold import (
    DO_REFUND,
    DOWN,
    LEG,
    LOOK_PAYMENT,
    LOOK_REFUND,
    PAYMENT,
    REFUND,
    TO_CREDIT,
    payment,
    refunded,
)
from tests.platforms.talking import CREDIT, KEY, reply, talk


def test_a_refund_is_looked_for_then_asked_and_accepted() -> None:
    heard = talk(SQUARE.refund(LEG), payment(), refunded())
    assert heard.said == [LOOK_PAYMENT, DO_REFUND]
    assert heard.asked[1].request.body.decode() == (
        f'{{"idempotency_key":"{CREDIT.vendor_key("refund")}","amount_money":'
        f'{{"amount":4850,"currency":"USD"}},"payment_id":"{PAYMENT}","reason":"{KEY}"}}'
    )
    assert isinstance(heard.result, Accepted)
    assert heard.result.reference == REFUND
    assert isinstance(talk(SQUARE.refund(LEG), payment(), refunded("COMPLETED")).result, Refunded)


@pytest.mark.parametrize("status", ["REJECTED", "FAILED"])
def test_a_refund_that_fails_at_once_is_refused(status: str) -> None:
    assert isinstance(talk(SQUARE.refund(LEG), payment(), refunded(status)).result, Refused)
    found = talk(SQUARE.refund(LEG), payment(REFUND), refunded(status))
    assert found.said == [LOOK_PAYMENT, LOOK_REFUND]
    assert isinstance(found.result, Refused)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_money": money(4851)},
        {"amount_money": money(4850, "EUR")},
        {"payment_id": "PAYMENT0002"},
        {"reason": f"{OTHER_KEY} torn"},
        {"reason": None},
        {"status": "SOMETHING_NEW"},
        {"status": None},
    ],
)
def test_a_200_with_another_refund_is_never_success(changes: dict[str, object]) -> None:
    result = talk(SQUARE.refund(LEG), payment(), refunded(**changes)).result
    assert isinstance(result, Unanswered)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(400, "REFUND_AMOUNT_INVALID"), Refused),
        (error(400, "PAYMENT_NOT_REFUNDABLE"), Refused),
        (error(400, "REFUND_DECLINED"), Refused),
        (error(400, "REFUND_ALREADY_PENDING"), Throttled),
        (error(429, "RATE_LIMITED"), Throttled),
        (error(401, "UNAUTHORIZED"), Unsent),
        (error(403, "INSUFFICIENT_SCOPES"), Unsent),
        (DOWN, Unanswered),
        (reply(200, b""), Unanswered),
        (error(400, "SOMETHING_NEW"), Unanswered),
    ],
)
def test_every_answer_to_a_refund_has_its_outcome(answer: HttpReply, kind: type) -> None:
    assert isinstance(talk(SQUARE.refund(LEG), payment(), answer).result, kind)


def test_a_key_that_was_used_is_looked_up() -> None:
    there = talk(SQUARE.refund(LEG), payment(), REUSED, payment(REFUND), refunded())
    assert isinstance(there.result, Accepted)
    gone = talk(SQUARE.refund(LEG), payment(), REUSED, payment())
    assert isinstance(gone.result, Unanswered)


@pytest.mark.parametrize(
    ("look", "kind"),
    [
        (DOWN, Unsent),
        (error(429, "RATE_LIMITED"), Throttled),
        (error(401, "UNAUTHORIZED"), Unsent),
        (NOT_FOUND, Unsent),
    ],
)
def test_a_refund_that_cannot_be_looked_for_is_not_sent(look: HttpReply, kind: type) -> None:
    assert isinstance(talk(SQUARE.refund(LEG), look).result, kind)


@pytest.mark.parametrize("tender", [None, "", "a/b/c/d/e"])
def test_a_refund_names_its_payment(tender: str | None) -> None:
    leg = replace(LEG, tender=tender)
    with pytest.raises(StopIteration) as end:
        next(SQUARE.refund(leg))
    assert isinstance(end.value.value, Refused)
    with pytest.raises(StopIteration) as end:
        next(SQUARE.find_refund(leg))
    assert isinstance(end.value.value, Unknown)


def test_a_refund_to_credit_goes_to_the_customers_own_card() -> None:
    cards = [
        gift_card("ACTIVE", id="gftc:ours"),
        gift_card("DEACTIVATED", 0, id="gftc:dead", gan_source="SQUARE"),
        gift_card("ACTIVE", id="gftc:yen", gan_source="SQUARE", balance_money=money(1, "JPY")),
        gift_card("ACTIVE", id="gftc:theirs", gan_source="SQUARE"),
    ]
    heard = talk(SQUARE.refund(TO_CREDIT), payment(), reply(200, {"gift_cards": cards}), refunded())
    assert heard.said == [
        LOOK_PAYMENT,
        "look GET /v2/gift-cards?customer_id=CUSTOMER1&limit=50",
        DO_REFUND,
    ]
    assert b'"destination_id":"gftc:theirs"' in heard.asked[2].request.body
    assert isinstance(heard.result, Accepted)


def test_a_customer_without_a_card_gets_one() -> None:
    theirs = card("PENDING", 0, customer_ids=["CUSTOMER1"])
    heard = talk(
        SQUARE.refund(TO_CREDIT),
        payment(),
        reply(200, {}),
        card("PENDING", 0, gan="7783320006753271"),
        theirs,
        refunded(),
    )
    assert heard.said[2] == "customers-card POST /v2/gift-cards"
    assert heard.said[3].endswith(f"POST /v2/gift-cards/{CARD_ID}/link-customer")
    assert heard.said[4] == DO_REFUND
    assert f'"destination_id":"{CARD_ID}"'.encode() in heard.asked[4].request.body


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ((DOWN,), Unanswered),
        ((error(429, "RATE_LIMITED"),), Throttled),
        ((reply(200, {}), error(403, "INSUFFICIENT_SCOPES")), Unsent),
        ((reply(200, {}), DOWN), Unanswered),
        ((reply(200, {}), card("PENDING", 0), error(404, "CUSTOMER_NOT_FOUND")), Refused),
        ((reply(200, {}), card("PENDING", 0), card("PENDING", 0)), Unanswered),
    ],
)
def test_without_a_card_nothing_is_refunded_to_credit(
    replies: tuple[HttpReply, ...], kind: type
) -> None:
    heard = talk(SQUARE.refund(TO_CREDIT), payment(), *replies)
    assert isinstance(heard.result, kind)
    assert DO_REFUND not in heard.said
    nobody = talk(SQUARE.refund(replace(TO_CREDIT, customer_id=None)), payment())
    assert isinstance(nobody.result, Refused)
    assert nobody.result.reason is RefusalReason.PLATFORM


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ((payment(),), Absent),
        ((payment(REFUND), refunded(reason="by hand")), Absent),
        ((payment(REFUND), refunded(reason=None)), Absent),
        ((payment(REFUND), refunded()), Accepted),
        ((payment(REFUND), refunded("COMPLETED")), Refunded),
        ((payment(REFUND), refunded("FAILED")), RefundRejected),
        ((payment(REFUND), refunded("COMPLETED", amount_money=money(1))), Unknown),
        ((payment(REFUND), refunded(id="OTHER")), Unknown),
        ((payment(REFUND), DOWN), Unknown),
        ((DOWN,), Unknown),
        ((NOT_FOUND,), Unknown),
    ],
)
def test_a_refund_is_found_by_its_key_in_its_payment(
    replies: tuple[HttpReply, ...], kind: type
) -> None:
    assert isinstance(talk(SQUARE.find_refund(LEG), *replies).result, kind)


def test_of_too_many_refunds_absence_is_never_said() -> None:
    ids = [f"PAYMENT0001_R{number}" for number in range(12)]
    others = [refunded(id=each, reason="by hand") for each in reversed(ids[-10:])]
    result = talk(SQUARE.find_refund(LEG), payment(*ids), *others).result
    assert isinstance(result, Unknown)
    assert result.why == "too-many-refunds"
