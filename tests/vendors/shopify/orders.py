# SPDX-License-Identifier: Apache-2.0
"""The orders of a simulated shop: lines, payments, refunds with their idempotency keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.vendors.shopify.graph import GraphError, bag, minor_of, moment

KEY_WINDOW_MS: Final = 86_400_000


@dataclass
class SimLine:
    """`minor`: of one unit before discounts; `discount`, `tax`: of the whole line."""

    id: str
    name: str
    quantity: int
    minor: int
    discount: int = 0
    tax: int = 0
    refunded: int = 0
    sku: str | None = None


@dataclass
class SimTransaction:
    id: str
    kind: str
    minor: int
    gateway: str
    status: str = "SUCCESS"
    parent: str | None = None
    account: str | None = None
    card: bool = False


@dataclass
class SimRefund:
    id: str
    note: str | None
    transactions: list[SimTransaction]


@dataclass
class SimOrder:
    """`settles`: the status that refunds to a tender begin with."""

    id: str
    name: str
    currency: str
    lines: list[SimLine]
    transactions: list[SimTransaction]
    sold_ms: int
    customer_id: str | None = None
    taxes_included: bool = True
    settles: str = "SUCCESS"
    refunds: list[SimRefund] = field(default_factory=list)

    @property
    def paid(self) -> int:
        return sum(each.minor for each in self.transactions if each.kind in ("SALE", "CAPTURE"))

    @property
    def refunded(self) -> int:
        """What went back or is on its way."""
        return sum(
            each.minor
            for refund in self.refunds
            for each in refund.transactions
            if each.status not in ("FAILURE", "ERROR")
        )


@dataclass
class _Kept:
    body: str
    refund: SimRefund
    at_ms: int


class Orders:
    """Every order of a shop. What a refund does is here; how it is asked is `graph`'s."""

    def __init__(self) -> None:
        self.by_id: dict[str, SimOrder] = {}
        self._keys: dict[str, _Kept] = {}
        self._number = 0

    def add(self, order: SimOrder) -> SimOrder:
        self.by_id[order.id] = order
        return order

    def named(self, query: str) -> list[dict[str, Any]]:
        """`name:"..."` as a search does it: any order whose name holds the text, in any case."""
        text = query.removeprefix('name:"').removesuffix('"').lstrip("#").casefold()
        found = [each for each in self.by_id.values() if text in each.name.casefold()]
        return [{"id": each.id, "name": each.name} for each in found]

    def order(self, reference: str, first: int, after: str | None) -> dict[str, Any] | None:
        found = self.by_id.get(reference)
        return None if found is None else _order(found, first, after)

    def refund(self, reference: str) -> dict[str, Any] | None:
        for order in self.by_id.values():
            for each in order.refunds:
                if each.id == reference:
                    return _refund(order, each)
        return None

    def create(self, asked: Mapping[str, Any], key: str | None, now_ms: int) -> dict[str, Any]:
        """The payload of refundCreate. The key is mandatory in the pinned version."""
        if not key or not key.strip():
            raise GraphError("BAD_REQUEST", "The @idempotent directive is required")
        body = json.dumps(asked, sort_keys=True)
        order = self.by_id.get(str(asked["orderId"]))
        if order is None:
            return _no(["orderId"], "Order does not exist")
        kept = self._keys.get(key)
        if kept is not None and now_ms - kept.at_ms < KEY_WINDOW_MS:
            if kept.body != body:
                return _no([], "The idempotency key was used with different parameters")
            return {"refund": _refund(order, kept.refund), "userErrors": []}
        made = self._made(order, asked)
        if isinstance(made, dict):
            return made
        self._keys[key] = _Kept(body, made, now_ms)
        return {"refund": _refund(order, made), "userErrors": []}

    def _made(self, order: SimOrder, asked: Mapping[str, Any]) -> SimRefund | dict[str, Any]:
        if asked.get("currency") != order.currency:
            return _no(["currency"], "Currency must be the presentment currency")
        transactions = []
        for each in asked.get("transactions") or ():
            self._number += 1
            parent = next((t for t in order.transactions if t.id == each["parentId"]), None)
            if parent is None or parent.gateway != each["gateway"]:
                return _no(["transactions"], "Parent transaction is not valid")
            minor = minor_of(each["amount"], order.currency)
            transactions.append(self._back(minor, parent.gateway, order.settles, parent.id))
        for each in asked.get("refundMethods") or ():
            amount = each["storeCreditRefund"]["amount"]
            if order.customer_id is None:
                return _no(["refundMethods"], "Order has no customer")
            minor = minor_of(amount["amount"], amount["currencyCode"])
            transactions.append(self._back(minor, "shopify_store_credit", "SUCCESS", None))
        if order.refunded + sum(each.minor for each in transactions) > order.paid:
            return _no([], "Refund amount is greater than net payment received")
        for each in asked.get("refundLineItems") or ():
            line = next((one for one in order.lines if one.id == each["lineItemId"]), None)
            if line is None or line.refunded + each["quantity"] > line.quantity:
                return _no(["refundLineItems"], "Quantity cannot refund more items than purchased")
            line.refunded += each["quantity"]
        self._number += 1
        made = SimRefund(f"gid://shopify/Refund/{self._number}", asked.get("note"), transactions)
        order.refunds.append(made)
        order.transactions.extend(transactions)
        return made

    def _back(self, minor: int, gateway: str, status: str, parent: str | None) -> SimTransaction:
        self._number += 1
        name = f"gid://shopify/OrderTransaction/{9000 + self._number}"
        return SimTransaction(name, "REFUND", minor, gateway, status, parent)


def _no(field_: list[str], message: str) -> dict[str, Any]:
    return {"refund": None, "userErrors": [{"field": field_ or None, "message": message}]}


def _transaction(order: SimOrder, each: SimTransaction) -> dict[str, Any]:
    details = {"__typename": "CardPaymentDetails"} if each.card else None
    return {
        "id": each.id,
        "kind": each.kind,
        "status": each.status,
        "gateway": each.gateway,
        "amountSet": bag(each.minor, order.currency),
        "parentTransaction": None if each.parent is None else {"id": each.parent},
        "accountNumber": each.account,
        "paymentDetails": details,
    }


def _refund(order: SimOrder, refund: SimRefund) -> dict[str, Any]:
    done = sum(each.minor for each in refund.transactions if each.status == "SUCCESS")
    return {
        "id": refund.id,
        "note": refund.note,
        "totalRefundedSet": bag(done, order.currency),
        "transactions": {"nodes": [_transaction(order, each) for each in refund.transactions]},
    }


def _line(order: SimOrder, line: SimLine) -> dict[str, Any]:
    discounts = [{"allocatedAmountSet": bag(line.discount, order.currency)}]
    return {
        "id": line.id,
        "name": line.name,
        "sku": line.sku,
        "quantity": line.quantity,
        "refundableQuantity": line.quantity - line.refunded,
        "originalUnitPriceSet": bag(line.minor, order.currency),
        "discountAllocations": discounts if line.discount else [],
        "taxLines": [{"priceSet": bag(line.tax, order.currency)}] if line.tax else [],
    }


def _order(order: SimOrder, first: int, after: str | None) -> dict[str, Any]:
    begin = int(after or 0)
    end = begin + first
    shown = [_line(order, each) for each in order.lines[begin:end]]
    more = {"hasNextPage": len(order.lines) > end, "endCursor": str(end)}
    return {
        "id": order.id,
        "name": order.name,
        "processedAt": moment(order.sold_ms),
        "taxesIncluded": order.taxes_included,
        "presentmentCurrencyCode": order.currency,
        "totalPriceSet": bag(order.paid, order.currency),
        "netPaymentSet": bag(order.paid - order.refunded, order.currency),
        "customer": None if order.customer_id is None else {"id": order.customer_id},
        "transactions": [_transaction(order, each) for each in order.transactions],
        "lineItems": {"nodes": shown, "pageInfo": more},
        "refunds": [_refund(order, each) for each in order.refunds],
    }
