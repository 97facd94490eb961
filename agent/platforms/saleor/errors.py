# SPDX-License-Identifier: Apache-2.0
"""How Saleor says no: three places in an answer, most of them inside a 200. Pure.

1. `data.<field>.errors`: what the mutation found wrong. Documented codes; nothing was executed.
2. Top-level `errors`, whose `extensions.exception.code` is the name of the server's exception.
   A refused token or a missing permission is one of these (*PermissionDenied*), with status 200;
   so is the database's own word that a code exists (*IntegrityError*): the loser of a race.
3. The status: 429 from a sandbox of Saleor Cloud (120 requests a minute, docs "Usage limits"),
   401 where storefront traffic is off. A 400 is no proof: the server also says it for what
   fails while an answer is written (saleor/graphql/views.py), so it counts as odd.

A denied *field* of an answer is not a denied mutation: only a path of one name says that nothing
was executed (graphql/core/mutations.py checks before it performs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent.domain.code import Code
from agent.domain.outcome import RefusalReason, Saying
from agent.platforms.graphql import Envelope, GraphqlError, opened
from agent.platforms.messages import HttpReply
from agent.platforms.reading import (
    AUTH,
    Negative,
    No,
    NotExecuted,
    Odd,
    Wait,
    hidden,
    retry_after,
)

TAKEN: Final = "taken"
"""Somebody was first under this code: a card or a voucher."""
WINDOW_S: Final = 60
"""A sandbox counts by the minute, and sends no Retry-After."""
_DENIED: Final = frozenset(
    {
        "PermissionDenied",
        "InvalidTokenError",
        "InvalidSignatureError",
        "ExpiredSignatureError",
        "DecodeError",
        "JSONWebTokenError",
        "STOREFRONT_TRAFFIC_NOT_ALLOWED",
    }
)
_TAKEN: Final = frozenset({"ALREADY_EXISTS", "UNIQUE"})
_KNOWN: Final = frozenset(
    {
        "GRAPHQL_ERROR",
        "INVALID",
        "NOT_FOUND",
        "REQUIRED",
        "EXPIRED_GIFT_CARD",
        "DUPLICATED_INPUT_ITEM",
        "CANNOT_ASSIGN",
        "NOT_UPDATED",
        "NOT_CONFIGURED",
        "SHIPPING_COSTS_ALREADY_GRANTED",
        "AMOUNT_GREATER_THAN_AVAILABLE",
        "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK",
        "REFUND_ALREADY_PROCESSED",
        "REFUND_IS_PENDING",
    }
)
"""Every code of the error enums of the mutations that we use, but those of `_TAKEN`."""


def pause_s(reply: HttpReply) -> float:
    """How long the whole queue leaves the platform alone: a sandbox has one limit for everybody."""
    return float(retry_after(reply, WINDOW_S)) if reply.status == 429 else 0.0


def data_of(reply: HttpReply, hide: Code | None) -> Mapping[str, object] | Negative:
    """The `data` of an answer without a single error, or what stands in its place."""
    if reply.status == 429:
        return Wait(retry_after(reply, WINDOW_S), saying(reply, hide))
    envelope = opened(reply)
    if isinstance(envelope, str):
        why = envelope if reply.status == 200 else f"status-{reply.status}"
        return Odd(why, saying(reply, hide))
    if envelope.errors:
        return _failed(reply, envelope, hide)
    if reply.status != 200 or envelope.data is None:
        return Odd(f"status-{reply.status}", saying(reply, hide))
    return envelope.data


def payload_of(reply: HttpReply, field: str, hide: Code | None) -> Mapping[str, object] | Negative:
    """What a mutation gave back, without errors of its own; or what stands in its place."""
    data = data_of(reply, hide)
    if not isinstance(data, Mapping):
        return data
    payload = data.get(field)
    errors = payload.get("errors") if isinstance(payload, Mapping) else None
    if not isinstance(payload, Mapping) or not isinstance(errors, list):
        return Odd("not-the-contract", saying(reply, hide))
    return _refused(reply, errors, hide) if errors else payload


def _failed(reply: HttpReply, envelope: Envelope, hide: Code | None) -> Negative:
    first = envelope.errors[0]
    codes = {_exception(each) for each in envelope.errors}
    said = saying(reply, hide, _exception(first), first.message)
    if reply.status not in (200, 401):
        return Odd(f"status-{reply.status}", said)
    if any(_is_duplicate(each) for each in envelope.errors):
        return No(TAKEN, said)
    if codes <= _DENIED:
        unsaid = envelope.data is None or all(each is None for each in envelope.data.values())
        depths = {len(each.path) for each in envelope.errors}
        whole = depths == {1} or (depths <= {0, 1} and unsaid)
        return NotExecuted(AUTH, said) if whole else Odd("scope", said)
    return Odd("server-error", said)


def _refused(reply: HttpReply, errors: list[object], hide: Code | None) -> Negative:
    """The mutation's own list. One code that nobody knows makes the whole of it odd."""
    read = [each for each in errors if isinstance(each, Mapping)]
    codes = [_text(each, "code") for each in read]
    first = read[0] if read else {}
    field = _text(first, "field")
    message = ": ".join(part for part in (field, _text(first, "message")) if part)
    said = saying(reply, hide, _text(first, "code"), message)
    if len(read) != len(errors) or not set(codes) <= _KNOWN | _TAKEN:
        return Odd("unknown-code", said)
    if set(codes) & _TAKEN:
        return No(TAKEN, said)
    code = codes[0].lower().replace("_", "-")
    if codes[0] == "NOT_FOUND" and field == "userId":
        code = "unknown-customer"
    about_money = codes[0] == "INVALID" and field in ("balance", "amount")
    return No(code, said, RefusalReason.CURRENCY if about_money else RefusalReason.PLATFORM)


def saying(reply: HttpReply, hide: Code | None, code: str = "", message: str = "") -> Saying:
    """The vendor's own words for support, without the code should they have echoed it. The stack
    trace that a server in debug mode adds is never read."""
    return Saying(
        status=reply.status,
        code=hidden(code, hide),
        message=hidden(message, hide),
        request_id=hidden(reply.header("x-request-id") or "", hide),
    )


def _exception(error: GraphqlError) -> str:
    """The server's name of what went wrong; a code of the extensions where it has none."""
    exception = error.extensions.get("exception")
    code = exception.get("code") if isinstance(exception, Mapping) else None
    return code if isinstance(code, str) else error.code


def _is_duplicate(error: GraphqlError) -> bool:
    """PostgreSQL's 23505, which reaches us as text: the third shape of *already there*."""
    return (
        _exception(error) in ("IntegrityError", "UniqueViolation")
        and "duplicate key value" in error.message
    )


def _text(entry: Mapping[str, object], name: str) -> str:
    found = entry.get(name)
    return found if isinstance(found, str) else ""
