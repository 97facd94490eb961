# SPDX-License-Identifier: Apache-2.0
"""One conversation at a time for each credit, and nobody waits longer than they said."""

from __future__ import annotations

import asyncio

import pytest

from agent.domain.faults import Busy
from agent.domain.idempotency import IdempotencyKey
from agent.flows.turns import Turns

KEY = IdempotencyKey("0421-03-1763600000000-AAAAAAAA")


async def test_whoever_comes_as_the_turn_passes_on_waits_no_longer_than_said() -> None:
    """Between a release and the next one's waking the lock is free, and yet not to be had."""
    turns, released, ended = Turns(), asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with turns.turn(KEY):
            await asyncio.sleep(0)
            released.set()

    async def second() -> None:
        async with turns.turn(KEY):
            await ended.wait()

    async def third() -> None:
        await released.wait()
        async with turns.turn(KEY, 0.05):
            raise AssertionError("the turn is the second one's")

    works = [asyncio.ensure_future(work) for work in (third(), first(), second())]
    async with asyncio.timeout(5):
        with pytest.raises(Busy):
            await works[0]
        ended.set()
        await asyncio.gather(*works[1:])
    assert not turns.taken(KEY)
