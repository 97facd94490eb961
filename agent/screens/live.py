# SPDX-License-Identifier: Apache-2.0
"""Keeps a page alive: the strip and the middle of the main page, pushed when they change.

Server-sent events, one stream per page. What changes in between is not sent: the latest picture
wins, so that a slow browser holds nothing up. A beat every two seconds lets the page see that
the agent lives. The code of a credit is never in a stream.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from agent.domain.faults import Busy, Fault
from agent.domain.record import CreditRecord
from agent.screens.look import current, drawn, scene_of, strip_of
from agent.screens.session import identify
from agent.screens.site import HEADERS, Visit

_PULSE_S = 0.25
"""While a credit is under way the page is looked at this often: it says how long already."""
_BEAT = b"event: beat\ndata: 1\n\n"


async def stream(visit: Visit) -> web.StreamResponse:
    """GET .../live; raises `Busy` where too many pages are open."""
    site = visit.site
    if len(site.streams) >= visit.options.streams_max:
        raise Busy(what="screens")
    response = web.StreamResponse(
        headers={**HEADERS, "Content-Type": "text/event-stream; charset=utf-8"}
    )
    mark = object()
    site.streams.add(mark)
    woken = asyncio.Event()
    visit.desk.watchers.add(woken)
    whole = False
    try:
        await response.prepare(visit.request)
        await _pictures(visit, response, woken)
        whole = True
    except (ConnectionError, TimeoutError):
        pass
    finally:
        # However it broke: a stream that stays open without beats would look like a dead agent.
        if not whole and visit.request.transport is not None:
            visit.request.transport.abort()
        site.streams.discard(mark)
        visit.desk.watchers.discard(woken)
    return response


async def _pictures(visit: Visit, response: web.StreamResponse, woken: asyncio.Event) -> None:
    options, closing = visit.options, visit.site.closing
    with visit.doors.steps.board.stream() as changes:
        drawer = _Drawer(visit)
        due_s = 0.0
        loop = asyncio.get_running_loop()
        while not closing.is_set():
            if loop.time() >= due_s or woken.is_set() or drawer.link_changed():
                woken.clear()
                if not await _still_paired(visit):
                    return
                await _write(response, await drawer.picture(), options.write_s)
                period_s = _PULSE_S if drawer.under_way else options.refresh_s
                due_s = loop.time() + period_s
            else:
                await _write(response, _BEAT, options.write_s)
            left_s = min(options.heartbeat_s, max(due_s - loop.time(), 0.0))
            if await _something(visit, changes, woken, closing, left_s):
                woken.set()


async def _something(
    visit: Visit,
    changes: asyncio.Queue[CreditRecord | None],
    woken: asyncio.Event,
    closing: asyncio.Event,
    timeout_s: float,
) -> bool:
    """Waits for a change of this register, for the desk, or for the end; True to draw anew."""
    waits = [
        asyncio.ensure_future(changes.get()),
        asyncio.ensure_future(woken.wait()),
        asyncio.ensure_future(closing.wait()),
    ]
    try:
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        seen: list[CreditRecord | None] = []
        change: Any = waits[0]
        if change.done():
            seen.append(change.result())
        while not changes.empty():
            seen.append(changes.get_nowait())
    finally:
        for each in waits:
            each.cancel()
    return woken.is_set() or any(
        record is None or record.request.place == visit.place for record in seen
    )


@dataclass(slots=True)
class _Drawer:
    """Draws what the page should look like now."""

    visit: Visit
    under_way: bool = False
    _link: tuple[bool, bool] | None = None
    _last: str = ""

    def link_changed(self) -> bool:
        return self._link is not None and self._link != self._link_now()

    def _link_now(self) -> tuple[bool, bool]:
        link = self.visit.doors.steps.link
        return link.is_up, link.is_shut_out

    async def picture(self) -> bytes:
        """An event with the strip and the middle, or a beat where both are as they were.

        A journal that hangs changes nothing.
        """
        visit = self.visit
        self._link = self._link_now()
        try:
            async with asyncio.timeout(visit.options.look_up_s):
                record, saved = await current(visit)
                strip = await strip_of(visit, saved)
                scene = await scene_of(visit, record)
        except (Fault, TimeoutError):
            return _BEAT
        self.under_way = scene.state == "confirming"
        common = {"home": visit.home, "form": visit.session.form_token}
        painter = visit.site.painter
        told = {
            "strip": painter.draw("strip.html", strip=strip, **common),
            "view": scene.id,
            # The code stays out of the stream: a page that should show it asks for it itself.
            "main": None
            if scene.state == "owed"
            else painter.draw("main.html", **common, **drawn(visit, scene)),
        }
        picture = json.dumps(told)
        if picture == self._last:
            return _BEAT
        self._last = picture
        return f"event: view\ndata: {picture}\n\n".encode()


async def _still_paired(visit: Visit) -> bool:
    """A revoked pairing ends its streams; a journal that cannot say does not."""
    try:
        found = await identify(visit.request, visit.doors.pairings, visit.options.look_up_s)
    except Fault:
        return True
    return found is not None


async def _write(response: web.StreamResponse, data: bytes, write_s: float) -> None:
    async with asyncio.timeout(write_s):
        await response.write(data)
