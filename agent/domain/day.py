# SPDX-License-Identifier: Apache-2.0
"""One register's business day, as the journal tells it: sums, lists and the acts of people.

Sums are exact and by currency, in minor units; lists are bounded and say so. There is no
customer and no code in a sum or an act. The lists hold whole records: who shows them shows the
last four at most.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State

DAY_LIST_MAX: Final = 200
"""How many rows a list of a day has at most; sums count all."""


class Act(StrEnum):
    """What people do to credits. Each but the first two is an event of that name."""

    APPROVED = "approved"
    LIMITS_LIFTED = "limits-lifted"
    PAPER_APPROVED = "paper-approved"
    CODE_SHOWN = "code-shown"
    PAPER_AFFIRMED = "paper-affirmed"
    REPRINT_ASKED = "reprint-asked"
    VOID_ASKED = "void-asked"
    PERSON_LINKED = "person-linked"
    PERSON_CONFIRMED = "person-confirmed"
    PERSON_WITHDREW = "person-withdrew"


@dataclass(frozen=True, slots=True)
class PersonAct:
    """Who did what, when (UTC milliseconds), to which credit; none for limits lifted.

    `state`: where the credit stands now. `approved_by`: the manager of a reprint; `came_out`:
    what was said of a paper; `writes_off`: a void that takes what was spent for lost.
    """

    act: Act
    by: str
    at_ms: int
    key: IdempotencyKey | None = None
    amount: Money | None = None
    last_four: str = ""
    state: State | None = None
    reason: str = ""
    approved_by: str | None = None
    came_out: bool | None = None
    writes_off: bool = False


@dataclass(frozen=True, slots=True)
class DaySum:
    """Credits of one operator that stand alike. `oldest_ms`: when the first was opened."""

    operator: str
    state: State
    promised: bool
    amount: Money
    count: int
    oldest_ms: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the event log says was recorded: how many credits of a currency, and their sum."""

    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Bounded:
    """At most `DAY_LIST_MAX` records, the oldest; `truncated`: there are more."""

    records: tuple[CreditRecord, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """Of one register: credits by business date, voids and acts by the clock of that day.

    `recorded` comes from the event log and `sums` from the records, so that one can be held
    against the other. `waiting`: open, and nothing promised; `promised`: open, and money paper
    may be in the shopper's hands; `undone`: being voided, voided or withdrawn within the day's
    hours, whatever their business date.
    """

    place: Place
    date: datetime.date
    sums: tuple[DaySum, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    waiting: Bounded = Bounded()
    promised: Bounded = Bounded()
    undone: Bounded = Bounded()
    undone_sums: tuple[DaySum, ...] = ()
    acts: tuple[PersonAct, ...] = ()
    acts_truncated: bool = False
