# SPDX-License-Identifier: Apache-2.0
"""Time, chance, and who counts and listens."""

from __future__ import annotations

from typing import Protocol

from agent.domain.moment import Moment
from agent.domain.record import CreditRecord


class Clock(Protocol):
    """Time. `monotonic_s` never jumps and is what deadlines are made of."""

    def now(self) -> Moment: ...

    def monotonic_s(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class Chance(Protocol):
    """Randomness fit for codes (a cryptographic source outside of simulations)."""

    def below(self, bound: int) -> int:
        """A whole number in 0 .. bound - 1."""
        ...

    def fraction(self) -> float:
        """A number in [0, 1), for jitter."""
        ...


class Observer(Protocol):
    """Who counts. Called after the fact; decides nothing and must not fail."""

    def outcome(self, question: str, outcome: str) -> None:
        """The platform was asked a `question` (issue, find, ...); one word for how it ended."""
        ...

    def printed(self, kind: str, result: str) -> None:
        """A paper of this kind ended: printed, sent, uncertain or failed."""
        ...


class Notices(Protocol):
    """Who wants to know that a record changed: screens, long polls, event streams."""

    def changed(self, record: CreditRecord) -> None: ...
