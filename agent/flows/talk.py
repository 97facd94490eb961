# SPDX-License-Identifier: Apache-2.0
"""Single conversations with the platform about a record, each told to the link's breaker.

No loops, no second tries: `forward` alone decides to send again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import TypeVar

from agent.domain.credit import Credit
from agent.domain.customer import CustomerReference
from agent.domain.outcome import Burn, Finding, LinkResult, Outcome, Resolution
from agent.domain.record import CreditRecord
from agent.flows.link import Link, Said
from agent.ports import (
    Clock,
    Done,
    DoneStep,
    Effect,
    EffectLog,
    Journal,
    Observer,
    Platform,
)

_Said = TypeVar("_Said", bound=Said)


class Talk:
    """The platform, with frozen effects from the journal and every answer told to the link."""

    def __init__(
        self,
        platform: Platform,
        journal: Journal,
        link: Link,
        clock: Clock,
        observer: Observer | None = None,
    ) -> None:
        self.platform = platform
        self._observer = observer
        self._journal = journal
        self._link = link
        self._clock = clock

    async def issue(
        self, record: CreditRecord, timeout_s: float, frozen: Effect | None = None
    ) -> Outcome:
        """Sends; the step and its exact bytes are on disk before the first byte leaves.

        `frozen`: the one effect that is on disk, where the caller has just put it there.
        """
        if frozen is None:
            done = await self._journal.done(record.key)
        else:
            done = {frozen.step: DoneStep(frozen)}
        return await self._told(
            "issue",
            self.platform.issue(
                record.credit,
                record.customer_id,
                done,
                self._journal.effects(record.key),
                self._deadline(timeout_s),
            ),
        )

    async def find(self, record: CreditRecord, timeout_s: float) -> Finding:
        """Looks up by key and code."""
        return await self.find_credit(record.credit, timeout_s)

    async def find_credit(self, credit: Credit, timeout_s: float) -> Finding:
        """The same for a credit whose record is elsewhere."""
        return await self._told("find", self.platform.find(credit, self._deadline(timeout_s)))

    async def replay(
        self,
        credit: Credit,
        customer_id: str | None,
        done: Done,
        effects: EffectLog,
        timeout_s: float,
    ) -> Outcome:
        """Issues a credit whose record is elsewhere, with its own log of effects."""
        deadline = self._deadline(timeout_s)
        return await self._told(
            "issue", self.platform.issue(credit, customer_id, done, effects, deadline)
        )

    async def link_credit(
        self,
        credit: Credit,
        customer_id: str,
        done: Done,
        effects: EffectLog,
        timeout_s: float,
    ) -> LinkResult:
        """Links such a credit's card to its customer; repeatable."""
        deadline = self._deadline(timeout_s)
        return await self._told(
            "link", self.platform.link(credit, customer_id, done, effects, deadline)
        )

    async def resolve(self, customer: CustomerReference, timeout_s: float) -> Resolution:
        """Asks who the customer is."""
        return await self._told(
            "resolve", self.platform.resolve(customer, self._deadline(timeout_s))
        )

    async def burn(self, record: CreditRecord, timeout_s: float) -> Burn:
        """Kills the code."""
        done = await self._journal.done(record.key)
        effects = self._journal.effects(record.key)
        deadline = self._deadline(timeout_s)
        return await self._told("burn", self.platform.burn(record.credit, done, effects, deadline))

    async def link_customer(
        self, record: CreditRecord, customer_id: str, timeout_s: float
    ) -> LinkResult:
        """Links the card to its customer; repeatable."""
        done = await self._journal.done(record.key)
        effects = self._journal.effects(record.key)
        return await self.link_credit(record.credit, customer_id, done, effects, timeout_s)

    def _deadline(self, timeout_s: float) -> float:
        return self._clock.monotonic_s() + timeout_s

    async def _told(self, question: str, asking: Awaitable[_Said]) -> _Said:
        self._link.asking()
        try:
            said = await asking
        except BaseException:
            self._link.let_go()
            raise
        self._link.heard(said)
        self._link.leave_alone(self.platform.pause_s)
        if self._observer is not None:
            self._observer.outcome(question, outcome_word(said))
        return said


def outcome_word(said: Said) -> str:
    """One word for how a conversation ended, such as `confirmed` or `burn-unknown`."""
    if isinstance(said, LinkResult):
        return said.value
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(said).__name__).lower()
