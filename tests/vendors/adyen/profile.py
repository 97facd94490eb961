# SPDX-License-Identifier: Apache-2.0
"""Adyen as profiles: cards that are loaded and voided, and cards that are activated and killed.

Neither can go on paper, so the simulation of whole worlds, which hands out paper cards, does not
fit: `scene` plays the same machine, journal, flows, driver and adapter with scanned cards.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.platforms.adapter import Plugin
from agent.platforms.adyen import platform as adyen
from agent.ports import Abilities
from tests.simulation.profiles import URL, Lookup, Profile
from tests.vendors.adyen.simulator import AdyenPlatform


@dataclass(frozen=True, slots=True)
class AdyenProfile(Profile):
    """`brand` decides how a credit is undone, `put` how it gets onto a card."""

    brand: str = "svs"
    put: str = "load"

    @property
    def late_s(self) -> tuple[float, float]:
        """A key for a week guards against what is carried out minutes later."""
        return (20.0, 900.0)

    @property
    def table(self) -> dict[str, object]:
        """The settings."""
        return {
            "url": URL,
            "merchant_account": "ShopPOS",
            "brand": self.brand,
            "put": self.put,
            "store": "S0421",
            "refunds_url": f"{URL}/v72",
        }

    def abilities(self) -> Abilities:
        return self.plugin().adapter.abilities

    def platform(
        self, dice: random.Random, now_ms: Callable[[], int], token: str = "secret"
    ) -> AdyenPlatform:
        return AdyenPlatform(self, dice, now_ms, token)

    def plugin(self) -> Plugin:
        return adyen(self.table)


def _profile(name: str, brand: str, put: str) -> AdyenProfile:
    return AdyenProfile(
        name,
        unique_codes=False,
        unique_keys=False,
        key_window_ms=7 * 86_400_000,
        compares_body=False,
        lookup=Lookup.NONE,
        settling_ms=5_000,
        brand=brand,
        put=put,
    )


PROFILE: Final = _profile("adyen", "svs", "load")
GIVEX: Final = _profile("adyen_givex", "givex", "activate")
BOTH: Final = (PROFILE, GIVEX)
