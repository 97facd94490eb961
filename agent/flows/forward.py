# SPDX-License-Identifier: Apache-2.0
"""The forwarder: the only one that sends again.

Parallel across records (credits commute), one conversation for each at a time, counter requests
first. A shared record, and one that was perhaps sent, is looked up before every send; only an
exclusive code-keyed card is ever sent blind.
"""

from __future__ import annotations

import asyncio
from typing import Final, assert_never

from agent.decisions.decide import needs_resolving
from agent.domain.action import Decision, LookUp, Send
from agent.domain.customer import CustomerReference
from agent.domain.event import Answered, BurnEnded, Forwarding, LinkEnded, Looked, Resolved
from agent.domain.exposure import Exposure
from agent.domain.faults import NotNow, Unavailable
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import age_least_ms
from agent.domain.outcome import Burn, BurnUnknown, Outcome, Unsent
from agent.domain.record import CreditRecord, State
from agent.flows.steps import Steps
from agent.flows.talk import Talk
from agent.flows.turns import Turns

CONVERSATION_S: Final = 20.0
"""How long one conversation of the backlog may take."""
BATCH: Final = 8
"""Records that are read at once besides those under way, which are due still."""
PROBE_ANY_MS: Final = 10**15
"""While the breaker is open the probe is any waiting record, whether its time has come or not."""
BLIND_MAX: Final = 2
"""Tries at a credit before the forwarder asks the platform what it has."""
TROUBLE_S: Final = 1.0
HALF_WAY: Final = frozenset({State.RECEIVED, State.SENDING})
IDLE_S: Final = 30.0
"""The longest sleep: a change of the queue wakes it earlier."""


class Forwarder:
    """Drains what waits. `parallel`: how many conversations at once."""

    def __init__(self, steps: Steps, talk: Talk, turns: Turns, parallel: int = 4) -> None:
        self._steps = steps
        self._talk = talk
        self._turns = turns
        self._parallel = parallel
        self._wake = steps.queue_changed
        self._busy: set[IdempotencyKey] = set()
        self.trouble: Unavailable | None = None
        """Why the last try of the backlog could not even be journalled."""

    def nudge(self) -> None:
        """Something new may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Forwards for ever; ends by cancellation, which leaves every record recoverable."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                try:
                    started = await self._start_due(group)
                    pause_s = 0.0 if started else await self._pause_s()
                except Unavailable as fault:
                    self.trouble, pause_s = fault, TROUBLE_S
                await self._rest(pause_s)

    async def _start_due(self, group: asyncio.TaskGroup) -> int:
        if self._steps.link.backlog_wait_s() > 0 or len(self._busy) >= self._parallel:
            return 0
        up = self._steps.link.is_up
        until_ms = self._steps.clock.now().wall_ms if up else PROBE_ANY_MS
        started = 0
        for key in await self._steps.journal.due(until_ms, len(self._busy) + BATCH):
            if len(self._busy) >= self._allowed():
                break
            if key in self._busy or self._turns.taken(key):
                continue
            self._busy.add(key)
            group.create_task(self._one(key))
            started += 1
        return started

    def _allowed(self) -> int:
        return self._parallel if self._steps.link.is_up else 1

    async def _one(self, key: IdempotencyKey) -> None:
        try:
            await self._steps.link.backlog_may_go()
            record = await self.forward(key)
            if record.state in HALF_WAY:  # a commit failed: the sweep takes it up, not we at once
                await self._steps.clock.sleep(TROUBLE_S)
        except Unavailable as fault:
            self.trouble = fault
            await self._steps.clock.sleep(TROUBLE_S)
        else:
            self.trouble = None
        finally:
            self._busy.discard(key)
            self.nudge()

    async def _pause_s(self) -> float:
        wait = self._steps.link.backlog_wait_s()
        if wait > 0:
            return wait
        if len(self._busy) >= self._allowed():
            return IDLE_S
        due_ms = await self._steps.journal.next_due_ms()
        if due_ms is None:
            return IDLE_S
        left_s = (due_ms - self._steps.clock.now().wall_ms) / 1000
        return min(max(left_s, 0.1), IDLE_S)

    async def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeping = asyncio.ensure_future(self._steps.clock.sleep(seconds))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()

    async def forward(self, key: IdempotencyKey, timeout_s: float = CONVERSATION_S) -> CreditRecord:
        """One try for one record, now: look up, send, burn or link, as its state asks."""
        async with self._turns.turn(key):
            record = await self._steps.journal.get(key)
            if record is None or (record.is_settled and not record.link_wanted):
                return record if record is not None else _gone(key)
            ends_s = self._steps.clock.monotonic_s() + timeout_s
            return await self._forward(record, ends_s)

    async def repeat(self, record: CreditRecord, timeout_s: float, doubtful: bool) -> CreditRecord:
        """The counter's one repeat; the caller holds the record's turn.

        The same bytes under the same key, and only where key or code deduplicates; a look-up
        where not, or where the answer was `doubtful` (it named this credit, but wrongly).
        """
        ends_s = self._steps.clock.monotonic_s() + timeout_s
        if doubtful or not self._steps.abilities.unique_codes:
            return (await self._looked(record, ends_s, at_counter=True)).record
        return await self._settle(record, ends_s, at_counter=True)

    async def _forward(self, record: CreditRecord, ends_s: float) -> CreditRecord:
        match record.state:
            case State.PARKED | State.UNSETTLED:
                return await self._settle(record, ends_s, at_counter=False)
            case State.REVIEW:
                return (await self._looked(record, ends_s, at_counter=False)).record
            case State.VOIDING:
                burn = await self._burnt(record, ends_s)
                return (await self._steps.advance(record.key, BurnEnded(burn))).record
            case State.CONFIRMED:
                return await self._link(record, ends_s)
            case State.RECEIVED | State.SENDING:
                return record
            case State.REFUSED | State.WITHDRAWN | State.VOIDED:
                return record
            case _:
                assert_never(record.state)

    async def _burnt(self, record: CreditRecord, ends_s: float) -> Burn:
        """Where codes are not unique, a burn that believed an *absent* too early would leave a
        second card beside the first: what was sent must have had its time to be seen."""
        abilities, sent = self._steps.abilities, record.last_sent
        passed = None if sent is None else age_least_ms(sent, self._steps.clock.now())
        if not abilities.unique_codes and passed is not None and passed < abilities.settling_ms:
            await self._steps.clock.sleep(TROUBLE_S)  # with the link down it would be tried at once
            return BurnUnknown("settling")
        return await self._talk.burn(record, self._left_s(ends_s))

    async def _settle(self, record: CreditRecord, ends_s: float, at_counter: bool) -> CreditRecord:
        record = await self._resolve(record, ends_s)
        if record.state not in (State.PARKED, State.UNSETTLED):
            return record
        if record.customer_id is None and self._must_resolve(record):
            return record
        if self._looks_first(record, at_counter):
            decision = await self._looked(record, ends_s, at_counter)
            if not any(isinstance(action, Send) for action in decision.actions):
                return decision.record
            record = decision.record
        return await self._send(record, ends_s, at_counter)

    def _looks_first(self, record: CreditRecord, at_counter: bool) -> bool:
        """Only an exclusive card under a unique code is ever sent blind, and not for long: a
        platform may keep an error under the key and replay it, whatever it has booked. Elsewhere
        even what was never sent is looked up: a whole copy of the journal that was put back
        unnoticed takes for unsent what it sent before."""
        deduplicated = self._steps.abilities.unique_codes and record.request.instrument.on_paper
        if record.shared or record.refused or not deduplicated:
            return True
        return record.perhaps_sent and not (at_counter or record.attempts < BLIND_MAX)

    async def _send(self, record: CreditRecord, ends_s: float, at_counter: bool) -> CreditRecord:
        sending = (await self._steps.advance(record.key, Forwarding())).record
        outcome: Outcome
        if sending.shared and not record.shared:  # paper came out in between: looked up next time
            outcome = Unsent("shared")
        else:
            outcome = await self._talk.issue(sending, self._left_s(ends_s))
        decision = await self._steps.advance(record.key, Answered(outcome, at_counter))
        if any(isinstance(action, LookUp) for action in decision.actions):
            decision = await self._looked(decision.record, ends_s, at_counter)
        return decision.record

    async def _looked(self, record: CreditRecord, ends_s: float, at_counter: bool) -> Decision:
        finding = await self._talk.find(record, self._left_s(ends_s))
        return await self._steps.advance(record.key, Looked(finding, at_counter))

    def _must_resolve(self, record: CreditRecord) -> bool:
        at = self._steps.circumstances(record.request.place, Exposure())
        return needs_resolving(record, at)

    async def _resolve(self, record: CreditRecord, ends_s: float) -> CreditRecord:
        """Who the customer is, where nobody asked yet; a look-up changes nothing."""
        customer = record.request.customer
        if not self._must_resolve(record) or not isinstance(customer, CustomerReference):
            return record
        resolution = await self._talk.resolve(customer, self._left_s(ends_s))
        return (await self._steps.advance(record.key, Resolved(resolution))).record

    async def _link(self, record: CreditRecord, ends_s: float) -> CreditRecord:
        if record.customer_id is None or record.linked:
            return record
        result = await self._talk.link_customer(record, record.customer_id, self._left_s(ends_s))
        return (await self._steps.advance(record.key, LinkEnded(result))).record

    def _left_s(self, ends_s: float) -> float:
        return max(ends_s - self._steps.clock.monotonic_s(), 0.05)


def _gone(key: IdempotencyKey) -> CreditRecord:
    raise NotNow(state="unknown", event="forwarding", key=key.text)
