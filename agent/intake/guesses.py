# SPDX-License-Identifier: Apache-2.0
"""How many codes that nobody knows a caller may ask for: few, so that guessing leads nowhere.

In memory only: a restart forgets them, and asking is slow enough for that not to matter.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from agent.domain.faults import TooManyTries

UNKNOWN_MAX: Final = 10
"""Unknown codes of one caller within `WINDOW_S`: enough for paper that is hard to read."""
WINDOW_S: Final = 60.0


class Guesses:
    """By caller. A try counts from its beginning, so that asking in parallel is no way round."""

    def __init__(self) -> None:
        self._tries: dict[str, deque[float]] = {}

    def begin(self, caller: str, at_s: float) -> None:
        """Counts a try; raises `TooManyTries`. `at_s`: seconds of the clock that never jumps."""
        tries = self._tries.setdefault(caller, deque())
        while tries and at_s - tries[0] >= WINDOW_S:
            tries.popleft()
        if len(tries) >= UNKNOWN_MAX:
            raise TooManyTries(wait_s=math.ceil(tries[0] + WINDOW_S - at_s))
        tries.append(at_s)

    def take_back(self, caller: str, at_s: float) -> None:
        """The try begun then was no guess: the card is known, or nobody could be asked."""
        tries = self._tries.get(caller)
        if tries and at_s in tries:
            tries.remove(at_s)
