# SPDX-License-Identifier: Apache-2.0
"""Square among the simulation's platforms: the real plug-in against `SquareSim`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.platforms.adapter import Plugin
from agent.platforms.square import platform as square
from agent.ports import Abilities
from tests.simulation.profiles import URL, Profile
from tests.vendors.square.simulator import LOCATION, SquareSim

TABLE: Final = {"url": URL, "location_id": LOCATION}


@dataclass(frozen=True, slots=True)
class SquareProfile(Profile):
    """`key_window_ms` is the simulator's alone: Square publishes none, and the adapter leans on
    none."""

    def abilities(self) -> Abilities:
        return self.plugin().adapter.abilities

    def platform(
        self, dice: random.Random, now_ms: Callable[[], int], token: str = "secret"
    ) -> SquareSim:
        return SquareSim(self, dice, now_ms, token)

    def plugin(self) -> Plugin:
        return square(TABLE)


PROFILE: Final = SquareProfile("square", unique_keys=False, settling_ms=30_000)
