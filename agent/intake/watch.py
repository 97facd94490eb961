# SPDX-License-Identifier: Apache-2.0
"""Looking on: status, the stream of changes, health, metrics. Nothing here changes a credit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from agent.domain.faults import Busy, Fault
from agent.domain.money import Money
from agent.domain.record import CreditRecord
from agent.flows.register import Register
from agent.intake.calls import Call, Reply
from agent.intake.resources import AmountTold, amount_told, credit_told, rfc3339
from agent.intake.told import (
    HealthTold,
    LinkTold,
    PrinterStateTold,
    ReadyTold,
    RegisterTold,
    StatusTold,
    WaitingTold,
)
from agent.ports import QueueTotals
from agent.telemetry import Waiting
from agent.telemetry.metrics import CONTENT_TYPE
from agent.words import explain

EVENT_STREAM: Final = "text/event-stream"
RECONNECT_MS: Final = 2000


async def status(call: Call) -> Reply:
    """GET /v1/status: the link, and each register that the caller may see."""
    steps, link = call.steps, call.steps.link
    heard_ms = link.last_heard_ms
    registers = [
        await _register(call, each) for each in steps.registers if call.caller.may_see(each.place)
    ]
    told = StatusTold(
        version=call.options.version,
        platform=steps.abilities.name,
        link=LinkTold(
            up=link.is_up,
            last_heard_at=None if heard_ms is None else rfc3339(heard_ms),
            why=link.last_why,
        ),
        registers=registers,
        started_at=rfc3339(call.service.started_ms),
        now=rfc3339(steps.clock.now().wall_ms),
        trouble=await _trouble(call),
    )
    return Reply(told)


async def alive(call: Call) -> Reply:
    """GET /healthz: the process answers."""
    del call
    return Reply(HealthTold(ok=True))


async def ready(call: Call) -> Reply:
    """GET /readyz: 200 while a credit can be taken, else 503; degraded parts in words."""
    found = await call.doors.health.readiness()
    told = ReadyTold(ready=found.ready, reasons=list(found.reasons))
    return Reply(told, 200 if found.ready else 503)


async def metrics(call: Call) -> Reply:
    """GET /metrics: the text format of Prometheus."""
    numbers = call.doors.metrics
    numbers.breaker(not call.steps.link.is_up)
    numbers.shut_out(call.steps.link.is_shut_out)
    try:
        async with asyncio.timeout(call.options.look_up_s):
            numbers.waiting([await _waiting(call, each) for each in call.steps.registers])
    except (TimeoutError, Fault) as fault:
        call.doors.log.warning("metrics-without-queue", why=type(fault).__name__)
    return Reply(numbers.text(), content_type=CONTENT_TYPE)


async def events(call: Call) -> web.StreamResponse:
    """GET /v1/events: server-sent events until the caller or the agent ends it.

    `credit` carries the resource; `reread` says that changes were missed. Every write has a
    deadline, so a caller who stops reading is dropped and never holds anything up.
    """
    service = call.service
    if len(service.streams) >= call.options.streams_max:
        raise Busy(what="streams")
    mark = object()
    service.streams.add(mark)
    response = web.StreamResponse(headers={"Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no"})
    try:
        with call.steps.board.stream() as changes:
            await _write(call, response, None)
            await _write(call, response, f"retry: {RECONNECT_MS}\n\n")
            while not service.closing.is_set():
                await _write(call, response, await _next(call, changes))
        await response.write_eof()
    except (ConnectionError, TimeoutError):
        if call.request.transport is not None:
            call.request.transport.abort()
    finally:
        service.streams.discard(mark)
    return response


async def _next(call: Call, changes: asyncio.Queue[CreditRecord | None]) -> str:
    """The next event as text; a comment where nothing happened for a heartbeat."""
    getting = asyncio.ensure_future(changes.get())
    closing = asyncio.ensure_future(call.service.closing.wait())
    try:
        await asyncio.wait(
            {getting, closing},
            timeout=call.options.heartbeat_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not getting.done():
            return ": still here\n\n"
        record = getting.result()
    finally:
        getting.cancel()
        closing.cancel()
    if record is None:
        return "event: reread\ndata: {}\n\n"
    if not call.caller.may_see(record.request.place):
        return ""
    data = credit_told(record, call.options.language).model_dump_json()
    return f"id: {record.key}:{record.revision}\nevent: credit\ndata: {data}\n\n"


async def _write(call: Call, response: web.StreamResponse, text: str | None) -> None:
    async with asyncio.timeout(call.options.write_s):
        if text is None:
            await response.prepare(call.request)
        elif text:
            await response.write(text.encode())


async def _register(call: Call, register: Register) -> RegisterTold:
    totals = await call.steps.journal.totals(register.place)
    printer = call.doors.printer(register)
    return RegisterTold(
        store=register.place.store,
        id=register.place.register,
        ring=register.ring.value,
        currency=register.currency,
        budget_s=register.budget_s,
        waiting=WaitingTold(
            count=totals.count,
            amounts=amounts(totals.minor_by_currency),
            oldest_age_s=_age_s(call, totals),
            on_paper=totals.on_paper,
        ),
        printer=PrinterStateTold(name=printer.name, state=printer.state),
    )


async def _waiting(call: Call, register: Register) -> Waiting:
    totals = await call.steps.journal.totals(register.place)
    return Waiting(
        str(register.place), totals.count, totals.minor_by_currency, _age_s(call, totals) or 0
    )


def amounts(minor_by_currency: Mapping[str, int]) -> list[AmountTold]:
    """Sums by currency, in the order of their codes."""
    return [
        amount_told(Money(minor, currency)) for currency, minor in sorted(minor_by_currency.items())
    ]


def _age_s(call: Call, totals: QueueTotals) -> int | None:
    if totals.oldest_opened_ms is None:
        return None
    return max(call.steps.clock.now().wall_ms - totals.oldest_opened_ms, 0) // 1000


async def _trouble(call: Call) -> list[str]:
    said = list((await call.doors.health.readiness()).reasons)
    trouble = call.doors.forwarder.trouble
    if trouble is not None:
        sentence = explain(trouble, call.options.language).sentence
        if sentence not in said:
            said.append(sentence)
    return said
