# SPDX-License-Identifier: Apache-2.0
"""What the till remembers by itself: its sales, the words it heard for them, and its calls.

A book of its own, beside the agent's journal and the platform's ledger: it is what the shopper was
told. Safe to use from several threads.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agent.commands.demo.counter import Promise
from agent.commands.demo.till import Call, Json, Reply, name_of
from agent.domain.money import Money

CALLS_MAX: Final = 60
PROMISING: Final = frozenset({"confirmed", "voucher"})
OVER: Final = frozenset({"confirmed", "refused", "withdrawn", "voided"})


@dataclass(frozen=True, slots=True)
class Sale:
    """One credit as the till knows it. `told`: a CONFIRMED or a VOUCHER was heard for it."""

    body: Json = field(repr=False)
    amount: Money
    key: str | None = None
    told: bool = False
    void_asked: bool = False
    latest: Json = field(default_factory=dict, repr=False)
    status: int = 0

    @property
    def name(self) -> str:
        return name_of(self.body)

    @property
    def state(self) -> str:
        return str(self.latest.get("state", ""))

    @property
    def word(self) -> str | None:
        return self.latest.get("answer")

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.state in OVER and not (self.void_asked and self.state == "confirmed")

    @property
    def wants_word(self) -> bool:
        """The cashier must ask again: no record is known, or no word for it."""
        return self.key is None or self.word is None


class TillBook:
    """Every sale since the demo began, oldest first, and the last calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sales: dict[str, Sale] = {}
        self._calls: deque[dict[str, Any]] = deque(maxlen=CALLS_MAX)
        self._count = 0
        self.last: str | None = None
        self.caller: str | None = None
        """What the agent calls this till; None before it is paired."""

    def open(self, body: Json) -> Sale:
        """A new sale, before anything is asked for."""
        amount = Money(body["amount"]["minor"], body["amount"]["currency"])
        sale = Sale(body, amount)
        with self._lock:
            self._sales[sale.name] = sale
            self.last = sale.name
        return sale

    def heard(self, name: str, reply: Reply) -> Sale:
        """What came back for a sale: a credit as it stands, or a problem with one in it."""
        with self._lock:
            sale = self._sales[name]
            credit = _credit_in(reply.body)
            if credit is None:
                sale = replace(sale, latest=sale.latest or reply.body, status=reply.status)
            elif credit.get("revision", 0) >= sale.latest.get("revision", 0):
                told = sale.told or credit.get("answer") in PROMISING
                key = str(credit["key"])
                sale = replace(sale, key=key, told=told, latest=credit, status=reply.status)
            self._sales[name] = sale
            return sale

    def void_asked(self, name: str) -> None:
        with self._lock:
            self._sales[name] = replace(self._sales[name], void_asked=True)

    def sale(self, name: str) -> Sale:
        with self._lock:
            return self._sales[name]

    def sales(self) -> list[Sale]:
        with self._lock:
            return list(self._sales.values())

    def by_key(self, key: str) -> Sale | None:
        return next((sale for sale in self.sales() if sale.key == key), None)

    def promises(self) -> dict[str, Promise]:
        """Each key once: what the shopper was promised in the agent's words."""
        return {
            sale.key: Promise(sale.amount, sale.void_asked)
            for sale in self.sales()
            if sale.told and sale.key is not None
        }

    def note(self, call: Call) -> None:
        """Keeps a call for the drawer; a till's pairing is nobody's business."""
        if call.path == "/v1/pairings":
            return
        reply = call.reply
        with self._lock:
            self._count += 1
            self._calls.append(
                {
                    "number": self._count,
                    "call": f"{call.method} {call.path}",
                    "name": call.name,
                    "status": None if reply is None else reply.status,
                    "word": None if reply is None else _word(reply),
                    "took_ms": None if reply is None else round(reply.took_s * 1000),
                    "replayed": reply is not None and reply.replayed,
                }
            )

    def calls(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._calls)


def _credit_in(body: Json) -> Json | None:
    if "answer" in body and "key" in body:
        return body
    credit = body.get("credit")
    return credit if isinstance(credit, dict) else None


def _word(reply: Reply) -> str | None:
    credit = _credit_in(reply.body)
    word = reply.body.get("code") if credit is None else credit.get("answer")
    return None if word is None else str(word)
