# SPDX-License-Identifier: Apache-2.0
"""One conversation at a time for each credit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.domain.faults import Busy
from agent.domain.idempotency import IdempotencyKey


class Turns:
    """Locks by key, kept only while somebody holds or wants them."""

    def __init__(self) -> None:
        self._locks: dict[IdempotencyKey, tuple[asyncio.Lock, int]] = {}

    def taken(self, key: IdempotencyKey) -> bool:
        """Whether a conversation about this credit runs now."""
        return key in self._locks

    @staticmethod
    async def _acquire(lock: asyncio.Lock, key: IdempotencyKey, wait_s: float | None) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await lock.acquire()
        except TimeoutError:
            raise Busy(key=key.text) from None

    @asynccontextmanager
    async def turn(self, key: IdempotencyKey, wait_s: float | None = None) -> AsyncIterator[None]:
        """The right to talk about `key`; raises `Busy` where it is not ours in `wait_s`."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            if users:  # also while a lock goes from hand to hand, when it is not `locked`
                await self._acquire(lock, key, wait_s)
            else:
                await lock.acquire()  # at once
            try:
                yield
            finally:
                lock.release()
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)
