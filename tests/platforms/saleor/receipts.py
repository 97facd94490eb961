# SPDX-License-Identifier: Apache-2.0
"""An order of Saleor's and a granted refund in their recorded shapes, with changes."""

from __future__ import annotations

from typing import Any

from agent.domain.sale import Refund, RefundLine, RefundTo
from tests.platforms.saleor.answers import money
from tests.platforms.talking import CREDIT, KEY

ORDER = "T3JkZXI6MQ=="
PAYMENT = "VHJhbnNhY3Rpb25JdGVtOjE="
GRANT_ID = "T3JkZXJHcmFudGVkUmVmdW5kOjE="
LEG = Refund(
    CREDIT,
    ORDER,
    RefundTo.TENDER,
    lines=(RefundLine("line-1", 2), RefundLine("line-2", 1, restock=False)),
    tender=PAYMENT,
    reason="damaged",
)
GRANT = "orderGrantRefundCreate"
REQUEST = "transactionRequestRefundForGrantedRefund"


def granted(status: str = "NONE", **changes: object) -> dict[str, object]:
    return {
        "id": GRANT_ID,
        "createdAt": "2025-11-20T00:53:20+00:00",
        "status": status,
        "reason": f"{KEY.text} damaged",
        "amount": money(48.5),
        "lines": [{"quantity": 2, "orderLine": {"id": "line-1"}}],
        **changes,
    }


def order(**changes: object) -> dict[str, Any]:
    return {
        "id": ORDER,
        "number": "1042",
        "externalReference": "R-77",
        "created": "2025-11-20T00:53:20+00:00",
        "user": {"id": "VXNlcjox"},
        "total": {"gross": money(120)},
        "lines": [
            {
                "id": "line-1",
                "productName": "Boots",
                "variantName": "42",
                "productSku": "B-42",
                "quantity": 3,
                "unitPrice": {"gross": money(24.25)},
            },
            {
                "id": "line-2",
                "productName": "Laces",
                "variantName": "",
                "productSku": None,
                "quantity": 1,
                "unitPrice": {"gross": money(5)},
            },
        ],
        "fulfillments": [
            {"status": "FULFILLED", "lines": [{"quantity": 3, "orderLine": {"id": "line-1"}}]}
        ],
        "grantedRefunds": [],
        "transactions": [
            {
                "id": PAYMENT,
                "name": "Card",
                "actions": ["REFUND"],
                "chargedAmount": money(100),
                "refundedAmount": money(15),
                "refundPendingAmount": money(5),
                "paymentMethodDetails": {
                    "__typename": "CardPaymentMethodDetails",
                    "lastDigits": "4242",
                },
            }
        ],
        **changes,
    }
