# SPDX-License-Identifier: Apache-2.0
"""Square's orders, payments and refunds as they were recorded, with changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from agent.domain.sale import (
    Refund,
    RefundTo,
)
from agent.platforms.messages import HttpReply
from tests.platforms.square.recorded import (
    LOCATION,
    error,
    money,
)
from tests.platforms.talking import CREDIT, KEY, reply

ORDER: Final = "ORDER0001"
PAYMENT: Final = "PAYMENT0001"
REFUND: Final = "PAYMENT0001_R1"
LEG: Final = Refund(CREDIT, ORDER, RefundTo.TENDER, tender=PAYMENT, customer_id="CUSTOMER1")
TO_CREDIT: Final = replace(LEG, to=RefundTo.CREDIT)
LOOK_PAYMENT: Final = f"look GET /v2/payments/{PAYMENT}"
LOOK_REFUND: Final = f"look GET /v2/refunds/{REFUND}"
DO_REFUND: Final = "refund POST /v2/refunds"
DOWN: Final = error(500, "INTERNAL_SERVER_ERROR")


def order(**changes: object) -> HttpReply:
    lines = [
        {"uid": "a", "name": "Shirt", "quantity": "3", "total_money": money(1000)},
        {"uid": "b", "name": "Cheese", "quantity": "1.250", "total_money": money(500)},
    ]
    tender = {"payment_id": PAYMENT, "type": "CARD", "card_details": {"card": {"last_4": "1111"}}}
    body = {
        "id": ORDER,
        "location_id": LOCATION,
        "state": "COMPLETED",
        "created_at": "2025-11-20T00:53:20.000Z",
        "total_money": money(1500),
        "line_items": lines,
        "tenders": [tender],
        **changes,
    }
    return reply(200, {"order": body})


def payment(*refunds: str, **changes: object) -> HttpReply:
    body = {
        "id": PAYMENT,
        "status": "COMPLETED",
        "order_id": ORDER,
        "total_money": money(1500),
        "refund_ids": list(refunds),
        **changes,
    }
    return reply(200, {"payment": body})


def refunded(status: object = "PENDING", **changes: object) -> HttpReply:
    body = {
        "id": REFUND,
        "status": status,
        "amount_money": money(4850),
        "payment_id": PAYMENT,
        "reason": f"{KEY} torn",
        **changes,
    }
    return reply(200, {"refund": body})
