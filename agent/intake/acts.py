# SPDX-License-Identifier: Apache-2.0
"""What a till may do to a credit that is there: void it, let its paper out, print it again.

Each answer is the credit as it then stands.
"""

from __future__ import annotations

from aiohttp import web

from agent.decisions.answer import answer
from agent.domain.faults import BadField, PaperRefused
from agent.domain.record import CreditRecord, Paper, VoidRequest
from agent.intake.bodies import Body, PinBody, ReportBody, ReprintBody, VoidBody
from agent.intake.calls import UNDONE, Call, send_credit, status_of
from agent.intake.counter import hand_over
from agent.intake.reading import refuse_card


async def void_credit(call: Call) -> web.StreamResponse:
    """POST /v1/credits/{key}/void: 200 once nobody can spend it any more."""
    body = call.body(VoidBody)
    record = await call.record()
    by, reason = refuse_card("operator", body.operator), refuse_card("reason", body.reason)
    manager = await _manager(call, body.manager, body.pin)
    if manager is not None:
        by = f"{by} with {manager}"
    record = await call.doors.closing.void(record.key, VoidRequest(by, reason))
    return await send_credit(call, record, status_of(record, call.caller, UNDONE))


async def approve_paper(call: Call) -> web.StreamResponse:
    """POST /v1/credits/{key}/approval: lets money paper out though there is no room."""
    body = call.body(PinBody)
    record = await call.record()
    register = call.steps.registers.at(record.request.place)
    manager = await call.doors.approvals.manager(body.manager, body.pin)
    record = await call.doors.papers.approve(record.key, manager)
    budget_s = call.caller.budget_s(register)
    if not record.pos_prints:
        record = await call.steps.board.wait_until(record, _has_answer, budget_s)
    printed = await hand_over(call, record, call.options.look_up_s)
    return await send_credit(call, record, status_of(record, call.caller), printed)


async def print_credit(call: Call) -> web.StreamResponse:
    """POST /v1/credits/{key}/prints: another copy, or what came out of the last one."""
    record = await call.record()
    given = call.body(Body)
    if isinstance(given, ReportBody):
        record = await _report(call, record, given)
    else:
        body = call.body(ReprintBody)
        by, reason = refuse_card("operator", body.operator), refuse_card("reason", body.reason)
        manager = await _manager(call, body.manager, body.pin)
        record = await call.doors.papers.reprint(record.key, by, reason, manager)
    printed = await hand_over(call, record, call.options.look_up_s)
    return await send_credit(call, record, 200, printed)


async def _report(call: Call, record: CreditRecord, body: ReportBody) -> CreditRecord:
    papers, operator = call.doors.papers, refuse_card("operator", body.operator)
    if body.job is None:
        if body.result == "uncertain":
            raise BadField(
                field="result", problem="look at the printer, then say printed or failed"
            )
        return await papers.affirm(record.key, operator, body.result == "printed")
    if not record.pos_prints:
        # The agent's own printer tells how its jobs ended; a till may not speak for it.
        raise PaperRefused(state=record.state.value, paper=record.paper.value)
    return await papers.reported(record.key, body.job, Paper(body.result))


async def _manager(call: Call, name: str | None, pin: str | None) -> str | None:
    """The manager where one was named; raises `PinWrong` and `PinLocked`."""
    if name is None or pin is None:
        return None
    return await call.doors.approvals.manager(name, pin)


def _has_answer(record: CreditRecord) -> bool:
    return answer(record) is not None and record.paper is not Paper.QUEUED
