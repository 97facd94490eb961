# SPDX-License-Identifier: Apache-2.0
"""The link's breaker, probes and manners."""

from __future__ import annotations

import asyncio

import pytest

from agent.domain.outcome import (
    Absent,
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
