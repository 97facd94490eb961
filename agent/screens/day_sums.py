# SPDX-License-Identifier: Apache-2.0
"""The sums of a day: where each credit stands, what operators gave, and the totals. Pure.

Sums are made of integers by currency. Each credit stands in exactly one line of the totals, so
that issued = confirmed + on paper + being voided; what was recorded comes from the event log,
and the difference says whether the records agree with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never

from agent.domain.day import Day, DaySum
from agent.domain.money import Money
from agent.domain.record import State
from agent.words import money_text

OPERATORS_MAX: Final = 100
"""Rows by operator; a till that makes up names does not make an endless page."""


class Stand(StrEnum):
    """The line of the totals that a credit belongs to."""

    CONFIRMED = "confirmed"
    ON_PAPER = "on-paper"
    VOIDING = "voiding"
    WAITING = "waiting"
    VOIDED = "voided"
    NOTHING = "nothing"


def stand_of(state: State, promised: bool) -> Stand:
    match state:
        case State.CONFIRMED:
            return Stand.CONFIRMED
        case State.VOIDING:
            return Stand.VOIDING
        case State.VOIDED:
            return Stand.VOIDED
        case State.REFUSED | State.WITHDRAWN:
            return Stand.NOTHING
        case State.RECEIVED | State.SENDING | State.PARKED | State.UNSETTLED | State.REVIEW:
            return Stand.ON_PAPER if promised else Stand.WAITING
        case _:
            assert_never(state)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many, and their sum by currency in minor units."""

    count: int = 0
    minor: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, many: Iterable[tuple[int, Money]]) -> Tally:
        count, minor = 0, dict[str, int]()
        for number, amount in many:
            count += number
            minor[amount.currency] = minor.get(amount.currency, 0) + amount.minor
        return cls(count, minor)

    @property
    def sum(self) -> str:
        """Such as "JPY 500, USD 120.00"; no text where there is no currency."""
        return ", ".join(
            money_text(Money(minor, currency)) for currency, minor in sorted(self.minor.items())
        )


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """One operator in one currency: how many credits, refused and withdrawn ones not counted,
    and their sums by where they stand."""

    operator: str
    count: int
    sums: Mapping[Stand, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the totals. `name`: what stands under `day.line.`"""

    name: str
    count: int
    amount: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The totals of one currency, from recorded to difference; `agrees`: that is nothing."""

    currency: str
    lines: tuple[Line, ...]
    agrees: bool


def tally_of(sums: Iterable[DaySum], stand: Stand) -> Tally:
    return Tally.of(
        (each.count, each.amount) for each in sums if stand_of(each.state, each.promised) is stand
    )


def operators(sums: Iterable[DaySum]) -> tuple[OperatorRow, ...]:
    grouped: dict[tuple[str, str], dict[Stand, list[tuple[int, Money]]]] = {}
    for each in sums:
        stands = grouped.setdefault((each.operator, each.amount.currency), {})
        stands.setdefault(stand_of(each.state, each.promised), []).append((each.count, each.amount))
    rows = []
    for (operator, currency), stands in sorted(grouped.items()):
        tallies = {stand: Tally.of(stands.get(stand, ())) for stand in Stand}
        sums_by_stand = {
            stand: money_text(Money(tally.minor.get(currency, 0), currency))
            for stand, tally in tallies.items()
        }
        count = sum(tally.count for stand, tally in tallies.items() if stand is not Stand.NOTHING)
        rows.append(OperatorRow(operator, count, sums_by_stand))
    return tuple(rows)


def balances(day: Day) -> tuple[Balance, ...]:
    recorded = {each.amount.currency: each for each in day.recorded}
    currencies = sorted({*recorded, *(each.amount.currency for each in day.sums)})
    found = []
    for currency in currencies:
        nothing = (0, Money(0, currency))
        stands = {
            stand: Tally.of(
                [
                    nothing,
                    *(
                        (each.count, each.amount)
                        for each in day.sums
                        if each.amount.currency == currency
                        and stand_of(each.state, each.promised) is stand
                    ),
                ]
            )
            for stand in Stand
        }
        logged = recorded.get(currency)
        first = nothing if logged is None else (logged.count, logged.amount)
        found.append(_balance(currency, Tally.of([first]), stands))
    return tuple(found)


def _balance(currency: str, recorded: Tally, stands: Mapping[Stand, Tally]) -> Balance:
    less = (Stand.NOTHING, Stand.VOIDED, Stand.WAITING)
    parts = (Stand.CONFIRMED, Stand.ON_PAPER, Stand.VOIDING)
    issued = _less(currency, recorded, [stands[each] for each in less])
    difference = _less(currency, issued, [stands[each] for each in parts])
    lines = [("recorded", recorded)]
    lines += [(each.value, stands[each]) for each in less]
    lines += [("issued", issued)]
    lines += [(each.value, stands[each]) for each in parts]
    lines += [("difference", difference)]
    return Balance(
        currency=currency,
        lines=tuple(Line(name, tally.count, tally.sum) for name, tally in lines),
        agrees=difference.count == 0 and difference.minor[currency] == 0,
    )


def _less(currency: str, tally: Tally, others: Sequence[Tally]) -> Tally:
    count = tally.count - sum(each.count for each in others)
    minor = tally.minor[currency] - sum(each.minor[currency] for each in others)
    return Tally(count, {currency: minor})
