# SPDX-License-Identifier: Apache-2.0
"""Shopify's replies as they are recorded, cleaned of everything that is a shop's own."""

from __future__ import annotations

import json
from typing import Any

from agent.platforms.exchange import Do, Look
from agent.platforms.messages import HttpReply
from agent.platforms.shopify.adapter import ShopifyAdapter
from agent.platforms.shopify.options import ShopifyOptions
from tests.platforms.talking import CODE, KEY, Talk, reply

SHOP = ShopifyAdapter(
    ShopifyOptions.read({"shop": "brand", "loyalty_namespace": "custom", "loyalty_key": "club"})
)
PATH = "/admin/api/2026-10/graphql.json"
CARD = "gid://shopify/GiftCard/77"
ANNA = "gid://shopify/Customer/9"
BERT = "gid://shopify/Customer/10"
OTHER_KEY = "0421-03-1763600000000-ZZZZZZZZ"
COST = {
    "requestedQueryCost": 12,
    "actualQueryCost": 10,
    "throttleStatus": {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 1990,
        "restoreRate": 100.0,
    },
}


def said(body: object, status: int = 200, **headers: str) -> HttpReply:
    return reply(status, body, x_request_id="8f-77", **headers)


def data(root: str, value: object, **more: object) -> HttpReply:
    """`more`: further roots of the same query."""
    return said({"data": {root: value, **more}, "extensions": {"cost": COST}})


def errors(code: str, message: str = "No", **more: Any) -> HttpReply:
    """`more`: path, data, cost, requiredAccess."""
    body: dict[str, Any] = {}
    extensions = {"code": code}
    for name in ("requiredAccess", "documentation"):
        if name in more:
            extensions[name] = more.pop(name)
    entry: dict[str, Any] = {"message": message, "extensions": extensions}
    if "path" in more:
        entry["path"] = more.pop("path")
    if "data" in more:
        body["data"] = more.pop("data")
    if "cost" in more:
        body["extensions"] = {"cost": more.pop("cost")}
    return said({**body, "errors": [entry]})


def cash(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def node(**changes: object) -> dict[str, object]:
    """The card of CREDIT as a search or an update shows it."""
    return {
        "id": CARD,
        "lastCharacters": CODE.last_four.lower(),
        "enabled": True,
        "note": KEY.text,
        "createdAt": "2025-11-20T00:53:20Z",
        "initialValue": cash("48.5"),
        "balance": cash("48.5"),
        "customer": None,
        **changes,
    }


def made(code: str | None = None, **changes: object) -> HttpReply:
    """A giftCardCreate that went well. It does not ask for the customer."""
    card = node(**changes)
    del card["customer"]
    named = CODE.reveal().lower() if code is None else code
    payload = {"giftCard": card, "giftCardCode": named, "userErrors": []}
    return data("giftCardCreate", payload)


def not_made(code: str | None, message: str = "No", field: list[str] | None = None) -> HttpReply:
    error = {"field": field, "message": message, "code": code}
    payload = {"giftCard": None, "giftCardCode": None, "userErrors": [error]}
    return data("giftCardCreate", payload)


def found(*nodes: dict[str, object]) -> HttpReply:
    return data("giftCards", {"nodes": list(nodes)})


def updated(**changes: object) -> HttpReply:
    return data("giftCardUpdate", {"giftCard": node(**changes), "userErrors": []})


def not_updated(*field: str, message: str = "No") -> HttpReply:
    error = {"field": list(field) or None, "message": message}
    return data("giftCardUpdate", {"giftCard": None, "userErrors": [error]})


def deactivated(**changes: object) -> HttpReply:
    card = node(**{"enabled": False, **changes})
    return data("giftCardDeactivate", {"giftCard": card, "userErrors": []})


TAKEN = not_made("TAKEN", "Code has already been taken", ["input", "code"])
NOTHING = found()
THROTTLED = errors(
    "THROTTLED",
    "Throttled",
    cost={
        "requestedQueryCost": 250,
        "actualQueryCost": None,
        "throttleStatus": {
            "maximumAvailable": 2000.0,
            "currentlyAvailable": 50,
            "restoreRate": 50.0,
        },
    },
)
DENIED = errors(
    "ACCESS_DENIED",
    "Access denied for giftCardCreate field. Required access: `write_gift_cards` access scope.",
    path=["giftCardCreate"],
    data={"giftCardCreate": None},
    requiredAccess="`write_gift_cards` access scope.",
)


def steps(heard: Talk[Any]) -> list[str]:
    """The name of each wish: "look Find", "create Create"; a step's hash is cut off."""
    return [f"{_step(ask)} {_operation(ask)}" for ask in heard.asked]


def _step(ask: Look | Do) -> str:
    return ask.step if isinstance(ask, Do) else "look"


def _operation(ask: Look | Do) -> str:
    words: str = json.loads(ask.request.body)["query"]
    return words.split()[1].partition("(")[0]


def variables(ask: Look | Do) -> Any:
    return json.loads(ask.request.body)["variables"]
