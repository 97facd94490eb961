# SPDX-License-Identifier: Apache-2.0
"""Chance that is the same in every run."""

from __future__ import annotations

import random
from collections import deque


class FakeChance:
    """`agent.ports.Chance` from a seed. `script`: numbers that `below` hands out first."""

    def __init__(self, seed: int = 7, *script: int) -> None:
        self._random = random.Random(seed)
        self.script = deque(script)
        self.drawn: list[int] = []

    def below(self, bound: int) -> int:
        number = self.script.popleft() if self.script else self._random.randrange(bound)
        if not 0 <= number < bound:
            raise ValueError(f"a scripted {number} is not below {bound}")
        self.drawn.append(number)
        return number

    def fraction(self) -> float:
        return self._random.random()
