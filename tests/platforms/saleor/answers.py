# SPDX-License-Identifier: Apache-2.0
"""Saleor's answers in their recorded shapes, with changes: cards, errors of all three kinds."""

from __future__ import annotations

import json
from typing import Any

from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.saleor.adapter import SaleorAdapter
from agent.platforms.saleor.options import SaleorOptions
from tests.platforms.talking import CODE, KEY, reply

SALEOR = SaleorAdapter(SaleorOptions(url="https://credit.example"))
CARD_ID = "R2lmdENhcmQ6MQ=="
OTHER_KEY = "0421-03-1763600000000-ZZZZZZZZ"
COST = {"cost": {"requestedQueryCost": 2, "maximumAvailable": 50000}}


def variables(request: HttpRequest) -> dict[str, Any]:
    assert (request.method, request.path) == ("POST", "/graphql/")
    found: dict[str, Any] = json.loads(request.body)["variables"]
    return found


def money(amount: object, currency: str = "USD") -> dict[str, object]:
    return {"amount": amount, "currency": currency}


def issued(amount: object, currency: str = "USD") -> list[dict[str, object]]:
    return [{"balance": {"initialBalance": money(amount, currency)}}]


def node(**changes: object) -> dict[str, object]:
    """The card of CREDIT as a node, with changes."""
    return {
        "id": CARD_ID,
        "code": CODE.reveal(),
        "isActive": True,
        "metafield": KEY.text,
        "initialBalance": money(48.5),
        "currentBalance": money(48.5),
        "issued": issued(48.5),
        **changes,
    }


def burnt(**changes: object) -> dict[str, object]:
    """The card of a burn: the smallest amount."""
    cent = money(0.01)
    small = {"initialBalance": cent, "currentBalance": cent, "issued": issued(0.01)}
    return node(**{**small, **changes})


def answer(data: object, status: int = 200, **extra: object) -> HttpReply:
    return reply(status, {"data": data, "extensions": COST, **extra})


def payload(field: str, **parts: object) -> HttpReply:
    """What a mutation gives back."""
    return answer({field: {"errors": [], **parts}})


def made(**changes: object) -> HttpReply:
    return payload("giftCardCreate", giftCard=node(**changes))


def dead(**changes: object) -> HttpReply:
    return payload("giftCardDeactivate", giftCard=node(**{"isActive": False, **changes}))


def refused(field: str, code: str, where: str | None = None, message: str = "No.") -> HttpReply:
    """A mutation's own error."""
    error = {"field": where, "code": code, "message": message}
    return answer({field: {"errors": [error], "giftCard": None}})


def edges(*nodes: object) -> dict[str, object]:
    return {"edges": [{"node": each} for each in nodes]}


def found(*by_code: object, by_key: tuple[object, ...] = ()) -> HttpReply:
    return answer({"byCode": edges(*by_code), "byKey": edges(*by_key)})


def listed(*nodes: object) -> HttpReply:
    return answer({"giftCards": edges(*nodes)})


def failed(
    name: str, *path: str, message: str = "It failed.", status: int = 200, data: object = None
) -> HttpReply:
    """A top-level error, by the name of the server's exception."""
    error = {"message": message, "path": list(path), "extensions": {"exception": {"code": name}}}
    return reply(status, {"errors": [error], "data": data, "extensions": COST})


DUPLICATE = (
    'duplicate key value violates unique constraint "giftcard_giftcard_code_key"\n'
    f"DETAIL:  Key (code)=({CODE.reveal()}) already exists."
)
TAKEN = [
    refused("giftCardCreate", "ALREADY_EXISTS", "code", "Promo code already exists."),
    refused("giftCardCreate", "UNIQUE", "code", "Gift card with this Code already exists."),
    failed("IntegrityError", "giftCardCreate", message=DUPLICATE, data={"giftCardCreate": None}),
]
DENIED = "To access this path, you need one of the following permissions: MANAGE_GIFT_CARD"
NO_PERMISSION = failed(
    "PermissionDenied", "giftCardCreate", message=DENIED, data={"giftCardCreate": None}
)
THROTTLED = reply(429, b"", content_type="text/plain")
BROKEN = reply(500, b"<h1>Server Error (500)</h1>", content_type="text/html")
NOWHERE = found()
NO_VOUCHER = answer({"vouchers": edges()})


def voucher(code: str | None, *codes: str) -> HttpReply:
    named = edges(*({"code": each} for each in codes))
    return answer({"vouchers": edges({"id": "Vm91Y2hlcjox", "code": code, "codes": named})})
