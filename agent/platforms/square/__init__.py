# SPDX-License-Identifier: Apache-2.0
"""Square: the Gift Cards, Gift Card Activities, Refunds, Customers and Orders APIs."""

from __future__ import annotations

from collections.abc import Mapping

from agent.platforms.adapter import Plugin
from agent.platforms.messages import HttpReply

__all__ = ["platform"]


def platform(table: Mapping[str, object]) -> Plugin:
    """The entry point. Raises ValueError which names the wrong setting."""
    from agent.platforms.square.adapter import SquareAdapter
    from agent.platforms.square.options import SquareOptions

    options = SquareOptions.read(table)
    return Plugin(SquareAdapter(options), options.transport(), _bearer, _pause_s)


def _bearer(secret: str) -> Mapping[str, str]:
    if not secret.strip():
        raise ValueError("the credential is empty")
    return {"Authorization": f"Bearer {secret.strip()}"}


def _pause_s(reply: HttpReply) -> float:
    """Square publishes no limits and no headers about them; a 429 is all that it says."""
    from agent.platforms.reading import retry_after

    return float(retry_after(reply)) if reply.status == 429 else 0.0
