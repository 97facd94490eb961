# SPDX-License-Identifier: Apache-2.0
"""Saleor as a profile of the simulation: its own shop, and the real plug-in before it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.platforms.adapter import Plugin
from agent.platforms.saleor import platform as saleor
from agent.ports import Abilities
from tests.simulation.profiles import URL, Lookup, Profile
from tests.vendors.saleor.simulator import SimSaleor


@dataclass(frozen=True, slots=True)
class SaleorProfile(Profile):
    """No native key, codes unique for ever, look-ups on a replica that lags for moments."""

    def abilities(self) -> Abilities:
        return self.plugin().adapter.abilities

    def platform(
        self, dice: random.Random, now_ms: Callable[[], int], token: str = "secret"
    ) -> SimSaleor:
        return SimSaleor(self, dice, now_ms, token)

    def plugin(self) -> Plugin:
        return saleor({"url": URL, "settling_ms": self.settling_ms})


PROFILE: Final = SaleorProfile(
    "saleor",
    unique_keys=False,
    key_window_ms=0,
    compares_body=False,
    lookup=Lookup.LAGGING,
    lag_ms=(0, 2_000),
    settling_ms=5_000,
)
