# SPDX-License-Identifier: Apache-2.0
"""What a probe asks Square: what the token may do and until when, and whether the location is
there. Nothing is issued."""

from __future__ import annotations

import datetime
from typing import Final

from agent.platforms.exchange import Exchange, Look
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.reading import AUTH, Negative, No, NotExecuted, Wait, as_unknown
from agent.platforms.square import replies, wire
from agent.platforms.square.errors import saying

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)
_EXPIRES_SOON_MS: Final = 7 * 86_400_000
_NEEDED: Final = (replies.READ, replies.WRITE)
_WANTED: Final = {
    replies.CUSTOMERS: "customers are not found, so no credit is linked to one",
    "ORDERS_READ": "sales are not found by their receipt",
    "PAYMENTS_READ": "refunds are not found",
    "PAYMENTS_WRITE": "nothing is refunded to a payment or to a customer's gift card",
}


def probe(location_id: str, now_ms: int) -> Exchange[tuple[Probed, ...]]:
    reply = yield Look(wire.token_status())
    match replies.read(reply, replies.TokenReply):
        case replies.TokenReply() as token:
            found = [*_scopes(token), _expiry(token, now_ms)]
        case other:
            return (_wrong("credentials", other),)
    reply = yield Look(wire.location(location_id))
    match replies.read(reply, replies.LocationReply, scope="MERCHANT_PROFILE_READ"):
        case replies.LocationReply(location=place) if place.id != location_id:
            detail = "Square answered with another location than platform.location_id"
            found.append(Probed("account", ProbeResult.WRONG, detail, saying(reply, None)))
        case replies.LocationReply(location=place) if place.status != "ACTIVE":
            detail = f"the location is {place.status or 'not active'}: choose an active one"
            found.append(Probed("account", ProbeResult.WRONG, detail, saying(reply, None)))
        case replies.LocationReply(location=place):
            detail = f"the location is active and takes {place.currency}"
            found.append(Probed("account", ProbeResult.OK, detail))
        case NotExecuted(why, said) if why == AUTH:
            detail = "the token may not read locations (MERCHANT_PROFILE_READ): not looked at"
            found.append(Probed("account", ProbeResult.WEAK, detail, said))
        case other:
            found.append(_wrong("account", other))
    return tuple(found)


def _scopes(token: replies.TokenReply) -> list[Probed]:
    missing = [scope for scope in _NEEDED if scope not in token.scopes]
    if missing:
        detail = f"the token lacks {' and '.join(missing)}: no credit can be issued"
        found = [Probed("scope", ProbeResult.WRONG, detail)]
    else:
        found = [Probed("scope", ProbeResult.OK, "the token may read and issue gift cards")]
    for scope, loss in _WANTED.items():
        if scope not in token.scopes:
            detail = f"the token lacks {scope}: {loss}"
            found.append(Probed("scope", ProbeResult.WEAK, detail))
    return found


def _expiry(token: replies.TokenReply, now_ms: int) -> Probed:
    if not token.expires_at:
        return Probed("credentials", ProbeResult.OK, "the token is valid and does not expire")
    try:
        at = datetime.datetime.fromisoformat(token.expires_at)
        left_ms = (at - _EPOCH) // _MILLISECOND - now_ms
    except (ValueError, TypeError):  # TypeError: a time without its zone
        detail = "the token's end cannot be read from Square's answer"
        return Probed("credentials", ProbeResult.WEAK, detail)
    if left_ms <= 0:
        detail = "the token has expired by this machine's clock: put a new one into its file"
        return Probed("credentials", ProbeResult.WRONG, detail)
    days = left_ms // 86_400_000
    result = ProbeResult.WEAK if left_ms < _EXPIRES_SOON_MS else ProbeResult.OK
    return Probed("credentials", result, f"the token is valid and expires in {days} days")


def _wrong(what: str, negative: Negative) -> Probed:
    """What store IT can do about an answer that was no yes."""
    match negative:
        case NotExecuted(why, said) if why == AUTH:
            detail = "Square refuses the token: put a valid one into the credential file"
        case Wait(_, said):
            detail = "Square takes no more requests just now: try again later"
        case No("not-found", said):
            detail = "Square does not know platform.location_id: is it of this account?"
        case other:
            unknown, said = as_unknown(other), other.saying
            detail = f"this is no answer of Square's API ({unknown.why}): is platform.url right?"
    return Probed(what, ProbeResult.WRONG, detail, said)
