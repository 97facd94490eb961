# SPDX-License-Identifier: Apache-2.0
"""Whether the agent can take a credit now, and in words what is not as it should be.

*Ready* asks one thing: can the journal be written. All else (a platform that is down, a printer
without paper) leaves the agent ready, for that is what it is for, but *degraded*. It mends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.domain.faults import Fault
from agent.words import ENGLISH, explain, fault_words

PROBE_S: Final = 1.0
"""How long a probe of the journal may take before it counts as not writable."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """`reasons`: sentences for people, worst first; empty where all is well."""

    ready: bool
    reasons: tuple[str, ...] = ()


class Health:
    """Asks the parts how they are.

    `probe` returns when the journal has been written, or raises a Fault; each of `degraded`
    answers with a sentence, or None where its part is well.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[None]],
        degraded: Sequence[Callable[[], str | None]] = (),
        language: str = ENGLISH,
        probe_s: float = PROBE_S,
    ) -> None:
        self._probe = probe
        self._degraded = tuple(degraded)
        self._language = language
        self._probe_s = probe_s

    async def readiness(self) -> Readiness:
        """Answers within the probe's time, whatever hangs."""
        why = await self._journal_trouble()
        rest = tuple(said for each in self._degraded if (said := each()) is not None)
        return Readiness(why is None, rest if why is None else (why, *rest))

    async def _journal_trouble(self) -> str | None:
        try:
            async with asyncio.timeout(self._probe_s):
                await self._probe()
        except TimeoutError:
            return fault_words("cannot-journal", self._language, {"why": "slow"}).sentence
        except Fault as fault:
            return explain(fault, self._language).sentence
        return None
