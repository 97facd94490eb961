# SPDX-License-Identifier: Apache-2.0
"""Steps about a till that has no word yet: it asks again, under the same key, until it has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.commands.conformance.between import Cut, Exchange, Instead, Rule
from agent.commands.conformance.ground import CREDITS, Failed, Ground, same_request
from agent.domain.faults import Busy
from agent.intake.problems import PROBLEM_TYPE, tell
from agent.words import ENGLISH

RETRY_AFTER_S: Final = 1.0
EARLY_S: Final = 0.1
"""How much earlier than told a till may come back: clocks differ, and nothing is at stake."""


async def retry(ground: Ground, minor: int) -> None:
    """The first request is answered 503 with `Retry-After`; the agent never saw it."""
    told = tell(Busy(what="requests"), ENGLISH, issuing=True)
    busy = Instead(told.status, dict(told.members), {**told.headers, "Content-Type": PROBLEM_TYPE})
    ground.line.rule = _first(ground, minor, [busy])
    ground.announce()
    came = await _at_least(ground, minor, 2)
    first, second = came[0], came[1]
    same_request(first, came[1:])
    if first.ended_s is not None and second.at_s - first.ended_s < RETRY_AFTER_S - EARLY_S:
        raise Failed("too-early", seconds=int(RETRY_AFTER_S))
    await _settled(ground, minor)


async def hang_up(ground: Ground, minor: int) -> None:
    """The line is cut twice: before the agent has the request, then before the till's answer."""
    ground.line.rule = _first(ground, minor, [Cut.BEFORE, Cut.AFTER])
    ground.announce()
    came = await _at_least(ground, minor, 3)
    same_request(came[0], came[1:])
    await _settled(ground, minor)


async def open_504(ground: Ground, minor: int) -> None:
    """Recorded and not confirmed, told as every till is told that is not marked as tested."""
    await _open(ground, minor, tested=False)


async def open_202(ground: Ground, minor: int) -> None:
    """The same, told as a tested till is told."""
    await _open(ground, minor, tested=True)


async def _open(ground: Ground, minor: int, *, tested: bool) -> None:
    register, status = ground.register, 202 if tested else 504
    await _mark(ground, tested)
    await register.platform_down(True)
    await register.printer_crawls(ground.printing == "agent")
    try:
        ground.announce()
        first = next(each for each in await ground.answered(minor, status) if each.status == status)
        await register.printer_crawls(False)
        if not await ground.line.until(lambda: _asked_again(ground, first), ground.pace.patience_s):
            same_request(first, _after(ground, minor, first))
            raise Failed("not-asked-again", status=status)
        same_request(first, _after(ground, minor, first))
        if not await ground.ask(f"open-{status}"):
            raise Failed("taken-as-issued", status=status)
    finally:
        await register.printer_crawls(False)
        await register.platform_down(False)
        await register.drained()
        await _mark(ground, False)


async def prints(ground: Ground, minor: int) -> None:
    """The paper is the till's to print: it prints `print`, and reports the job."""
    ground.announce()
    came = await ground.answered(minor, 200)
    paper = next((each.answer["print"] for each in came if each.answer.get("print")), None)
    if not isinstance(paper, dict):
        raise Failed("no-paper")
    key = str(came[-1].answer.get("key"))
    path, job = f"{CREDITS}/{key}/prints", paper.get("job")

    def reports() -> list[Exchange]:
        return [
            each
            for each in ground.line.seen
            if each.path == path and each.method == "POST" and each.ended_s is not None
        ]

    def reported() -> bool:
        return any(each.body.get("job") == job and each.status == 200 for each in reports())

    if not await ground.line.until(reported, ground.pace.patience_s):
        raise Failed("other-report" if reports() else "no-report")
    if not await ground.ask("prints"):
        raise Failed("paper-missing")


def _first(ground: Ground, minor: int, done: Sequence[Cut | Instead]) -> Rule:
    """A rule that does these things to the first requests for this amount, one each."""
    left = list(done)

    def rule(exchange: Exchange) -> Cut | Instead | None:
        if any(exchange is each for each in ground.credits(minor)) and left:
            return left.pop(0)
        return None

    return rule


async def _at_least(ground: Ground, minor: int, count: int) -> list[Exchange]:
    """The requests, at least so many; raises `Failed` where the till gave up before."""
    came = await ground.ended(minor, count)
    if not came:
        raise Failed("nothing-came", amount=str(ground.money(minor)))
    if len(came) < count:
        same_request(came[0], came[1:])
        raise Failed("gave-up", count=len(came), wanted=count)
    return came


async def _settled(ground: Ground, minor: int) -> None:
    """Confirmed at last, and one credit in the platform's books."""
    await ground.answered(minor, 200)
    count = ground.register.issued(minor)
    if count != 1:
        raise Failed("two-credits", count=count)


async def _mark(ground: Ground, tested: bool) -> None:
    path = f"/v1/admin/pairings/{ground.pairing}"
    await ground.register.ask("POST", path, {"tested": tested})


def _after(ground: Ground, minor: int, first: Exchange) -> list[Exchange]:
    return [each for each in ground.credits(minor) if each.at_s > first.at_s]


def _asked_again(ground: Ground, first: Exchange) -> bool:
    """Whether the till looked after a credit that it has no word of, and was told one.

    By a `GET` of it, the same `POST`, a report about its paper, the list of what was not heard,
    or by listening to the stream of changes. A till that prints is told its word when it reports.
    """
    own = f"{CREDITS}/{first.answer.get('key')}"
    for each in ground.line.seen:
        if each.path == "/v1/events":
            return True
        repeat = each.path == CREDITS and (each.method == "GET" or each.key == first.key)
        look = each.path == own or each.path.startswith(f"{own}/")
        if each.at_s <= first.at_s or not (repeat or look):
            continue
        told = each.ended_s is not None and (each.answer.get("answer") or "credits" in each.answer)
        if told or ground.printing == "pos":
            return True
    return False
