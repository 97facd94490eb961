# SPDX-License-Identifier: Apache-2.0
"""A house with the pages behind its door, and a browser without scripts: cookies, forms, redirects.

It reads pages with the standard library's parser, fills in what a form holds already, and
follows redirects only when told to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from agent.domain.record import Paper
from agent.flows.pairing import Offer, Pairings
from agent.flows.register import Register
from agent.intake import ApiOptions, ApiServer, Doors
from agent.ports import PrintEnd
from agent.screens.doors import ScreenDoors, ScreenOptions
from agent.screens.pages import Screens
from agent.telemetry import Health, Log, Metrics
from tests.fakes.counter import Counter
from tests.intake.till import no_vouchers

SCOPES = ("issue", "read", "void", "approve")


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Forms, the state, and the text that a person reads."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.state: str | None = None
        self.view: str | None = None
        self.reason: str | None = None
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self._inside: Form | None = None
        self._hidden = False
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._hidden = self._hidden or given.get("id") == "lost"
        if tag == "main":
            self.state, self.view = given.get("data-state"), given.get("data-view")
            self.reason = given.get("data-reason")
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self._inside = Form(given.get("action", ""))
            self.forms.append(self._inside)
        if self._inside is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            self._inside.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._inside.fields[self._select] = given.get("value", "")
        elif tag == "button":
            self._inside.buttons.append(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._hidden = False
        if tag == "form":
            self._inside = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.words.append(" ".join(data.split()))


@dataclass(frozen=True)
class Seen:
    """What a browser got."""

    status: int
    headers: Mapping[str, str]
    html: str
    forms: list[Form]
    state: str | None
    view: str | None
    reason: str | None
    links: list[str]
    tags: list[str]
    text: str

    def form(self, ending: str) -> Form:
        """The form whose action ends so."""
        (found,) = [each for each in self.forms if each.action.endswith(ending)]
        return found

    def by_button(self, ending: str) -> Form:
        """A form as one of its buttons sends it to another address."""
        for form in self.forms:
            for button in form.buttons:
                if button.get("formaction", "").endswith(ending):
                    return Form(button["formaction"], form.fields)
        raise AssertionError(f"no button leads to {ending}")

    def offers(self, ending: str) -> bool:
        return any(each.action.endswith(ending) for each in self.forms)


@dataclass
class Browser:
    """One browser profile: its cookies, and no scripts."""

    session: aiohttp.ClientSession
    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
    ) -> Seen:
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent.setdefault("Origin", self.url)
        async with self.session.request(
            method, self.url + path, data=data, headers=sent, allow_redirects=False
        ) as reply:
            for name, morsel in reply.cookies.items():
                self.cookies[name] = morsel.value
            text = await reply.text()
            status, got = reply.status, dict(reply.headers)
        if follow and status == 303:
            return await self.get(got["Location"])
        reader = _Reader()
        reader.feed(text)
        return Seen(
            status,
            got,
            text,
            reader.forms,
            reader.state,
            reader.view,
            reader.reason,
            reader.links,
            reader.tags,
            " ".join(reader.words),
        )

    async def get(self, path: str, follow: bool = True) -> Seen:
        return await self.ask("GET", path, follow=follow)

    async def send(self, form: Form, /, **typed: str) -> Seen:
        """Sends a form with what it holds and what was typed, and follows where it leads."""
        return await self.ask("POST", form.action, {**form.fields, **typed})

    async def send_only(self, form: Form, /, **typed: str) -> Seen:
        """The same, and stays at the answer itself."""
        return await self.ask("POST", form.action, {**form.fields, **typed}, follow=False)

    async def seek(self, text: str, register: str = "03") -> Seen:
        """What the box of the waiting page finds."""
        page = await self.get(f"/screen/{register}/waiting")
        return await self.send(page.form("/find"), q=text)

    def copy(self) -> Browser:
        """A second tab: the same cookies."""
        return Browser(self.session, self.url, dict(self.cookies))


@dataclass
class Shop:
    """A house with pages."""

    counter: Counter
    server: ApiServer
    doors: Doors
    screen_doors: ScreenDoors
    session: aiohttp.ClientSession
    lines: list[str]
    printers: dict[str, str]
    pages: list[Screens] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def close_screens(self) -> None:
        """What the daemon does before it closes the server."""
        for screens in self.pages:
            screens.close()

    def sent(self) -> PrintEnd:
        """A paper that was sent and of which nothing was heard."""
        return PrintEnd(Paper.SENT)

    @asynccontextmanager
    async def restarted(self, browser: Browser) -> AsyncIterator[Browser]:
        """The same browser before a server that knows only what the journal keeps."""
        screens = Screens(self.screen_doors)
        self.pages.append(screens)
        async with ApiServer(self.doors, pages=screens.routes()) as server:
            (token,) = browser.cookies.values()
            cookies = {f"__Host-countermark-{server.port}": token}
            yield Browser(self.session, f"http://127.0.0.1:{server.port}", cookies)
            screens.close()

    def browser(self) -> Browser:
        """One that nobody has paired."""
        return Browser(self.session, self.url)

    def offer(self, scopes: Iterable[str] = SCOPES, registers: Iterable[str] = ("03",)) -> str:
        """Six digits for a screen."""
        code = self.server.pairings.offer(
            Offer("screen", frozenset(scopes), frozenset(registers), 10_000)
        )
        return code.digits

    async def paired(
        self, scopes: Iterable[str] = SCOPES, registers: Iterable[str] = ("03",)
    ) -> Browser:
        """A browser that typed them."""
        browser = self.browser()
        page = await browser.get("/screen")
        await browser.send_only(page.form("/pair"), code=self.offer(scopes, registers))
        return browser


@asynccontextmanager
async def shop(
    folder: Path, registers: Iterable[Register] = (), running_clock: bool = False, **options: Any
) -> AsyncIterator[Shop]:
    """Everything up; closed in reverse order."""
    lines: list[str] = []
    printers: dict[str, str] = {}
    given = {"store": "0421", "press_s": 0.3, "heartbeat_s": 0.1, "refresh_s": 0.3, **options}
    async with Counter(registers, running_clock) as counter:
        log = Log(lines.append, lambda: counter.clock.now().wall_ms)
        pairings = Pairings(counter.journal, counter.clock, counter.chance)
        screen_doors = ScreenDoors(
            issue=counter.issue,
            closing=counter.closing,
            papers=counter.papers,
            approvals=counter.approvals,
            steps=counter.steps,
            pairings=pairings,
            spawn=counter.spawn,
            log=log,
            options=ScreenOptions(**given),
            printer=lambda register: printers.get(register.place.register, "ready"),
        )
        screens = Screens(screen_doors)
        doors = Doors(
            issue=counter.issue,
            claims=counter.claims,
            closing=counter.closing,
            papers=counter.papers,
            approvals=counter.approvals,
            forwarder=counter.forwarder,
            steps=counter.steps,
            access=counter.journal,
            pairings=pairings,
            spawn=counter.spawn,
            verify=no_vouchers,
            balance=counter.platform.balance,
            metrics=Metrics(),
            health=Health(lambda: counter.journal.note("probe", {})),
            log=log,
            options=ApiOptions(store="0421", version="0.1.0", port=0, drain_s=0.5),
        )
        pages: list[web.RouteDef] = screens.routes()
        async with ApiServer(doors, pages=pages) as server, aiohttp.ClientSession() as session:
            yield Shop(counter, server, doors, screen_doors, session, lines, printers)
            screens.close()
