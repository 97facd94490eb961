# SPDX-License-Identifier: Apache-2.0
"""What people do about paper in a shop in trouble: acts of a walk, as in `chaos_acts`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from agent.domain.faults import Fault
from agent.domain.record import CreditRecord, Paper, State
from tests.flows.chaos import Shop


async def on_some(
    shop: Shop, work: Callable[[CreditRecord], Awaitable[Any]], *states: State
) -> None:
    """An act on one record in one of `states`, mostly a young one."""
    found = await shop.records(*states)
    if found:
        record = shop.dice.choice(found[-5:] if shop.dice.random() < 0.7 else found)
        shop.log.append(f"  {record.key} {record.state}")

        async def one() -> None:
            await work(record)

        await shop.act(one())


async def reprint(shop: Shop) -> None:
    papers = shop.life.house.papers
    await on_some(shop, lambda record: papers.reprint(record.key, "ann", "torn", None))


async def affirm(shop: Shop) -> None:
    papers = shop.life.house.papers

    async def say(record: CreditRecord) -> None:
        came_out = shop.dice.random() < 0.5
        known = record.key in shop.affirmed
        if came_out:
            shop.affirmed.add(record.key)
        try:
            await papers.affirm(record.key, "ann", came_out)
        except Fault:
            if not known:
                shop.affirmed.discard(record.key)
            raise

    await on_some(shop, say)


async def approve_paper(shop: Shop) -> None:
    papers = shop.life.house.papers
    states = (State.PARKED, State.UNSETTLED, State.REVIEW)
    await on_some(shop, lambda record: papers.approve(record.key, "dora"), *states)


async def show_code(shop: Shop) -> None:
    """Paper owed: the shopper photographs the screen, and may go away with it at once."""
    papers = shop.life.house.papers

    async def photograph(record: CreditRecord) -> None:
        composed = await papers.show(record.key, "dora")
        if composed.token is not None:
            shop.pos_papers.append(composed.token)
        if shop.dice.random() < 0.7:
            await papers.affirm(record.key, "dora", True)

    await on_some(shop, photograph)


async def pos_takes_paper(shop: Shop) -> None:
    papers = shop.life.house.papers

    async def take(record: CreditRecord) -> None:
        handed = await papers.hand_over(record.key)
        if handed is None:
            return
        job, composed = handed
        said = shop.dice.choice((Paper.PRINTED, Paper.PRINTED, Paper.FAILED, None))
        if composed.token is not None and said is not Paper.FAILED:
            shop.pos_papers.append(composed.token)
        if said is not None:
            await papers.reported(record.key, job.id, said)

    found = [record for record in await shop.records() if record.pos_prints]
    if found:
        record = shop.dice.choice(found)

        async def one() -> None:
            await take(record)

        await shop.act(one())
