# SPDX-License-Identifier: Apache-2.0
"""Managers' PINs as argon2id hashes, made and checked off the event loop.

19 MiB and two passes (OWASP's first choice for argon2id): a check takes tens of milliseconds
and its memory is given back; one at a time, so that guesses cannot fill a small register.
"""

from __future__ import annotations

import asyncio
from typing import Final

MEMORY_KIB: Final = 19_456
PASSES: Final = 2


class ArgonPins:
    """Implements `agent.flows.approvals.PinHash`."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._memory_kib = memory_kib
        self._passes = passes
        self._one = asyncio.Semaphore(1)

    async def check(self, pin_hash: str, pin: str) -> bool:
        """Whether `pin` fits; False for a hash that cannot be read."""
        async with self._one:
            return await asyncio.to_thread(self._check, pin_hash, pin)

    async def make(self, pin: str) -> str:
        """The hash with its salt and costs, as one text."""
        async with self._one:
            return await asyncio.to_thread(self._make, pin)

    def _check(self, pin_hash: str, pin: str) -> bool:
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return PasswordHasher().verify(pin_hash, pin)
        except (VerificationError, InvalidHashError):
            return False

    def _make(self, pin: str) -> str:
        from argon2 import PasswordHasher

        hasher = PasswordHasher(time_cost=self._passes, memory_cost=self._memory_kib, parallelism=1)
        return hasher.hash(pin)
