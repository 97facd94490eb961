# SPDX-License-Identifier: Apache-2.0
"""BigCommerce as a profile of the simulation: its simulator, and the real plug-in before it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from agent.platforms.adapter import Plugin
from agent.platforms.bigcommerce import platform as bigcommerce
from agent.ports import Abilities
from tests.simulation.profiles import URL, Lookup, Profile

if TYPE_CHECKING:
    from tests.vendors.bigcommerce.simulator import SimBigcommerce

HOUSE: Final = "credit@example.com"


@dataclass(frozen=True, slots=True)
class BigcommerceProfile(Profile):
    """`unique_codes` is what the store's settings say, not what the vendor does: the simulator
    turns a second certificate under one code away in both cases."""

    @property
    def unfit(self) -> frozenset[str]:
        return frozenset({"key_forgotten", "conflict_409"})

    def abilities(self) -> Abilities:
        return self.plugin().adapter.abilities

    def platform(
        self, dice: random.Random, now_ms: Callable[[], int], token: str = "secret"
    ) -> SimBigcommerce:
        from tests.vendors.bigcommerce.simulator import SimBigcommerce

        return SimBigcommerce(self, dice, now_ms, token)

    def plugin(self) -> Plugin:
        return bigcommerce(
            {
                "url": URL,
                "house_email": HOUSE,
                "unique_codes": self.unique_codes,
                "settling_ms": self.settling_ms,
            }
        )


PROFILE: Final = BigcommerceProfile(
    "bigcommerce",
    unique_codes=False,
    unique_keys=False,
    key_window_ms=0,
    compares_body=False,
    lookup=Lookup.LAGGING,
    lag_ms=(0, 5_000),
    settling_ms=120_000,
    rate=(5.0, 150.0),
    currencies=("USD", "JPY"),
)
TRIED: Final = replace(PROFILE, name="bigcommerce_tried", unique_codes=True)
"""A store whose IT has seen a second code refused, and said so."""
