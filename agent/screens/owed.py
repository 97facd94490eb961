# SPDX-License-Identifier: Apache-2.0
"""Paper owed: no paper comes out, and a manager has the code shown on the screen instead.

The code is cash. It is committed as out before it is shown; it is shown only to the browser in
which the PIN was typed, for two minutes; it is in no list, no stream and no cache.
"""

from __future__ import annotations

from aiohttp import web

from agent.domain.faults import Fault, UnknownCredit
from agent.domain.record import State
from agent.screens.desk import Grant
from agent.screens.site import HEADERS, Visit


async def show_code(visit: Visit) -> web.StreamResponse:
    """POST .../owed: the PIN opens it, and the journal knows before the screen does."""
    record = await visit.record()
    try:
        manager = await visit.doors.approvals.manager(visit.given("manager"), visit.given("pin"))
        await visit.doors.papers.show(record.key, manager)
    except Fault as fault:
        visit.tell(fault, record.key.text)
        return visit.back()
    ends_s = visit.now_s() + visit.options.grant_s
    visit.desk.grant = Grant(record.key.text, manager, ends_s)
    visit.desk.changed()
    return visit.back()


async def paper(visit: Visit) -> web.StreamResponse:
    """GET .../paper.svg: the whole voucher with its QR, while the grant lasts."""
    record = await visit.record()
    if visit.desk.granted(record.key.text, visit.now_s()) is None:
        raise UnknownCredit(key=record.key.text)
    composed = await visit.doors.papers.shown(record)
    return web.Response(text=composed.svg, content_type="image/svg+xml", headers=HEADERS)


async def has_code(visit: Visit) -> web.StreamResponse:
    """POST .../has-code: whether the customer has it; the code leaves the screen either way."""
    record = await visit.record()
    grant = visit.desk.granted(record.key.text, visit.now_s())
    if grant is None:
        return visit.back()
    if visit.given("answer") == "yes" and record.state is not State.CONFIRMED:
        try:
            await visit.doors.papers.affirm(record.key, grant.manager, True)
        except Fault as fault:
            visit.tell(fault, record.key.text)
            return visit.back()
    visit.desk.grant = None
    visit.desk.changed()
    return visit.back()
