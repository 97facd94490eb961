# SPDX-License-Identifier: Apache-2.0
"""What Voucherify's replies say of its limits. Pure.

Every reply carries X-Rate-Limit-Limit, -Remaining and -Retry (when the next request may be made,
seconds of the Unix epoch); Retry-After comes once a limit is reached (docs.voucherify.io, Limits).
"""

from __future__ import annotations

from typing import Final

from agent.platforms.messages import HttpReply
from agent.platforms.reading import RETRY_AFTER_MAX_S, RETRY_AFTER_S, retry_after

PLAN_S: Final = 3_600
"""How long we leave an exhausted plan alone when it does not say for how long."""
SPARED: Final = 10
"""The backlog leaves one tenth of the requests of a period to fresh counter requests."""
PAUSE_S: Final = 6.0
"""How long the backlog pauses where few are left and no moment is named."""


def wait_s(reply: HttpReply, otherwise: int = RETRY_AFTER_S) -> int:
    """Whole seconds until another request may be made, at most a day."""
    return retry_after(reply, _until_retry_s(reply) or otherwise)


def remaining(reply: HttpReply) -> tuple[int, int] | None:
    """(left, of) requests in this period, where the reply says both."""
    left, most = _whole(reply, "x-rate-limit-remaining"), _whole(reply, "x-rate-limit-limit")
    return None if left is None or most is None else (left, most)


def pause_s(reply: HttpReply) -> float:
    """For how long the backlog should leave the platform alone."""
    if reply.status in (402, 429):
        return float(wait_s(reply, PLAN_S if reply.status == 402 else RETRY_AFTER_S))
    counted = remaining(reply)
    if counted is None or counted[0] > max(1, counted[1] // SPARED):
        return 0.0
    return float(_until_retry_s(reply)) or PAUSE_S


def _until_retry_s(reply: HttpReply) -> int:
    """By the platform's own clock; 0 where either moment is missing or it is past."""
    at_s = _whole(reply, "x-rate-limit-retry")
    if at_s is None or reply.date_ms is None:
        return 0
    return min(max(at_s - reply.date_ms // 1000, 0), RETRY_AFTER_MAX_S)


def _whole(reply: HttpReply, name: str) -> int | None:
    text = reply.header(name) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
