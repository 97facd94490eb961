# SPDX-License-Identifier: Apache-2.0
"""Steps about a no: what a till does next, and above all what it does not."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import aiohttp

from agent.commands.client import AgentRefused
from agent.commands.conformance.between import Exchange, Json
from agent.commands.conformance.ground import Failed, Ground, differences, same_request

APPROVALS: Final = "/v1/approvals"


async def conflict(ground: Ground, minor: int) -> None:
    """The till's own name of the event belongs to another credit: it stops, and tells a person.

    While the till's request is held, a credit of another amount is issued under its POS number.
    """
    taken: set[str] = set()

    async def take(exchange: Exchange) -> None:
        first = any(exchange is each for each in ground.credits(minor))
        if first and not taken:
            taken.add(exchange.key)
            with suppress(AgentRefused, aiohttp.ClientError):  # the till's own answer says why
                await ground.register.issue_elsewhere(_other_credit(exchange.body, minor + 1))

    ground.line.ahead = take
    ground.announce()
    came = await ground.answered(minor, 409)
    refused = next(each for each in came if each.status == 409)
    if refused.code != "alias-conflict":
        raise ground.short_of(minor, 409)
    known = len(ground.line.seen)

    def invented() -> list[Exchange]:
        return [
            each
            for each in ground.line.seen[known:]
            if each.method == "POST"
            and each.path == "/v1/credits"
            and (each.key != refused.key or differences(refused.body, each.body))
        ]

    if await ground.line.until(lambda: bool(invented()), ground.pace.quiet_s):
        raise Failed("invented", first=refused.key, second=invented()[0].key)


async def looks_like(ground: Ground, minor: int) -> None:
    """Two returns alike: the second is refused until the cashier says that it is another one."""

    def done() -> bool:
        came = ground.credits(minor)
        return bool(_eager(came)) or _ended_well(came) >= 2

    ground.announce()
    finished = await ground.line.until(done, ground.pace.patience_s)
    came = ground.credits(minor)
    if not came:
        raise ground.short_of(minor, 200)
    if _eager(came):
        raise Failed("always-distinct")
    refused = [each for each in came if each.code == "looks-like"]
    if not refused:
        raise Failed("not-alike") if finished else Failed("one-only")
    later = [each for each in came if each.at_s > refused[0].at_s and each is not refused[0]]
    same_request(refused[0], later)
    if not finished:
        raise Failed("no-distinct")
    if not await ground.ask("looks-like"):
        raise Failed("cashier-not-asked")


async def approval(ground: Ground, minor: int) -> None:
    """Over the store's amount: a manager's PIN to `/v1/approvals`, then the very same request."""

    def done() -> bool:
        return any(each.status == 200 for each in ground.credits(minor))

    ground.announce()
    finished = await ground.line.until(done, ground.pace.patience_s)
    came = ground.credits(minor)
    if not came:
        raise ground.short_of(minor, 200)
    same_request(came[0], came[1:])
    approved = [each for each in ground.line.seen if each.path == APPROVALS]
    if not any(each.status == 201 for each in approved):
        raise Failed("no-approval")
    if not finished:
        raise Failed("not-repeated")


def _eager(came: list[Exchange]) -> list[Exchange]:
    """Requests that say `distinct` before anybody could have asked the cashier."""
    asked_at = min((each.at_s for each in came if each.code == "looks-like"), default=None)
    return [
        each
        for each in came
        if each.body.get("distinct") is True and (asked_at is None or each.at_s <= asked_at)
    ]


def _ended_well(came: list[Exchange]) -> int:
    """How many different credits were confirmed."""
    return len({each.answer.get("key") for each in came if each.status == 200})


def _other_credit(body: Json, minor: int) -> Json:
    """Another credit that has the same POS number."""
    amount = {**body["amount"], "minor": minor}
    kept: Json = {name: body[name] for name in ("register", "pos") if name in body}
    return {
        **kept,
        "amount": amount,
        "customer": {"skipped": True},
        "reason": "return",
        "operator": "somebody else",
        "distinct": True,
    }
