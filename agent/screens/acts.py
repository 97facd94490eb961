# SPDX-License-Identifier: Apache-2.0
"""What a person does to a credit that is there. Each button names its credit by key, so that a
tab left behind can never act on another one; what was not done is told on the page that follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from aiohttp import web

from agent.decisions.answer import answer
from agent.decisions.decide import decide
from agent.domain.action import Decision
from agent.domain.credit import TEXT_MAX
from agent.domain.event import Heard
from agent.domain.exposure import Exposure
from agent.domain.faults import BadField, Fault
from agent.domain.idempotency import PosAlias
from agent.domain.record import CreditRecord, Paper, State, VoidRequest
from agent.flows import identifiers
from agent.flows.issue import Order
from agent.screens.desk import Asking, Notice
from agent.screens.elsewhere import is_ours
from agent.screens.exits import FINAL
from agent.screens.look import UNHEARD_MAX, current
from agent.screens.site import ACT_S, Visit, see_other
from agent.screens.view import WORD_STATES, is_final
from agent.words import say


class _WordChanged(Exception):
    """Somebody would end a word that they have not read."""


async def next_customer(visit: Visit) -> web.StreamResponse:
    """POST .../next: the word was read and acted upon; only a final word can be ended.

    The button sends the word that stood above it. Another one is shown first.
    """
    record = await visit.record()
    desk, key, steps = visit.desk, record.key, visit.doors.steps

    def step(now: CreditRecord, others: Exposure) -> Decision:
        if not _is_word(now, visit.given("word")):
            raise _WordChanged
        return decide(now, Heard(), steps.circumstances(visit.place, others))

    async def work() -> None:
        try:
            steps.tell(await steps.journal.advance(key, Heard(), step))
        except _WordChanged:
            language = visit.options.language
            sentence = say("screen.next.changed.sentence", language)
            desk.notice = Notice(sentence, say("screen.next.changed.hint", language), key.text)
            return
        if desk.opened == key.text:
            desk.opened = None

    if not record.heard and await is_ours(visit, record):
        await visit.carry_out(work(), key.text)
    return see_other(visit.home)


async def save(visit: Visit) -> web.StreamResponse:
    """POST .../save: put aside, to serve the next customer. It stays unheard."""
    record = await visit.record()
    desk = visit.desk
    if not is_final(record) and await is_ours(visit, record):
        desk.aside.add(record.key.text)
        if desk.opened == record.key.text:
            desk.opened = None
        desk.changed()
    return see_other(visit.home)


async def open_saved(visit: Visit) -> web.StreamResponse:
    """POST .../open: a saved credit comes back to the screen, if none stands there."""
    record = await visit.record()
    desk, key = visit.desk, record.key.text
    standing, _ = await current(visit)
    if desk.asking is not None or (standing is not None and standing.key != record.key):
        said = say("screen.open.unfinished", visit.options.language)
        desk.notice = Notice(said, "", None if standing is None else standing.key.text)
    elif not record.heard and await is_ours(visit, record):
        if record.caller != visit.session.caller and len(desk.brought) < UNHEARD_MAX:
            desk.brought.add(key)
        desk.opened = key
        desk.aside.discard(key)
        desk.changed()
    return see_other(visit.home)


async def again(visit: Visit) -> web.StreamResponse:
    """POST .../again: a credit that nobody was told of is taken up by its own name."""
    record = await visit.record()
    desk, pos = visit.desk, record.request.pos
    async with desk.sending:
        if record.state is State.RECEIVED and desk.asking is None:
            alias = PosAlias(visit.place, pos.business_date, pos.number, pos.line)
            order = Order(record.request, (alias,), record.caller, visit.register.budget_s)
            task = visit.doors.spawn(_take_up(visit, order, record))
            desk.asking = Asking(record.key.text, visit.now_s(), task)
    if desk.asking is not None:
        await asyncio.wait({desk.asking.task}, timeout=visit.options.press_s)
    return visit.back()


async def withdraw(visit: Visit) -> web.StreamResponse:
    """POST .../withdraw: told to nobody, sent to nobody."""
    record = await visit.record()
    by, reason = _operator(visit), say("screen.exit.withdraw", visit.options.language)
    return await _done(visit, record, visit.doors.closing.withdraw(record.key, by, reason))


async def came_out(visit: Visit) -> web.StreamResponse:
    """POST .../came-out: somebody looked at the printer."""
    record = await visit.record()
    yes = visit.given("answer") == "yes"
    return await _done(visit, record, visit.doors.papers.affirm(record.key, _operator(visit), yes))


async def reprint(visit: Visit) -> web.StreamResponse:
    """POST .../reprint: the same paper once more; a manager above the store's amount."""
    record = await visit.record()
    default = say("screen.exit.print-again", visit.options.language)

    async def work() -> CreditRecord:
        by, reason = _short(visit, "operator", _operator(visit)), _short(visit, "reason", default)
        manager = None
        if visit.given("manager"):
            manager = await _manager(visit)
        printing = await visit.doors.papers.reprint(record.key, by, reason, manager)
        return await visit.doors.steps.board.wait_until(printing, _paper_ended, ACT_S)

    return await _done(visit, record, work())


async def let_out(visit: Visit) -> web.StreamResponse:
    """POST .../let-out: a manager stands for the room that the paper has not."""
    record = await visit.record()

    async def work() -> CreditRecord:
        printing = await visit.doors.papers.approve(record.key, await _manager(visit))
        return await visit.doors.steps.board.wait_until(printing, _paper_ended, ACT_S)

    return await _done(visit, record, work())


async def void(visit: Visit) -> web.StreamResponse:
    """POST .../void: with a manager; nothing is paid out before its code is dead."""
    record = await visit.record()

    async def work() -> CreditRecord:
        by, reason = _short(visit, "operator", _operator(visit)), _short(visit, "reason", "")
        manager = await _manager(visit)
        asked = VoidRequest(f"{by} with {manager}", reason)
        return await visit.doors.closing.void(record.key, asked)

    return await _done(visit, record, work())


async def _done(visit: Visit, record: CreditRecord, work: Awaitable[CreditRecord]) -> web.Response:
    await visit.carry_out(work, record.key.text)
    return visit.back()


def _is_word(record: CreditRecord, shown: str) -> bool:
    word = answer(record)
    return word in FINAL and WORD_STATES[word] == shown


async def _take_up(visit: Visit, order: Order, record: CreditRecord) -> None:
    try:
        await visit.doors.issue.issue(order)
    except Fault as fault:
        visit.tell(fault, record.key.text)
    finally:
        visit.desk.asking = None
        visit.desk.changed()


async def _manager(visit: Visit) -> str:
    """Whose PIN it is; raises `PinWrong` and `PinLocked`."""
    return await visit.doors.approvals.manager(visit.given("manager"), visit.given("pin"))


def _operator(visit: Visit) -> str:
    """Who acts: the operator of this screen, or the screen itself."""
    return visit.desk.operator or visit.session.pairing.name[:TEXT_MAX]


def _short(visit: Visit, field: str, default: str) -> str:
    """1 to 40 printable characters without a card number; raises `BadField`."""
    text = visit.given(field) or default
    if not 1 <= len(text) <= TEXT_MAX or not text.isprintable():
        raise BadField(field=field, problem=f"it is 1 to {TEXT_MAX} printable characters")
    if identifiers.holds_card_number(text):
        raise BadField(field=field, problem="it looks like a card number; leave it out")
    return text


def _paper_ended(record: CreditRecord) -> bool:
    return record.paper is not Paper.QUEUED
