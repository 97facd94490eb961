# SPDX-License-Identifier: Apache-2.0
"""Managers' approvals: a PIN, checked here and offline; few tries, one body, once."""

from __future__ import annotations

import asyncio
from typing import Protocol

from agent.decisions.approval import after_wrong_pin, before_pin, wrong_pin
from agent.domain.approval import Approval, Manager, PinTries
from agent.domain.faults import PinWrong
from agent.domain.symbols import from_values
from agent.ports import AccessStore, Chance, Clock


class PinHash(Protocol):
    """argon2id, off the event loop: a check costs tens of milliseconds by design."""

    async def check(self, pin_hash: str, pin: str) -> bool: ...

    async def make(self, pin: str) -> str: ...


class Approvals:
    """Gives approvals, and counts wrong PINs in the journal, where a restart keeps them."""

    def __init__(self, store: AccessStore, pins: PinHash, clock: Clock, chance: Chance) -> None:
        self._store = store
        self._pins = pins
        self._clock = clock
        self._chance = chance
        self._one_try = asyncio.Lock()

    async def manager(self, name: str, pin: str) -> str:
        """The manager's name where the PIN fits; raises `PinWrong` or `PinLocked`.

        One try at a time: the count is read and written under one lock, so that parallel
        guesses cannot slip past the limit. An unknown name looks like a wrong PIN.
        """
        async with self._one_try:
            known = {each.name: each for each in await self._store.managers()}
            manager = known.get(name)
            if manager is None:
                raise PinWrong(left=0)
            tries = before_pin(manager.tries, self._clock.now())
            if await self._pins.check(manager.pin_hash, pin):
                if manager.tries != PinTries():
                    await self._store.keep_tries(name, PinTries())
                return manager.name
            tries = after_wrong_pin(tries, self._clock.now())
            await self._store.keep_tries(name, tries)
            raise wrong_pin(tries)

    async def approve(self, name: str, pin: str, body_digest: bytes) -> Approval:
        """A single-use approval of one body, for five minutes."""
        manager = await self.manager(name, pin)
        text = from_values([self._chance.below(32) for _ in range(16)])
        now = self._clock.now()
        approval = Approval(text, manager, body_digest, now.wall_ms, given=now)
        await self._store.keep_approval(approval)
        return approval

    async def add_manager(self, name: str, pin: str) -> None:
        """Keeps a manager, or gives a known one a new PIN and clean tries."""
        await self._store.keep_manager(Manager(name, await self._pins.make(pin)))
