# SPDX-License-Identifier: Apache-2.0
"""When to try again, and when not to try at all.

Capped exponential backoff with full jitter (AWS Builders' Library, "Timeouts, retries and
backoff with jitter"); a breaker per platform, so that a dead link costs a cashier nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

BASE_MS: Final = 500
CAP_MS: Final = 300_000
REVIEW_BASE_MS: Final = 60_000
REVIEW_CAP_MS: Final = 21_600_000
"""Paper that nobody has brought back yet is looked up ever more rarely, at last about four times
a day: a chain may have hundreds of thousands of them, and a rate limit to share. A person who
cannot wait looks it up at once (*Try now*)."""
RETRY_AFTER_MAX_S: Final = 3_600
"""A vendor may put us off, but not for longer than an hour at a time."""

SHUT_OUT_MS: Final = 30_000
"""The least time between two questions to a platform that refuses our token: more would only fill
its logs, and some lock an account out that knocks too often."""
SHUT_OUT_SPREAD_MS: Final = 5_000


def delay_ms(attempts: int, chance: float, base_ms: int = BASE_MS, cap_ms: int = CAP_MS) -> int:
    """How long to wait after `attempts` tries; `chance` in [0, 1) spreads the registers."""
    if not 0 <= chance < 1:
        raise ValueError("chance lies in [0, 1)")
    ceiling = min(cap_ms, base_ms << min(max(attempts, 0), 30))
    return int(ceiling * chance)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Closed: everything goes. Open: nothing but one probe at a time, once `retry_ms` is past.

    The probe is a real waiting record; with none waiting, the next counter request. Times are
    milliseconds of a clock that does not jump.
    """

    failures: int = 0
    open_until_ms: int | None = None
    probing: bool = False
    trips: int = 0

    FAILURES_MAX = 3
    """Failures in a row that open it. Three: at a 4 s budget the third cashier already waits."""

    @property
    def is_open(self) -> bool:
        return self.open_until_ms is not None

    def lets_through(self, now_ms: int) -> bool:
        """Whether a request may go now (as the probe, where the breaker is open)."""
        if self.open_until_ms is None:
            return True
        return not self.probing and now_ms >= self.open_until_ms

    def asked(self) -> Breaker:
        """A request was let through."""
        return replace(self, probing=True) if self.is_open else self

    def succeeded(self) -> Breaker:
        """The platform answered; a definite no counts as an answer."""
        return Breaker()

    def failed(self, now_ms: int, chance: float) -> Breaker:
        """No answer. `chance` in [0, 1) spreads the next probe."""
        failures = self.failures + 1
        if not self.is_open and failures < self.FAILURES_MAX:
            return replace(self, failures=failures)
        trips = self.trips + 1
        wait = 250 + delay_ms(trips, chance, cap_ms=30_000)
        return Breaker(failures, now_ms + wait, probing=False, trips=trips)

    def shut_out(self, now_ms: int, chance: float) -> Breaker:
        """The platform refuses us: open at once, and one probe every half minute at most, until
        somebody has mended the token."""
        wait = SHUT_OUT_MS + int(SHUT_OUT_SPREAD_MS * chance)
        return Breaker(max(self.failures, self.FAILURES_MAX), now_ms + wait, trips=self.trips + 1)

    def let_go(self) -> Breaker:
        """The probe ended without a verdict (cancelled, throttled)."""
        return replace(self, probing=False)
