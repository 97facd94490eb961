# SPDX-License-Identifier: Apache-2.0
"""The steps of the test, in order: what the till is asked to do, and how it is judged.

Judged is only what came over the line and what the platform's books say; a question goes to the
person at the till where nothing but the till's screen can know.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from agent.commands.conformance import asking_again, refusals
from agent.commands.conformance.ground import Failed, Ground

Play = Callable[[Ground, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """`minor`: the amount by which the till's requests of this step are known.

    `required`: no till is marked as tested without it. The others are passed over where the
    integration does not do such a thing at all; a till without them can issue less, never more.
    """

    name: str
    minor: int
    play: Play
    required: bool = True


async def confirmed(ground: Ground, minor: int) -> None:
    """The plain case: one request, confirmed."""
    ground.announce()
    await ground.answered(minor, 200)
    count = ground.register.issued(minor)
    if count != 1:
        raise Failed("two-credits", count=count)


STEPS: Final = (
    Step("confirmed", 4850, confirmed),
    Step("retry", 1210, asking_again.retry),
    Step("hang-up", 1320, asking_again.hang_up),
    Step("open-504", 1430, asking_again.open_504),
    Step("open-202", 1540, asking_again.open_202),
    Step("conflict", 1650, refusals.conflict),
    Step("looks-like", 1500, refusals.looks_like),
    Step("approval", 12_000, refusals.approval, required=False),
    Step("prints", 990, asking_again.prints, required=False),
)
PAIR: Final = "pair"
BY_NAME: Final[Mapping[str, Step]] = MappingProxyType({each.name: each for each in STEPS})
REQUIRED: Final = (PAIR, *(each.name for each in STEPS if each.required))
