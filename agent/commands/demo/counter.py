# SPDX-License-Identifier: Apache-2.0
"""The counter of the demo: issued = on the platform + on paper, key by key, from three books.

Pure. What the till was told (its own memory), what the agent's journal holds, and what the
platform's ledger holds are counted against each other; nothing is assumed to be equal. A promise
is a CONFIRMED or a VOUCHER that the till has heard. It stands on the platform where the ledger has
it at the right amount, else on paper where the journal still owes it; where neither is true the
difference says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from agent.domain.money import Money
from agent.domain.record import SETTLED, State


@dataclass(frozen=True, slots=True)
class Promise:
    """What the till was promised under a key. `void_asked`: a person asked to undo it."""

    amount: Money
    void_asked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """The journal's line of a key."""

    amount: Money
    state: State
    promised: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One credit on the platform's ledger."""

    key: str
    initial: Money
    enabled: bool = True


class Why(StrEnum):
    """In what the books differ."""

    MISSING = "missing"
    OTHER_AMOUNT = "other-amount"
    TWICE = "twice"
    SURPLUS = "surplus"


@dataclass(frozen=True, slots=True)
class Oddity:
    """One key that does not add up, and by how much (promised less what there is)."""

    key: str
    why: Why
    by: Money


@dataclass(frozen=True, slots=True)
class Count:
    """The sums. `waiting`: recorded for a person or still on its way, and promised to nobody."""

    issued: Money
    on_platform: Money
    on_paper: Money
    waiting: Money
    credits: int
    cards: int
    papers: int
    oddities: tuple[Oddity, ...]

    @property
    def difference(self) -> Money:
        return self.issued - self.on_platform - self.on_paper

    @property
    def holds(self) -> bool:
        """No difference, and no two keys whose differences only hide each other."""
        return self.difference.minor == 0 and not self.oddities


@dataclass(frozen=True, slots=True)
class _Share:
    """What one key adds to the sums."""

    issued: Money
    on_platform: Money
    on_paper: Money
    waiting: Money
    cards: int = 0
    why: Why | None = None


def count(
    till: Mapping[str, Promise],
    journal: Mapping[str, Line],
    ledger: Iterable[Card],
    currency: str,
) -> Count:
    """The counter. To read the books one after the other: the till first, the ledger last, since
    a promise is kept before it is told and a credit leaves the paper only for the platform."""
    nothing = Money(0, currency)
    cards: dict[str, list[Card]] = {}
    for card in ledger:
        if card.enabled:
            cards.setdefault(card.key, []).append(card)
    shares = {
        key: _share(till.get(key), journal.get(key), cards.get(key, []), nothing)
        for key in sorted({*till, *journal, *cards})
    }
    return Count(
        issued=_sum((each.issued for each in shares.values()), nothing),
        on_platform=_sum((each.on_platform for each in shares.values()), nothing),
        on_paper=_sum((each.on_paper for each in shares.values()), nothing),
        waiting=_sum((each.waiting for each in shares.values()), nothing),
        credits=sum(each.issued.minor != 0 for each in shares.values()),
        cards=sum(each.cards for each in shares.values()),
        papers=sum(each.on_paper.minor != 0 for each in shares.values()),
        oddities=tuple(
            Oddity(key, each.why, each.issued - each.on_platform - each.on_paper)
            for key, each in shares.items()
            if each.why is not None
        ),
    )


def _share(promise: Promise | None, line: Line | None, cards: list[Card], nothing: Money) -> _Share:
    held = _sum((card.initial for card in cards), nothing)
    if promise is None or _is_reversed(promise, line):
        return _unpromised(line, cards, held, nothing)
    if len(cards) == 1 and held == promise.amount:
        return _Share(promise.amount, held, nothing, nothing, cards=1)
    if len(cards) < 2 and line is not None and _is_owed(promise, line):
        # A card of another amount under this key is nobody's yet: a person decides about it.
        why = None if line.amount == promise.amount else Why.OTHER_AMOUNT
        return _Share(promise.amount, nothing, line.amount, nothing, why=why)
    why = (Why.MISSING, Why.OTHER_AMOUNT, Why.TWICE)[min(len(cards), 2)]
    return _Share(promise.amount, held, nothing, nothing, cards=len(cards), why=why)


def _is_owed(promise: Promise, line: Line) -> bool:
    """The journal still answers for it: paper is out, or the code is being burnt just now."""
    return line.state not in SETTLED and (line.promised or promise.void_asked)


def _is_reversed(promise: Promise, line: Line | None) -> bool:
    """Undone because a person asked for it, and by the journal's word that it is done."""
    undone = line is not None and line.state in (State.VOIDED, State.WITHDRAWN)
    return promise.void_asked and undone


def _unpromised(line: Line | None, cards: list[Card], held: Money, nothing: Money) -> _Share:
    """Nobody was told of it: it waits, or it has no business on the ledger."""
    over = line is None or (line.state in SETTLED and line.state is not State.CONFIRMED)
    if over and cards:
        return _Share(nothing, held, nothing, nothing, cards=len(cards), why=Why.SURPLUS)
    if line is None or over:
        return _Share(nothing, nothing, nothing, nothing)
    if len(cards) > 1:
        return _Share(nothing, held, nothing, nothing, cards=len(cards), why=Why.TWICE)
    if line.state is State.CONFIRMED and held != line.amount:
        why = Why.OTHER_AMOUNT if cards else Why.MISSING
        return _Share(nothing, nothing, nothing, line.amount, why=why)
    return _Share(nothing, nothing, nothing, line.amount)


def _sum(amounts: Iterable[Money], nothing: Money) -> Money:
    return reduce(lambda total, each: total + each, amounts, nothing)
