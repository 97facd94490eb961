# SPDX-License-Identifier: Apache-2.0
"""What gift-card platforms can do, as far as it decides an order's end: data for the shelf and
for the adapter that speaks with it.

Times are counted in steps of a walk: one step passes with each event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.domain.credit import Credit, Instrument
from agent.domain.outcome import Burn, BurnRefused, BurnUnknown, Saying
from agent.platforms.abilities import contradictions
from agent.platforms.comparing import burn_amount
from agent.platforms.exchange import Do, Exchange
from agent.platforms.reading import No, Seen
from agent.platforms.rest import wire
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from agent.ports import Abilities

STEP_MS: Final = 4_000
WINDOW_MS: Final = 6_000
"""How long a key is kept, and look-ups lag: over the next event, not over two."""


class Keys(StrEnum):
    """How long the platform keeps its own idempotency keys."""

    FOR_EVER = "for-ever"
    WINDOW = "window"
    NONE = "none"


class LookUp(StrEnum):
    """`LAGGING`: exact once it has settled; `INDEXED`: never promised to be."""

    EXACT = "exact"
    LAGGING = "lagging"
    INDEXED = "indexed"


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of platform. `unique`: a second card under one code is refused for ever;
    `claims_unique`: it says so and does not do it, for tests of the walk itself."""

    unique: bool
    keys: Keys
    look_up: LookUp
    claims_unique: bool = False

    @property
    def name(self) -> str:
        codes = "unique" if self.unique else "plain"
        return f"{codes}-{self.keys}-{self.look_up}"

    @property
    def abilities(self) -> Abilities:
        windows = {Keys.FOR_EVER: None, Keys.WINDOW: WINDOW_MS // 1000, Keys.NONE: 0}
        return Abilities(
            name=self.name,
            unique_codes=self.unique or self.claims_unique,
            key_window_s=windows[self.keys],
            compares_body=self.keys is not Keys.NONE,
            exact_lookup=self.look_up is not LookUp.INDEXED,
            settling_ms=0 if self.look_up is LookUp.EXACT else WINDOW_MS,
            voids=False,
            links=True,
            resolves=True,
            lists=True,
            instruments=frozenset({Instrument.CARD}),
        )

    @property
    def lag_ms(self) -> int:
        return 0 if self.look_up is LookUp.EXACT else WINDOW_MS


def profiles() -> Iterator[Profile]:
    """Every one that does not contradict itself."""
    for unique in (True, False):
        for keys in Keys:
            for look_up in LookUp:
                profile = Profile(unique, keys, look_up)
                if not contradictions(profile.abilities):
                    yield profile


class ProfiledAdapter(RestAdapter):
    """The rest adapter on a platform with other abilities than the contract asks for.

    Where codes are not unique, a code that is absent cannot be taken away from others: only a
    key that is kept for ever can be, by creating the burn under the issue's own key.
    """

    def __init__(self, profile: Profile) -> None:
        super().__init__(RestOptions(url="http://127.0.0.1:1"))
        self._profile = profile
        self._abilities = profile.abilities

    def burn(self, credit: Credit) -> Exchange[Burn]:
        if self._profile.unique:
            return (yield from super().burn(credit))
        match (yield from self._look(credit)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No("not-found", _):
                pass
            case _:
                return BurnUnknown("look-up", perhaps_sent=False)
        if self._profile.keys is not Keys.FOR_EVER:
            return BurnRefused(Saying(code="cannot-burn", message="an absent code stays free"))
        first = wire.create(credit, burn_amount(credit), "create")
        reply = yield Do("burn", first, wire.ids(credit.code))
        match wire.read_credit(reply, credit.code, created=True):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case _:  # the key came with the whole amount before: look again later
                return BurnUnknown("key-reused")
