# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: how Hypothesis searches. Fixtures live beside the tests that use them.

Under CI the search is the same each time, so that a red run is about the change at hand; on a
developer's machine it draws anew. Neither has a deadline: the clock of a busy machine proves
nothing. A failing example prints the line that replays it.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "developer",
    deadline=None,
    print_blob=True,
    # A slow machine, not a slow strategy, is what this check finds when two cores are shared.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "ci", parent=settings.get_profile("developer"), derandomize=True, database=None
)
settings.load_profile("ci" if os.environ.get("CI") else "developer")
