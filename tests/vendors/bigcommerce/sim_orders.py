# SPDX-License-Identifier: Apache-2.0
"""BigCommerce's orders in memory: what was sold, quotes, and refunds whose money moves later."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import json_reply
from tests.simulation.wire import Reply, Request

FIRST = 100


@dataclass(slots=True)
class SimOrder:
    """US dollars, in cents. `lines`: id, name, quantity, cents for one, refunded quantity."""

    number: int
    lines: list[list[Any]]
    provider: str = "stripe"
    external: str = ""
    customer: int = 0
    busy: bool = False
    refunds: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(each[2] * each[3] for each in self.lines)

    @property
    def refunded(self) -> int:
        return sum(each["cents"] for each in self.refunds)


class SimOrders:
    def __init__(self) -> None:
        self._orders: dict[int, SimOrder] = {}

    def add(self, *lines: tuple[str, int, int], **more: Any) -> SimOrder:
        """Lines: name, quantity, cents for one."""
        number = FIRST + len(self._orders)
        rows = [[number * 10 + n, *each, 0] for n, each in enumerate(lines)]
        order = self._orders[number] = SimOrder(number, rows, **more)
        return order

    def settle(self, order: SimOrder, declined: str = "") -> None:
        """The gateway gets to its refunds: the money moves, or is declined."""
        for refund in order.refunds[len(order.moved) :]:
            payment = refund["payments"][0]
            if declined:
                payment.update(is_declined=True, declined_message=declined)
            order.moved.append(
                {
                    "event": "refund",
                    "status": "error" if declined else "ok",
                    "amount": payment["amount"],
                    "currency": "USD",
                    "gateway": order.provider,
                }
            )

    def answer(self, request: Request) -> Reply:
        split = urlsplit(request.path)
        match request.method, split.path.split("/")[1:]:
            case "GET", ["v2", "orders"]:
                return self._named(parse_qs(split.query))
            case "GET", ["v2", "orders", number]:
                return json_reply(_order(self._known(number)))
            case "GET", ["v2", "orders", number, "products"]:
                return json_reply([_product(each) for each in self._known(number).lines])
            case "GET", ["v3", "orders", number, "payment_actions", "refunds"]:
                return json_reply({"data": [_shown(r) for r in self._known(number).refunds]})
            case "GET", ["v3", "orders", number, "transactions"]:
                return json_reply({"data": self._known(number).moved, "meta": {}})
            case "POST", ["v3", "orders", number, "payment_actions", "refund_quotes"]:
                return self._quote(self._known(number), json.loads(request.body))
            case "POST", ["v3", "orders", number, "payment_actions", "refunds"]:
                return self._refund(self._known(number), json.loads(request.body))
            case _:
                raise Problem(404, "not-found")

    def _known(self, number: str) -> SimOrder:
        order = self._orders.get(int(number))
        if order is None:
            raise Problem(404, "not-found")
        return order

    def _named(self, query: dict[str, list[str]]) -> Reply:
        name = query.get("external_order_id", [""])[0]
        rows = [_order(each) for each in self._orders.values() if not name or each.external == name]
        return json_reply(rows) if rows else Reply(204)

    def _quote(self, order: SimOrder, body: dict[str, Any]) -> Reply:
        cents = self._due(order, body["items"])
        methods = [[_option(order.provider, cents)]]
        if order.customer:
            methods.append([_option("storecredit", cents)])
        data = {"order_id": order.number, "total_refund_amount": cents / 100}
        return json_reply({"data": {**data, "refund_methods": methods}, "meta": {}}, 201)

    def _refund(self, order: SimOrder, body: dict[str, Any]) -> Reply:
        if order.busy:
            raise Problem(503, "one refund of an order at a time")
        cents = self._due(order, body["items"])
        (payment,) = body["payments"]
        if round(Decimal(str(payment["amount"])) * 100) != cents:
            raise Problem(422, "the amount differs from the quote")
        if payment["provider_id"] == "storecredit" and not order.customer:
            raise Problem(422, "Unable to provide store credit for a guest customer.")
        for item in body["items"]:
            for line in order.lines:
                if item["item_type"] == "PRODUCT" and line[0] == item["item_id"]:
                    line[4] += item["quantity"]
        refund = {
            "id": order.number * 100 + len(order.refunds) + 1,
            "order_id": order.number,
            "total_amount": cents / 100,
            "items": body["items"],
            "payments": [{**payment, "is_declined": False, "declined_message": ""}],
            "cents": cents,
        }
        order.refunds.append(refund)
        return json_reply({"data": _shown(refund), "meta": {}}, 201)

    def _due(self, order: SimOrder, items: list[dict[str, Any]]) -> int:
        cents = 0
        for item in items:
            if item["item_type"] == "ORDER":
                cents += round(Decimal(str(item["amount"])) * 100)
                continue
            line = next((each for each in order.lines if each[0] == item["item_id"]), None)
            if line is None or item["quantity"] > line[2] - line[4]:
                raise Problem(422, "Refund amount is greater than remaining amount")
            cents += line[3] * item["quantity"]
        if not 0 < cents <= order.total - order.refunded:
            raise Problem(422, "Refund amount is greater than remaining amount")
        return cents


def _shown(refund: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in refund.items() if name != "cents"}


def _option(provider: str, cents: int) -> dict[str, Any]:
    offline = provider in ("cod", "custom")
    return {"provider_id": provider, "amount": cents / 100, "offline": offline}


def _four(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}00"


def _order(order: SimOrder) -> dict[str, Any]:
    return {
        "id": order.number,
        "customer_id": order.customer,
        "date_created": "Thu, 20 Nov 2025 00:53:20 +0000",
        "status_id": 2,
        "total_inc_tax": _four(order.total),
        "refunded_amount": _four(order.refunded),
        "gift_certificate_amount": "0.0000",
        "store_credit_amount": "0.0000",
        "default_currency_code": "USD",
        "payment_method": order.provider.title(),
        "payment_provider_id": order.provider,
        "is_deleted": False,
        "external_order_id": order.external,
    }


def _product(line: list[Any]) -> dict[str, Any]:
    number, name, quantity, cents, refunded = line
    return {
        "id": number,
        "name": name,
        "sku": f"SKU-{number}",
        "quantity": quantity,
        "quantity_refunded": refunded,
        "total_inc_tax": _four(quantity * cents),
        "discounted_total_inc_tax": _four(quantity * cents),
    }
