# SPDX-License-Identifier: Apache-2.0
"""When to try again: bounds of the backoff, and every step of the breaker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decisions.retry import (
    BASE_MS,
    CAP_MS,
    SHUT_OUT_MS,
    SHUT_OUT_SPREAD_MS,
    Breaker,
    delay_ms,
)

chances = st.floats(0, 1, exclude_max=True)


@given(st.integers(-5, 10**9), chances)
def test_a_delay_lies_between_nothing_and_its_cap(attempts: int, chance: float) -> None:
    assert 0 <= delay_ms(attempts, chance) < CAP_MS


@given(st.integers(0, 100), chances)
def test_a_delay_never_shrinks_with_more_attempts(attempts: int, chance: float) -> None:
    assert delay_ms(attempts, chance) <= delay_ms(attempts + 1, chance)


def test_a_delay_doubles_until_its_cap_and_is_spread_over_all_of_it() -> None:
    almost = 0.999999999
    assert [delay_ms(n, almost) + 1 for n in range(4)] == [BASE_MS * 2**n for n in range(4)]
    assert delay_ms(30, almost) + 1 == CAP_MS
    assert delay_ms(30, 0.0) == 0
    assert delay_ms(30, 0.5) == CAP_MS // 2


@pytest.mark.parametrize("chance", [-0.1, 1.0, 2.0])
def test_chance_outside_its_bounds_is_refused(chance: float) -> None:
    with pytest.raises(ValueError):
        delay_ms(0, chance)


def opened(now_ms: int = 1_000, chance: float = 0.5) -> Breaker:
    breaker = Breaker()
    for _ in range(Breaker.FAILURES_MAX):
        breaker = breaker.failed(now_ms, chance)
    return breaker


@given(chances)
def test_one_refusal_of_our_token_opens_it_for_half_a_minute_at_least(chance: float) -> None:
    breaker = Breaker().shut_out(1_000, chance)
    assert breaker.is_open
    assert not breaker.lets_through(1_000 + SHUT_OUT_MS - 1)
    assert breaker.lets_through(1_000 + SHUT_OUT_MS + SHUT_OUT_SPREAD_MS)
    again = breaker.asked().shut_out(40_000, chance)
    assert not again.lets_through(40_000 + SHUT_OUT_MS - 1)
    assert again.succeeded() == Breaker()


def test_a_closed_breaker_lets_everything_through() -> None:
    breaker = Breaker()
    assert not breaker.is_open
    assert breaker.lets_through(0)
    assert breaker.asked() == breaker


def test_it_opens_at_the_third_failure_in_a_row_and_not_before() -> None:
    breaker = Breaker()
    for failures in (1, 2):
        breaker = breaker.failed(1_000, 0.5)
        assert (breaker.failures, breaker.is_open) == (failures, False)
        assert breaker.lets_through(1_000)
    assert breaker.failed(1_000, 0.5).is_open


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    breaker = Breaker().failed(0, 0.5).failed(0, 0.5).succeeded().failed(0, 0.5).failed(0, 0.5)
    assert not breaker.is_open


def test_an_open_breaker_lets_one_probe_through_once_its_time_came() -> None:
    breaker = opened()
    until = breaker.open_until_ms
    assert until is not None
    assert until > 1_000
    assert not breaker.lets_through(until - 1)
    assert breaker.lets_through(until)
    assert not breaker.asked().lets_through(until + 10**9)


def test_a_probe_that_is_answered_closes_it() -> None:
    assert opened().asked().succeeded() == Breaker()


def test_a_probe_that_fails_opens_it_again_for_longer() -> None:
    breaker = opened()
    until = breaker.open_until_ms
    assert until is not None
    again = breaker.asked().failed(until, 0.5)
    assert again.is_open
    assert not again.probing
    assert again.open_until_ms is not None
    assert again.open_until_ms - until > until - 1_000


def test_a_probe_without_a_verdict_leaves_its_place_to_the_next() -> None:
    breaker = opened()
    until = breaker.open_until_ms
    assert until is not None
    assert breaker.asked().let_go().lets_through(until)


@given(st.lists(st.sampled_from(["ask", "yes", "no", "gone"]), max_size=60), chances)
def test_a_breaker_never_waits_longer_than_its_cap(steps: list[str], chance: float) -> None:
    breaker, now = Breaker(), 0
    for step in steps:
        now += 100
        match step:
            case "ask":
                breaker = breaker.asked()
            case "yes":
                breaker = breaker.succeeded()
            case "no":
                breaker = breaker.failed(now, chance)
            case _:
                breaker = breaker.let_go()
        assert not breaker.probing or breaker.is_open
        if breaker.open_until_ms is not None:
            assert breaker.open_until_ms <= now + 30_250
            assert breaker.probing or breaker.lets_through(now + 30_250)
