# SPDX-License-Identifier: Apache-2.0
"""Every page and button there is, as one table, and the routes that the server is given.

Light on purpose: a register without a screen never loads the rest. `GET` changes nothing; every
`POST` ends in a redirect, so that reload and back are harmless; looking for a credit alone is
answered at once, and changes nothing either.
"""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from aiohttp import web

from agent.screens.doors import ScreenDoors

if TYPE_CHECKING:
    from agent.screens.site import Site

REGISTER: Final = "/screen/{register}"
CREDIT: Final = "/screen/{register}/credits/{key}"


@dataclass(frozen=True, slots=True)
class Page:
    """`module`, `handler`: where its function is, below `agent.screens`, loaded when first asked
    for. `scope`: what the pairing must allow; None for what is open to all.

    A page with a scope is called with a `Visit`, one without with the `Site` and the request.
    """

    method: str
    path: str
    module: str
    handler: str
    scope: str | None = "read"


PAGES: Final = (
    Page("GET", "/screen", "entrance", "enter", None),
    Page("POST", "/screen/pair", "entrance", "pair", None),
    Page("GET", "/screen/static/{version}/{name}", "entrance", "static", None),
    Page("GET", REGISTER, "cashier", "show"),
    Page("GET", f"{REGISTER}/live", "live", "stream"),
    Page("POST", f"{REGISTER}/issue", "cashier", "issue", "issue"),
    Page("POST", f"{REGISTER}/distinct", "cashier", "distinct", "issue"),
    Page("POST", f"{REGISTER}/approval", "cashier", "approval", "issue"),
    Page("POST", f"{REGISTER}/form", "cashier", "back_to_form"),
    Page("POST", f"{REGISTER}/clear", "cashier", "clear_form"),
    Page("GET", f"{REGISTER}/waiting", "waiting", "show"),
    Page("POST", f"{REGISTER}/find", "waiting", "find"),
    Page("GET", f"{REGISTER}/day", "day", "show"),
    Page("GET", CREDIT, "record", "show"),
    Page("GET", f"{CREDIT}/paper.svg", "owed", "paper", "approve"),
    Page("POST", f"{CREDIT}/next", "acts", "next_customer", "issue"),
    Page("POST", f"{CREDIT}/save", "acts", "save", "issue"),
    Page("POST", f"{CREDIT}/open", "acts", "open_saved", "issue"),
    Page("POST", f"{CREDIT}/again", "acts", "again", "issue"),
    Page("POST", f"{CREDIT}/withdraw", "acts", "withdraw", "issue"),
    Page("POST", f"{CREDIT}/came-out", "acts", "came_out", "issue"),
    Page("POST", f"{CREDIT}/reprint", "acts", "reprint", "issue"),
    Page("POST", f"{CREDIT}/let-out", "acts", "let_out", "approve"),
    Page("POST", f"{CREDIT}/owed", "owed", "show_code", "approve"),
    Page("POST", f"{CREDIT}/has-code", "owed", "has_code", "approve"),
    Page("POST", f"{CREDIT}/void", "acts", "void", "void"),
    Page("GET", "/screen/{anything:.*}", "entrance", "nowhere", None),
)


class Screens:
    """`routes` for the server; `close` ends what is under way, before the server closes."""

    def __init__(self, doors: ScreenDoors) -> None:
        self._doors = doors
        self._site: Site | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    def routes(self) -> list[web.RouteDef]:
        """Plain routes: the checks of Host, Origin and room stand in front of them."""
        return [
            web.RouteDef(page.method, page.path, partial(self._serve, page), {}) for page in PAGES
        ]

    def close(self) -> None:
        """Ends every stream. May be called twice."""
        self._closed = True
        if self._site is not None:
            self._site.close()

    async def _serve(self, page: Page, request: web.Request) -> web.StreamResponse:
        site = await self._opened()
        handler: Any = getattr(await site.module(page.module), page.handler)
        return await site.serve(request, handler, page.scope)

    async def _opened(self) -> Site:
        """The templates and what draws them, loaded in a thread with the first page."""
        async with self._opening:
            site = self._site
            if site is None:
                found = await asyncio.to_thread(importlib.import_module, "agent.screens.site")
                site = self._site = cast("Site", await asyncio.to_thread(found.Site, self._doors))
                if self._closed:
                    site.close()
        return site
