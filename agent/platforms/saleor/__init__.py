# SPDX-License-Identifier: Apache-2.0
"""Saleor's gift cards and orders, by its GraphQL API (3.23 and later)."""

from __future__ import annotations

from collections.abc import Mapping

from agent.platforms.adapter import Plugin

__all__ = ["platform"]


def platform(table: Mapping[str, object]) -> Plugin:
    """The entry point. Raises ValueError which names the wrong setting."""
    from agent.platforms.saleor.adapter import SaleorAdapter
    from agent.platforms.saleor.errors import pause_s
    from agent.platforms.saleor.options import SaleorOptions

    options = SaleorOptions.read(table)
    return Plugin(SaleorAdapter(options), options.transport(), _bearer, pause_s)


def _bearer(secret: str) -> Mapping[str, str]:
    if not secret.strip():
        raise ValueError("the credential is empty")
    return {"Authorization": f"Bearer {secret.strip()}"}
