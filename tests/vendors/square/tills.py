# SPDX-License-Identifier: Apache-2.0
"""The seller's orders, payments and refunds, as Square's other APIs show them.

A refund begins PENDING and is settled later; one with units is a return order of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulation.platform_bodies import Problem, moment

if TYPE_CHECKING:
    from tests.vendors.square.simulator import SquareSim

REFUNDS_MAX = 20
"""Refunds of one payment, by Square's documentation."""


@dataclass(slots=True)
class Tills:
    """What was sold. The bodies are Square's own, kept as they are shown."""

    platform: SquareSim
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sell(self, order_id: str, *lines: tuple[str, int, int], currency: str = "USD") -> str:
        """Lines are (uid, quantity, minor units of the whole line). Gives the payment's id."""
        total = sum(minor for _, _, minor in lines)
        payment_id = f"PAY{order_id}"
        self.payments[payment_id] = {
            "id": payment_id,
            "status": "COMPLETED",
            "order_id": order_id,
            "total_money": _money(total, currency),
            "refund_ids": [],
        }
        self.orders[order_id] = {
            "id": order_id,
            "location_id": "L88917AVBK2S5",
            "state": "COMPLETED",
            "created_at": moment(self.platform.now_ms),
            "total_money": _money(total, currency),
            "line_items": [
                {
                    "uid": uid,
                    "name": f"thing {uid}",
                    "quantity": str(quantity),
                    "total_money": _money(minor, currency),
                }
                for uid, quantity, minor in lines
            ],
            "tenders": [
                {
                    "id": payment_id,
                    "payment_id": payment_id,
                    "type": "CARD",
                    "card_details": {"card": {"last_4": "1111"}},
                }
            ],
        }
        return payment_id

    def refund(self, body: dict[str, Any]) -> dict[str, Any]:
        payment = self.payments.get(body.get("payment_id", ""))
        if payment is None:
            raise Problem(404, "not-found", field="payment_id")
        amount = body["amount_money"]
        of_payment = [self.refunds[each] for each in payment["refund_ids"]]
        taken = sum(
            each["amount_money"]["amount"]
            for each in of_payment
            if each["status"] in ("PENDING", "COMPLETED")
        )
        if amount["currency"] != payment["total_money"]["currency"]:
            raise Problem(400, "currency")
        if amount["amount"] + taken > payment["total_money"]["amount"]:
            raise Problem(400, "refund-amount")
        if len(of_payment) >= REFUNDS_MAX:
            raise Problem(400, "not-refundable")
        destination = body.get("destination_id")
        if destination is not None:
            self._checked(destination)
        refund_id = f"{payment['id']}_R{len(of_payment) + 1}"
        self.refunds[refund_id] = {
            "id": refund_id,
            "status": "PENDING",
            "amount_money": amount,
            "payment_id": payment["id"],
            "reason": body.get("reason"),
            "created_at": moment(self.platform.now_ms),
            "destination": destination,
        }
        payment["refund_ids"].append(refund_id)
        return _shown(self.refunds[refund_id])

    def _checked(self, destination: str) -> None:
        shells = self.platform.shells.values()
        shell = next((each for each in shells if each.id == destination), None)
        if shell is None or shell.source != "SQUARE":
            raise Problem(400, "bad-value", field="destination_id")

    def settle(self, refund_id: str, status: str = "COMPLETED") -> None:
        """The bank, or Square, has decided."""
        refund = self.refunds[refund_id]
        refund["status"] = status
        if status != "COMPLETED":
            return
        amount = refund["amount_money"]
        payment = self.payments[refund["payment_id"]]
        before = payment.get("refunded_money", _money(0, amount["currency"]))["amount"]
        payment["refunded_money"] = _money(before + amount["amount"], amount["currency"])
        shells = self.platform.shells.values()
        for shell in [each for each in shells if each.id == refund["destination"]]:
            if shell.money is None:
                self.platform.fill(shell, None, amount["amount"], amount["currency"])
            else:
                shell.money.balance += amount["amount"]

    def bring_back(self, refund_id: str, **units: int) -> None:
        """The refund was of these units: Square keeps that as an order of its own."""
        refund = self.refunds[refund_id]
        source = self.payments[refund["payment_id"]]["order_id"]
        order_id = f"RET{refund_id}"
        refund["order_id"] = order_id
        lines = [
            {"quantity": str(count), "source_line_item_uid": uid} for uid, count in units.items()
        ]
        self.orders[order_id] = {
            "id": order_id,
            "location_id": "L88917AVBK2S5",
            "returns": [{"source_order_id": source, "return_line_items": lines}],
        }

    def orders_of(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        return [self.orders[each] for each in body["order_ids"] if each in self.orders]

    def one(self, kind: str, named: str) -> dict[str, Any]:
        found = {"orders": self.orders, "payments": self.payments, "refunds": self.refunds}[kind]
        if named not in found:
            raise Problem(404, "not-found")
        return {kind[:-1]: _shown(found[named])}


def _money(minor: int, currency: str) -> dict[str, Any]:
    return {"amount": minor, "currency": currency}


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    """Without what Square keeps for itself."""
    return {name: value for name, value in body.items() if name != "destination"}
