# SPDX-License-Identifier: Apache-2.0
"""What an act is: something that somebody does or that befalls somebody, with a weight."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Act:
    """`fault`: only in worlds that have this fault, by its strength; else `weight` alone.

    `do` may take as long as it likes: it runs beside all others.
    """

    name: str
    do: Callable[[World], Coroutine[Any, Any, None]]
    weight: float = 1.0
    fault: str | None = None

    def weight_in(self, world: World) -> float:
        if self.fault is None:
            return self.weight
        return self.weight * world.plan.strengths.get(self.fault, 0.0)
