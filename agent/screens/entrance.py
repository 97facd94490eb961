# SPDX-License-Identifier: Apache-2.0
"""Where a browser arrives: pairing by six digits, choosing the register, and static files."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from agent.domain.approval import Pairing
from agent.domain.faults import CannotJournal, Fault, NotAllowed
from agent.screens.session import identify, keep_cookie, shown_token
from agent.screens.site import ACT_S, HEADERS, Site, see_other
from agent.words import explain, say

DIGITS_MAX: Final = 20
SCREEN_TIMEOUT_MS: Final = 0
"""By which a screen's pairing is told from a till's: a page has no time-out of its own."""


async def enter(site: Site, request: web.Request) -> web.StreamResponse:
    """GET /screen: to the pairing's register, or the six digits."""
    session = await identify(request, site.doors.pairings, site.options.look_up_s)
    if session is None:
        # A browser that shows a token which nobody knows any more was paired once.
        gone = shown_token(request) is not None
        sentence = say("screen.unpaired.gone", site.options.language) if gone else ""
        return site.html("unpaired.html", sentence=sentence)
    served = sorted(
        register.place.register
        for register in site.doors.steps.registers
        if register.place.register in session.pairing.registers
    )
    response = site.html("registers.html", registers=served)
    if len(served) == 1:
        response = see_other(f"/screen/{served[0]}")
    token = shown_token(request)
    if token is not None:
        keep_cookie(request, response, token)
    return response


async def pair(site: Site, request: web.Request) -> web.StreamResponse:
    """POST /screen/pair: the digits become the browser's cookie. Few may try, as at the API.

    Raises `CannotJournal` where the pairing is not kept in time; should it be kept later, it is
    ended again: nobody has its token.
    """
    form = await site.read_form(request)
    pairings, digits = site.doors.pairings, form.get("code", "")[:DIGITS_MAX]
    redeemed: list[tuple[str, Pairing]] = []
    faults: list[Fault] = []
    gone = asyncio.Event()

    async def work() -> None:
        try:
            token, pairing = await pairings.redeem(digits, timeout_ms=SCREEN_TIMEOUT_MS)
            redeemed.append((token, pairing))
            if gone.is_set():
                await pairings.revoke(pairing.id)
        except Fault as fault:
            faults.append(fault)

    await asyncio.wait({site.doors.spawn(work())}, timeout=ACT_S)
    if faults and isinstance(faults[0], NotAllowed):
        return _again(site, faults[0])
    if faults:
        raise faults[0]
    if not redeemed:
        gone.set()
        raise CannotJournal(why="slow")
    token, pairing = redeemed[0]
    site.doors.log.info("paired", pairing=pairing.id, name=pairing.name)
    response = see_other("/screen")
    keep_cookie(request, response, token)
    return response


async def static(site: Site, request: web.Request) -> web.StreamResponse:
    """GET /screen/static/...: kept by browsers for ever under the version it was drawn with."""
    found = site.painter.files.get(request.match_info["name"])
    if found is None:
        return await nowhere(site, request)
    data, kind = found
    fresh = request.match_info["version"] == site.painter.version
    keeping = "public, max-age=31536000, immutable" if fresh else "no-store"
    headers = {**HEADERS, "Content-Type": kind, "Cache-Control": keeping}
    return web.Response(body=data, headers=headers)


async def nowhere(site: Site, request: web.Request) -> web.StreamResponse:
    """Any other path below /screen; also where a button's own address is loaded anew."""
    del request
    language = site.options.language
    return site.trouble_page(
        say("screen.nowhere.sentence", language), say("screen.nowhere.hint", language), 404
    )


def _again(site: Site, fault: Fault) -> web.Response:
    words = explain(fault, site.options.language)
    return site.html("unpaired.html", 403, sentence=f"{words.sentence} {words.hint}")
