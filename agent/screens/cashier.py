# SPDX-License-Identifier: Apache-2.0
"""The main page, and the way from its form to a credit on the screen.

The press of a button runs in a task of the agent's own: a browser that goes away cancels
nothing. While one credit is not ended no other is begun; what was typed is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web

from agent.domain.credit import CreditRequest
from agent.domain.faults import (
    AliasConflict,
    ApprovalInvalid,
    ApprovalRequired,
    Fault,
    LooksLike,
    NotAllowed,
)
from agent.domain.idempotency import Alias
from agent.flows.issue import Order
from agent.screens import form
from agent.screens.desk import Asking, Desk, Mode, Notice, Wrong, new_name
from agent.screens.form import FormWrong
from agent.screens.look import current, drawn, scene_of, strip_of
from agent.screens.site import Visit, see_other
from agent.words import say


async def show(visit: Visit) -> web.StreamResponse:
    """GET /screen/{register}."""
    record, saved = await current(visit)
    strip = await strip_of(visit, saved)
    scene = scene_of(visit, record)
    return await visit.page("cashier.html", strip=strip, **drawn(visit, scene))


async def issue(visit: Visit) -> web.StreamResponse:
    """POST .../issue: the form."""
    fields = form.kept_fields(visit.form)
    name = form.known_name(visit.form.get("name", "")) or visit.desk.name
    if visit.form.get("again") and not fields:
        fields = dict(visit.desk.fields)
    return await _send(visit, fields, name)


async def distinct(visit: Visit) -> web.StreamResponse:
    """POST .../distinct: yes, it is another one."""
    desk = visit.desk
    if desk.mode is not Mode.QUESTION:
        return see_other(visit.home)
    return await _send(visit, {**desk.fields, "distinct": "1"}, desk.name)


async def approval(visit: Visit) -> web.StreamResponse:
    """POST .../approval: a manager's PIN for the form that was sent."""
    desk = visit.desk
    if desk.mode is not Mode.APPROVAL:
        return see_other(visit.home)
    try:
        request, _ = await _read(visit, desk.fields, desk.name)
        given = await visit.doors.approvals.approve(
            visit.given("manager"), visit.given("pin"), request.body_digest()
        )
    except FormWrong as wrong:
        _put_back(desk, wrong.fields, desk.name, wrong=wrong.wrong)
        return see_other(visit.home)
    except NotAllowed as fault:
        visit.tell(fault)
        return see_other(visit.home)
    return await _send(visit, dict(desk.fields), desk.name, given.id)


async def back_to_form(visit: Visit) -> web.StreamResponse:
    """POST .../form: what was typed stays."""
    visit.desk.mode, visit.desk.fault = Mode.READY, None
    visit.desk.changed()
    return see_other(visit.home)


async def clear_form(visit: Visit) -> web.StreamResponse:
    """POST .../clear."""
    visit.desk.clean_form(visit.doors.steps.chance)
    visit.desk.changed()
    return see_other(visit.home)


async def _send(
    visit: Visit, fields: dict[str, str], name: str, approval_id: str | None = None
) -> web.StreamResponse:
    desk = visit.desk
    async with desk.sending:
        if desk.asking is None or desk.asking.name != name:
            started = await _start(visit, fields, name, approval_id)
            if started is not None:
                return started
    asking = desk.asking
    if asking is not None:
        await asyncio.wait({asking.task}, timeout=visit.options.press_s)
    if desk.landed is not None:
        key, desk.landed = desk.landed, None
        return see_other(f"{visit.home}/credits/{key}")
    return see_other(visit.home)


async def _start(
    visit: Visit, fields: dict[str, str], name: str, approval_id: str | None
) -> web.Response | None:
    """Begins the credit; an answer where there is none to begin. Called one at a time."""
    desk, language = visit.desk, visit.options.language
    record, _ = await current(visit)
    if desk.asking is not None or record is not None:
        if name != desk.sent:  # a second tab: its form is kept for later
            desk.fields = fields
            key = None if record is None else record.key.text
            desk.notice = Notice(say("screen.wrong.unfinished", language), "", key)
        return see_other(visit.home)
    try:
        request, aliases = await _read(visit, fields, name)
    except FormWrong as wrong:
        _put_back(desk, wrong.fields, name, wrong=wrong.wrong)
        return see_other(visit.home)
    order = Order(
        request, aliases, visit.session.caller, visit.register.budget_s, approval_id=approval_id
    )
    desk.operator = request.operator
    desk.sent = name
    desk.clean_form(visit.doors.steps.chance)
    task = visit.doors.spawn(_ask(visit, order, fields, name))
    desk.asking = Asking(name, visit.now_s(), task)
    desk.changed()
    return None


async def _ask(visit: Visit, order: Order, fields: Mapping[str, str], name: str) -> None:
    desk = visit.desk
    try:
        record, fresh = await visit.doors.issue.issue(order)
        if not fresh and (record.heard or record.caller != order.caller):
            desk.landed = record.key.text
    except Fault as fault:
        _failed(visit, fault, fields, name)
    finally:
        desk.asking = None
        desk.changed()


def _failed(visit: Visit, fault: Fault, fields: Mapping[str, str], name: str) -> None:
    """Nothing was issued: the form comes back with what to do."""
    desk = visit.desk
    match fault:
        case LooksLike():
            _put_back(desk, fields, name, Mode.QUESTION, fault)
        case ApprovalRequired():
            _put_back(desk, fields, name, Mode.APPROVAL, fault)
        case ApprovalInvalid():
            _put_back(desk, fields, name, Mode.APPROVAL, fault)
            visit.tell(fault)
        case AliasConflict():
            said = say("screen.wrong.used", visit.options.language)
            fresh = new_name(visit.doors.steps.chance)
            _put_back(desk, fields, fresh, fault=fault, wrong=Wrong("", said))
        case _:
            _put_back(desk, fields, name, Mode.TROUBLE, fault)


def _put_back(
    desk: Desk,
    fields: Mapping[str, str],
    name: str,
    mode: Mode = Mode.READY,
    fault: Fault | None = None,
    wrong: Wrong | None = None,
) -> None:
    desk.fields, desk.name = dict(fields), name
    desk.mode, desk.fault, desk.wrong = mode, fault, wrong


async def _read(
    visit: Visit, fields: Mapping[str, str], name: str
) -> tuple[CreditRequest, tuple[Alias, ...]]:
    return await form.read(
        fields, name, visit.session.caller, visit.register, visit.options, visit.now_ms()
    )
