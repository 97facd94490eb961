# SPDX-License-Identifier: Apache-2.0
"""What chaos does, drawn from a seed: the same seed throws the same deeds in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agent.commands.demo.switches import CHAOS
from agent.sandbox import Fault


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody at the till: issue, twice, again, reprint or void. `pick` chooses the sale."""

    what: str
    minor: int
    customer: str
    pick: int


@dataclass(frozen=True, slots=True)
class Throw:
    """A fault of the platform for some requests, or until `Calm`."""

    fault: Fault
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Jam:
    """The printer in trouble: a switch of the simulated printer and its value."""

    switch: str
    value: bool | int


@dataclass(frozen=True, slots=True)
class Calm:
    """`printer`: mend the printer; else every fault of the platform off."""

    printer: bool


@dataclass(frozen=True, slots=True)
class Kill:
    """kill -9, and the start `dead_s` later."""

    dead_s: float


Deed = Click | Throw | Jam | Calm | Kill
_CLICKS: Final = ("issue",) * 9 + ("twice",) * 2 + ("again",) * 3 + ("reprint",) * 2 + ("void",)
_CUSTOMERS: Final = ("alice",) * 5 + ("walk-in",) * 4 + ("typo",)
_JAMS: Final = (("paper_out", True), ("cover_open", True), ("drop_after", 400), ("mute", True))


def deeds(seed: int) -> Iterator[tuple[float, Deed]]:
    """Endless: how many seconds to wait, and what to do then."""
    dice = random.Random(seed)  # noqa: S311 -- for a play that can be repeated
    while True:
        yield dice.uniform(0.02, 0.25), _deed(dice)


def _deed(dice: random.Random) -> Deed:
    number = dice.randrange(100)
    if number < 72:
        what, customer = dice.choice(_CLICKS), dice.choice(_CUSTOMERS)
        return Click(what, dice.randrange(100, 6000), customer, dice.randrange(10_000))
    if number < 84:
        return _throw(dice)
    if number < 90:
        return Calm(printer=False)
    if number < 93:
        return Jam(*dice.choice(_JAMS))
    if number < 97:
        return Calm(printer=True)
    return Kill(dice.uniform(0.0, 0.8))


def _throw(dice: random.Random) -> Throw:
    fault, options = dice.choice(CHAOS)
    if fault is Fault.DOWN:
        return Throw(fault, options)
    return Throw(fault, {**options, "times": dice.randrange(1, 4)})
