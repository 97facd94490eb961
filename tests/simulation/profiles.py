# SPDX-License-Identifier: Apache-2.0
"""What platforms are able to do, as data: the profiles that every promise is tried against.

A profile is both what the simulated platform does and what the adapter says of it (`Abilities`).
The adapter is the real `rest` one; only what it claims to be able to do is the profile's.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from agent.platforms.adapter import DrivenPlatform, Plugin
from agent.platforms.catalog import open_platform
from agent.platforms.rest import platform as rest
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from agent.ports import Abilities
from tests.simulation.loop import running
from tests.simulation.network import Network

if TYPE_CHECKING:
    from tests.simulation.platform import SimPlatform

HOST: Final = "credit.example"
URL: Final = f"https://{HOST}"
_DAY_MS: Final = 86_400_000


class Lookup(Enum):
    EXACT = auto()
    LAGGING = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Profile:
    """`key_window_ms`: None keeps native keys for ever, 0 has none. `lag_ms`: how long look-ups
    do not see a new card. `rate`: (requests a second, at once), for everybody together.
    `currencies`: what it has an exact form for, where not for all; a store that keeps another is
    never set up with it."""

    name: str
    unique_codes: bool = True
    unique_keys: bool = True
    key_window_ms: int | None = _DAY_MS
    compares_body: bool = True
    lookup: Lookup = Lookup.EXACT
    lag_ms: tuple[int, int] = (0, 0)
    settling_ms: int = 5_000
    rate: tuple[float, float] | None = None
    currencies: tuple[str, ...] = ()

    @property
    def dedupes_late(self) -> bool:
        """Whether a request that is carried out days later can do no harm: a unique code or a
        key for ever sees to it. Elsewhere an *absent* that has settled is the last word, so no
        request may be carried out later than `settling_ms` after it was sent: nobody could keep
        the promise there, and no vendor leaves it so."""
        return self.unique_codes or self.key_window_ms is None

    @property
    def late_s(self) -> tuple[float, float]:
        """How much later a platform or a network of this profile may carry a request out."""
        if self.dedupes_late:
            return (20.0, 900.0)
        return (0.1, max(0.2, (self.settling_ms - self.lag_ms[1]) / 4000))

    @property
    def unfit(self) -> frozenset[str]:
        """The faults of `platform_faults` that a platform with these abilities does not have."""
        return frozenset() if self.unique_codes else frozenset({"key_forgotten"})

    def abilities(self) -> Abilities:
        window_ms = self.key_window_ms
        return replace(
            RestAdapter(RestOptions(url=URL)).abilities,
            name=self.name,
            unique_codes=self.unique_codes,
            key_window_s=None if window_ms is None else window_ms // 1000,
            compares_body=self.compares_body and window_ms != 0,
            exact_lookup=self.lookup is not Lookup.NONE,
            settling_ms=self.settling_ms,
        )

    def platform(
        self, dice: random.Random, now_ms: Callable[[], int], token: str = "secret"
    ) -> SimPlatform:
        """The platform itself, in memory. `dice`: of its own; `now_ms`: its clock, UTC."""
        from tests.simulation.platform import SimPlatform

        return SimPlatform(self, dice, now_ms, token)

    def plugin(self) -> Plugin:
        """The real `rest` plug-in with this profile's abilities."""
        options = RestOptions(url=URL)
        return replace(rest({"url": URL}), adapter=_ProfiledAdapter(options, self.abilities()))


class _ProfiledAdapter(RestAdapter):
    """The real conversations; only the claim of what the platform can do is another."""

    def __init__(self, options: RestOptions, abilities: Abilities) -> None:
        super().__init__(options)
        self._claimed = abilities

    @property
    def abilities(self) -> Abilities:
        return self._claimed


@asynccontextmanager
async def opened(
    profile: Profile, network: Network, client: str, read_secret: Callable[[], str]
) -> AsyncIterator[DrivenPlatform]:
    """The platform as this client reaches it, through the real catalog, driver and transport."""
    roads, now_s = network.roads(client), running().time
    async with open_platform(profile.plugin(), read_secret, roads=roads, now_s=now_s) as driven:
        yield driven


REST: Final = Profile("rest")
PROFILES: Final = {
    profile.name: profile
    for profile in (
        REST,
        Profile("rest_for_ever", key_window_ms=None),
        Profile("rest_lagging", lookup=Lookup.LAGGING, lag_ms=(0, 60_000), settling_ms=90_000),
        Profile("codes_alone", key_window_ms=0),
        Profile("codes_unseen", lookup=Lookup.NONE),
        Profile("keys_for_ever", unique_codes=False, unique_keys=False, key_window_ms=None),
        Profile("keys_an_hour", unique_codes=False, unique_keys=False, key_window_ms=3_600_000),
        Profile(
            "keys_lagging",
            unique_codes=False,
            unique_keys=False,
            lookup=Lookup.LAGGING,
            lag_ms=(0, 30_000),
            settling_ms=120_000,
        ),
    )
}
"""Codes unique or not, keys for ever, for a window or none, look-ups exact, lagging or none."""


def named(name: str) -> Profile:
    """One of these, or a vendor's: `tests/vendors/<name>/profile.py` holds its own."""
    known = PROFILES.get(name)
    if known is not None:
        return known
    found = importlib.import_module(f"tests.vendors.{name}.profile").PROFILE
    if not isinstance(found, Profile):
        raise TypeError(f"tests.vendors.{name}.profile.PROFILE is no profile")
    return found
