# SPDX-License-Identifier: Apache-2.0
"""Square's answers of CREDIT as they were recorded, with changes; cleaned of secrets."""

from __future__ import annotations

from typing import Final

from agent.platforms.messages import HttpReply
from agent.platforms.square.adapter import SquareAdapter
from agent.platforms.square.options import SquareOptions
from tests.platforms.talking import CODE, KEY, reply

LOCATION: Final = "L88917AVBK2S5"
SQUARE: Final = SquareAdapter(SquareOptions(location_id=LOCATION))
CARD_ID: Final = "gftc:6cbacbb64cf54e2ca9f573d619038059"
OTHER_KEY: Final = "0421-03-1763600000000-ZZZZZZZZ"

CREATE: Final = "create POST /v2/gift-cards"
ACTIVATE: Final = "activate POST /v2/gift-cards/activities"
BY_ID: Final = f"look GET /v2/gift-cards/{CARD_ID}"
BY_CODE: Final = "look POST /v2/gift-cards/from-gan"
ACTIVITIES: Final = (
    "look GET /v2/gift-cards/activities?gift_card_id=gftc%3A6cbacbb64cf54e2ca9f573d619038059"
    "&begin_time=2021-01-01T00%3A00%3A00Z&sort_order=ASC&limit=100"
)
BURN_CREATE: Final = "burn-create POST /v2/gift-cards"
BURN_ACTIVATE: Final = "burn-activate POST /v2/gift-cards/activities"
DEACTIVATE: Final = "burn-deactivate POST /v2/gift-cards/activities"


def money(minor: int, currency: str = "USD") -> dict[str, object]:
    return {"amount": minor, "currency": currency}


def gift_card(state: str = "ACTIVE", minor: int = 4850, **changes: object) -> dict[str, object]:
    return {
        "id": CARD_ID,
        "type": "DIGITAL",
        "gan_source": "OTHER",
        "state": state,
        "balance_money": money(minor),
        "gan": CODE.reveal(),
        "created_at": "2025-11-20T00:53:20.000Z",
        **changes,
    }


def card(state: str = "ACTIVE", minor: int = 4850, **changes: object) -> HttpReply:
    return reply(200, {"gift_card": gift_card(state, minor, **changes)})


def activity(kind: str, minor: int = 4850, left: int | None = None, **changes: object) -> object:
    """One activity; `left`: the balance after it."""
    details: dict[str, object] = {}
    match kind:
        case "ACTIVATE":
            given = {"amount_money": money(minor), "reference_id": KEY.text}
            details["activate_activity_details"] = given
        case "REDEEM":
            details["redeem_activity_details"] = {"amount_money": money(minor)}
        case "DEACTIVATE":
            details["deactivate_activity_details"] = {"reason": "SUSPICIOUS_ACTIVITY"}
    return {
        "id": "gcact_c8f8cbf1f24b448d8ecf39ed03f97864",
        "type": kind,
        "location_id": LOCATION,
        "created_at": "2025-11-20T00:53:21.000Z",
        "gift_card_id": CARD_ID,
        "gift_card_gan": CODE.reveal(),
        "gift_card_balance_money": money(minor if left is None else left),
        **details,
        **changes,
    }


def done(kind: str = "ACTIVATE", minor: int = 4850, **changes: object) -> HttpReply:
    return reply(200, {"gift_card_activity": activity(kind, minor, None, **changes)})


def activated(minor: int = 4850, currency: str = "USD", key: str | None = KEY.text) -> object:
    given = {"amount_money": money(minor, currency), "reference_id": key}
    left = money(minor, currency)
    return activity("ACTIVATE", activate_activity_details=given, gift_card_balance_money=left)


def listed(*activities: object, **more: object) -> HttpReply:
    return reply(200, {"gift_card_activities": list(activities), **more})


def error(
    status: int,
    code: str,
    detail: str = "no",
    category: str = "INVALID_REQUEST_ERROR",
    **headers: str,
) -> HttpReply:
    body = {"errors": [{"category": category, "code": code, "detail": detail}]}
    return reply(status, body, **headers)


PENDING: Final = card("PENDING", 0)
NOT_FOUND: Final = error(404, "NOT_FOUND")
TAKEN: Final = error(400, "INVALID_VALUE", "this number is registered")
REUSED: Final = error(400, "IDEMPOTENCY_KEY_REUSED")
NOT_PENDING: Final = error(400, "BAD_REQUEST", "the card is not pending")
LISTED: Final = listed(activity("ACTIVATE"))
DEAD: Final = listed(activity("ACTIVATE"), activity("DEACTIVATE", 4850, 0))
