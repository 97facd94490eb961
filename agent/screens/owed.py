# SPDX-License-Identifier: Apache-2.0
"""Paper owed: no paper comes out, and a manager has the code shown on the screen instead.

The code is cash. It is committed as out before it is shown; it is shown only to the browser in
which the PIN was typed, for two minutes from the PIN and only while it is worth money; it is in
no list, no stream and no cache.
"""

from __future__ import annotations

import math

from aiohttp import web

from agent.domain.faults import UnknownCredit
from agent.domain.record import CreditRecord, State
from agent.screens.desk import Grant, Notice
from agent.screens.exits import is_worth_money
from agent.screens.site import HEADERS, Visit
from agent.words import say


async def show_code(visit: Visit) -> web.StreamResponse:
    """POST .../owed: the PIN opens it, and the journal knows before the screen does.

    The time runs from the PIN: a commit that hangs must not show the code to an empty counter.
    """
    record = await visit.record()
    ends_s = visit.now_s() + visit.options.grant_s

    async def work() -> None:
        manager = await visit.doors.approvals.manager(visit.given("manager"), visit.given("pin"))
        await visit.doors.papers.show(record.key, manager)
        if visit.now_s() < ends_s:
            visit.desk.grant = Grant(record.key.text, manager, ends_s)
        else:
            _tell(visit, record, "screen.owed.slow.sentence", "screen.owed.slow.hint")

    await visit.carry_out(work(), record.key.text)
    return visit.back()


async def paper(visit: Visit) -> web.StreamResponse:
    """GET .../paper.svg: the whole voucher with its QR, while the grant lasts."""
    record = await visit.record()
    if grant_of(visit, record) is None:
        raise UnknownCredit(key=record.key.text)
    composed = await visit.doors.papers.shown(record)
    headers = {**HEADERS, "Refresh": str(left_s(visit))}
    return web.Response(text=composed.svg, content_type="image/svg+xml", headers=headers)


async def has_code(visit: Visit) -> web.StreamResponse:
    """POST .../has-code: whether the customer has it; the code leaves the screen either way."""
    record = await visit.record()
    yes = visit.given("answer") == "yes"
    grant = grant_of(visit, record)
    if grant is None:
        if yes and record.state is not State.CONFIRMED:
            _tell(visit, record, "screen.owed.late.sentence", "screen.owed.late.hint")
        return visit.back()

    async def work() -> None:
        if yes and record.state is not State.CONFIRMED:
            await visit.doors.papers.affirm(record.key, grant.manager, True)
        if visit.desk.grant is grant:
            visit.desk.grant = None

    await visit.carry_out(work(), record.key.text)
    return visit.back()


def grant_of(visit: Visit, record: CreditRecord) -> Grant | None:
    """What a manager's PIN has opened of this credit, while its code is worth money.

    Once it is not, the grant is gone for good.
    """
    grant = visit.desk.granted(record.key.text, visit.now_s())
    if grant is not None and not is_worth_money(record):
        grant = visit.desk.grant = None
    return grant


def left_s(visit: Visit) -> int:
    """After how many seconds a page with the code must ask again by itself."""
    grant = visit.desk.grant
    return 1 if grant is None else max(1, math.ceil(grant.ends_s - visit.now_s()))


def _tell(visit: Visit, record: CreditRecord, sentence: str, hint: str) -> None:
    language = visit.options.language
    visit.desk.notice = Notice(say(sentence, language), say(hint, language), record.key.text)
