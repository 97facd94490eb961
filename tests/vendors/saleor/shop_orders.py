# SPDX-License-Identifier: Apache-2.0
"""The orders of a Saleor shop in memory: granted refunds, and a payment app that answers later.

Written from Saleor's own source. A grant has no key and moves no money; the request moves it, and
is refused while one of the same grant is pending or done. Units are counted over every grant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.vendors.saleor.forms import UserError, minor_of, moment, money

PENDING: Final = "PENDING"


@dataclass(slots=True)
class Grant:
    """`paid`: how often the payment app moved its money."""

    number: int
    reason: str
    minor: int
    lines: dict[str, int]
    transaction: str
    created_ms: int
    status: str = "NONE"
    paid: int = 0

    @property
    def id(self) -> str:
        return f"grant_{self.number}"


@dataclass(slots=True)
class SimOrder:
    """`lines`: id to (quantity, unit in minor units). One payment, by card."""

    id: str
    number: int
    reference: str | None
    currency: str
    lines: dict[str, tuple[int, int]]
    customer_id: str | None = None
    created_ms: int = 0
    refunded: int = 0
    grants: list[Grant] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(quantity * unit for quantity, unit in self.lines.values())

    @property
    def payment(self) -> str:
        return f"payment_of_{self.id}"

    @property
    def pending(self) -> int:
        return sum(grant.minor for grant in self.grants if grant.status == PENDING)

    @property
    def charged(self) -> int:
        return self.total - self.refunded - self.pending

    def granted_units(self) -> Counter[str]:
        units: Counter[str] = Counter()
        for grant in self.grants:
            units.update(grant.lines)
        return units


class ShopOrders:
    """`answers`: what the payment app says to a request: SUCCESS, FAILURE or PENDING."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.orders: dict[str, SimOrder] = {}
        self.answers = PENDING
        self.app_installed = True
        self._now_ms = now_ms
        self._number = 0

    def add(self, order: SimOrder) -> SimOrder:
        self.orders[order.id] = order
        return order

    def settle(self, status: str) -> None:
        """The payment app ends everything that waits for it."""
        for order in self.orders.values():
            for grant in order.grants:
                if grant.status == PENDING:
                    self._end(order, grant, status)

    def _end(self, order: SimOrder, grant: Grant, status: str) -> None:
        grant.status = status
        if status == "SUCCESS":
            grant.paid += 1
            order.refunded += grant.minor

    # ---- what is asked

    def order(self, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        for order in self.orders.values():
            if arguments.get("id") == order.id:
                return self._node(order)
            if (
                order.reference is not None
                and arguments.get("externalReference") == order.reference
            ):
                return self._node(order)
        return None

    def listed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        number = arguments["where"]["number"]["eq"]
        found = [each for each in self.orders.values() if each.number == number]
        return {"edges": [{"node": self._node(each)} for each in found[: arguments["first"]]]}

    def grant(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        order = self.orders.get(arguments["id"])
        if order is None:
            raise UserError("NOT_FOUND", "id")
        asked = arguments["input"]
        if asked["transactionId"] != order.payment:
            raise UserError("NOT_FOUND", "transactionId")
        minor = minor_of(asked["amount"], order.currency)
        if minor > order.charged:
            raise UserError("AMOUNT_GREATER_THAN_AVAILABLE", "amount")
        lines = {line["id"]: line["quantity"] for line in asked.get("lines", [])}
        units = order.granted_units()
        for line, quantity in lines.items():
            if line not in order.lines or units[line] + quantity > order.lines[line][0]:
                raise UserError("INVALID", "lines")
        self._number += 1
        made = Grant(
            self._number, asked["reason"], minor, lines, asked["transactionId"], self._now_ms()
        )
        order.grants.append(made)
        return {"grantedRefund": self._grant_node(order, made)}

    def request(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        order, grant = self._of(arguments["grantedRefundId"])
        if grant.status == PENDING:
            raise UserError("REFUND_IS_PENDING", "grantedRefundId")
        if grant.status == "SUCCESS":
            raise UserError("REFUND_ALREADY_PROCESSED", "grantedRefundId")
        if order.charged < grant.minor:
            raise UserError("AMOUNT_GREATER_THAN_AVAILABLE", "grantedRefundId")
        if not self.app_installed:
            raise UserError("MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK", None)
        self._end(order, grant, self.answers)
        return {"transaction": {"id": grant.transaction}}

    def _of(self, grant_id: str) -> tuple[SimOrder, Grant]:
        for order in self.orders.values():
            for grant in order.grants:
                if grant.id == grant_id:
                    return order, grant
        raise UserError("NOT_FOUND", "grantedRefundId")

    def _node(self, order: SimOrder) -> dict[str, Any]:
        def amount(minor: int) -> dict[str, Any]:
            return money(minor, order.currency)

        lines = [
            {
                "id": line,
                "productName": f"Product {line}",
                "variantName": "",
                "productSku": None,
                "quantity": quantity,
                "unitPrice": {"gross": amount(unit)},
            }
            for line, (quantity, unit) in order.lines.items()
        ]
        return {
            "id": order.id,
            "number": str(order.number),
            "externalReference": order.reference,
            "created": moment(order.created_ms),
            "user": None if order.customer_id is None else {"id": order.customer_id},
            "total": {"gross": amount(order.total)},
            "lines": lines,
            "fulfillments": [],
            "grantedRefunds": [self._grant_node(order, each) for each in order.grants],
            "transactions": [
                {
                    "id": order.payment,
                    "name": "Card",
                    "actions": ["REFUND"],
                    "chargedAmount": amount(order.charged),
                    "refundedAmount": amount(order.refunded),
                    "refundPendingAmount": amount(order.pending),
                    "paymentMethodDetails": {
                        "__typename": "CardPaymentMethodDetails",
                        "lastDigits": "4242",
                    },
                }
            ],
        }

    def _grant_node(self, order: SimOrder, grant: Grant) -> dict[str, Any]:
        return {
            "id": grant.id,
            "createdAt": moment(grant.created_ms),
            "status": grant.status,
            "reason": grant.reason,
            "amount": money(grant.minor, order.currency),
            "lines": [
                {"quantity": quantity, "orderLine": {"id": line}}
                for line, quantity in grant.lines.items()
            ],
        }
