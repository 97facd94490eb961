# SPDX-License-Identifier: Apache-2.0
"""Adyen's Stored Value API v46: store credit on scanned gift cards of plastic, online only."""

from __future__ import annotations

from collections.abc import Mapping

from agent.platforms.adapter import Plugin

__all__ = ["platform"]


def platform(table: Mapping[str, object]) -> Plugin:
    """The entry point. Raises ValueError which names the wrong setting."""
    from agent.platforms.adyen.adapter import AdyenAdapter
    from agent.platforms.adyen.errors import pause_s
    from agent.platforms.adyen.options import AdyenOptions
    from agent.platforms.adyen.orders import AdyenWithRefunds

    options = AdyenOptions.read(table)
    adapter = AdyenAdapter if options.refunds_url is None else AdyenWithRefunds
    return Plugin(adapter(options), options.transport(), _api_key, pause_s)


def _api_key(secret: str) -> Mapping[str, str]:
    if not secret.strip():
        raise ValueError("the credential is empty")
    return {"X-API-Key": secret.strip()}
