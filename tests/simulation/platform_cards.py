# SPDX-License-Identifier: Apache-2.0
"""The cards of a simulated platform, and the log of everything that was carried out on them.

It knows nothing of HTTP but how a card is shown. The log is the truth that an oracle reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.platform_bodies import Problem, moment
from tests.simulation.wire import Reply


@dataclass(frozen=True, slots=True)
class Carried:
    """One effect: created, disabled, linked, annotated, spent. `by`: us, other, shopper."""

    at_ms: int
    what: str
    number: int
    code: str
    minor: int
    by: str


@dataclass(slots=True, eq=False)
class SimCard:
    """One card. `minor` is its initial amount; `visible_ms`: from when look-ups see it."""

    number: int
    key: str | None
    code: str
    minor: int
    currency: str
    balance: int
    created_ms: int
    by: str
    enabled: bool = True
    customer_id: str | None = None
    visible_ms: int = 0
    note: dict[str, str] | None = None
    history: list[Carried] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"card_{self.number:06d}"

    def as_json(self, said_minor: int | None = None) -> dict[str, object]:
        """The contract's Credit. `said_minor`: another amount, for a platform that lies."""
        off = 0 if said_minor is None else said_minor - self.minor
        return {
            "id": self.id,
            "key": self.key,
            "code": self.code,
            "initial": {"minor": self.minor + off, "currency": self.currency},
            "balance": {"minor": self.balance + off, "currency": self.currency},
            "enabled": self.enabled,
            "customer_id": self.customer_id,
            "created_at": moment(self.created_ms),
            "note": self.note,
        }


class Cards:
    """Every card, oldest first. Where codes are not unique, the oldest of a code answers to it."""

    def __init__(self, unique_codes: bool, unique_keys: bool) -> None:
        self.log: list[Carried] = []
        self._all: list[SimCard] = []
        self._by_code: dict[str, SimCard] = {}
        self._by_key: dict[str, SimCard] = {}
        self._unique_codes = unique_codes
        self._unique_keys = unique_keys

    def __iter__(self) -> Iterator[SimCard]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def by_code(self, code: str) -> SimCard | None:
        return self._by_code.get(code)

    def by_key(self, key: str) -> SimCard | None:
        return self._by_key.get(key)

    def of_code(self, code: str) -> list[SimCard]:
        """Every card of this code: more than one only where codes are not unique."""
        return [card for card in self._all if card.code == code]

    def since(self, since_ms: int, after: int, limit: int) -> list[SimCard]:
        found = [c for c in self._all[after:] if c.created_ms >= since_ms]
        return found[:limit]

    def create(
        self,
        key: str | None,
        code: str,
        minor: int,
        currency: str,
        at_ms: int,
        *,
        by: str = "us",
    ) -> SimCard:
        """Raises Problem: the code, then the key, must be new where they are unique."""
        if self._unique_codes and code in self._by_code:
            raise Problem(409, "code-taken")
        if self._unique_keys and key is not None and key in self._by_key:
            raise Problem(409, "key-reused")
        card = SimCard(len(self._all) + 1, key, code, minor, currency, minor, at_ms, by)
        self._all.append(card)
        self._by_code.setdefault(code, card)
        if key is not None:
            self._by_key.setdefault(key, card)
        self._note(card, at_ms, "created", minor, by)
        return card

    def disable(self, card: SimCard, at_ms: int, *, by: str = "us") -> None:
        if card.enabled:
            card.enabled = False
            self._note(card, at_ms, "disabled", card.balance, by)

    def link(self, card: SimCard, customer_id: str, at_ms: int) -> None:
        if card.customer_id is None:
            card.customer_id = customer_id
            self._note(card, at_ms, "linked", 0, "us")

    def annotate(self, card: SimCard, fields: dict[str, str], at_ms: int) -> None:
        card.note = {**(card.note or {}), **fields}
        self._note(card, at_ms, "annotated", 0, "us")

    def spend(self, code: str, minor: int, at_ms: int) -> bool:
        card = self._by_code.get(code)
        if card is None or not card.enabled or not 0 < minor <= card.balance:
            return False
        card.balance -= minor
        self._note(card, at_ms, "spent", minor, "shopper")
        return True

    def _note(self, card: SimCard, at_ms: int, what: str, minor: int, by: str) -> None:
        carried = Carried(at_ms, what, card.number, card.code, minor, by)
        self.log.append(carried)
        card.history.append(carried)


def as_reply(card: SimCard, status: int = 200, said_minor: int | None = None) -> Reply:
    return json_reply(card.as_json(said_minor), status)


def json_reply(body: object, status: int = 200) -> Reply:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, (("Content-Type", "application/json"),), text.encode())
