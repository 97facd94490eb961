# SPDX-License-Identifier: Apache-2.0
"""What a decision depends on besides the record and the event, gathered as one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.decisions.limits import Limits
from agent.domain.customer import CustomerPolicy
from agent.domain.exposure import Exposure
from agent.domain.moment import Moment


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`others`: exposure of the same register without this record, read in the transaction.

    `enrolled`: every verifier holds this register's key, so money paper may be printed;
    `dedupes`: the platform refuses a second card under one code; `exact_lookup` and
    `settling_ms`: when its *absent* may be believed; `key_window_ms`: how long it keeps a native
    key (None: for ever; 0: it has none); `prints`: the register has a printer; `chance` in [0, 1)
    spreads retries.
    """

    now: Moment
    limits: Limits = field(default_factory=Limits)
    others: Exposure = field(default_factory=Exposure)
    policy: CustomerPolicy = CustomerPolicy.WANTED
    link_up: bool = True
    resolves: bool = True
    enrolled: bool = True
    dedupes: bool = True
    exact_lookup: bool = True
    settling_ms: int = 5_000
    key_window_ms: int | None = 0
    expires_days: int = 30
    prints: bool = True
    chance: float = 0.5

    @property
    def at_ms(self) -> int:
        return self.now.wall_ms
