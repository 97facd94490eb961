# SPDX-License-Identifier: Apache-2.0
"""The faults of a simulated platform, as data: a name, where it may bite, and what it does.

A board holds chances by name, and lasting faults that bite every request of theirs until a moment
of the platform's clock. What bites is counted. How it hurts is the platform's.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

EVERY: Final = frozenset(
    {"create", "list", "by_key", "find", "disable", "link", "annotate", "balance", "resolve"}
)
WRITES: Final = frozenset({"create", "disable", "link", "annotate"})
CREATE: Final = frozenset({"create"})


@dataclass(frozen=True, slots=True)
class FaultKind:
    """Which operations it may bite, and what it does."""

    where: frozenset[str]
    what: str


SPOILERS: Final[Mapping[str, FaultKind]] = {
    "answer_lost": FaultKind(EVERY, "carried out; the answer never comes"),
    "hang": FaultKind(EVERY, "carried out or not; nothing ever comes"),
    "late": FaultKind(WRITES, "nothing comes, and it is carried out minutes later"),
    "slow": FaultKind(EVERY, "carried out at once, answered late"),
    "duplicate_inside": FaultKind(WRITES, "carried out, and once more a while later"),
    "half_body": FaultKind(EVERY, "carried out; half of the answer, then the line is closed"),
    "empty_200": FaultKind(EVERY, "carried out or not; 200 without a body"),
    "accepted_202": FaultKind(WRITES, "carried out or not; 202 and a promise"),
    "redirect": FaultKind(EVERY, "not carried out; sent elsewhere, as by a portal"),
    "html_200": FaultKind(EVERY, "not carried out; 200 and somebody's web page"),
    "outage_503": FaultKind(EVERY, "carried out or not; 503 without a word that counts"),
}
"""They take the place of an answer; the first that bites does."""
REFUSERS: Final[Mapping[str, FaultKind]] = {
    "token_revoked": FaultKind(EVERY, "401: the token is taken for revoked"),
    "throttled": FaultKind(EVERY, "429: too many requests"),
    "not_executed_503": FaultKind(EVERY, "503 that says: not executed"),
    "refused_422": FaultKind(CREATE, "422: the platform's own no"),
}
"""Documented answers of *not carried out*."""
MEANINGS: Final[Mapping[str, FaultKind]] = {
    "conflict_409": FaultKind(CREATE, "409 in progress; carried out later, or never"),
    "saved_500": FaultKind(CREATE, "500, carried out or not, and kept for the key's window"),
    "lookup_lag": FaultKind(CREATE, "look-ups do not see this card for a while"),
    "wrong_amount_said": FaultKind(CREATE, "the card is right; the answer names another amount"),
    "wrong_amount": FaultKind(CREATE, "the card is made with another amount"),
    "customer_unknown": FaultKind(frozenset({"resolve", "link"}), "a customer is gone for once"),
    "customer_double": FaultKind(frozenset({"resolve"}), "a customer is there twice for once"),
}
"""They change what is remembered or said."""
FORGETTING: Final[Mapping[str, FaultKind]] = {
    "key_forgotten": FaultKind(CREATE, "a key inside its window is forgotten"),
}
"""Drawn only where a key would be remembered."""
PLATFORM_FAULTS: Final[Mapping[str, FaultKind]] = {
    **SPOILERS,
    **REFUSERS,
    **MEANINGS,
    **FORGETTING,
}


@dataclass(slots=True)
class FaultBoard:
    """`chances` by name may be changed at any moment. The spans are in seconds."""

    dice: random.Random
    chances: dict[str, float] = field(default_factory=dict)
    late_s: tuple[float, float] = (20.0, 900.0)
    slow_s: tuple[float, float] = (1.0, 30.0)
    bitten: Counter[str] = field(default_factory=Counter)
    _lasting: dict[str, int] = field(default_factory=dict)

    def last(self, name: str, until_ms: int) -> None:
        """It bites every request of its operations until then, by the platform's clock."""
        if name not in PLATFORM_FAULTS:
            raise ValueError(f"a platform has no fault {name}")
        self._lasting[name] = until_ms

    def calm(self) -> None:
        """No fault any more."""
        self.chances.clear()
        self._lasting.clear()

    def drawn(self, operation: str, among: Mapping[str, FaultKind], now_ms: int) -> str:
        """The first fault of that kind that bites this request, counted; empty for none."""
        for name in [*self._lasting]:
            kind = among.get(name)
            if kind is not None and operation in kind.where and self._lasts(name, now_ms):
                return self.bite(name)
        for name, chance in self.chances.items():
            kind = among.get(name)
            if kind is None:
                if name not in PLATFORM_FAULTS:
                    raise ValueError(f"a platform has no fault {name}")
                continue
            if operation in kind.where and self.dice.random() < chance:
                return self.bite(name)
        return ""

    def bites(self, name: str, operation: str, now_ms: int) -> bool:
        """Whether this one fault bites this request."""
        kind = PLATFORM_FAULTS[name]
        chance = self.chances.get(name, 0.0)
        lasts = name in self._lasting and self._lasts(name, now_ms)
        if operation not in kind.where or not (lasts or chance):
            return False
        if lasts or self.dice.random() < chance:
            self.bite(name)
            return True
        return False

    def bite(self, name: str) -> str:
        self.bitten[name] += 1
        return name

    def either(self) -> bool:
        return self.dice.random() < 0.5

    def _lasts(self, name: str, now_ms: int) -> bool:
        if now_ms < self._lasting[name]:
            return True
        del self._lasting[name]
        return False
