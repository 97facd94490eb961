# SPDX-License-Identifier: Apache-2.0
"""Void, withdraw and write off, and the other ways in which a person ends a review."""

from __future__ import annotations

from agent.domain.event import (
    PersonConfirmed,
    PersonLinked,
    PersonWithdrew,
    VoidAsked,
)
from agent.domain.faults import BadField, PlatformUnavailable, UnknownCredit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.outcome import Absent, Found, FoundDifferent, FoundVoid, Unknown
from agent.domain.record import CreditRecord, State, VoidKind, VoidRequest
from agent.flows.forward import Forwarder
from agent.flows.steps import Steps
from agent.flows.talk import Talk
from agent.flows.turns import Turns

BURN_STEPS = "burn"
"""Every step of a burn is named so that it begins with this (`agent.platforms.exchange.Do`)."""
TURN_S = 6.0
"""How long a person's word waits for a conversation that runs already."""
TRY_S = 5.0
"""How long the first try to burn a code may take before the answer is "not yet"."""


class Closing:
    """What a person may end, and how; nothing is paid out before a code is dead."""

    def __init__(self, steps: Steps, talk: Talk, forwarder: Forwarder, turns: Turns) -> None:
        self._steps = steps
        self._talk = talk
        self._forwarder = forwarder
        self._turns = turns

    async def void(self, key: IdempotencyKey, asked: VoidRequest) -> CreditRecord:
        """WITHDRAWN or VOIDED at once where that is possible, else VOIDING.

        Asking twice is asking once. Raises `NotNow` for what is refused or over already, except
        that a voided or withdrawn record is its own answer.
        """
        async with self._turns.turn(key, TURN_S):
            record = await self._known(key)
            if record.state in (State.VOIDED, State.WITHDRAWN):
                return record
            record = (await self._steps.advance(key, VoidAsked(asked))).record
        if record.state is not State.VOIDING or not self._steps.link.is_up:
            return record
        return await self._forwarder.forward(key, TRY_S)

    async def write_off(self, key: IdempotencyKey, by: str, reason: str) -> CreditRecord:
        """A person's word that the rest is lost; the code is burnt first all the same."""
        return await self.void(key, VoidRequest(by, reason, VoidKind.WRITE_OFF))

    async def withdraw(self, key: IdempotencyKey, by: str, reason: str) -> CreditRecord:
        """Ends what was told to nobody and sent to nobody; raises `NotNow` for anything else."""
        async with self._turns.turn(key, TURN_S):
            return (await self._steps.advance(key, PersonWithdrew(by, reason))).record

    async def link(self, key: IdempotencyKey, by: str, customer_id: str) -> CreditRecord:
        """Names the customer of a record in review; the issue goes on at once if it can."""
        async with self._turns.turn(key, TURN_S):
            event = PersonLinked(by, customer_id, await self._burn_begun(key))
            record = (await self._steps.advance(key, event)).record
        if not self._steps.link.is_up:
            return record
        return await self._forwarder.forward(key, TRY_S)

    async def confirm(self, key: IdempotencyKey, by: str, reference: str) -> CreditRecord:
        """Takes the platform's own card for the credit.

        The card must stand under our key or code right now: only then can no later claim or
        replay create another one.
        """
        async with self._turns.turn(key, TURN_S):
            record = await self._known(key)
            finding = await self._talk.find(record, TRY_S)
            match finding:
                case Found(card) | FoundDifferent(card) if card.enabled:
                    if card.reference != reference:
                        raise BadField(
                            field="reference",
                            problem=f"the platform's card for this credit is {card.reference}",
                        )
                    event = PersonConfirmed(by, reference, await self._burn_begun(key))
                    return (await self._steps.advance(key, event)).record
                case Unknown(why):
                    raise PlatformUnavailable(why=why)
                case Absent() | Found() | FoundDifferent() | FoundVoid():
                    raise BadField(
                        field="reference", problem="the platform has no live card for this credit"
                    )

    async def _burn_begun(self, key: IdempotencyKey) -> bool:
        done = await self._steps.journal.done(key)
        return any(step.startswith(BURN_STEPS) for step in done)

    async def _known(self, key: IdempotencyKey) -> CreditRecord:
        record = await self._steps.journal.get(key)
        if record is None:
            raise UnknownCredit(key=key.text)
        return record
