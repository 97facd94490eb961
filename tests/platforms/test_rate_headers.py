# SPDX-License-Identifier: Apache-2.0
"""What a platform says about its limits: believed, bounded, and never at a reply's expense."""

from __future__ import annotations

import math

import pytest

from agent.domain.outcome import Unknown
from agent.platforms.adapter import PAUSE_MAX_S, DrivenPlatform
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from tests.platforms.raw_client import GET
from tests.platforms.talking import CODE

REST = RestAdapter(RestOptions(url="https://credit.example"))


class Says:
    """A wire whose answers are given as they come; `pause_s` reads the header `wait`."""

    def __init__(self) -> None:
        self.next: HttpReply | NotSent | NoAnswer = HttpReply(200)
        self.now_s = 50.0
        self.driven = DrivenPlatform(REST, self, self.pause_s, lambda: self.now_s)

    def pause_s(self, reply: HttpReply) -> float:
        return float(reply.header("wait") or "0")

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        return self.next

    async def hears(self, wait: str, status: int = 200) -> float:
        self.next = HttpReply(status, (("wait", wait),))
        assert await self.driven.send(GET, 9.0) is self.next
        return self.driven.pause_s


@pytest.mark.parametrize("status", [200, 201, 404, 429, 500])
async def test_every_reply_may_say_it_and_time_uses_it_up(status: int) -> None:
    says = Says()
    assert says.driven.pause_s == 0
    assert await says.hears("8", status) == 8
    says.now_s += 5
    assert says.driven.pause_s == 3
    says.now_s += 4
    assert says.driven.pause_s == 0


async def test_the_longest_word_counts_and_a_later_shorter_one_does_not_undo_it() -> None:
    says = Says()
    assert await says.hears("8") == 8
    assert await says.hears("2") == 8
    assert await says.hears("0") == 8
    assert await says.hears("9") == 9


@pytest.mark.parametrize(
    ("wait", "pause_s"),
    [
        ("301", PAUSE_MAX_S),
        ("1e300", PAUSE_MAX_S),
        ("inf", PAUSE_MAX_S),
        ("-5", 0.0),
        ("-inf", 0.0),
        ("nan", 0.0),
    ],
)
async def test_no_word_is_believed_beyond_its_bound(wait: str, pause_s: float) -> None:
    said = await Says().hears(wait)
    assert not math.isnan(said)
    assert said == pause_s


async def test_a_reading_that_breaks_loses_no_reply() -> None:
    says = Says()
    assert await says.hears("soon") == 0
    says.next = HttpReply(500, (("wait", "soon"),))
    found = await says.driven.balance(CODE, 9.0)
    assert isinstance(found, Unknown)
    assert found.why == "status-500"


@pytest.mark.parametrize("nothing", [NotSent("connect"), NoAnswer("reset")])
async def test_no_reply_says_nothing(nothing: NotSent | NoAnswer) -> None:
    says = Says()
    says.next = nothing
    await says.driven.send(GET, 9.0)
    assert says.driven.pause_s == 0
