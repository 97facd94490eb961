# SPDX-License-Identifier: Apache-2.0
"""Whether this project could be issued into, by looking alone. Pure.

Nothing shows whether the key may create, disable and publish without doing so; roles are set in
the dashboard. What can be seen: the credential, the limits, and rules for metadata that would
refuse every voucher of ours.
"""

from __future__ import annotations

from typing import Final

from agent.platforms.exchange import Exchange, Look
from agent.platforms.messages import HttpReply
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.reading import AUTH, No, Wait, as_unknown
from agent.platforms.voucherify import wire
from agent.platforms.voucherify.errors import NO_SCHEMA
from agent.platforms.voucherify.limits import SPARED, remaining

_PROBED: Final = {
    AUTH: "Voucherify refuses the keys: platform.app_id and the credential must be one pair, "
    "whose role may see, create, change and publish vouchers",
    "no-such-path": "there is no such path: platform.url must end before /v1",
}
_UNREADABLE: Final = "the answer is not one of Voucherify's: is platform.url right?"
_OURS: Final = (wire.KEY, wire.CURRENCY)


def probe(now_ms: int) -> Exchange[tuple[Probed, ...]]:
    """Lists from now on, which proves address and keys; then reads the rules for metadata."""
    reply = yield Look(wire.list_since(now_ms, 1, limit=1))
    match wire.read(reply, wire.PageReply):
        case wire.PageReply():
            ok = "the keys may read vouchers; whether they may create, the first credit will show"
            found = [Probed("credentials", ProbeResult.OK, ok)]
        case Wait(_, saying):
            waits = "the project's API calls are used up: wait for the next period, or buy more"
            return (Probed("limit", ProbeResult.WRONG, waits, saying),)
        case other:
            unknown = as_unknown(other)
            detail = _PROBED.get(unknown.why, _UNREADABLE)
            return (Probed("credentials", ProbeResult.WRONG, detail, unknown.saying),)
    found += _limits(reply)
    rules = yield Look(wire.voucher_schema())
    return (*found, _account(rules))


def _limits(reply: HttpReply) -> list[Probed]:
    counted = remaining(reply)
    if counted is None:
        return []
    left, most = counted
    few = left <= max(1, most // SPARED)
    told = f"{left} of {most} API calls are left in this period"
    return [Probed("limit", ProbeResult.WEAK if few else ProbeResult.OK, told)]


def _account(reply: HttpReply) -> Probed:
    """Whether the project's schema of voucher metadata takes ours."""
    match wire.read(reply, wire.SchemaReply):
        case wire.SchemaReply() as schema:
            pass
        case No(code, _) if code == NO_SCHEMA:
            return Probed("account", ProbeResult.OK, "the project takes any voucher metadata")
        case other:
            told = "the voucher metadata schema cannot be read: it must take ours"
            return Probed("account", ProbeResult.WEAK, told, as_unknown(other).saying)
    known = {name: each for name, each in schema.properties.items() if not each.deleted}
    missing = [name for name in _OURS if schema.allow_defined_only and name not in known]
    if missing:
        told = f"define these texts in the voucher metadata schema: {', '.join(missing)}"
        return Probed("account", ProbeResult.WRONG, told)
    required = [name for name, each in known.items() if not each.optional and name not in _OURS]
    if required:
        told = f"voucher metadata that every voucher must have, and ours lack: {len(required)}"
        return Probed("account", ProbeResult.WRONG, told)
    return Probed("account", ProbeResult.OK, "the voucher metadata schema takes ours")
