# SPDX-License-Identifier: Apache-2.0
"""Vendors in a walk: each one's simulator, kept as a value between two requests.

The simulator is the same that the simulation drives (`tests/vendors`); no fault bites here but the
walk's own. Between two requests it is bytes: what it knows of cards, keys and steps. In the
normal form moments count as ages, and numbers that only count requests are left out.
"""

from __future__ import annotations

import pickle
import random
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from agent.platforms.adapter import Adapter, Plugin
from agent.platforms.messages import HttpReply, HttpRequest
from tests.convergence.contract import age
from tests.convergence.shelf import CUSTOMERS, Shelf, ShelfCard
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_cards import SimCard
from tests.simulation.platform_faults import WRITES
from tests.simulation.profiles import named
from tests.simulation.wire import Reply, Request

TOKEN: Final = "walked"
_MOMENT: Final = re.compile(r"\b1[0-9]{12}\b")
"""UTC milliseconds of our days, wherever they stand in what a simulator knows."""


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
        cards = tuple(replace(card, made_ms=0) for card in shelf.cards)
        known = sorted((name, repr(value)) for name, value in _opened(shelf).items())
        ages = tuple((name, _with_ages(text, at_ms)) for name, text in known if name != "cards")
        return cards, ages


def _with_ages(text: str, at_ms: int) -> str:
    return _MOMENT.sub(lambda found: f"{age(int(found[0]), at_ms)} steps ago", text)


@cache
def _plugin(vendor: str) -> Plugin:
    return named(vendor).plugin()


def _heard(vendor: str, request: HttpRequest) -> Request:
    headers = {**dict(request.headers), **_plugin(vendor).prove(TOKEN)}
    lower = {name.lower(): value for name, value in headers.items()}
    return Request(request.method, request.path, lower, request.body)


def _standing(vendor: str, shelf: Shelf, at_ms: int) -> SimPlatform:
    """The simulator as it was left, at this moment."""
    platform = named(vendor).platform(random.Random(7), lambda: at_ms, TOKEN)
    for identifier, customer_id in CUSTOMERS.items():
        platform.customers.add(customer_id, "a***", ("email", identifier))
    vars(platform).update(_opened(shelf))
    return platform


def _opened(shelf: Shelf) -> dict[str, Any]:
    known: dict[str, Any] = pickle.loads(shelf.known) if shelf.known else {}  # noqa: S301 -- ours
    return known


def _kept(platform: SimPlatform) -> Shelf:
    """What it knows, without what only counts or was given to it."""
    cards = platform.cards
    cards.log.clear()
    for card in cards:
        card.history.clear()
    known = {name: value for name, value in vars(platform).items() if name not in _GIVEN}
    return Shelf(tuple(_card(each) for each in cards), known=pickle.dumps(known))


_GIVEN: Final = frozenset(
    {"profile", "token", "customers", "board", "bucket", "asked", "_dice", "_now_ms", "_number"}
    | {"_date", "_operations"}
)


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
