# SPDX-License-Identifier: Apache-2.0
"""A register as the flows know it: its place, ring, limits and policy, and all of them by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.decisions.limits import Limits
from agent.domain.customer import CustomerPolicy
from agent.domain.faults import BadField
from agent.domain.place import Place


class Ring(StrEnum):
    """How much a register does (design section 8). `verify` comes with the rollout commands."""

    OBSERVE = "observe"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Register:
    """One `[[register]]`. Amounts are minor units of `currency`; times in seconds.

    `enrolled`: every verifier holds this register's public key (or none is needed);
    `bearer_claims`: whoever holds identity paper may have its card, without a customer.
    """

    place: Place
    currency: str
    ring: Ring = Ring.OBSERVE
    policy: CustomerPolicy = CustomerPolicy.WANTED
    limits: Limits = field(default_factory=Limits)
    budget_s: float = 4.0
    approval_over: int | None = None
    reprint_over: int | None = None
    enrolled: bool = True
    expires_days: int = 30
    printer: str | None = None
    bearer_claims: bool = False

    def __post_init__(self) -> None:
        if not 0.3 <= self.budget_s <= 30:
            raise ValueError("a register's budget lies between 0.3 and 30 seconds")


class Registers:
    """The registers of this host. Asking for one that is not here is a caller's mistake."""

    def __init__(self, registers: Iterable[Register]) -> None:
        self._by_place: Mapping[Place, Register] = {each.place: each for each in registers}

    def at(self, place: Place) -> Register:
        """Raises `BadField` for a place that this host does not serve."""
        found = self._by_place.get(place)
        if found is None:
            raise BadField(field="register", problem=f"{place} is not served here")
        return found

    def __iter__(self) -> Iterator[Register]:
        return iter(self._by_place.values())

    def __len__(self) -> int:
        return len(self._by_place)
