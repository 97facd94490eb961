# SPDX-License-Identifier: Apache-2.0
"""Chance of a simulated machine: from the world's seed, fast, and another one on each machine."""

from __future__ import annotations

import random


class SimChance:
    """`agent.ports.Chance`. `seed`: of the world; `name`: of the machine."""

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}/{name}")

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)

    def fraction(self) -> float:
        return self._random.random()
