# SPDX-License-Identifier: Apache-2.0
"""Countermark's own platform contract, for retailers whose platform sits behind middleware."""

from __future__ import annotations

from collections.abc import Mapping

from agent.platforms.adapter import Plugin

__all__ = ["platform"]


def platform(table: Mapping[str, object]) -> Plugin:
    """The entry point. Raises ValueError which names the wrong setting."""
    from agent.platforms.rest.adapter import RestAdapter
    from agent.platforms.rest.options import RestOptions

    options = RestOptions.read(table)
    return Plugin(RestAdapter(options), options.transport(), _bearer, oauth=options.oauth())


def _bearer(secret: str) -> Mapping[str, str]:
    if not secret.strip():
        raise ValueError("the credential is empty")
    return {"Authorization": f"Bearer {secret.strip()}"}
