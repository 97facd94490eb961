# SPDX-License-Identifier: Apache-2.0
"""What a step stands on: the trial register, the line, whom to ask, and how long to wait.

A step returns when it passed and raises `Failed` when it did not; both name a sentence of
`agent.words` and its values.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent.commands.conformance.between import Between, Exchange, Json
from agent.commands.conformance.register import TrialRegister
from agent.domain.money import Money
from agent.words import ENGLISH, say

CREDITS: Final = "/v1/credits"
_SAME: Final = ("amount", "currency", "store", "register", "customer", "instrument", "pos")
_DEFAULTS: Final[Json] = {"instrument": "card", "store": None, "customer": None}


class Failed(Exception):
    """What was seen, by the id of its sentence `pos-test.bad.<what>`."""

    def __init__(self, what: str, **values: str | int) -> None:
        super().__init__(what, values)
        self.what = what
        self.values = values

    def sentence(self) -> str:
        return say(f"pos-test.bad.{self.what}", ENGLISH, **self.values)

    def advice(self) -> str:
        return say(f"pos-test.bad.{self.what}.next")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. `patience_s`: how long a step waits for the till; `quiet_s`: how long a till that
    must do nothing is watched."""

    patience_s: float = 180.0
    quiet_s: float = 5.0


Ask = Callable[[str], Awaitable[bool]]
"""A yes or no of the person at the till, to the question `pos-test.ask.<id>`."""


def _nobody() -> None:
    """Where nobody is to be told."""


@dataclass(slots=True)
class Ground:
    """`printing`: who prints, as the till was paired; `pairing`: its id at the trial register."""

    register: TrialRegister
    line: Between
    ask: Ask
    pace: Pace = field(default_factory=Pace)
    printing: str = "agent"
    pairing: str = ""
    announce: Callable[[], None] = _nobody
    """Tells the till what to do. A step calls it once its stage is set, not before."""

    def money(self, minor: int) -> Money:
        return Money(minor, self.register.kind.currency)

    def credits(self, minor: int) -> list[Exchange]:
        """Requests for a credit of this amount, in the order in which they came."""
        return [
            each
            for each in self.line.seen
            if each.method == "POST" and each.path == CREDITS and _minor(each.body) == minor
        ]

    async def ended(self, minor: int, count: int = 1) -> list[Exchange]:
        """Those requests, once `count` have ended; fewer where the till sent no more in time."""

        def enough() -> bool:
            return sum(each.ended_s is not None for each in self.credits(minor)) >= count

        await self.line.until(enough, self.pace.patience_s)
        return self.credits(minor)

    async def answered(self, minor: int, status: int) -> list[Exchange]:
        """Those requests, once one was answered so; raises `Failed` where none came or fitted."""

        def told() -> bool:
            return any(each.status == status for each in self.credits(minor))

        if not await self.line.until(told, self.pace.patience_s):
            raise self.short_of(minor, status)
        return self.credits(minor)

    def short_of(self, minor: int, status: int) -> Failed:
        """Why nothing was answered so: nothing came, or it was answered otherwise."""
        amount, came = str(self.money(minor)), self.credits(minor)
        if not came:
            return Failed("nothing-came", amount=amount)
        last = next((each for each in reversed(came) if each.ended_s is not None), came[-1])
        word = last.code or str(last.answer.get("answer", "-"))
        return Failed("other-answer", amount=amount, status=last.status, word=word, wanted=status)


def same_request(first: Exchange, later: Sequence[Exchange]) -> None:
    """Raises `Failed` where a repeat has another key or another body than the first."""
    for each in later:
        if each.key != first.key:
            raise Failed("new-key", first=first.key, second=each.key)
        differing = differences(first.body, each.body)
        if differing:
            raise Failed("other-body", fields=", ".join(differing))


def differences(one: Json, other: Json) -> list[str]:
    """The fields of two bodies that make them two credits (docs/pos/api.md, keys)."""
    left, right = _essence(one), _essence(other)
    return [name for name in left if left[name] != right[name]]


def _essence(body: Json) -> dict[str, str]:
    found: Json = {}
    for name in (*_SAME, "original_sale"):
        found[name] = body.get(name, _DEFAULTS.get(name))
    pos = found["pos"]
    if isinstance(pos, dict):
        found["pos"] = {"line": "1", **pos}
    return {name: json.dumps(value, sort_keys=True) for name, value in found.items()}


def _minor(body: Json) -> object:
    amount = body.get("amount")
    return amount.get("minor") if isinstance(amount, dict) else None
