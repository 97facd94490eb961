# SPDX-License-Identifier: Apache-2.0
"""The paper of another register, or of a journal that is lost: look, and replay what is absent.

The claim is opened durably before anything is asked, and every effect is journalled with its
exact bytes before it leaves, in the log of the token's key. A foreign token is shared, so the
platform is always asked first; it starts at epoch 0, for the unique code guards a claim.
"""

from __future__ import annotations

from typing import Final

from agent.decisions.claims import ClaimCircumstances, decide_claim, may_send
from agent.domain.claim import (
    Claim,
    ClaimAnswered,
    ClaimEvent,
    ClaimLinked,
    ClaimLooked,
    ClaimSending,
    Scan,
    Scanned,
)
from agent.domain.credit import Instrument
from agent.domain.faults import CannotJournal, VoucherDiffers
from agent.domain.outcome import Absent, Refused, Unanswered
from agent.domain.record import State
from agent.domain.voucher import TokenFlag, VoucherToken
from agent.flows.steps import Steps
from agent.flows.talk import Talk
from agent.flows.turns import Turns

TURN_S: Final = 6.0
LEAST_S: Final = 0.05


class Replay:
    """Claims of tokens whose record is not in this journal."""

    def __init__(self, steps: Steps, talk: Talk, turns: Turns) -> None:
        self._steps = steps
        self._talk = talk
        self._turns = turns

    async def standing(self, token: VoucherToken) -> Claim | None:
        """What is known of this token by earlier scans; raises `VoucherDiffers`."""
        claim = await self._steps.journal.claim(token.key)
        if claim is not None and not _same(claim, token):
            raise VoucherDiffers(key=token.key.text)
        return claim

    async def replay(self, token: VoucherToken, scan: Scan, ends_s: float) -> Claim:
        """One scan. Two of one token at the same instant: the second waits, and looks again."""
        async with self._turns.turn(token.key, min(TURN_S, self._left_s(ends_s))):
            claim = await self._open(token, scan)
            if claim.state is State.VOIDED:
                return claim
            if not self._steps.link.counter_may_go(backlog=False):
                return claim
            async with self._steps.link.counter():
                return await self._taken_up(claim, ends_s)

    async def _open(self, token: VoucherToken, scan: Scan) -> Claim:
        scanned, now_ms = Scanned(scan), self._steps.clock.now().wall_ms
        draft = Claim(
            key=token.key,
            code=token.code,
            amount=token.amount,
            identity=TokenFlag.IDENTITY in token.flags,
            place=scan.place,
            by=scan.by,
            opened_ms=now_ms,
            changed_ms=now_ms,
            expires_on=token.expires_on,
            approved_by=scan.approved_by,
            customer_id=scan.customer_id,
            bearer=scan.bearer,
        )
        return await self._steps.journal.open_claim(
            draft, scanned, lambda claim: decide_claim(claim, scanned, self._at())
        )

    async def _taken_up(self, claim: Claim, ends_s: float) -> Claim:
        claim, absent = await self._looked(claim, ends_s)
        if absent and may_send(claim):
            claim = await self._sent(claim, ends_s)
        if claim.link_wanted:
            claim = await self._linked(claim, ends_s)
        return claim

    async def _looked(self, claim: Claim, ends_s: float) -> tuple[Claim, bool]:
        finding = await self._talk.find_credit(claim.credit, self._left_s(ends_s))
        claim = await self._advance(claim, ClaimLooked(finding))
        return claim, isinstance(finding, Absent)

    async def _sent(self, claim: Claim, ends_s: float) -> Claim:
        claim = await self._advance(claim, ClaimSending())
        journal = self._steps.journal
        outcome = await self._talk.replay(
            claim.credit,
            claim.customer_id,
            await journal.claim_done(claim.key),
            journal.claim_effects(claim.key),
            self._left_s(ends_s),
        )
        try:
            claim = await self._advance(claim, ClaimAnswered(outcome))
        except CannotJournal:  # it stands as perhaps sent, and the next scan looks first
            return claim
        doubtful = isinstance(outcome, Unanswered) and outcome.differs
        if doubtful or isinstance(outcome, Refused):
            claim, _ = await self._looked(claim, ends_s)
        return claim

    async def _linked(self, claim: Claim, ends_s: float) -> Claim:
        if claim.customer_id is None:
            return claim
        journal = self._steps.journal
        result = await self._talk.link_credit(
            claim.credit,
            claim.customer_id,
            await journal.claim_done(claim.key),
            journal.claim_effects(claim.key),
            self._left_s(ends_s),
        )
        return await self._advance(claim, ClaimLinked(result))

    async def _advance(self, claim: Claim, event: ClaimEvent) -> Claim:
        return await self._steps.journal.advance_claim(
            claim.key, event, lambda stands: decide_claim(stands, event, self._at())
        )

    def _at(self) -> ClaimCircumstances:
        abilities = self._steps.abilities
        dedupes = abilities.unique_codes and Instrument.CARD in abilities.instruments
        return ClaimCircumstances(self._steps.clock.now().wall_ms, dedupes)

    def _left_s(self, ends_s: float) -> float:
        return max(ends_s - self._steps.clock.monotonic_s(), LEAST_S)


def _same(claim: Claim, token: VoucherToken) -> bool:
    """By amount and by what is left of the code, where it was erased."""
    codes = claim.code == token.code or (
        claim.erased and claim.code.last_four == token.code.last_four
    )
    return claim.amount == token.amount and codes
