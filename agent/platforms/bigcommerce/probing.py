# SPDX-License-Identifier: Apache-2.0
"""Whether BigCommerce would let us work: one harmless question for each scope of the token."""

from __future__ import annotations

from typing import Final

from agent.domain.outcome import Saying
from agent.platforms.bigcommerce import answers, order_wire, wire
from agent.platforms.bigcommerce.limits import quota
from agent.platforms.exchange import Exchange, Look
from agent.platforms.messages import HttpReply
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.reading import AUTH, Negative, No, NotExecuted, Wait

SKEW_MS: Final = 60_000
QUOTA_LEAST: Final = 20
_REFUSED: Final = "refuses the token: put a valid one into the credential file"


def probed(now_ms: int) -> Exchange[tuple[Probed, ...]]:
    """Certificates, customers, orders; then the clock and the quota, as the first answer says."""
    reply = yield Look(wire.page(1, limit=1))
    listed = wire.read_page(reply)
    if not isinstance(listed, list):
        return (_wrong("credentials", answers.MARKETING, listed), *_clock(reply, now_ms))
    found = [
        Probed(
            "credentials",
            ProbeResult.WEAK,
            "the token may read gift certificates; that it may also make them is seen only when "
            f"one is made: grant {answers.MARKETING} as modify",
        )
    ]
    people = wire.read_customers((yield Look(wire.any_customer())))
    if isinstance(people, wire.CustomersReply):
        detail = f"customers are found; to link them grant {answers.CUSTOMERS} as modify"
        found.append(Probed("scope", ProbeResult.OK, detail))
    else:
        found.append(_wrong("scope", answers.CUSTOMERS, people))
    orders = order_wire.read_any((yield Look(order_wire.any_order())))
    if orders is None:
        found.append(Probed("scope", ProbeResult.OK, "orders are found"))
    else:
        weak = _wrong("scope", answers.ORDERS, orders)
        found.append(Probed("scope", ProbeResult.WEAK, f"no returns: {weak.detail}", weak.saying))
    return (*found, *_clock(reply, now_ms), *_quota(reply))


def _wrong(what: str, scope: str, negative: Negative) -> Probed:
    said: Saying = negative.saying
    match negative:
        case NotExecuted(why, _) if why == AUTH and said.status == 403:
            detail = f"the token lacks the scope {scope}"
        case NotExecuted(why, _) if why == AUTH:
            detail = f"the platform {_REFUSED}"
        case No(answers.NO_SUCH, _):
            detail = "there is no such path: look at platform.store_hash (or platform.url)"
        case Wait():
            detail = "the platform takes no more requests just now: try again later"
        case _:
            detail = "the answer is not one that BigCommerce documents"
    return Probed(what, ProbeResult.WRONG, detail, said)


def _clock(reply: HttpReply, now_ms: int) -> tuple[Probed, ...]:
    if reply.date_ms is None:
        return ()
    off_s = abs(reply.date_ms - now_ms) // 1000
    if off_s * 1000 <= SKEW_MS:
        return (Probed("clock", ProbeResult.OK, "this machine's clock agrees with the platform's"),)
    return (
        Probed("clock", ProbeResult.WEAK, f"this machine's clock is {off_s} s off the platform's"),
    )


def _quota(reply: HttpReply) -> tuple[Probed, ...]:
    counted = quota(reply)
    if counted is None:
        return ()
    left, most = counted
    result = ProbeResult.OK if left >= QUOTA_LEAST else ProbeResult.WEAK
    detail = f"{left} of {most} requests are left in this window, for all apps of the store"
    return (Probed("limit", result, detail),)
