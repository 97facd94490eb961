# SPDX-License-Identifier: Apache-2.0
"""Where claims of other registers' paper are kept: beside the credits, in the same chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from agent.domain.claim import Claim, ClaimEvent, Scanned
from agent.domain.idempotency import IdempotencyKey
from agent.ports.platform import Done, EffectLog

ClaimStep = Callable[[Claim], Claim]
"""Decides a claim's next step, inside the transaction that saves it."""


class ClaimBook(Protocol):
    """Claims by the token's key. Every method returns only when its commit is on disk.

    Raises `CannotJournal` when a commit fails; nothing was changed then.
    """

    async def open_claim(self, draft: Claim, scanned: Scanned, again: ClaimStep) -> Claim:
        """The claim of this key: `draft` where there is none yet, else `again` of what stands.

        Raises `VoucherDiffers` where the key stands here with another code or amount, as a
        claim or as a credit of our own; nothing changed then.
        """
        ...

    async def advance_claim(self, key: IdempotencyKey, event: ClaimEvent, step: ClaimStep) -> Claim:
        """Reads, decides and saves in one transaction; raises `UnknownCredit` and `NotNow`."""
        ...

    async def claim(self, key: IdempotencyKey) -> Claim | None: ...

    async def claims(self, limit: int, after: str | None) -> Sequence[Claim]:
        """In the order of their keys, behind the key `after`."""
        ...

    async def claim_done(self, key: IdempotencyKey) -> Done:
        """The frozen steps of a claim."""
        ...

    def claim_effects(self, key: IdempotencyKey) -> EffectLog:
        """Where the driver commits each step of a claim, before and after it."""
        ...
