# SPDX-License-Identifier: Apache-2.0
"""Seed 600016 of 2026-11-21: a platform that keeps a 500 under its key for as long as it lives.

Nothing was carried out, the look-ups said so, and the same bytes went under the same key for ever
(I8). A key that is worn out is followed by the next where the code guards the credit; where
nothing else does, a person is asked after about a day.
"""

from __future__ import annotations

from functools import partial

import pytest

from agent.daemon.build import House
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, State, VoidRequest
from tests.simulation.found.scene import calm_plan, play, sold
from tests.simulation.loop import passes
from tests.simulation.world import World

HOUR_S = 3_600.0
DAY_S = 24 * HOUR_S
SALES = 6
"""Half of the errors, by the dice of the one seed, stand for nothing that was carried out."""


async def _kept(world: World) -> list[str]:
    """Sales that meet such an error each; the link recovers between them."""
    keys: list[str] = []
    for _ in range(SALES):
        world.platform.board.chances["saved_500"] = 1.0
        keys.append((await sold(world)).key.text)
        world.platform.board.calm()
        await passes(120.0)
    return keys


def _states(world: World, keys: list[str]) -> set[State]:
    entries = world.oracle.book.entries
    return {row.state for key in keys for row in entries[key].rows.values()}


async def _issued_under_code_and_key(world: World) -> None:
    keys = await _kept(world)
    await passes(HOUR_S)
    assert len(world.platform.cards) == SALES
    assert _states(world, keys) == {State.CONFIRMED}
    assert any(len(world.oracle.entry_of(key).steps) == 2 for key in keys)


async def _issued_under_the_key_alone(world: World) -> None:
    keys = await _kept(world)
    await passes(DAY_S / 2)
    assert _states(world, keys) == {State.CONFIRMED, State.UNSETTLED}
    await passes(DAY_S)
    assert 0 < len(world.platform.cards) < SALES
    assert _states(world, keys) == {State.CONFIRMED, State.REVIEW}
    assert all(len(world.oracle.entry_of(key).steps) == 1 for key in keys)


def test_a_credit_behind_a_kept_error_goes_under_the_next_key() -> None:
    assert play(_issued_under_code_and_key, calm_plan("rest_for_ever")) == ()


def test_where_the_key_alone_guards_it_a_person_is_asked() -> None:
    assert play(_issued_under_the_key_alone, calm_plan("keys_for_ever")) == ()


async def _voided(world: World) -> None:
    machine, board = world.machines[0], world.platform.board
    keys = await _kept(world)
    board.chances["saved_500"] = 1.0
    asked = VoidRequest("bea", "a mistake")
    for key in map(IdempotencyKey, keys):
        world.oracle.entry_of(key.text).void_asked = True
        await machine.ask(partial(_void, key=key, asked=asked))
    await passes(60.0)
    board.calm()
    await passes(2 * DAY_S)
    ended = {State.VOIDED} if world.profile.unique_codes else {State.VOIDED, State.REVIEW}
    assert _states(world, keys) == ended


async def _void(house: House, *, key: IdempotencyKey, asked: VoidRequest) -> CreditRecord:
    return await house.closing.void(key, asked)


@pytest.mark.parametrize("profile", ["rest_for_ever", "keys_for_ever"])
def test_a_void_behind_a_kept_error_ends(profile: str) -> None:
    assert play(_voided, calm_plan(profile)) == ()
