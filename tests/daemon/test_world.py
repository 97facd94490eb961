# SPDX-License-Identifier: Apache-2.0
"""Chance as the daemon has it: codes are cash, so no draw may be used twice or be lopsided."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from agent.daemon.world import SystemChance


def test_every_number_below_the_bound_comes_about_as_often() -> None:
    chance = SystemChance()
    drawn = Counter(chance.below(22) for _ in range(22_000))
    assert set(drawn) == set(range(22))
    assert all(800 < count < 1200 for count in drawn.values())
    assert 0.45 < sum(chance.fraction() for _ in range(10_000)) / 10_000 < 0.55


def test_no_draw_is_given_to_two_threads() -> None:
    """The journal draws its salts in a thread of its own."""
    chance, drawn = SystemChance(), []

    def draw() -> None:
        drawn.extend([chance.below(1 << 62) for _ in range(20_000)])

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 80_000


def test_a_salt_is_drawn_whole() -> None:
    drawn = {SystemChance().below(1 << 128) for _ in range(100)}
    assert len(drawn) == 100
    assert max(drawn) > 1 << 100


@pytest.mark.parametrize("bound", [0, -1])
def test_a_bound_that_nothing_lies_below_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        SystemChance().below(bound)
