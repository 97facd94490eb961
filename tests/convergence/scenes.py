# SPDX-License-Identifier: Apache-2.0
"""Every scene there is: each platform with each story of the counter and each copy of a journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.convergence.contract import ContractKind
from tests.convergence.events import Copy, Scene, Story
from tests.convergence.kind import Kind
from tests.convergence.profiles import Keys, LookUp, Profile, profiles
from tests.convergence.vendors import VendorKind

CONTRACT: Final = Profile(True, Keys.WINDOW, LookUp.EXACT)
"""What Countermark's own contract asks of a platform: the first to be walked."""
VENDORS: Final = ("shopify", "square", "saleor", "voucherify", "bigcommerce")
"""Those with cards on paper. Adyen's plastic is never on paper, so nobody can claim or replay it:
its orders are played in tests/vendors/adyen."""


def kinds() -> Iterator[Kind]:
    """The contract's profiles, its own first, then the vendors'."""
    for profile in sorted(profiles(), key=lambda each: each != CONTRACT):
        yield ContractKind(profile)
    for vendor in VENDORS:
        yield VendorKind(vendor)


def scenes() -> Iterator[Scene]:
    """Of each platform the story that is told most often first."""
    for kind in kinds():
        for story in Story:
            for copy in Copy:
                yield Scene(kind, story, copy)
