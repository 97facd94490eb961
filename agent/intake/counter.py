# SPDX-License-Identifier: Apache-2.0
"""The credits of the API: asking for one, looking at it, and approving it beforehand.

The answer is there within the budget, whatever hangs; the work goes on in a task of the agent's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from aiohttp import web

from agent.decisions.answer import answer
from agent.decisions.approval import VALID_FOR_MS
from agent.domain.credit import CreditRequest
from agent.domain.faults import BadField, CannotJournal, Fault
from agent.domain.idempotency import CallerAlias, IdempotencyKey, PosAlias
from agent.domain.record import CreditRecord, State
from agent.flows.issue import Order
from agent.flows.register import Register, Ring
from agent.intake.bodies import ApprovalBody, CreditBody
from agent.intake.calls import LIMIT_MAX, Call, Reply, send_credit, status_of
from agent.intake.reading import idempotency_name, read_credit
from agent.intake.resources import credit_told, rfc3339
from agent.intake.told import ApprovalTold, CreditList
from agent.ports import Composed, PrintJob

HAND_OVER_S: Final = 0.1
"""Kept back from the budget of a POS that prints, for the commit before its paper leaves."""
BUDGET_MIN_S: Final = 0.05
PAGES_MAX: Final = 20
"""Pages of the journal that one list reads past credits of other registers."""
_OVER: Final = frozenset({State.REFUSED, State.WITHDRAWN, State.VOIDED})
Printed = tuple[PrintJob, Composed]


async def issue_credit(call: Call) -> web.StreamResponse:
    """POST /v1/credits."""
    name = idempotency_name(call.request.headers.get("Idempotency-Key"))
    request, pos = await _read(call, call.body(CreditBody))
    register = call.steps.registers.at(request.place)
    budget_s = call.caller.budget_s(register)
    record, fresh = await _issue(call, request, name, pos, register, budget_s)
    printed = await hand_over(call, record, budget_s - call.passed_s())
    word = answer(record)
    call.doors.metrics.answered(None if word is None else word.value, call.passed_s())
    headers = {} if fresh else {"Idempotent-Replayed": "true"}
    return await send_credit(call, record, status_of(record, call.caller), printed, headers)


async def show_credit(call: Call) -> web.StreamResponse:
    """GET /v1/credits/{key}: at once, or at its next change with `Prefer: wait=N`."""
    record = await call.record()
    wait_s = call.wait_s()
    seen = call.number("seen", record.revision, 2**62)
    headers = {}
    if wait_s is not None:
        headers["Preference-Applied"] = f"wait={wait_s}"
        if seen >= record.revision and not record.is_settled:
            record = await _changed(call, record, wait_s)
    printed = await hand_over(call, record, call.options.look_up_s)
    return await send_credit(call, record, 200, printed, headers)


async def list_credits(call: Call) -> Reply:
    """GET /v1/credits: of the caller's registers; `unheard`: with a word that nobody took."""
    records, following = await page(call, states(call, frozenset(State)))
    language = call.options.language
    told = [credit_told(record, language) for record in records]
    return Reply(CreditList(credits=told, next=following))


async def approve_body(call: Call) -> Reply:
    """POST /v1/approvals: a manager's yes to one body, once, for five minutes."""
    body = call.body(ApprovalBody)
    request, _ = await _read(call, body.body)
    call.steps.registers.at(request.place)
    approval = await call.doors.approvals.approve(body.manager, body.pin, request.body_digest())
    told = ApprovalTold(id=approval.id, expires_at=rfc3339(approval.given_ms + VALID_FOR_MS))
    return Reply(told, 201)


async def hand_over(call: Call, record: CreditRecord, timeout_s: float) -> Printed | None:
    """The paper for a POS that owns its printer, counted as out before it leaves.

    None where none waits, or where that could not be committed in time: it is asked for again.
    """
    ours = record.pos_prints and call.caller.pos_prints and record.caller == call.caller.id
    if not ours or record.state in _OVER:
        return None
    with suppress(TimeoutError, Fault):
        async with asyncio.timeout(max(timeout_s, HAND_OVER_S)):
            return await call.doors.papers.hand_over(record.key)
    return None


def states(call: Call, default: Iterable[State]) -> list[State]:
    """`state` of the query: one or more, parted by commas."""
    text = call.query("state")
    if not text:
        return sorted(default)
    try:
        return sorted({State(each.strip()) for each in text.split(",")})
    except ValueError:
        known = ", ".join(state.value for state in State)
        raise BadField(field="state", problem=f"it is one or more of {known}") from None


async def page(call: Call, wanted: list[State]) -> tuple[list[CreditRecord], str | None]:
    """Credits of the caller's registers and where the next page begins, None at the end."""
    limit = max(call.number("limit", 50, LIMIT_MAX), 1)
    unheard = _flag(call, "unheard")
    after = call.query("after")
    if after is not None:
        _ = _known_form(after)
    found: list[CreditRecord] = []
    for _ in range(PAGES_MAX):
        read = await call.steps.journal.listed(wanted, unheard, limit, after)
        for record in read:
            after = record.key.text
            if call.caller.may_see(record.request.place) and (
                not unheard or answer(record) is not None
            ):
                found.append(record)
            if len(found) == limit:
                return found, after
        if len(read) < limit:
            return found, None
    return found, after


async def _read(call: Call, body: CreditBody) -> tuple[CreditRequest, PosAlias]:
    now_ms = call.steps.clock.now().wall_ms
    request, pos = await read_credit(body, call.options.store, call.options.region, now_ms)
    call.caller.need_register(request.place)
    return request, pos


async def _issue(
    call: Call,
    request: CreditRequest,
    name: str,
    pos: PosAlias,
    register: Register,
    budget_s: float,
) -> tuple[CreditRecord, bool]:
    pos_prints = call.caller.pos_prints
    left_s = budget_s - call.passed_s() - (HAND_OVER_S if pos_prints else 0.0)
    order = Order(
        request,
        (CallerAlias(call.caller.id, str(request.place), name), pos),
        call.caller.id,
        max(left_s, BUDGET_MIN_S),
        approval_id=call.body(CreditBody).approval,
        pos_prints=pos_prints,
    )
    if register.ring is not Ring.OBSERVE:
        return await call.doors.issue.issue(order)
    try:
        # An observing register only notes the request: no work of ours outlives this deadline.
        async with asyncio.timeout(order.budget_s):
            return await call.doors.issue.issue(order)
    except TimeoutError:
        raise CannotJournal(why="slow") from None


async def _changed(call: Call, record: CreditRecord, wait_s: int) -> CreditRecord:
    """The record when its state, word or paper differs, when time is up, or when we close."""
    before = (record.state, answer(record), record.paper)

    def differs(latest: CreditRecord) -> bool:
        return (latest.state, answer(latest), latest.paper) != before

    waiting = asyncio.ensure_future(call.steps.board.wait_until(record, differs, wait_s))
    closing = asyncio.ensure_future(call.service.closing.wait())
    try:
        await asyncio.wait({waiting, closing}, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else record
    finally:
        waiting.cancel()
        closing.cancel()


def _flag(call: Call, name: str) -> bool:
    match call.query(name):
        case None | "0" | "false":
            return False
        case "1" | "true":
            return True
        case _:
            raise BadField(field=name, problem="it must be 1 or 0")


def _known_form(after: str) -> IdempotencyKey:
    try:
        return IdempotencyKey(after)
    except ValueError:
        raise BadField(field="after", problem="it must be the `next` of the page before") from None
