# SPDX-License-Identifier: Apache-2.0
"""Ages: what cannot be ruled out, and what is certain, over clock jumps and reboots."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.moment import Moment, age_least_ms, age_most_ms

HOUR = 3_600_000
START = 1_763_600_000_000
walls = st.integers(START - 100 * HOUR, START + 100 * HOUR)
boots = st.integers(0, 200 * HOUR)


def test_within_a_boot_with_a_true_clock_both_ages_are_the_time_that_passed() -> None:
    then, now = Moment(START, 1000, "a"), Moment(START + HOUR, 1000 + HOUR, "a")
    assert age_most_ms(then, now) == age_least_ms(then, now) == HOUR


@given(walls, boots, walls, boots, st.booleans(), st.booleans())
def test_the_age_for_certain_is_never_over_the_age_that_may_be(
    wall: int, boot: int, wall_now: int, boot_now: int, trusted: bool, trusted_now: bool
) -> None:
    then = Moment(wall, min(boot, boot_now), "a", trusted)
    now = Moment(wall_now, max(boot, boot_now), "a", trusted_now)
    most = age_most_ms(then, now)
    assert most is not None
    assert 0 <= age_least_ms(then, now) <= most


@given(walls, boots, st.integers(0, 100 * HOUR))
def test_within_a_boot_a_jump_of_the_wall_clock_hides_no_age(
    wall: int, boot: int, passed: int
) -> None:
    then, now = Moment(START, boot, "a"), Moment(wall, boot + passed, "a")
    most = age_most_ms(then, now)
    assert most is not None
    assert most >= passed
    assert age_least_ms(then, now) == passed


def test_a_wall_clock_that_leapt_ahead_makes_an_attempt_older_not_more_settled() -> None:
    then, now = Moment(START, 0, "a"), Moment(START + 50 * HOUR, HOUR, "a")
    assert age_most_ms(then, now) == 50 * HOUR
    assert age_least_ms(then, now) == HOUR


def test_after_a_reboot_an_untrusted_clock_bounds_nothing() -> None:
    then = Moment(START, 5 * HOUR, "a")
    now = Moment(START + HOUR, 60_000, "b", trusted=False)
    assert age_most_ms(then, now) is None
    assert age_least_ms(then, now) == 60_000


def test_after_a_reboot_and_a_step_back_nothing_bounds_the_age() -> None:
    then, now = Moment(START, 0, "a"), Moment(START - 1, 60_000, "b")
    assert age_most_ms(then, now) is None
    assert age_least_ms(then, now) == 60_000


def test_after_a_reboot_two_trusted_clocks_give_the_age() -> None:
    then, now = Moment(START, 5 * HOUR, "a"), Moment(START + HOUR, 60_000, "b")
    assert age_most_ms(then, now) == HOUR
    assert age_least_ms(then, now) == HOUR


def test_after_a_reboot_a_clock_that_was_not_trusted_then_bounds_no_key_window() -> None:
    """Then it ran three hours ahead, so that four hours look like one: the window is closed."""
    then = Moment(START + 3 * HOUR, 0, "a", trusted=False)
    now = Moment(START + 4 * HOUR, 60_000, "b")
    assert age_most_ms(then, now) is None


def test_after_a_reboot_a_clock_that_was_not_trusted_then_settles_nothing_early() -> None:
    """Then it stood at the beginning of 1970: what passed for certain is the time since boot."""
    then = Moment(0, 0, "a", trusted=False)
    now = Moment(START, 60_000, "b")
    assert age_least_ms(then, now) == 60_000


@given(walls)
def test_the_wall_clock_reads_as_utc(wall: int) -> None:
    assert Moment(wall, 0, "a").utc().tzinfo is datetime.UTC
    assert round(Moment(wall, 0, "a").utc().timestamp() * 1000) == wall


def test_a_clock_out_of_range_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        Moment(10**18, 0, "a").utc()
