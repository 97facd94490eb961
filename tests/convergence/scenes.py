# SPDX-License-Identifier: Apache-2.0
"""Every scene there is: each profile with each story of the counter and each copy of a journal."""

from __future__ import annotations

from collections.abc import Iterator

from tests.convergence.contract import ContractKind
from tests.convergence.events import Copy, Scene, Story
from tests.convergence.profiles import Keys, LookUp, Profile, profiles

CONTRACT = Profile(True, Keys.WINDOW, LookUp.EXACT)
"""What Countermark's own contract asks of a platform: the first to be walked."""


def scenes() -> Iterator[Scene]:
    """The contract's own first, and of each profile the story that is told most often."""
    for profile in sorted(profiles(), key=lambda each: each != CONTRACT):
        for story in Story:
            for copy in Copy:
                yield Scene(ContractKind(profile), story, copy)
