# SPDX-License-Identifier: Apache-2.0
"""A platform that refuses our token stops the queue: every row stays, few questions are asked."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.decisions.answer import answer
from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.customer import Skipped
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.domain.record import Answer, CreditRecord, State
from agent.flows.issue import Order
from tests.fakes.counter import PLACE, Counter

HOUR_S = 3600


async def asked_for(counter: Counter, number: int) -> CreditRecord:
    """A credit at the counter, until nothing more is done about it there."""
    pos = PosTransaction(datetime.date(2026, 11, 18), f"T{number}")
    request = CreditRequest(
        place=PLACE,
        amount=Money(1000 + number, "USD"),
        operator="ann",
        reason="return",
        pos=pos,
        occurred_at_ms=counter.clock.now().wall_ms,
        customer=Skipped(),
        distinct=True,
    )
    aliases = (
        CallerAlias("pos", PLACE.register, pos.number),
        PosAlias(PLACE, pos.business_date, pos.number, pos.line),
    )
    record, _ = await counter.issue.issue(Order(request, aliases, caller="pos", budget_s=0.5))
    await counter.settled()
    latest = await counter.journal.get(record.key)
    assert latest is not None
    return latest


@asynccontextmanager
async def forwarding(counter: Counter) -> AsyncIterator[None]:
    """The forwarder's own loop, as the daemon runs it."""
    running = asyncio.ensure_future(counter.forwarder.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def pass_by(counter: Counter, seconds: int) -> None:
    """The time passes second by second, and everybody acts in each."""
    for _ in range(seconds):
        counter.clock.advance(1)
        for _ in range(30):
            await asyncio.sleep(0)


async def test_no_row_is_lost_and_the_platform_is_asked_every_half_minute_at_most() -> None:
    async with Counter() as counter:
        counter.platform.refuses_us = True
        records = [await asked_for(counter, number) for number in range(5)]
        assert [answer(each) for each in records] == [Answer.VOUCHER] * 5
        assert counter.platform.calls == ["issue"], "one refusal is enough for all"
        assert counter.link.is_shut_out
        async with forwarding(counter):
            await pass_by(counter, HOUR_S)
            asked = len(counter.platform.calls) - 1
            assert 90 <= asked <= HOUR_S // 30
            waiting = await counter.records()
            assert [each.state for each in waiting] == [State.PARKED] * 5
            counter.platform.refuses_us = False
            await pass_by(counter, 400)
        assert [each.state for each in await counter.records()] == [State.CONFIRMED] * 5
        assert len(counter.issued()) == 5
        assert counter.link.is_up
