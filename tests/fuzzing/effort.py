# SPDX-License-Identifier: Apache-2.0
"""How many examples each property draws, and how many were drawn.

`python -m tests.fuzzing --examples N` says the number in the environment; a run of all tests
draws fifty. What fails is shrunk by Hypothesis and becomes an explicit example beside its property.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, given, settings

from tests.fuzzing import VARIABLE

EXAMPLES: Final = int(os.environ.get(VARIABLE, "50"))


class Drawn:
    """Examples drawn so far, by property."""

    def __init__(self) -> None:
        self.by_name: dict[str, int] = {}

    def one(self, name: str) -> None:
        self.by_name[name] = self.by_name.get(name, 0) + 1


DRAWN: Final = Drawn()

Test = Callable[..., None]


def fuzzed(**strategies: Any) -> Callable[[Test], Test]:
    """A property over these strategies, with as many examples as this run wants."""

    def around(test: Test) -> Test:
        @functools.wraps(test)
        def counted(*args: Any, **values: Any) -> None:
            DRAWN.one(test.__name__)
            test(*args, **values)

        limited = settings(
            max_examples=EXAMPLES,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        drawn: Test = limited(given(**strategies)(counted))
        return drawn

    return around
