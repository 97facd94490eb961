# SPDX-License-Identifier: Apache-2.0
"""The backlog's pace against platforms that say "too many"."""

from __future__ import annotations

import pytest

from agent.flows.pace import SLOWEST, Pace


def drained(limit: float, seconds: float, burst: float) -> tuple[float, int]:
    """What a platform with a bucket took of an endless backlog, a second, and its noes."""
    pace, now_s, room, at_s, noes, taken = Pace(), 0.0, burst, 0.0, 0, 0
    while now_s < seconds:
        now_s += max(pace.turn_s(now_s), 0.002)  # a conversation takes two milliseconds
        room, at_s = min(room + (now_s - at_s) * limit, burst), now_s
        if room >= 1:
            room, taken = room - 1, taken + 1
            pace.answered(now_s)
        else:
            noes += 1
            pace.throttled(now_s)
            now_s += 1.0  # as the platform asked
    return taken / seconds, noes


def test_a_platform_that_never_says_no_is_asked_as_fast_as_it_answers() -> None:
    pace = Pace()
    for each in range(1000):
        pace.answered(each / 100)
        assert pace.turn_s(each / 100) == 0.0
    assert pace.per_second is None


@pytest.mark.parametrize("limit", [2.0, 20.0, 200.0])
def test_a_drain_takes_nearly_all_that_the_platform_gives(limit: float) -> None:
    rate, noes = drained(limit, 300.0, burst=limit)
    assert rate >= limit * 0.95
    assert noes <= 30


def test_noes_that_were_on_their_way_together_slow_it_down_once() -> None:
    pace = Pace()
    for each in range(100):
        pace.answered(each / 20)
    pace.throttled(5.0)
    once = pace.per_second
    assert once is not None
    for _ in range(3):
        pace.throttled(5.01)
    assert pace.per_second == once
    pace.throttled(7.0)
    assert pace.per_second < once


def test_turns_are_a_rate_apart_and_are_not_saved_up() -> None:
    pace = Pace()
    for each in range(50):
        pace.answered(each / 10)
    pace.throttled(5.0)
    assert pace.per_second == pytest.approx(50 / 5 * 0.95)
    turns = [pace.turn_s(6.0) for _ in range(3)]
    assert turns == pytest.approx([0.0, 1 / 9.5, 2 / 9.5])
    assert pace.turn_s(9.9) == 0.0  # idle since: one may go, not forty
    assert pace.turn_s(9.9) > 0.1


def test_without_a_no_it_grows_faster_and_never_stops_altogether() -> None:
    pace = Pace()
    pace.throttled(0.0)
    assert pace.per_second == SLOWEST
    for second in range(0, 600, 5):
        pace.turn_s(float(second) + 5.0)
    assert pace.per_second == pytest.approx(SLOWEST * 1.01**120)
