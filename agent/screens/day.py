# SPDX-License-Identifier: Apache-2.0
"""The close-of-day page: what one register did on one business date, to read and to print.

It only reads. The day is the store's own, from midnight to midnight in its zone.
"""

from __future__ import annotations

import asyncio
import datetime
from typing import Final

from aiohttp import web

from agent.domain.day import DAY_LIST_MAX
from agent.domain.faults import BadField, CannotJournal
from agent.screens.day_sums import OPERATORS_MAX
from agent.screens.day_view import Around, day_view, hours_of, local
from agent.screens.look import current, strip_of
from agent.screens.site import Visit

FIRST: Final = datetime.date(2000, 1, 1)
LAST: Final = datetime.date(3000, 1, 1)


async def show(visit: Visit) -> web.Response:
    """GET: `date` as YYYY-MM-DD, today where it is not given; `print` for the sheet alone."""
    zone, query = visit.options.zone, visit.request.query
    now_ms = visit.now_ms()
    date = date_of(query.get("date", ""), local(now_ms, zone).date())
    journal = visit.doors.steps.journal
    try:
        async with asyncio.timeout(visit.options.look_up_s):
            _, saved = await current(visit)
            strip = await strip_of(visit, saved)
            found = await journal.day(visit.place, date, *hours_of(date, zone))
            queue = await journal.totals(visit.place)
    except TimeoutError:
        raise CannotJournal(why="slow") from None
    around = Around(visit.home, zone, now_ms, queue, saved, visit.options.language)
    return await visit.page(
        "day.html",
        strip=strip,
        day=day_view(found, around),
        place=visit.place,
        brand=visit.options.brand,
        list_max=DAY_LIST_MAX,
        operators_max=OPERATORS_MAX,
        sheet="print" in query,
    )


def date_of(text: str, today: datetime.date) -> datetime.date:
    """The date asked for; raises `BadField` for anything but a date of our centuries."""
    if not text:
        return today
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        date = LAST
    if date.isoformat() != text or not FIRST <= date < LAST:
        raise BadField(field="date", problem="it is a date such as 2025-11-20")
    return date
