# SPDX-License-Identifier: Apache-2.0
"""Shopify: gift cards, customers and orders of one shop, by the Admin GraphQL API."""

from __future__ import annotations

from collections.abc import Mapping

from agent.platforms.adapter import Plugin

__all__ = ["platform"]


def platform(table: Mapping[str, object]) -> Plugin:
    """The entry point. Raises ValueError which names the wrong setting."""
    from agent.platforms.shopify.adapter import ShopifyAdapter
    from agent.platforms.shopify.answers import pause_s
    from agent.platforms.shopify.options import ShopifyOptions

    options = ShopifyOptions.read(table)
    return Plugin(ShopifyAdapter(options), options.transport(), _token, pause_s, options.oauth())


def _token(secret: str) -> Mapping[str, str]:
    if not secret.strip():
        raise ValueError("the credential is empty")
    return {"X-Shopify-Access-Token": secret.strip()}
