# SPDX-License-Identifier: Apache-2.0
"""An adapter at work: what a fallen conversation means for each question, lists, openings."""

from __future__ import annotations

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.faults import PlatformUnavailable
from agent.domain.outcome import BurnUnknown, LinkResult, Unanswered, Unknown, Unsent
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from tests.fakes.platform import MemoryEffects
from tests.platforms.talking import CODE, CREDIT, NOT_FOUND, problem, reply, resource

ANNA = CustomerReference(CustomerKind.EMAIL, "anna@example.com")
REST = RestAdapter(RestOptions(url="https://credit.example"))
NEVER = NotSent("connect")
PERHAPS = NoAnswer("reset")


class Answers:
    """A wire that answers in order."""

    def __init__(self, *answers: HttpReply | NotSent | NoAnswer) -> None:
        self.answers = list(answers)
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        self.sent.append(request)
        return self.answers.pop(0)


def on(*answers: HttpReply | NotSent | NoAnswer) -> DrivenPlatform:
    return DrivenPlatform(REST, Answers(*answers))


@pytest.mark.parametrize(("cause", "outcome"), [(NEVER, Unsent), (PERHAPS, Unanswered)])
async def test_an_issue_that_falls_is_unsent_only_when_nothing_can_have_left(
    cause: NotSent | NoAnswer, outcome: type
) -> None:
    result = await on(cause).issue(CREDIT, None, {}, MemoryEffects(), 9.0)
    assert result == outcome(cause.why)
    taken = await on(problem(409, "code-taken"), cause).issue(
        CREDIT, None, {}, MemoryEffects(), 9.0
    )
    assert taken == Unanswered(cause.why)


@pytest.mark.parametrize("cause", [NEVER, PERHAPS])
async def test_a_question_that_falls_has_learnt_nothing(cause: NotSent | NoAnswer) -> None:
    unknown = Unknown(cause.why)
    assert await on(cause).find(CREDIT, 9.0) == unknown
    assert await on(cause).resolve(ANNA, 9.0) == unknown
    assert await on(cause).balance(CODE, 9.0) == unknown
    link = await on(cause).link(CREDIT, "cus_1", {}, MemoryEffects(), 9.0)
    assert link is LinkResult.UNKNOWN
    assert not await on(cause).annotate(CREDIT, {"a": "b"}, {}, MemoryEffects(), 9.0)


@pytest.mark.parametrize(
    ("answers", "perhaps"),
    [
        ([PERHAPS], False),
        ([NOT_FOUND, NOT_FOUND, NEVER], False),
        ([NOT_FOUND, NOT_FOUND, PERHAPS], True),
        ([NOT_FOUND, NOT_FOUND, reply(201, resource()), NEVER], True),
    ],
)
async def test_a_burn_that_falls_says_whether_it_may_have_begun(
    answers: list[HttpReply | NotSent | NoAnswer], perhaps: bool
) -> None:
    burn = await on(*answers).burn(CREDIT, {}, MemoryEffects(), 9.0)
    assert isinstance(burn, BurnUnknown)
    assert burn.perhaps_sent is perhaps


async def test_a_list_that_breaks_off_never_looks_whole() -> None:
    page = reply(200, {"credits": [resource()], "next_cursor": "2"})
    for second, why in ((PERHAPS, "reset"), (page, "cursor-stuck")):
        listed = on(page, second).list_since(0, 9.0)
        assert (await anext(listed)).reference == "crd_1"
        if second is page:
            await anext(listed)
        with pytest.raises(PlatformUnavailable, match=why):
            await anext(listed)


class LooksFirst(RestAdapter):
    """A platform that must look something up before it can create."""

    def opening(self, credit: object) -> Do | None:  # type: ignore[override]
        return None


def test_a_platform_that_looks_first_has_no_opening() -> None:
    looks_first = DrivenPlatform(
        LooksFirst(RestOptions(url="https://credit.example")),
        Answers(),
    )
    assert looks_first.opening(CREDIT) is None
    opening = on().opening(CREDIT)
    assert opening is not None
    assert (opening.step, opening.epoch, opening.path) == ("create", 0, "/v1/credits")
    assert CODE.reveal() not in repr(opening)


async def test_the_platforms_clock_is_the_one_last_heard() -> None:
    platform = on(HttpReply(500, date_ms=5), HttpReply(500), HttpReply(500, date_ms=7))
    heard = []
    for _ in range(3):
        await platform.balance(CODE, 9.0)
        heard.append(platform.date_ms)
    assert heard == [5, 5, 7]
    assert platform.warnings == ()
