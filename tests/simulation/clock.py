# SPDX-License-Identifier: Apache-2.0
"""A machine's clock in a simulated world: it may jump, run apart, be dead at boot, and be idle.

Time is the loop's own. `Quiet` says how long nobody will do anything: sleeps inside of it are
stretched, as on a machine that dozes, so that ten days of outage cost some dozen wake-ups and
not a quarter of a million. A timer may always come late; that is no licence of the simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.domain.moment import Moment
from tests.simulation.loop import passes

START_MS: Final = 1_795_000_000_000
"""2026-11-18, an afternoon: when every world begins."""
DEAD_MS: Final = 946_684_800_000
"""2000-01-01: where a clock without a battery begins."""
DOZES: Final = 8
"""How often at most somebody who sleeps over and over wakes within one quiet time."""
SLEEP_MIN_S: Final = 0.4
"""The forwarder looks every 50 ms whether a probe has ended; here it looks less often."""


@dataclass(slots=True)
class Quiet:
    """Until when (loop seconds) nobody acts; in the past where somebody may act now."""

    until_s: float = 0.0
    since_s: float = 0.0

    def stretched(self, now_s: float, seconds: float) -> float:
        """How long a sleep of so many seconds really takes."""
        seconds = max(seconds, SLEEP_MIN_S)
        left_s = self.until_s - now_s
        if left_s <= seconds:
            return seconds
        return min(left_s, max(seconds, (self.until_s - self.since_s) / DOZES))


class SimClock:
    """`agent.ports.Clock` of one machine."""

    def __init__(self, name: str, time_s: Callable[[], float], quiet: Quiet) -> None:
        self._name = name
        self._time_s = time_s
        self._quiet = quiet
        self._boots = 1
        self._booted_s = time_s() - 60.0
        self.offset_ms = 0
        """How far the wall clock stands from the true time."""
        self.apart_ppm = 0
        """By how many parts in a million it runs too fast."""
        self.trusted = True

    def true_ms(self) -> int:
        """UTC as the world knows it, and no machine does."""
        return START_MS + int(self._time_s() * 1000)

    def wall_ms(self) -> int:
        """What `now` says, without the rest."""
        apart = int(self._time_s() * self.apart_ppm) // 1000
        return self.true_ms() + self.offset_ms + apart

    def now(self) -> Moment:
        boot_ms = int((self._time_s() - self._booted_s) * 1000)
        return Moment(self.wall_ms(), boot_ms, f"{self._name}-{self._boots}", self.trusted)

    def monotonic_s(self) -> float:
        return self._time_s()

    async def sleep(self, seconds: float) -> None:
        await passes(self._quiet.stretched(self._time_s(), seconds))

    def jump(self, seconds: float) -> None:
        """The wall clock steps; a step back takes its trust away, as `SystemClock` does."""
        self.offset_ms += int(seconds * 1000)
        if seconds < -2:
            self.trusted = False

    def reboot(self, dead: bool) -> None:
        """A new boot; `dead`: the wall clock begins where a clock without a battery does."""
        self._boots += 1
        self._booted_s = self._time_s() - 20.0
        if dead:
            self.offset_ms = DEAD_MS - self.true_ms()
            self.trusted = False

    def synchronise(self) -> None:
        """The network's time arrives."""
        self.offset_ms = -(int(self._time_s() * self.apart_ppm) // 1000)
        self.trusted = True
