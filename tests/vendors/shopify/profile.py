# SPDX-License-Identifier: Apache-2.0
"""The simulated shop as a profile of the simulation: `--profile shopify`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from agent.platforms.adapter import Plugin
from agent.platforms.shopify import platform as shopify
from agent.ports import Abilities
from tests.simulation.profiles import URL, Lookup, Profile

if TYPE_CHECKING:
    from tests.simulation.platform import SimPlatform

OPTIONS: Final = {
    "url": URL,
    "shop": "brand",
    "loyalty_namespace": "custom",
    "loyalty_key": "loyalty",
}


@dataclass(frozen=True, slots=True)
class ShopifyProfile(Profile):
    """What the adapter says of itself is what is claimed; the numbers are the simulator's."""

    def abilities(self) -> Abilities:
        return self.plugin().adapter.abilities

    def platform(
        self, dice: random.Random, now_ms: Callable[[], int], token: str = "secret"
    ) -> SimPlatform:
        from tests.vendors.shopify.simulator import ShopSim

        return ShopSim(self, dice, now_ms, token)

    def plugin(self) -> Plugin:
        return shopify({**OPTIONS, "settling_ms": self.settling_ms})


PROFILE: Final = ShopifyProfile(
    "shopify",
    unique_codes=True,
    unique_keys=False,
    key_window_ms=0,
    compares_body=False,
    lookup=Lookup.LAGGING,
    lag_ms=(0, 45_000),
    settling_ms=60_000,
    currencies=("USD", "JPY"),
)
