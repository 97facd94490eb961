# SPDX-License-Identifier: Apache-2.0
"""What we say to Square as bytes (API version 2025-08-20). Pure; what it answers: `replies`.

The two issuing bodies, `create` and `activate`, are functions of key, code, amount, currency and
the location of the settings alone. The code stands in bodies, never in a path: look-ups by code
go by `from-gan`, everything after by Square's own id of the card.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlencode

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.sale import Refund
from agent.platforms.messages import HttpRequest

VERSION: Final = "2025-08-20"
FIRST_DAY: Final = "2021-01-01T00:00:00Z"
"""Activities are listed from a year ago unless one says since when; the API is from 2021."""
PAGE: Final = 10
"""Cards on one page of a list: each is asked for its state besides, and a conversation has an
end."""
REASON_MAX: Final = 192
_VERSIONED: Final = (("Square-Version", VERSION),)
_JSON: Final = (("Content-Type", "application/json"), *_VERSIONED)
_FILTERS: Final = {
    CustomerKind.EMAIL: "email_address",
    CustomerKind.PHONE: "phone_number",
    CustomerKind.LOYALTY: "reference_id",
}

# ---- gift cards


def create(credit: Credit, location: str, step: str) -> HttpRequest:
    """An empty card (PENDING) under our code."""
    body = {
        "idempotency_key": credit.vendor_key(step),
        "location_id": location,
        "gift_card": {"type": "DIGITAL", "gan_source": "OTHER", "gan": credit.code.reveal()},
    }
    return _post("/v2/gift-cards", body)


def activate(credit: Credit, amount: Money, location: str, step: str) -> HttpRequest:
    """The money. A card is activated once: this is what makes a credit happen at most once.

    Square wants a payment instrument's id "for compliance checks", and counts its limit per day
    by it ("Load amount exceeds maximum buyer daily amount", developer forum 8077). A credit was
    paid with none; it is named by its own key, so that no two credits count as one buyer.
    """
    return _activity(
        credit,
        location,
        step,
        {
            "type": "ACTIVATE",
            "location_id": location,
            "gift_card_gan": credit.code.reveal(),
            "activate_activity_details": {
                "amount_money": _money(amount),
                "reference_id": credit.key.text,
                "buyer_payment_instrument_ids": [credit.key.text],
            },
        },
    )


def deactivate(credit: Credit, card_id: str, location: str, step: str) -> HttpRequest:
    """For ever. Of DEACTIVATE's three reasons two are read-only; this is the one that is left."""
    return _activity(
        credit,
        location,
        step,
        {
            "type": "DEACTIVATE",
            "location_id": location,
            "gift_card_id": card_id,
            "deactivate_activity_details": {"reason": "SUSPICIOUS_ACTIVITY"},
        },
    )


def _activity(
    credit: Credit, location: str, step: str, activity: Mapping[str, object]
) -> HttpRequest:
    body = {"idempotency_key": credit.vendor_key(step), "gift_card_activity": activity}
    return _post("/v2/gift-cards/activities", body)


def from_gan(code: Code) -> HttpRequest:
    return _post("/v2/gift-cards/from-gan", {"gan": code.reveal()})


def card(card_id: str) -> HttpRequest:
    return _get(f"/v2/gift-cards/{_id(card_id)}")


def activities(card_id: str) -> HttpRequest:
    """All of one card's, oldest first: its activation is the first of them."""
    query = {"gift_card_id": card_id, "begin_time": FIRST_DAY, "sort_order": "ASC", "limit": "100"}
    return _get(f"/v2/gift-cards/activities?{urlencode(query)}")


def activations(since_ms: int, location: str, cursor: str | None) -> HttpRequest:
    """Raises OverflowError (an ArithmeticError) for a time out of range."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    since = epoch + datetime.timedelta(milliseconds=since_ms)
    query = {
        "type": "ACTIVATE",
        "location_id": location,
        "begin_time": since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sort_order": "ASC",
        "limit": str(PAGE),
    }
    if cursor is not None:
        query["cursor"] = cursor
    return _get(f"/v2/gift-cards/activities?{urlencode(query)}")


def link(card_id: str, customer_id: str) -> HttpRequest:
    return _post(f"/v2/gift-cards/{_id(card_id)}/link-customer", {"customer_id": customer_id})


# ---- customers, and what a probe asks


def search_customers(customer: CustomerReference) -> HttpRequest:
    query = {"filter": {_FILTERS[customer.kind]: {"exact": customer.value}}}
    return _post("/v2/customers/search", {"limit": 10, "query": query})


def token_status() -> HttpRequest:
    return HttpRequest("POST", "/oauth2/token/status", b"", _JSON)


def location(location_id: str) -> HttpRequest:
    return _get(f"/v2/locations/{_id(location_id)}")


# ---- orders and refunds


def order(order_id: str) -> HttpRequest:
    return _get(f"/v2/orders/{_id(order_id)}")


def orders(order_ids: Sequence[str]) -> HttpRequest:
    return _post("/v2/orders/batch-retrieve", {"order_ids": list(order_ids)})


def payment(payment_id: str) -> HttpRequest:
    return _get(f"/v2/payments/{_id(payment_id)}")


def refund_by_id(refund_id: str) -> HttpRequest:
    return _get(f"/v2/refunds/{_id(refund_id)}")


def refund(asked: Refund, payment_id: str, to_card: str | None) -> HttpRequest:
    """`to_card`: the gift card that the money goes to, instead of back the way it came. Our key
    begins the reason, which Square gives back."""
    reason = f"{asked.credit.key} {asked.reason}".rstrip()[:REASON_MAX]
    body: dict[str, object] = {
        "idempotency_key": asked.credit.vendor_key("refund"),
        "amount_money": _money(asked.amount),
        "payment_id": payment_id,
        "reason": reason,
    }
    if to_card is not None:
        body["destination_id"] = to_card
    return _post("/v2/refunds", body)


def customers_card(asked: Refund, location: str) -> HttpRequest:
    """An empty card with a number of Square's own, for a customer who has none yet."""
    body = {
        "idempotency_key": asked.credit.vendor_key("customers-card"),
        "location_id": location,
        "gift_card": {"type": "DIGITAL"},
    }
    return _post("/v2/gift-cards", body)


def cards_of(customer_id: str) -> HttpRequest:
    query = urlencode({"customer_id": customer_id, "limit": "50"})
    return _get(f"/v2/gift-cards?{query}")


# ---- how


def step_of(name: str, request: HttpRequest) -> str:
    """A step's name that changes with its bytes: another customer is another step."""
    told = request.path.encode() + b"\n" + request.body
    return f"{name}-{hashlib.sha256(told).hexdigest()[:12]}"


def _money(amount: Money) -> dict[str, object]:
    return {"amount": amount.minor, "currency": amount.currency}


def _id(text: str) -> str:
    return quote(text, safe=":")


def _get(path: str) -> HttpRequest:
    return HttpRequest("GET", path, b"", _VERSIONED)


def _post(path: str, body: Mapping[str, object]) -> HttpRequest:
    data = json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()
    return HttpRequest("POST", path, data, _JSON)
