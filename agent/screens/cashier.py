# SPDX-License-Identifier: Apache-2.0
"""The main page, and the way from its form to a credit on the screen.

The press of a button runs in a task of the agent's own: a browser that goes away cancels
nothing. While one credit is not ended no other is begun; what was typed is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web

from agent.domain.approval import Approval
from agent.domain.credit import CreditRequest
from agent.domain.customer import Forgotten
from agent.domain.faults import (
    AliasConflict,
    ApprovalInvalid,
    ApprovalRequired,
    CannotJournal,
    Fault,
    LooksLike,
)
from agent.domain.idempotency import Alias, CallerAlias
from agent.domain.record import CreditRecord
from agent.flows.issue import Order
from agent.screens import form
from agent.screens.desk import Asking, Desk, Mode, Notice, Wrong, new_name, stamp_of
from agent.screens.form import FormWrong
from agent.screens.look import current, drawn, scene_of, strip_of
from agent.screens.site import Visit, see_other
from agent.screens.view import time_words
from agent.words import money_text, say

CLICKS_MS: Final = 3_000
"""Two sendings of one form within this are one press of a nervous finger."""


async def show(visit: Visit) -> web.StreamResponse:
    """GET /screen/{register}."""
    record, saved = await current(visit)
    strip = await strip_of(visit, saved)
    scene = await scene_of(visit, record)
    return await visit.page("cashier.html", strip=strip, **drawn(visit, scene))


async def issue(visit: Visit) -> web.StreamResponse:
    """POST .../issue: the form, or once more what was sent before a trouble."""
    fields = form.kept_fields(visit.form)
    name = form.known_name(visit.form.get("name", "")) or visit.desk.name
    if visit.form.get("again") and not fields:
        if not await _is_about(visit):
            return see_other(visit.home)
        fields, name = dict(visit.desk.fields), visit.desk.name
        visit.desk.answered = visit.desk.stamp
    return await _send(visit, fields, name)


async def distinct(visit: Visit) -> web.StreamResponse:
    """POST .../distinct: yes, it is another one."""
    desk = visit.desk
    if not await _is_about(visit, Mode.QUESTION):
        return see_other(visit.home)
    desk.answered = desk.stamp
    return await _send(visit, {**desk.fields, "distinct": "1"}, desk.name)


async def approval(visit: Visit) -> web.StreamResponse:
    """POST .../approval: a manager's PIN for the form that was sent, and for no other."""
    desk = visit.desk
    if not await _is_about(visit, Mode.APPROVAL):
        return see_other(visit.home)
    # As it stands now: a PIN takes a while to check, and another tab may change the form in it.
    fields, name = dict(desk.fields), desk.name
    try:
        request, _ = await _read(visit, fields, name)
    except FormWrong as wrong:
        _put_back(desk, wrong.fields, name, wrong=wrong.wrong)
        return see_other(visit.home)
    given: list[Approval] = []

    async def approve() -> None:
        manager, pin = visit.given("manager"), visit.given("pin")
        approvals = visit.doors.approvals
        given.append(await approvals.approve(manager, pin, request.body_digest()))

    if not await visit.carry_out(approve()):
        # A yes that comes later is not used: nobody may stand there any more.
        visit.tell(CannotJournal(why="slow"))
        return see_other(visit.home)
    if not given:
        return see_other(visit.home)
    desk.answered = stamp_of(name, fields)
    return await _send(visit, fields, name, given[0].id)


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


async def _is_about(visit: Visit, mode: Mode | None = None) -> bool:
    """Whether a yes was given to what stands here now. Else nothing is done, and that is told;
    but a second click on the same yes needs no word while its credit is there."""
    desk, stamp = visit.desk, visit.given("stamp")
    if stamp == desk.stamp:
        return mode is None or desk.mode is mode
    standing, _ = await current(visit)
    if stamp != desk.answered or (standing is None and desk.asking is None):
        said = "screen.wrong.changed" if stamp != desk.answered else "screen.wrong.answered"
        key = None if standing is None else standing.key.text
        desk.notice = Notice(say(said, visit.options.language), "", key)
        desk.changed()
    return False


async def _send(
    visit: Visit, fields: dict[str, str], name: str, approval_id: str | None = None
) -> web.StreamResponse:
    desk = visit.desk
    async with desk.sending:
        asking = desk.asking
        if asking is None or (asking.name, asking.stamp) != (name, stamp_of(name, fields)):
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
    desk = visit.desk
    standing, _ = await current(visit)
    known = await _sent_before(visit, name)
    if known is not None and await _is_what_was_sent(visit, known, fields, name):
        return _resent(visit, known, standing)
    if known is not None or (desk.asking is not None and desk.asking.name == name):
        name = new_name(visit.doors.steps.chance)  # the other content has that name
    if desk.asking is not None or standing is not None:
        _keep_for_later(visit, fields, name, standing)
        return see_other(visit.home)
    if known is not None:
        _used(visit, AliasConflict(key=known.key.text, why="other-body"), fields, name)
        return see_other(visit.home)
    try:
        request, aliases = await _read(visit, fields, name)
    except FormWrong as wrong:
        _put_back(desk, wrong.fields, name, wrong=wrong.wrong)
        return see_other(visit.home)
    order = Order(
        request, aliases, visit.session.caller, visit.register.budget_s, approval_id=approval_id
    )
    desk.operator, desk.landed = request.operator, None
    desk.clean_form(visit.doors.steps.chance)
    task = visit.doors.spawn(_ask(visit, order, fields, name))
    desk.asking = Asking(name, visit.now_s(), task, stamp_of(name, fields))
    desk.changed()
    return None


async def _sent_before(visit: Visit, name: str) -> CreditRecord | None:
    """The credit that a form made: the journal knows it after any restart."""
    alias = CallerAlias(visit.session.caller, str(visit.place), name)
    return await visit.read(visit.doors.steps.journal.by_alias(alias))


async def _is_what_was_sent(
    visit: Visit, known: CreditRecord, fields: Mapping[str, str], name: str
) -> bool:
    """Whether a form holds what its credit was made from; the day of sending aside."""
    try:
        request, _ = await _read(visit, fields, name)
    except FormWrong:
        return False
    then = known.request
    pos = replace(request.pos, business_date=then.pos.business_date)
    customer = then.customer if isinstance(then.customer, Forgotten) else request.customer
    again = replace(request, pos=pos, customer=customer)
    return again.body_digest() == then.body_digest()


def _resent(visit: Visit, known: CreditRecord, standing: CreditRecord | None) -> web.Response:
    """A form that made a credit came again: the credit is shown, and nothing is issued or kept.

    A double click needs no word; whoever sends it later does.
    """
    if standing is None or known.key != standing.key or _age_ms(visit, known) > CLICKS_MS:
        _tell_resent(visit, known, known if standing is None else standing)
    return see_other(visit.home if standing is not None else visit.path_of(known))


def _tell_resent(visit: Visit, known: CreditRecord, on: CreditRecord) -> None:
    """`on`: the credit on whose page it is told."""
    language = visit.options.language
    at = time_words(known.opened.wall_ms, visit.now_ms(), visit.options.zone)
    amount = money_text(known.request.amount)
    sentence = say("screen.resent", language, time=at, amount=amount)
    visit.desk.notice = Notice(sentence, say("screen.resent.hint", language), on.key.text)
    visit.desk.changed()


def _age_ms(visit: Visit, record: CreditRecord) -> int:
    return visit.now_ms() - record.opened.wall_ms


def _keep_for_later(
    visit: Visit, fields: Mapping[str, str], name: str, standing: CreditRecord | None
) -> None:
    """A second form while a credit stands: told there, and drawn again when that has ended."""
    desk = visit.desk
    _put_back(desk, fields, name)
    key = None if standing is None else standing.key.text
    desk.notice = Notice(say("screen.wrong.unfinished", visit.options.language), "", key)
    desk.changed()


async def _ask(visit: Visit, order: Order, fields: Mapping[str, str], name: str) -> None:
    desk = visit.desk
    try:
        record, fresh = await visit.doors.issue.issue(order)
        if not fresh:
            desk.landed = record.key.text
            _tell_resent(visit, record, record)
        elif desk.notice is not None and desk.notice.key is None:
            desk.notice = replace(desk.notice, key=record.key.text)  # of a form sent meanwhile
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
            _used(visit, fault, fields, new_name(visit.doors.steps.chance))
        case _:
            _put_back(desk, fields, name, Mode.TROUBLE, fault)


def _used(visit: Visit, fault: AliasConflict, fields: Mapping[str, str], fresh: str) -> None:
    """The form or its till number belongs to another credit; it goes on under a new name."""
    said = say("screen.wrong.used", visit.options.language)
    _put_back(visit.desk, fields, fresh, fault=fault, wrong=Wrong("", said))


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
