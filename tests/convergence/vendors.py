# SPDX-License-Identifier: Apache-2.0
"""Vendors in a walk: each one's simulator, kept as a value between two requests.

The simulator is the same that the simulation drives (`tests/vendors`); no fault bites here but the
walk's own. Between two requests it is bytes: what it knows of cards, keys and steps. In the
normal form moments count as ages, and numbers that only count requests are left out.
"""

from __future__ import annotations

import io
import pickle
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from agent.platforms.adapter import Adapter, Plugin
from agent.platforms.messages import HttpReply, HttpRequest
from tests.convergence.contract import age
from tests.convergence.profiles import STEP_MS, WINDOW_MS
from tests.convergence.shelf import CUSTOMERS, Shelf, ShelfCard
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_cards import SimCard
from tests.simulation.platform_faults import WRITES
from tests.simulation.profiles import Profile, named
from tests.simulation.wire import Reply, Request

TOKEN: Final = "walked"
_MOMENT: Final = re.compile(r"\b1[0-9]{12}\b")
"""UTC milliseconds of our days, wherever they stand in what a simulator knows."""
_ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class VendorKind:
    """`tests.convergence.kind.Kind`. `vendor`: a name that `tests.simulation.profiles` knows."""

    vendor: str

    @property
    def name(self) -> str:
        return self.vendor

    def adapter(self) -> Adapter:
        return _plugin(self.vendor).adapter

    def serve(self, shelf: Shelf, request: HttpRequest, at_ms: int) -> tuple[Shelf, HttpReply]:
        platform = _standing(self.vendor, shelf, at_ms)
        reply = platform.handle(_heard(self.vendor, request))
        if not isinstance(reply, Reply):
            raise TypeError("a vendor without faults answers at once")
        headers = tuple((name.lower(), value) for name, value in reply.headers)
        return _kept(platform), HttpReply(reply.status, headers, reply.body)

    def is_effect(self, request: HttpRequest) -> bool:
        platform = _standing(self.vendor, Shelf(), 0)
        return platform.operation_of(_heard(self.vendor, request)) in WRITES

    def spend(self, shelf: Shelf, code: str, minor: int) -> Shelf:
        platform = _standing(self.vendor, shelf, 0)
        platform.spend(code, minor)
        return _kept(platform)

    def form(self, shelf: Shelf, at_ms: int) -> tuple[Any, ...]:
        platform = _standing(self.vendor, shelf, at_ms)
        cards = tuple(replace(card, made_ms=0) for card in shelf.cards)
        hidden = tuple(_steps_hidden(card, at_ms) for card in platform.cards)
        past = tuple(tuple((one.what, one.minor) for one in c.history) for c in platform.cards)
        known = sorted(each for each in vars(platform).items() if each[0] not in _GIVEN)
        ages = tuple(
            (name, _with_ages(repr(value), at_ms)) for name, value in known if name != "cards"
        )
        return cards, hidden, past, ages


def _steps_hidden(card: SimCard, at_ms: int) -> int:
    """For how many steps look-ups do not see it yet."""
    return max(0, -(-(card.visible_ms - at_ms) // STEP_MS))


def _with_ages(text: str, at_ms: int) -> str:
    text = _ADDRESS.sub("", text)
    return _MOMENT.sub(lambda found: f"{age(int(found[0]), at_ms)} steps ago", text)


@cache
def _profile(vendor: str) -> Profile:
    """The vendor's own, with look-ups that lag, where they do, as long as a walk can tell."""
    profile = named(vendor)
    lag_ms = WINDOW_MS if profile.lag_ms[1] else 0
    return replace(profile, lag_ms=(lag_ms, lag_ms), settling_ms=WINDOW_MS)


@cache
def _plugin(vendor: str) -> Plugin:
    return _profile(vendor).plugin()


def _heard(vendor: str, request: HttpRequest) -> Request:
    headers = {**dict(request.headers), **_plugin(vendor).prove(TOKEN)}
    lower = {name.lower(): value for name, value in headers.items()}
    return Request(request.method, request.path, lower, request.body)


def _standing(vendor: str, shelf: Shelf, at_ms: int) -> SimPlatform:
    """The simulator as it was left, at this moment."""
    platform = _profile(vendor).platform(random.Random(7), lambda: at_ms, TOKEN)
    for identifier, customer_id in CUSTOMERS.items():
        platform.customers.add(customer_id, "a***", ("email", identifier))
    if shelf.known:
        vars(platform).update(_Back(io.BytesIO(shelf.known), _outside(platform)).load())
    return platform


def _kept(platform: SimPlatform) -> Shelf:
    """What it knows, without what only counts or was given to it."""
    cards = platform.cards
    cards.log.clear()
    known = {name: value for name, value in vars(platform).items() if name not in _GIVEN}
    away = io.BytesIO()
    _Away(away, _outside(platform)).dump(known)
    return Shelf(tuple(_card(each) for each in cards), known=away.getvalue())


_GIVEN: Final = frozenset(
    {"profile", "token", "customers", "board", "bucket", "asked", "_dice", "_now_ms", "_number"}
    | {"_date", "_operations", "_window"}
)


def _outside(platform: SimPlatform) -> dict[str, object]:
    """What a simulator was given, and its parts may point at."""
    given = {name: vars(platform)[name] for name in _GIVEN if name in vars(platform)}
    return {**given, "platform": platform}


_PLAIN: Final = (int, str, bytes, tuple, type(None))
"""Values, which are nobody's: equal ones are often one and the same object."""


class _Away(pickle.Pickler):
    """Leaves what was given where it is, and names it."""

    def __init__(self, file: io.BytesIO, outside: Mapping[str, object]) -> None:
        super().__init__(file)
        named = {name: each for name, each in outside.items() if not isinstance(each, _PLAIN)}
        self._names = {id(each): name for name, each in named.items()}

    def persistent_id(self, obj: object) -> str | None:
        return self._names.get(id(obj))


class _Back(pickle.Unpickler):
    """Puts what is given now in the place of what was given then."""

    def __init__(self, file: io.BytesIO, outside: Mapping[str, object]) -> None:
        super().__init__(file)
        self._outside = outside

    def persistent_load(self, pid: str) -> object:
        return self._outside[pid]


def _card(card: SimCard) -> ShelfCard:
    return ShelfCard(
        card.id,
        card.key or "",
        card.code,
        card.minor,
        card.balance,
        card.enabled,
        card.created_ms,
        card.customer_id,
    )
