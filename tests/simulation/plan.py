# SPDX-License-Identifier: Apache-2.0
"""What a seed makes: the chain, its settings, its days, and how strong each misfortune is."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field, replace
from typing import Final

from agent.decisions.limits import Limits
from agent.domain.credit import PosTransaction
from agent.domain.customer import CustomerPolicy
from agent.domain.place import Place
from agent.flows.register import Register, Ring
from tests.simulation import faults
from tests.simulation.profiles import PROFILES, Lookup, named

STORE: Final = "0421"
ROOMY: Final = Limits(per_credit=100_000, outstanding=2_000_000, per_hour=1_000_000, unclaimed=200)
GAPS_S: Final = (600.0, 3_600.0, 14 * 3_600.0, 2 * 86_400.0, 10 * 86_400.0)
CURRENCIES: Final = ("USD", "USD", "USD", "JPY", "KWD")


@dataclass(frozen=True, slots=True)
class Plan:
    """`hosts`: the registers of each; `sessions`: credits in each busy time; `gaps_s`: the quiet
    after each; `pace_s`: mean time between two acts; `strengths`: the faults by name."""

    seed: int
    credits: int
    profile: str
    hosts: tuple[tuple[Register, ...], ...]
    sessions: tuple[int, ...]
    gaps_s: tuple[float, ...]
    pace_s: float
    strengths: dict[str, float] = field(default_factory=dict)
    twins: bool = False
    """Two hosts serve a register of the same id, by mistake."""


def drawn(seed: int, sales: int) -> Plan:
    """Everything from the seed."""
    dice = random.Random(f"plan of {seed}")
    names = [name for name in PROFILES if PROFILES[name].lookup is not Lookup.NONE]
    # Every profile has its turn, and not every second world the strangest platform.
    profile = names[seed % len(names)] if dice.random() < 0.6 else names[0]
    twins = dice.random() < 0.08
    hosts = _hosts(dice, twins)
    sessions: list[int] = []
    while sum(sessions) < sales:
        sessions.append(min(dice.randint(15, 60), sales - sum(sessions)))
    gaps = tuple(dice.choices(GAPS_S, (6, 4, 3, 1, 0.4))[0] for _ in sessions)
    return Plan(
        seed,
        sales,
        profile,
        hosts,
        tuple(sessions),
        gaps,
        pace_s=dice.choice((1.5, 6.0, 20.0)),
        strengths=faults.drawn(dice),
        twins=twins,
    )


def on(plan: Plan, profile: str) -> Plan:
    """The same days on another platform, in a currency that it has an exact form for."""
    known = named(profile).currencies
    hosts = tuple(
        tuple(
            replace(each, currency=known[0]) if known and each.currency not in known else each
            for each in registers
        )
        for registers in plan.hosts
    )
    return replace(plan, profile=profile, hosts=hosts)


def _hosts(dice: random.Random, twins: bool) -> tuple[tuple[Register, ...], ...]:
    currency = dice.choice(CURRENCIES)
    store = Register(
        Place(STORE, "01"),
        currency,
        ring=Ring.ISSUE,
        policy=dice.choices(tuple(CustomerPolicy), (1, 8, 1))[0],
        limits=Limits() if dice.random() < 0.4 else ROOMY,
        budget_s=dice.choice((1.0, 2.5, 4.0)),
        approval_over=dice.choice((None, None, 10_000)),
        reprint_over=dice.choice((None, 5_000)),
        enrolled=dice.random() < 0.94,
        expires_days=dice.choice((0, 1, 30)),
        bearer_claims=dice.random() < 0.3,
    )
    count = dice.choices((1, 2, 3), (5, 3, 2))[0]
    registers = [
        replace(
            store,
            place=Place(STORE, f"{number + 1:02d}"),
            printer=None if dice.random() < 0.07 else "front",
        )
        for number in range(count)
    ]
    if twins:
        return (tuple(registers), (replace(registers[0]),))
    if count > 1 and dice.random() < 0.6:
        return (tuple(registers[:1]), tuple(registers[1:]))
    return (tuple(registers),)


def pos_of(number: int) -> PosTransaction:
    """A till's own name of its sale number so many."""
    return PosTransaction(datetime.date(2026, 11, 18), f"T{number:06d}")
