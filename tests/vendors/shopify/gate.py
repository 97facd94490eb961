# SPDX-License-Identifier: Apache-2.0
"""The simulated shop's gate: scopes, one bucket of cost points for everybody, and user errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.simulation.platform_bodies import Problem

SCOPES: Final = (
    "write_gift_cards",
    "read_gift_cards",
    "write_customers",
    "read_customers",
    "write_orders",
    "read_orders",
    "read_all_orders",
)
Nothing = dict[str, Any]


class UserError(Problem):
    """A documented no inside a payload. `where`: the input's field, dotted."""

    def __init__(self, code: str, message: str, where: str) -> None:
        super().__init__(200, code)
        self.message = message
        self.where = where.split(".")


@dataclass
class CostBucket:
    """Points of a standard plan: so many at once, so many a second, by the platform's clock."""

    size: float = 2000.0
    per_s: float = 100.0
    level: float = 2000.0
    at_ms: int = 0

    def wait_s(self, cost: float, now_ms: int) -> int:
        """0 where the request may pass, and is paid for; else the seconds until it may."""
        passed_s = max(0, now_ms - self.at_ms) / 1000
        self.level = min(self.size, self.level + passed_s * self.per_s)
        self.at_ms = now_ms
        if self.level >= cost:
            self.level -= cost
            return 0
        return max(1, round((cost - self.level) / self.per_s + 0.5))

    def told(self, cost: float) -> Nothing:
        status = {
            "maximumAvailable": self.size,
            "currentlyAvailable": self.level,
            "restoreRate": self.per_s,
        }
        return {"requestedQueryCost": cost, "actualQueryCost": cost, "throttleStatus": status}


def scope_of(name: str) -> str | None:
    match name:
        case "giftCardCreate" | "giftCardUpdate" | "giftCardDeactivate":
            return "write_gift_cards"
        case "giftCards" | "giftCard" | "giftCardConfiguration":
            return "read_gift_cards"
        case "customerByIdentifier":
            return "read_customers"
        case "refundCreate":
            return "write_orders"
        case "orders" | "order" | "refund":
            return "read_orders"
        case _:
            return None
