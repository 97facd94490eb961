# SPDX-License-Identifier: Apache-2.0
"""A gift-card platform as one value: what stands on its shelf, and what it says to a request.

`serve` takes a shelf and gives the next one, so that a walk can go on from any of them. It
speaks Countermark's contract with the abilities of a profile, and shares no code with the
sandbox: the two must not have their mistakes in common.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any, Final

from agent.platforms.messages import HttpReply, HttpRequest
from tests.convergence.profiles import WINDOW_MS, Keys, Profile

EFFECTS: Final = frozenset(
    {"/v1/credits", "/v1/credits/disable", "/v1/credits/link", "/v1/credits/annotate"}
)
_BY_KEY: Final = "/v1/credits/by-key/"
_STATUS: Final = {
    "not-found": 404,
    "code-taken": 409,
    "key-reused": 409,
    "linked-elsewhere": 409,
    "disabled": 409,
    "unknown-customer": 422,
}
CUSTOMERS: Final = {"alice@example.com": "cus_alice"}


@dataclass(frozen=True, slots=True)
class ShelfCard:
    """A card. `made_ms`: when it came, on the walk's clock."""

    id: str
    key: str
    code: str
    initial: int
    balance: int
    enabled: bool
    made_ms: int
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a key of the platform's own was answered with."""

    key: str
    body: bytes
    card: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that the platform knows."""

    cards: tuple[ShelfCard, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    known: bytes = b""
    """What a vendor's simulator knows besides; only its kind reads it."""

    def spend(self, code: str, minor: int) -> Shelf:
        """What a shop takes from the first live card under a code; the same where none covers."""
        for card in self.cards:
            if card.code == code and card.enabled and card.balance >= minor:
                return self.with_card(replace(card, balance=card.balance - minor))
        return self

    def with_card(self, card: ShelfCard) -> Shelf:
        return replace(self, cards=tuple(card if card.id == c.id else c for c in self.cards))


def is_effect(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path in EFFECTS


def serve(
    shelf: Shelf, profile: Profile, request: HttpRequest, at_ms: int
) -> tuple[Shelf, HttpReply]:
    """The shelf after the request, and what is said."""
    if request.path.startswith(_BY_KEY):
        key = request.path.removeprefix(_BY_KEY)
        return shelf, _looked(shelf, profile, at_ms, key=key)
    body: dict[str, Any] = json.loads(request.body)
    match request.path:
        case "/v1/credits":
            return _create(shelf, profile, request, body, at_ms)
        case "/v1/credits/find":
            return shelf, _looked(shelf, profile, at_ms, code=body["code"])
        case "/v1/credits/disable":
            return _changed(shelf, body["code"], enabled=False)
        case "/v1/credits/link":
            return _link(shelf, body["code"], body["customer_id"])
        case "/v1/credits/annotate":
            return _changed(shelf, body["code"])
        case "/v1/customers/resolve":
            known = CUSTOMERS.get(body["value"])
            matches = [] if known is None else [{"customer_id": known, "masked": "a***"}]
            return shelf, _json(200, {"matches": matches})
        case path:
            raise ValueError(f"nobody asks for {path} in a walk")


def _create(
    shelf: Shelf, profile: Profile, request: HttpRequest, body: dict[str, Any], at_ms: int
) -> tuple[Shelf, HttpReply]:
    vendor_key = dict(request.headers)["Idempotency-Key"]
    digest = hashlib.sha256(request.body).digest()
    for each in shelf.remembered:
        if each.key == vendor_key and _kept(each, profile, at_ms):
            if each.body != digest:
                return shelf, _no("key-reused")
            return shelf, _said(next(c for c in shelf.cards if c.id == each.card), 200)
    if profile.unique:
        if any(card.code == body["code"] for card in shelf.cards):
            return shelf, _no("code-taken")
        if any(card.key == body["key"] for card in shelf.cards):
            return shelf, _no("key-reused")
    minor = body["amount"]["minor"]
    name = f"card-{len(shelf.cards) + 1}"
    card = ShelfCard(name, body["key"], body["code"], minor, minor, True, at_ms)
    remembered = shelf.remembered
    if profile.keys is not Keys.NONE:
        remembered = (*remembered, Remembered(vendor_key, digest, name, at_ms))
    return Shelf((*shelf.cards, card), remembered), _said(card, 201)


def _kept(each: Remembered, profile: Profile, at_ms: int) -> bool:
    return profile.keys is Keys.FOR_EVER or at_ms - each.at_ms < WINDOW_MS


def _looked(
    shelf: Shelf, profile: Profile, at_ms: int, key: str | None = None, code: str | None = None
) -> HttpReply:
    for card in shelf.cards:
        asked = card.key == key if code is None else card.code == code
        if asked and at_ms - card.made_ms >= profile.lag_ms:
            return _said(card, 200)
    return _no("not-found")


def _changed(shelf: Shelf, code: str, enabled: bool | None = None) -> tuple[Shelf, HttpReply]:
    for card in shelf.cards:
        if card.code == code:
            after = card if enabled is None else replace(card, enabled=enabled)
            return shelf.with_card(after), _said(after, 200)
    return shelf, _no("not-found")


def _link(shelf: Shelf, code: str, customer_id: str) -> tuple[Shelf, HttpReply]:
    for card in shelf.cards:
        if card.code != code:
            continue
        if customer_id not in CUSTOMERS.values():
            return shelf, _no("unknown-customer")
        if card.customer_id not in (None, customer_id):
            return shelf, _no("linked-elsewhere")
        if card.customer_id is None and not card.enabled:
            return shelf, _no("disabled")
        after = replace(card, customer_id=customer_id)
        return shelf.with_card(after), _said(after, 200)
    return shelf, _no("not-found")


def _said(card: ShelfCard, status: int) -> HttpReply:
    return _json(
        status,
        {
            "id": card.id,
            "key": card.key,
            "code": card.code,
            "initial": {"minor": card.initial, "currency": "USD"},
            "balance": {"minor": card.balance, "currency": "USD"},
            "enabled": card.enabled,
            "customer_id": card.customer_id,
        },
    )


def _no(code: str) -> HttpReply:
    body = json.dumps({"code": code, "title": code}).encode()
    return HttpReply(_STATUS[code], (("content-type", "application/problem+json"),), body)


def _json(status: int, body: dict[str, Any]) -> HttpReply:
    return HttpReply(status, (("content-type", "application/json"),), json.dumps(body).encode())
