# SPDX-License-Identifier: Apache-2.0
"""Chance as the daemon has it: codes are cash, so no draw may be used twice or be lopsided."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from agent.daemon.upkeep import CALM_MS, Calm
from agent.daemon.world import SystemChance, SystemClock
from agent.domain.moment import Moment

NOW_MS = 1_795_000_000_000
YEARS_MS = 10 * 31_557_600_000


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


@pytest.mark.parametrize("stepped_ms", [-YEARS_MS, -3_000, 3_000, YEARS_MS // 2])
def test_a_clock_that_steps_is_not_trusted_until_the_kernel_says_so_again(stepped_ms: int) -> None:
    wall_ms, boot_ms, synchronised = NOW_MS, 100_000, True
    clock = SystemClock(lambda: (wall_ms, boot_ms), lambda: synchronised)
    assert clock.now().trusted
    wall_ms, synchronised = wall_ms + stepped_ms, False
    assert not clock.now().trusted
    wall_ms, boot_ms, synchronised = NOW_MS + 5_000, boot_ms + 5_000, True
    assert clock.now().trusted


def test_a_clock_that_drifts_is_trusted() -> None:
    wall_ms, boot_ms = NOW_MS, 100_000
    clock = SystemClock(lambda: (wall_ms, boot_ms), lambda: True)
    for _ in range(1_000):
        wall_ms, boot_ms = wall_ms + 10_005, boot_ms + 10_000
        assert clock.now().trusted


@pytest.mark.parametrize("wall_ms", [0, 1_700_000_000_000, 4_200_000_000_000])
def test_a_clock_without_a_battery_is_not_trusted(wall_ms: int) -> None:
    assert not SystemClock(lambda: (wall_ms, 60_000), lambda: True).now().trusted


def test_an_unsynchronised_clock_makes_nothing_old_before_it_went_evenly_for_a_day() -> None:
    calm, step_ms = Calm(), 600_000
    at_ms = 0
    while at_ms < CALM_MS:
        assert not calm.believes(Moment(NOW_MS + at_ms, at_ms, "boot", trusted=False))
        at_ms += step_ms
    assert calm.believes(Moment(NOW_MS + at_ms, at_ms, "boot", trusted=False))
    at_ms += step_ms
    assert not calm.believes(Moment(NOW_MS + YEARS_MS, at_ms, "boot", trusted=False))
    assert calm.believes(Moment(NOW_MS, at_ms, "boot", trusted=True))
