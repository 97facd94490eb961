# SPDX-License-Identifier: Apache-2.0
"""PINs are argon2id hashes, checked off the event loop."""

from __future__ import annotations

import asyncio

from agent.intake import ArgonPins


async def test_a_pin_fits_its_own_hash_alone_and_every_hash_is_salted() -> None:
    pins = ArgonPins(memory_kib=64, passes=1)
    first, second = await pins.make("2468"), await pins.make("2468")
    assert first != second
    assert first.startswith("$argon2id")
    assert "2468" not in first
    assert await pins.check(first, "2468")
    assert not await pins.check(first, "2469")
    assert not await pins.check(first, "")


async def test_a_hash_that_cannot_be_read_fits_nothing() -> None:
    pins = ArgonPins()
    for broken in ("", "2468", "$argon2id$v=19$broken"):
        assert not await pins.check(broken, "2468")


async def test_costs_are_those_of_the_hash_so_old_ones_stay_good() -> None:
    old = await ArgonPins(memory_kib=64, passes=1).make("2468")
    assert await ArgonPins().check(old, "2468")
    assert "m=19456,t=2,p=1" in await ArgonPins().make("2468")


async def test_the_loop_goes_on_while_a_pin_is_checked() -> None:
    pins = ArgonPins()
    making = asyncio.ensure_future(pins.make("2468"))
    turns = 0
    while not making.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert await pins.check(making.result(), "2468")
