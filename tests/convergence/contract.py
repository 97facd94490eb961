# SPDX-License-Identifier: Apache-2.0
"""Platforms that speak Countermark's own contract, with the abilities of a profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from agent.platforms.adapter import Adapter
from agent.platforms.messages import HttpReply, HttpRequest
from tests.convergence.profiles import (
    STEP_MS,
    WINDOW_MS,
    Keys,
    Profile,
    ProfiledAdapter,
)
from tests.convergence.shelf import Shelf, is_effect, serve

OLD_STEPS: Final = -(-WINDOW_MS // STEP_MS)
"""After so many steps nothing of a profile depends on an age any more."""


@dataclass(frozen=True, slots=True)
class ContractKind:
    """`tests.convergence.kind.Kind`."""

    profile: Profile

    @property
    def name(self) -> str:
        return self.profile.name

    def adapter(self) -> Adapter:
        return ProfiledAdapter(self.profile)

    def serve(self, shelf: Shelf, request: HttpRequest, at_ms: int) -> tuple[Shelf, HttpReply]:
        return serve(shelf, self.profile, request, at_ms)

    def is_effect(self, request: HttpRequest) -> bool:
        return is_effect(request)

    def spend(self, shelf: Shelf, code: str, minor: int) -> Shelf:
        return shelf.spend(code, minor)

    def form(self, shelf: Shelf, at_ms: int) -> tuple[Any, ...]:
        """Ages only where look-ups lag, and keys only while they are kept."""
        profile = self.profile
        lags = profile.lag_ms > 0
        cards = tuple(
            replace(card, made_ms=age(card.made_ms, at_ms) if lags else 0) for card in shelf.cards
        )
        remembered = tuple(
            replace(each, at_ms=0 if profile.keys is Keys.FOR_EVER else age(each.at_ms, at_ms))
            for each in shelf.remembered
            if profile.keys is Keys.FOR_EVER or age(each.at_ms, at_ms) < OLD_STEPS
        )
        return cards, remembered


def age(then_ms: int, now_ms: int) -> int:
    """In steps, as far as anything depends on it."""
    return min((now_ms - then_ms) // STEP_MS, OLD_STEPS)
