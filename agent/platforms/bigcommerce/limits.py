# SPDX-License-Identifier: Apache-2.0
"""What BigCommerce's replies say of its limits. Pure.

Every app of a store shares one quota. Replies carry X-Rate-Limit-Requests-Left, -Quota and
-Time-Reset-Ms; a 429 without them means that the platform sheds load (API rate limits, docs).
"""

from __future__ import annotations

from typing import Final

from agent.platforms.messages import HttpReply
from agent.platforms.reading import RETRY_AFTER_MAX_S, retry_after

WINDOW_S: Final = 30
"""The usual window: what is waited after a 429 that names no moment."""
SPARED: Final = 10
"""The backlog leaves one tenth of a window's requests to fresh counter requests."""


def wait_s(reply: HttpReply) -> int:
    """Whole seconds until the quota is filled again, at least 1, at most a day."""
    reset_ms = _whole(reply, "x-rate-limit-time-reset-ms")
    if reset_ms is None:
        return retry_after(reply, WINDOW_S)
    return min(max(-(-reset_ms // 1000), 1), RETRY_AFTER_MAX_S)


def quota(reply: HttpReply) -> tuple[int, int] | None:
    """(left, of) requests in this window, where the reply says both."""
    left = _whole(reply, "x-rate-limit-requests-left")
    most = _whole(reply, "x-rate-limit-requests-quota")
    return None if left is None or most is None else (left, most)


def pause_s(reply: HttpReply) -> float:
    """For how long the backlog should leave the platform alone."""
    if reply.status == 429:
        return float(wait_s(reply))
    counted = quota(reply)
    if counted is None or counted[0] > max(1, counted[1] // SPARED):
        return 0.0
    return float(wait_s(reply))


def _whole(reply: HttpReply, name: str) -> int | None:
    text = reply.header(name) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
