# SPDX-License-Identifier: Apache-2.0
"""What an answer of Shopify says before its payload is read: the envelope's errors, the status,
the bucket of cost points. Pure.

Shopify answers nearly everything with a 200. An error counts as *not executed* only where Shopify
documents it so, and only where it stands at the operation itself: an error at a field below it
may spoil the answer to something that was carried out.

Sources (shopify.dev, read 2026-11): "Shopify API response status and error codes"; "GraphQL Admin
API reference: status and error codes"; "GraphQL Admin API rate limits". That a throttled answer
comes with a 200 or a 429 is not settled there; both are read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from agent.domain.code import Code
from agent.domain.outcome import RefusalReason, Saying
from agent.platforms import graphql
from agent.platforms.exchange import Keep
from agent.platforms.messages import HttpReply
from agent.platforms.reading import (
    AUTH,
    RETRY_AFTER_S,
    Negative,
    No,
    NotExecuted,
    Odd,
    Wait,
    hidden,
    media_type,
    retry_after,
)

_TURNED_AWAY: Final = {
    400: "bad-request",
    402: "shop-frozen",
    403: AUTH,
    404: "no-such-path",
    406: "bad-request",
    414: "bad-request",
    415: "bad-request",
    423: "shop-locked",
}
"""Documented as turned away before anything is done; believed only with Shopify's JSON body."""
_NOT_EXECUTED: Final = {
    "ACCESS_DENIED": AUTH,
    "SHOP_INACTIVE": "shop-inactive",
    "MAX_COST_EXCEEDED": "max-cost",
}
_CODE: Final = re.compile(r"[A-Za-z_]{1,60}", re.ASCII)
_WAIT_MAX_S: Final = 60
_BACKLOG_PART: Final = Decimal("0.25")
"""The part of the bucket that the backlog leaves to fresh requests of every register."""

Payload = Mapping[str, object]
NEGATIVES: Final = (No, NotExecuted, Odd, Wait)


def answered(reply: HttpReply, root: str, hide: Code | None) -> Payload | Negative | None:
    """The value of the operation `root`; None where Shopify says null without an error."""
    said = saying(reply, hide)
    if reply.status == 429:
        return Wait(_wait_s(reply), said)
    if reply.status == 401:
        return NotExecuted(AUTH, said)
    if reply.status in _TURNED_AWAY and media_type(reply) == "application/json" and _words(reply):
        return NotExecuted(_TURNED_AWAY[reply.status], said)
    if reply.status != 200:
        return Odd(f"status-{reply.status}", said)
    envelope = graphql.opened(reply)
    if isinstance(envelope, str):
        return Odd(envelope, said)
    if envelope.errors:
        return _negative(envelope, root, said, _wait_s(reply))
    value = None if envelope.data is None else envelope.data.get(root, 0)
    return value if value is None or isinstance(value, dict) else Odd("not-the-contract", said)


def _negative(envelope: graphql.Envelope, root: str, said: Saying, wait_s: int) -> Negative:
    codes = {error.code for error in envelope.errors}
    whole = envelope.data is None or envelope.data.get(root) is None
    at_root = all(error.path in ((), (root,)) for error in envelope.errors)
    code = envelope.errors[0].code
    if len(codes) == 1 and whole and at_root:
        if code == "THROTTLED":
            return Wait(wait_s, said)
        if code in _NOT_EXECUTED:
            return NotExecuted(_NOT_EXECUTED[code], said)
        if code == "INVALID_VARIABLE" and envelope.data is None:
            return No(code, said, RefusalReason.PLATFORM)
    return Odd(short(code, "graphql-error"), said)


# ---- the vendor's words


def short(code: str, otherwise: str) -> str:
    """A vendor's code as a `why` of ours: only what looks like one, for it might echo a card's."""
    return code if _CODE.fullmatch(code) else otherwise


def saying(reply: HttpReply, hide: Code | None) -> Saying:
    """The vendor's own words for support, without the code should they have echoed it."""
    code, message = _first_error(reply)
    return Saying(
        status=reply.status,
        code=hidden(code, hide),
        message=hidden(message or _words(reply), hide),
        request_id=hidden(reply.header("x-request-id") or "", hide),
    )


def _first_error(reply: HttpReply) -> tuple[str, str]:
    envelope = graphql.opened(reply)
    if isinstance(envelope, str) or not envelope.errors:
        return "", ""
    first = envelope.errors[0]
    # The scope that is missing stands in the words, or only in the extensions.
    wanted = first.extensions.get("requiredAccess")
    more = f" ({wanted})" if isinstance(wanted, str) and wanted not in first.message else ""
    return first.code, first.message + more


def _words(reply: HttpReply) -> str:
    """What stands in `errors` of an answer that is no GraphQL: a text, or names with texts."""
    if reply.status < 400 or media_type(reply) != "application/json":
        return ""
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return ""
    errors = body.get("errors", body.get("error")) if isinstance(body, dict) else None
    return errors if isinstance(errors, str) else json.dumps(errors)[:200] if errors else ""


def ids(hide: Code) -> Keep:
    """Takes the vendor's ids worth a commit from a reply: never the code, should one echo it."""

    def keep(reply: HttpReply) -> Mapping[str, str]:
        found = {"status": str(reply.status)}
        request_id = reply.header("x-request-id")
        if request_id:
            found["request_id"] = hidden(request_id, hide)[:200]
        envelope = graphql.opened(reply)
        data = None if isinstance(envelope, str) else envelope.data
        for payload in (data or {}).values():
            for name in ("giftCard", "refund"):
                made = payload.get(name) if isinstance(payload, dict) else None
                reference = made.get("id") if isinstance(made, dict) else None
                if isinstance(reference, str):
                    found["reference"] = hidden(reference, hide)[:200]
        return found

    return keep


# ---- the bucket


def pause_s(reply: HttpReply) -> float:
    """How long the backlog should leave the shop alone: until a quarter of the bucket is there
    again. All registers of a shop drink from one bucket (it is of an app and a shop), and each
    answer tells its level, so each of them sees what the others took."""
    if reply.status == 429:
        return float(_wait_s(reply))
    status = _throttle_status(reply)
    if status is None:
        return 0.0
    most, left, restored = status
    missing = most * _BACKLOG_PART - left
    return float(missing / restored) if missing > 0 else 0.0


def _wait_s(reply: HttpReply) -> int:
    """`Retry-After` where it is given, else until the bucket holds what was asked for."""
    status = _throttle_status(reply)
    otherwise = RETRY_AFTER_S
    if status is not None:
        most, left, restored = status
        wanted = min(_number(_cost(reply).get("requestedQueryCost")) or most, most)
        otherwise = min(max(math.ceil((wanted - left) / restored), 1), _WAIT_MAX_S)
    return retry_after(reply, otherwise)


def _throttle_status(reply: HttpReply) -> tuple[Decimal, Decimal, Decimal] | None:
    """(size, level, points a second) of the bucket, where the answer tells them."""
    if b"throttleStatus" not in reply.body:
        return None
    status = _cost(reply).get("throttleStatus")
    if not isinstance(status, dict):
        return None
    most = _number(status.get("maximumAvailable"))
    left = _number(status.get("currentlyAvailable"))
    restored = _number(status.get("restoreRate"))
    if most is None or left is None or restored is None or restored <= 0:
        return None
    return most, left, restored


def _cost(reply: HttpReply) -> Mapping[str, object]:
    envelope = graphql.opened(reply)
    if isinstance(envelope, str):
        return {}
    cost = envelope.extensions.get("cost")
    if isinstance(cost, dict):
        return cost
    for error in envelope.errors:  # the documentation shows it here, the platform there
        within = error.extensions.get("cost")
        if isinstance(within, dict):
            return within
    return {}


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() and abs(number) < 10**9 else None
