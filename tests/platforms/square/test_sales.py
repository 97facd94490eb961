# SPDX-License-Identifier: Apache-2.0
"""Sales at Square, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Unknown,
)
from agent.domain.sale import (
    NoSale,
    RefundTo,
    Sale,
    TenderKind,
)
from agent.platforms.messages import HttpReply
from agent.platforms.orders import OrdersAdapter
from tests.platforms.square.recorded import (
    NOT_FOUND,
    SQUARE,
    error,
    money,
)
from tests.platforms.square.sold import (
    DOWN,
    LOOK_PAYMENT,
    LOOK_REFUND,
    ORDER,
    PAYMENT,
    REFUND,
    order,
    payment,
    refunded,
)
from tests.platforms.talking import reply, talk


def test_square_has_orders() -> None:
    assert isinstance(SQUARE, OrdersAdapter)
    assert SQUARE.refunds_to == {RefundTo.TENDER, RefundTo.CREDIT}


def test_a_sale_is_its_order_with_its_payments() -> None:
    heard = talk(SQUARE.sale(ORDER), order(customer_id="CUSTOMER1"), payment())
    assert heard.said == [f"look GET /v2/orders/{ORDER}", LOOK_PAYMENT]
    assert isinstance(heard.result, Sale)
    assert heard.result.sold_at_ms == 1_763_600_000_000
    assert heard.result.customer_id == "CUSTOMER1"
    assert [(each.quantity, each.unit.minor) for each in heard.result.lines] == [(3, 333), (1, 500)]
    (tender,) = heard.result.tenders
    assert (tender.kind, tender.shown, tender.refundable.minor) == (TenderKind.CARD, "1111", 1500)


def test_a_payments_id_leads_to_its_order() -> None:
    heard = talk(SQUARE.sale(PAYMENT), NOT_FOUND, payment(), order(), payment())
    assert heard.said[1:3] == [LOOK_PAYMENT, f"look GET /v2/orders/{ORDER}"]
    assert isinstance(heard.result, Sale)
    assert heard.result.receipt == PAYMENT


def test_units_that_came_back_by_another_order_are_not_refundable_again() -> None:
    back = {
        "id": "RETURN0001",
        "returns": [
            {
                "source_order_id": ORDER,
                "return_line_items": [{"quantity": "2", "source_line_item_uid": "a"}],
            },
            {
                "source_order_id": "ORDER0002",
                "return_line_items": [{"quantity": "1", "source_line_item_uid": "b"}],
            },
        ],
    }
    heard = talk(
        SQUARE.sale(ORDER),
        order(),
        payment(REFUND),
        refunded(amount_money=money(666), order_id="RETURN0001"),
        reply(200, {"orders": [back]}),
    )
    assert heard.said[2:] == [LOOK_REFUND, "look POST /v2/orders/batch-retrieve"]
    assert heard.asked[3].request.body == b'{"order_ids":["RETURN0001"]}'
    assert isinstance(heard.result, Sale)
    assert [each.refundable for each in heard.result.lines] == [1, 1]
    assert heard.result.refundable == Money(834, "USD")


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"refunded_money": money(1500)}, 0),
        ({"refunded_money": money(100)}, 1400),
        ({"status": "APPROVED"}, 0),
        ({"status": "CANCELED"}, 0),
    ],
)
def test_only_a_completed_payment_can_be_refunded_and_only_what_is_left(
    changes: dict[str, object], left: int
) -> None:
    heard = talk(SQUARE.sale(ORDER), order(), payment(**changes))
    assert isinstance(heard.result, Sale)
    assert heard.result.refundable.minor == left


def test_a_tender_that_square_did_not_take_is_refunded_elsewhere() -> None:
    heard = talk(SQUARE.sale(ORDER), order(), NOT_FOUND)
    assert isinstance(heard.result, Sale)
    assert heard.result.tenders == ()
    assert heard.result.refundable == Money(0, "USD")


@pytest.mark.parametrize(
    "replies",
    [(NOT_FOUND, NOT_FOUND), (NOT_FOUND, payment(order_id=None, id=ORDER))],
)
def test_no_sale_is_known_for_certain(replies: tuple[HttpReply, ...]) -> None:
    assert talk(SQUARE.sale(ORDER), *replies).result == NoSale()


@pytest.mark.parametrize(
    "receipt", ["", "1234", "a/b/c/d/e/f", "../../v2/x", "x" * 193, "a b c d e"]
)
def test_what_is_no_id_of_squares_is_asked_nobody(receipt: str) -> None:
    with pytest.raises(StopIteration) as end:
        next(SQUARE.sale(receipt))
    assert end.value.value == NoSale()


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        ((DOWN,), "internal_server_error"),
        ((error(403, "INSUFFICIENT_SCOPES"),), "auth"),
        ((order(id="ORDER0002"),), "foreign"),
        ((order(), DOWN), "internal_server_error"),
        ((order(), payment(id="PAYMENT0002")), "foreign"),
        ((order(), payment(REFUND), DOWN), "internal_server_error"),
        ((order(), payment(REFUND), refunded(id="OTHER")), "foreign"),
        ((order(), payment(REFUND), refunded(order_id="R1"), DOWN), "internal_server_error"),
        ((order(), payment(*(f"R{n}" for n in range(10)))), "too-many-refunds"),
        ((order(total_money=money(1500, "EUR")), payment()), "not-the-contract"),
        ((order(created_at="yesterday"), payment()), "not-the-contract"),
        ((order(created_at="2025-11-20T00:53:20"), payment()), "not-the-contract"),
    ],
)
def test_a_sale_that_is_not_whole_is_unknown(replies: tuple[HttpReply, ...], why: str) -> None:
    result = talk(SQUARE.sale(ORDER), *replies).result
    assert isinstance(result, Unknown)
    assert result.why == why
