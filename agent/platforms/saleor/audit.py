# SPDX-License-Identifier: Apache-2.0
"""What Saleor says of itself: its list of cards for audits, and whether it could be used. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from agent.domain.outcome import Card, Saying, Unknown
from agent.platforms.adapter import Page
from agent.platforms.messages import HttpReply
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.reading import AUTH, Negative, NotExecuted, Odd, Wait, as_unknown
from agent.platforms.saleor.errors import data_of, saying
from agent.platforms.saleor.replies import DatedReply, model_of, nodes_of

SINCE: Final = (3, 23)
"""The first version whose cards can be restricted to a customer."""
_SCOPES: Final = {
    "MANAGE_GIFT_CARD": (ProbeResult.WRONG, "nothing can be issued"),
    "MANAGE_USERS": (ProbeResult.WEAK, "customers cannot be found, nor cards linked to them"),
    "MANAGE_ORDERS": (ProbeResult.WEAK, "sales cannot be looked up by their receipt"),
    "HANDLE_PAYMENTS": (ProbeResult.WEAK, "nothing can be refunded to a payment"),
    "MANAGE_DISCOUNTS": (ProbeResult.WEAK, "a code that a voucher owns cannot be recognised"),
}
_VERSION: Final = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")


def read_page(reply: HttpReply, since_ms: int) -> Page | Unknown:
    """The cards made since then. A card that we cannot read and that has no key of ours is another
    system's, in a currency that is none: it is left out."""
    data = data_of(reply, None)
    if not isinstance(data, Mapping):
        return as_unknown(data)
    said = saying(reply, None)
    nodes, more = nodes_of(data, "giftCards"), _more(data.get("giftCards"))
    if nodes is None or more is None:
        return Unknown("not-the-contract", said)
    cards: list[Card] = []
    for node in nodes:
        read = model_of(node, DatedReply, said)
        if isinstance(read, Odd):
            if isinstance(node, Mapping) and node.get("metafield", "") is None:
                continue
            return as_unknown(read)
        if read.created_ms < since_ms:
            return Page(tuple(cards), None)
        cards.append(read.card())
    return Page(tuple(cards), more or None)


def _more(connection: object) -> str | None:
    """The cursor of the next page, empty at the end; None for what is no connection."""
    info = connection.get("pageInfo") if isinstance(connection, Mapping) else None
    if not isinstance(info, Mapping) or not isinstance(info.get("hasNextPage"), bool):
        return None
    cursor = info.get("endCursor")
    if not info["hasNextPage"]:
        return ""
    return cursor if isinstance(cursor, str) and cursor else None


def read_probe(reply: HttpReply) -> tuple[Probed, ...]:
    """Address, token, permissions and version. A token that Saleor does not know is taken for an
    anonymous shopper's, so it is the missing app that gives it away."""
    data = data_of(reply, None)
    if not isinstance(data, Mapping):
        return (_unusable(data),)
    said = saying(reply, None)
    app, shop = data.get("app"), data.get("shop")
    if not isinstance(app, Mapping):
        detail = "the token is no app's: create an app in the dashboard, and use its token"
        return (Probed("credentials", ProbeResult.WRONG, detail, said),)
    known = Probed("credentials", ProbeResult.OK, "the token is that of an app", said)
    if app.get("isActive") is False:
        detail = "the app is switched off: activate it in the dashboard"
        known = Probed("credentials", ProbeResult.WRONG, detail, said)
    return (known, *_scopes(app.get("permissions"), said), _version(shop, said))


def _unusable(negative: Negative) -> Probed:
    match negative:
        case NotExecuted(why, said) if why == AUTH:
            detail = "Saleor refuses the token, or it lacks a permission: "
            detail += said.message or "MANAGE_GIFT_CARD"
            return Probed("credentials", ProbeResult.WRONG, detail, said)
        case Wait(seconds, said):
            detail = f"a sandbox takes 120 requests a minute: try again in {seconds} s"
            return Probed("limit", ProbeResult.WRONG, detail, said)
        case other:
            detail = "the answer is not Saleor's: platform.url must end before /graphql/"
            return Probed("reach", ProbeResult.WRONG, detail, other.saying)


def _scopes(permissions: object, said: Saying) -> list[Probed]:
    listed = permissions if isinstance(permissions, list) else []
    granted = {each.get("code") for each in listed if isinstance(each, Mapping)}
    probed = []
    for scope, (result, without) in _SCOPES.items():
        if scope in granted:
            probed.append(Probed("scope", ProbeResult.OK, f"the app has {scope}", said))
        else:
            detail = f"the app lacks {scope}: {without}; grant it in the dashboard"
            probed.append(Probed("scope", result, detail, said))
    return probed


def _version(shop: object, said: Saying) -> Probed:
    text = shop.get("schemaVersion") if isinstance(shop, Mapping) else None
    found = _VERSION.match(text) if isinstance(text, str) else None
    if found is None:
        return Probed("version", ProbeResult.WEAK, "Saleor does not say its version", said)
    version = (int(found[1]), int(found[2]))
    if version < SINCE:
        detail = f"this is Saleor {found[0]}, and 3.23 is the first that can link a customer"
        return Probed("version", ProbeResult.WRONG, detail, said)
    return Probed("version", ProbeResult.OK, f"this is Saleor {found[0]}", said)
