# SPDX-License-Identifier: Apache-2.0
"""The link's breaker, probes and manners."""

from __future__ import annotations

import asyncio

import pytest

from agent.domain.outcome import (
    AUTH,
    Absent,
    BurnUnknown,
    LinkResult,
    Matched,
    RefusalReason,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.flows.link import Link, Said
from tests.fakes.chance import FakeChance
from tests.fakes.clock import FakeClock


def opened() -> tuple[Link, FakeClock]:
    """A link whose breaker has just opened."""
    clock = FakeClock()
    link = Link(clock, FakeChance())
    for _ in range(3):
        link.heard(Unsent("connect"))
    return link, clock


@pytest.mark.parametrize("said", [Unsent("a"), Unanswered("b"), Unknown("c")])
def test_three_failures_in_a_row_open_it_and_two_do_not(said: Said) -> None:
    link = Link(FakeClock(), FakeChance())
    seen = []
    for _ in range(3):
        link.heard(said)
        seen.append(link.is_up)
    assert seen == [True, True, False]
    assert link.last_why in ("a", "b", "c")


@pytest.mark.parametrize(
    "said", [Absent(), Matched("cus"), Refused(RefusalReason.PLATFORM, Saying())]
)
def test_any_answer_closes_it_a_no_included(said: Said) -> None:
    link, clock = opened()
    clock.advance(60)
    link.asking()
    link.heard(said)
    assert link.is_up
    assert link.last_heard_ms == clock.now().wall_ms


def test_with_nothing_waiting_the_next_counter_request_is_the_one_probe() -> None:
    link, clock = opened()
    assert not link.counter_may_go(backlog=False)
    clock.advance(60)
    assert not link.counter_may_go(backlog=True)
    assert link.counter_may_go(backlog=False)
    link.asking()
    assert not link.counter_may_go(backlog=False)
    link.heard(Unanswered("deadline"))
    assert not link.counter_may_go(backlog=False)


def test_a_probe_that_is_cancelled_leaves_room_for_the_next() -> None:
    link, clock = opened()
    clock.advance(60)
    link.asking()
    link.let_go()
    assert link.counter_may_go(backlog=False)


def test_a_throttled_platform_is_not_down_but_is_left_alone() -> None:
    clock = FakeClock()
    link = Link(clock, FakeChance())
    link.heard(Throttled(7))
    assert link.is_up
    assert link.backlog_wait_s() == 7
    clock.advance(7)
    assert link.backlog_wait_s() == 0


async def test_the_backlog_holds_still_while_a_cashier_waits() -> None:
    link = Link(FakeClock(), FakeChance())
    async with link.counter(), link.counter():
        going = asyncio.ensure_future(link.backlog_may_go())
        await asyncio.sleep(0)
        assert not going.done()
    await going
    assert going.done()


@pytest.mark.parametrize(
    "said",
    [
        Unsent(AUTH),
        Unanswered(AUTH),
        Unknown(AUTH),
        BurnUnknown(AUTH),
        Unsent("token-refused"),
    ],
    ids=repr,
)
def test_one_refusal_of_our_token_opens_it_at_once_for_half_a_minute(said: Said) -> None:
    clock = FakeClock()
    link = Link(clock, FakeChance())
    link.heard(said)
    assert (link.is_up, link.is_shut_out) == (False, True)
    assert link.backlog_wait_s() >= 30
    clock.advance(29.9)
    assert not link.counter_may_go(backlog=False)
    clock.advance(5.2)
    assert link.counter_may_go(backlog=False)


def test_what_was_begun_before_the_refusal_does_not_shorten_the_wait() -> None:
    clock = FakeClock()
    link = Link(clock, FakeChance())
    link.heard(Unsent(AUTH))
    link.heard(LinkResult.UNKNOWN)
    assert link.is_shut_out
    assert link.backlog_wait_s() >= 30


def test_an_answer_after_the_token_was_mended_opens_the_way_again() -> None:
    clock = FakeClock()
    link = Link(clock, FakeChance())
    link.heard(Unsent(AUTH))
    clock.advance(60)
    link.asking()
    link.heard(Absent())
    assert (link.is_up, link.is_shut_out, link.last_why) == (True, False, "")
    assert link.backlog_wait_s() == 0


def test_another_failure_after_the_refusal_is_told_as_what_it_is() -> None:
    clock = FakeClock()
    link = Link(clock, FakeChance())
    link.heard(Unsent(AUTH))
    link.heard(Unsent("connect"))
    assert (link.is_up, link.is_shut_out, link.last_why) == (False, False, "connect")


def test_who_asks_to_be_left_alone_is_left_by_the_backlog_and_not_by_a_cashier() -> None:
    clock = FakeClock()
    link = Link(clock, FakeChance())
    link.leave_alone(20)
    assert link.backlog_wait_s() == 20
    assert link.is_up
    assert link.counter_may_go(backlog=True)
    clock.advance(19)
    link.leave_alone(0)
    link.leave_alone(0.5)
    link.leave_alone(-5)
    assert link.backlog_wait_s() == 1
    link.leave_alone(3)
    assert link.backlog_wait_s() == 3
    clock.advance(3)
    assert link.backlog_wait_s() == 0


async def test_a_backlog_that_was_to_go_waits_out_a_word_that_grows_meanwhile() -> None:
    clock = FakeClock()
    link = Link(clock, FakeChance())
    link.leave_alone(10)
    going = asyncio.ensure_future(link.backlog_may_go())
    await asyncio.sleep(0)
    link.leave_alone(15)
    for seconds, gone in ((10, False), (4.9, False), (0.1, True)):
        clock.advance(seconds)
        for _ in range(3):
            await asyncio.sleep(0)
        assert going.done() is gone
    await going


def test_an_open_breaker_and_a_word_about_limits_both_hold_the_backlog() -> None:
    link, clock = opened()
    link.leave_alone(200)
    assert link.backlog_wait_s() == 200
    clock.advance(199.5)
    assert link.backlog_wait_s() == 0.5
    assert link.counter_may_go(backlog=False)
