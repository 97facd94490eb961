# SPDX-License-Identifier: Apache-2.0
"""BigCommerce: a store credit is a gift certificate (V2) under our own code."""

from __future__ import annotations

from collections.abc import Mapping

from agent.platforms.adapter import Plugin

__all__ = ["platform"]


def platform(table: Mapping[str, object]) -> Plugin:
    """The entry point. Raises ValueError which names the wrong setting."""
    from agent.platforms.bigcommerce.adapter import BigcommerceAdapter
    from agent.platforms.bigcommerce.limits import pause_s
    from agent.platforms.bigcommerce.options import BigcommerceOptions

    options = BigcommerceOptions.read(table)
    return Plugin(BigcommerceAdapter(options), options.transport(), _token, pause_s)


def _token(secret: str) -> Mapping[str, str]:
    if not secret.strip():
        raise ValueError("the credential is empty")
    return {"X-Auth-Token": secret.strip()}
