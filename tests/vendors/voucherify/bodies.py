# SPDX-License-Identifier: Apache-2.0
"""Voucherify's objects as JSON, its request bodies checked, and its errors.

Written from its OpenAPI document (v2018-08-01) and its documentation, not from the adapter: a
mistake of the one must not be the other's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from agent.domain.currency import exponent
from tests.simulation.platform_bodies import Problem, moment
from tests.simulation.platform_cards import SimCard

KEY: Final = "countermark_key"
CURRENCY: Final = "countermark_currency"
TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    404: "Resource not found",
    405: "HTTP Method Not Allowed",
    409: "Duplicate resource found",
    429: "Too many requests hit the API too quickly",
    500: "Internal Server Error",
}
_KNOWN: Final = frozenset({"code", "type", "gift", "active", "metadata"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A voucher as it was asked for. `minor`: of the currency that our metadata name."""

    code: str
    minor: int
    currency: str
    key: str | None
    active: bool

    @property
    def issued(self) -> tuple[str, str, int, str]:
        return (self.key or "", self.code, self.minor, self.currency)


def asked_for(data: bytes) -> Asked:
    """Raises Problem with Voucherify's own key."""
    body = read(data)
    if not body.keys() <= _KNOWN:
        raise Problem(400, "invalid_payload")
    code, gift, metadata = body.get("code"), body.get("gift"), body.get("metadata", {})
    if not isinstance(code, str) or not code:
        raise Problem(400, "invalid_code_config")
    if body.get("type") != "GIFT_VOUCHER" or type(body.get("active")) is not bool:
        raise Problem(400, "invalid_voucher")
    if not isinstance(gift, dict) or gift.keys() != {"amount", "effect"}:
        raise Problem(400, "invalid_gift")
    amount = gift["amount"]
    if type(amount) is not int or amount < 1 or gift["effect"] != "APPLY_TO_ORDER":
        raise Problem(400, "invalid_gift")
    if not isinstance(metadata, dict):
        raise Problem(400, "metadata_validation_failed")
    currency = metadata.get(CURRENCY)
    if not isinstance(currency, str) or amount % hundredths(1, currency):
        raise Problem(400, "metadata_validation_failed")
    minor = amount // hundredths(1, currency)
    return Asked(code, minor, currency, metadata.get(KEY), body["active"])


def published(data: bytes) -> tuple[str, str, str]:
    """(voucher, customer, source_id). Raises Problem."""
    body = read(data)
    voucher, customer, source = body.get("voucher"), body.get("customer"), body.get("source_id")
    if not isinstance(voucher, str):
        raise Problem(400, "missing_vouchers")
    if not isinstance(customer, dict) or not isinstance(customer.get("id"), str):
        raise Problem(400, "missing_customer")
    if not isinstance(source, str):
        raise Problem(400, "invalid_publish_params")
    return voucher, customer["id"], source


def read(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        raise Problem(400, "invalid_payload") from None
    if not isinstance(body, dict):
        raise Problem(400, "invalid_payload")
    return body


def hundredths(minor: int, currency: str) -> int:
    """The value times 100; a thousandth has no place."""
    digits = exponent(currency)
    return minor // 10 if digits == 3 else minor * int(10 ** (2 - digits))


def voucher(card: SimCard, said_minor: int | None = None) -> dict[str, object]:
    """`said_minor`: another amount, for a platform that lies."""
    off = 0 if said_minor is None else said_minor - card.minor
    ours = {} if card.key is None else {KEY: card.key, CURRENCY: card.currency}
    gift = {
        "amount": hundredths(card.minor + off, card.currency),
        "subtracted_amount": 0,
        "balance": hundredths(card.balance + off, card.currency),
        "effect": "APPLY_TO_ORDER",
    }
    spent = hundredths(card.minor - card.balance, card.currency)
    return {
        "id": card.id,
        "code": card.code,
        "campaign": None,
        "campaign_id": None,
        "type": "GIFT_VOUCHER",
        "discount": None,
        "gift": gift,
        "loyalty_card": None,
        "start_date": None,
        "expiration_date": None,
        "active": card.enabled,
        "additional_info": None,
        "metadata": {**(card.note or {}), **ours},
        "is_referral_code": False,
        "created_at": moment(card.created_ms),
        "updated_at": None,
        "holder_id": card.customer_id,
        "redemption": {"quantity": None, "redeemed_amount": spent},
        "object": "voucher",
    }


def customer(customer_id: str, name: str, source_id: str, email: str | None) -> dict[str, object]:
    return {
        "id": customer_id,
        "source_id": source_id,
        "name": name,
        "email": email,
        "metadata": {},
        "object": "customer",
    }


def error(problem: Problem) -> dict[str, object]:
    """`problem.extra` may name a resource that was not found."""
    title = TITLES.get(problem.status, "Error")
    body: dict[str, object] = {"code": problem.status, "message": title, **problem.extra}
    body["request_id"] = "v-0bb3403b9a158c87b2"
    if "_" in problem.code:
        body["key"] = problem.code
    return body


def missing(what: str, name: str) -> Problem:
    return Problem(
        404,
        "not_found",
        details=f"Cannot find {what} with id {name}",
        resource_id=name,
        resource_type=what,
    )
