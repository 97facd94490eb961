# SPDX-License-Identifier: Apache-2.0
"""Saleor's forms of money and time, its errors, and what it checks of an amount."""

from __future__ import annotations

import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from agent.domain.currency import EXPONENTS
from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import json_reply
from tests.simulation.wire import Reply

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
CLDR_WHOLE: Final = frozenset(
    ("AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER")
)
COST: Final = {"cost": {"requestedQueryCost": 2, "maximumAvailable": 50_000}}


class UserError(Problem):
    """A mutation's own error."""

    def __init__(self, code: str, field: str | None, message: str = "") -> None:
        super().__init__(200, code)
        self.field = field
        self.message = message or f"{code} of {field}"


def money(minor: int, currency: str) -> dict[str, Any]:
    """A JSON number, as Python's own writer prints a float: 48.5, 1200.0."""
    return {"amount": float(Decimal(minor).scaleb(-EXPONENTS[currency])), "currency": currency}


def minor_of(amount: object, currency: object) -> int:
    """What is kept of an amount. Raises UserError for what Saleor does not take."""
    if not isinstance(currency, str) or currency not in EXPONENTS:
        raise UserError("INVALID", "balance")  # Saleor takes any three letters; no ledger does
    if not isinstance(amount, str | int):
        raise UserError("INVALID", "balance")
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise UserError("INVALID", "balance") from None
    digits = 0 if currency in CLDR_WHOLE else EXPONENTS[currency]
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > digits:
        raise UserError("INVALID", "balance")
    if not 0 < value < 10**9:
        raise UserError("INVALID", "balance")
    return int(value.scaleb(EXPONENTS[currency]))


def moment(at_ms: int) -> str:
    at = _EPOCH + datetime.timedelta(milliseconds=at_ms)
    return at.isoformat(timespec="microseconds")


def answered(data: dict[str, Any]) -> Reply:
    return json_reply({"data": data, "extensions": COST})


def failed(name: str, message: str, path: list[str], status: int = 200) -> Reply:
    """A top-level error, by the name of the server's exception."""
    error = {
        "message": message,
        "locations": [{"line": 2, "column": 3}],
        "path": path,
        "extensions": {"exception": {"code": name}},
    }
    body: dict[str, Any] = {"errors": [error], "extensions": COST}
    if status == 200:
        body["data"] = dict.fromkeys(path[:1])
    return json_reply(body, status)
