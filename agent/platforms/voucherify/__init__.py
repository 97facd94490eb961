# SPDX-License-Identifier: Apache-2.0
"""Voucherify: a store credit is a gift voucher under our own code."""

from __future__ import annotations

from collections.abc import Mapping

from agent.platforms.adapter import Plugin

__all__ = ["platform"]


def platform(table: Mapping[str, object]) -> Plugin:
    """The entry point. Raises ValueError which names the wrong setting."""
    from agent.platforms.voucherify.adapter import VoucherifyAdapter
    from agent.platforms.voucherify.limits import pause_s
    from agent.platforms.voucherify.options import VoucherifyOptions

    options = VoucherifyOptions.read(table)

    def prove(secret: str) -> Mapping[str, str]:
        """The application's id is a setting, its secret key the credential."""
        if not secret.strip():
            raise ValueError("the credential is empty")
        return {"X-App-Id": options.app_id, "X-App-Token": secret.strip()}

    return Plugin(VoucherifyAdapter(options), options.transport(), prove, pause_s)
