# SPDX-License-Identifier: Apache-2.0
"""The pages as one thing: who visits, which form was sent, and what a fault looks like.

Loaded with the first page. Faults become pages here, with a sentence and what to do; never the
documents that the API gives to programs.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web

from agent.domain import faults
from agent.domain.faults import (
    BadField,
    CannotJournal,
    Fault,
    Internal,
    Stopping,
    UnknownCredit,
)
from agent.domain.idempotency import IdempotencyKey
from agent.domain.place import Place
from agent.domain.record import CreditRecord
from agent.flows.register import Register
from agent.screens.desk import Desk, Desks, Notice
from agent.screens.doors import ScreenDoors, ScreenOptions
from agent.screens.render import Painter
from agent.screens.session import Session, identify
from agent.telemetry.place import place_of
from agent.words import explain, say

ACT_S: Final = 3.0
"""How long a page waits for what it began; the rest is shown as it comes."""
FIELDS_MAX: Final = 32
FIELD_MAX: Final = 200
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not `no-referrer`: browsers then send `Origin: null` with forms, which the gate refuses.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_STATUSES: Final[tuple[tuple[type[Fault], int], ...]] = (
    (faults.UnknownCredit, 404),
    (faults.BadRequest, 400),
    (faults.Unauthorised, 401),
    (faults.NotAllowed, 403),
    (faults.Conflict, 409),
    (faults.NotNow, 409),
    (faults.Unavailable, 503),
)
_Read = TypeVar("_Read")
_Handler = Callable[..., Awaitable[web.StreamResponse]]


class FormStale(Exception):
    """The form was drawn for another session; told in words of the page's own."""


class Site:
    """What lives as long as the pages do."""

    def __init__(self, doors: ScreenDoors) -> None:
        self.doors = doors
        self.painter = Painter(doors.options.language)
        self.desks = Desks(doors.steps.chance)
        self.closing = asyncio.Event()
        self.streams: set[object] = set()
        self._modules: dict[str, ModuleType] = {}

    @property
    def options(self) -> ScreenOptions:
        return self.doors.options

    def close(self) -> None:
        self.closing.set()

    async def module(self, name: str) -> ModuleType:
        """The part that a page is in, imported in a thread the first time."""
        found = self._modules.get(name)
        if found is None:
            path = f"agent.screens.{name}"
            found = self._modules[name] = await asyncio.to_thread(importlib.import_module, path)
        return found

    async def serve(
        self, request: web.Request, handler: _Handler, scope: str | None
    ) -> web.StreamResponse:
        """Runs a handler, and draws the page of what it raised."""
        try:
            if self.closing.is_set():
                raise Stopping
            if scope is None:
                return await handler(self, request)
            visit = await self._visit(request, scope)
            return see_other("/screen") if visit is None else await handler(visit)
        except FormStale:
            return self.trouble_page(say("screen.stale.sentence"), say("screen.stale.hint"), 403)
        except Fault as fault:
            return self.fault_page(fault)
        except (ConnectionError, web.HTTPException):
            raise
        except Exception as error:
            self.doors.log.error("internal", fault=type(error).__name__, where=place_of(error))
            return self.fault_page(Internal())

    def html(self, template: str, status: int = 200, **context: Any) -> web.Response:
        """A page that needs no session."""
        text = self.painter.draw(template, **context)
        return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)

    def fault_page(self, fault: Fault) -> web.Response:
        words = explain(fault, self.options.language)
        return self.trouble_page(words.sentence, words.hint, status_of(fault))

    def trouble_page(self, sentence: str, hint: str, status: int) -> web.Response:
        return self.html("trouble.html", status, sentence=sentence, hint=hint)

    async def read_form(self, request: web.Request) -> dict[str, str]:
        """The fields of a form, each once and bounded; raises `BadField`."""
        if request.content_type != "application/x-www-form-urlencoded":
            raise BadField(field="Content-Type", problem="it must be a form")
        try:
            async with asyncio.timeout(self.options.body_s):
                data = await request.read()
            pairs = parse_qsl(
                data.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
            )
        except web.HTTPRequestEntityTooLarge:
            raise BadField(field="form", problem="it is too long") from None
        except (TimeoutError, web.RequestPayloadError, ValueError):
            raise BadField(field="form", problem="it did not come whole") from None
        for name, value in pairs:
            if len(value) > FIELD_MAX:
                raise BadField(field=name[:40], problem=f"it has at most {FIELD_MAX} characters")
        return dict(pairs)

    async def _visit(self, request: web.Request, scope: str) -> Visit | None:
        """None for nobody's browser: it is led to the entrance."""
        session = await identify(request, self.doors.pairings, self.options.look_up_s)
        if session is None:
            return None
        session.need(scope)
        try:
            place = Place(self.options.store, request.match_info["register"])
        except ValueError:
            raise BadField(field="register", problem="no such register is served here") from None
        register = self.doors.steps.registers.at(place)
        session.need_register(place)
        form: Mapping[str, str] = {}
        if request.method == "POST":
            form = await self.read_form(request)
            if not session.fits(form.get("form", "")):
                raise FormStale
        desk = self.desks.at(session.caller, place)
        if request.method == "POST":
            desk.notice = None
        return Visit(self, request, session, register, desk, form)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a paired browser at a register that it may speak for."""

    site: Site
    request: web.Request
    session: Session
    register: Register
    desk: Desk
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def doors(self) -> ScreenDoors:
        return self.site.doors

    @property
    def options(self) -> ScreenOptions:
        return self.site.options

    @property
    def place(self) -> Place:
        return self.register.place

    @property
    def home(self) -> str:
        """The path of the register's main page."""
        return f"/screen/{self.place.register}"

    def path_of(self, record: CreditRecord) -> str:
        return f"{self.home}/credits/{record.key}"

    def now_ms(self) -> int:
        return self.doors.steps.clock.now().wall_ms

    def now_s(self) -> float:
        return self.doors.steps.clock.monotonic_s()

    def given(self, name: str) -> str:
        """A field of the form without the blanks around it; empty where it is not there."""
        return self.form.get(name, "").strip()

    async def page(self, template: str, status: int = 200, **context: Any) -> web.Response:
        """A page in the common frame: strip, session's form token, and what it is given."""
        from agent.screens.look import strip_of

        strip = context.pop("strip", None) or await strip_of(self)
        return self.site.html(
            template, status, strip=strip, home=self.home, form=self.session.form_token, **context
        )

    async def record(self) -> CreditRecord:
        """The credit that the path names, of this very register; raises `UnknownCredit`."""
        text = self.request.match_info["key"]
        try:
            found = await self.read(self.doors.steps.journal.get(IdempotencyKey(text)))
        except ValueError:
            found = None
        if found is None or found.request.place != self.place:
            raise UnknownCredit(key=text[:36])
        return found

    async def read(self, asked: Awaitable[_Read]) -> _Read:
        """What the journal says; raises `CannotJournal` where it says nothing in time."""
        try:
            async with asyncio.timeout(self.options.look_up_s):
                return await asked
        except TimeoutError:
            raise CannotJournal(why="slow") from None

    def tell(self, fault: Fault, key: str | None = None) -> None:
        """Keeps what went wrong for the page that comes next."""
        words = explain(fault, self.options.language)
        self.desk.notice = Notice(words.sentence, words.hint, key)

    async def carry_out(self, work: Awaitable[object], key: str | None = None) -> bool:
        """Does it in a task of the agent's own, and waits for it a little; whether it has ended.

        What went wrong is kept for the page that comes next, about the credit of `key`.
        """

        async def told() -> None:
            try:
                await work
            except Fault as fault:
                self.tell(fault, key)
            self.desk.changed()

        task = self.doors.spawn(told())
        await asyncio.wait({task}, timeout=ACT_S)
        return task.done()

    def back(self) -> web.Response:
        """To where the button was: the credit's own page, or the register's main page."""
        if self.form.get("from") == "credit":
            return see_other(f"{self.home}/credits/{self.request.match_info['key'][:36]}")
        return see_other(self.home)


def see_other(path: str) -> web.Response:
    """303: reload and back then repeat nothing."""
    return web.Response(status=303, headers={**HEADERS, "Location": path})


def status_of(fault: Fault) -> int:
    """The HTTP status under which a fault's page comes."""
    for kind, status in _STATUSES:
        if isinstance(fault, kind):
            return status
    return 500
