# SPDX-License-Identifier: Apache-2.0
"""Shopify's orders and refunds as they are recorded."""

from __future__ import annotations

from dataclasses import replace

from agent.domain.sale import (
    Refund,
    RefundLine,
    RefundTo,
)
from agent.platforms.messages import HttpReply
from tests.platforms.shopify.exchanges import (
    ANNA,
    cash,
    data,
)
from tests.platforms.talking import CREDIT, KEY

ORDER = "gid://shopify/Order/500"
PAYMENT = "gid://shopify/OrderTransaction/600"
REFUND = "gid://shopify/Refund/700"
LINE = "gid://shopify/LineItem/800"


def bag(amount: str, currency: str = "USD") -> dict[str, object]:
    return {"presentmentMoney": cash(amount, currency)}


def line(**changes: object) -> dict[str, object]:
    return {
        "id": LINE,
        "name": "Coat\u0007 - M",
        "sku": "C-1",
        "quantity": 3,
        "refundableQuantity": 2,
        "originalUnitPriceSet": bag("20.0"),
        "discountAllocations": [{"allocatedAmountSet": bag("5.0")}],
        "taxLines": [{"priceSet": bag("4.51")}],
        **changes,
    }


def payment(**changes: object) -> dict[str, object]:
    return {
        "id": PAYMENT,
        "kind": "SALE",
        "status": "SUCCESS",
        "gateway": "shopify_payments",
        "amountSet": bag("59.51"),
        "parentTransaction": None,
        "accountNumber": "•••• •••• •••• 4242",
        "paymentDetails": {"__typename": "CardPaymentDetails"},
        **changes,
    }


def back(amount: str = "48.5", status: str = "SUCCESS", **changes: object) -> dict[str, object]:
    """A transaction of a refund."""
    return payment(
        id="gid://shopify/OrderTransaction/601",
        kind="REFUND",
        status=status,
        amountSet=bag(amount),
        parentTransaction={"id": PAYMENT},
        **changes,
    )


END = {"hasNextPage": False, "endCursor": "z"}
MORE = {"hasNextPage": True, "endCursor": "l50"}


def order(**changes: object) -> dict[str, object]:
    return {
        "id": ORDER,
        "name": "#1001",
        "processedAt": "2025-11-20T00:53:20Z",
        "taxesIncluded": False,
        "presentmentCurrencyCode": "USD",
        "totalPriceSet": bag("59.51"),
        "netPaymentSet": bag("49.51"),
        "customer": {"id": ANNA},
        "transactions": [payment(), back("10.0")],
        "lineItems": {"nodes": [line()], "pageInfo": END},
        "refunds": [],
        **changes,
    }


def orders(*names: str, every: bool = True) -> HttpReply:
    scopes = ["read_orders", "read_all_orders"] if every else ["read_orders"]
    return data(
        "orders",
        {"nodes": [{"id": f"{ORDER}{at or ''}", "name": each} for at, each in enumerate(names)]},
        currentAppInstallation={"accessScopes": [{"handle": each} for each in scopes]},
    )


TENDER = Refund(
    CREDIT, ORDER, RefundTo.TENDER, (RefundLine(LINE, 2),), PAYMENT, ANNA, "does not fit"
)
STORE_CREDIT = replace(TENDER, to=RefundTo.CREDIT, tender=None)
NOTE = f"{KEY.text} does not fit"


def refunds(*notes: str | None, **changes: object) -> HttpReply:
    """The order with its refunds; the ids go up from REFUND."""
    made = [{"id": f"{REFUND}{at or ''}", "note": each} for at, each in enumerate(notes)]
    return data("order", order(refunds=made, **changes))
