# SPDX-License-Identifier: Apache-2.0
"""Stands between the till and the test register: sees every request, and can cut the line.

It listens on loopback, hands each request on as it came (the Host header is the agent's), and
keeps what went by until the test ends. Tokens and PINs pass through it: nothing here is logged.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import aiohttp
from aiohttp import web
from yarl import URL

Json = dict[str, Any]
BODY_MAX: Final = 256 * 1024
SEEN_MAX: Final = 10_000
HANDED_ON_S: Final = 60.0
_OF_THE_LINE: Final = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}
)


class Cut(StrEnum):
    """Where the line is cut: before the agent has the request, or the till its answer."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Instead:
    """An answer in place of the agent's, which never sees the request."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Exchange:
    """One request of the till, and how it ended. `ended_s` is None while it is on its way.

    Times are monotonic seconds. `status` 0: the till got no answer.
    """

    method: str
    path: str
    key: str
    body: Json = field(repr=False)
    at_s: float
    cut: Cut | None = None
    status: int = 0
    answer: Json = field(default_factory=dict, repr=False)
    ended_s: float | None = None

    @property
    def code(self) -> str:
        """The code of a problem, or nothing."""
        return str(self.answer.get("code", ""))


Rule = Callable[[Exchange], "Cut | Instead | None"]
"""What happens to a request; None hands it on."""


class Between:
    """`start`, then `close`. `rule` may be changed at any time; `seen` only grows."""

    def __init__(self, agent_port: int, seconds: Callable[[], float]) -> None:
        self._agent = f"http://127.0.0.1:{agent_port}"
        self._seconds = seconds
        self._changed = asyncio.Condition()
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self.rule: Rule = _hand_on
        self.ahead: Callable[[Exchange], Awaitable[None]] = _nothing_first
        self.told: Callable[[Exchange], None] = _hand_on
        """Called with each exchange that has ended."""
        self.seen: list[Exchange] = []
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int) -> None:
        """Listens on loopback; 0 takes a free port. Raises OSError where it is taken."""
        app = web.Application(client_max_size=BODY_MAX)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = int(self._runner.addresses[0][1])
        timeout = aiohttp.ClientTimeout(total=HANDED_ON_S)
        self._session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False)

    def reset(self) -> None:
        """Every request is handed on again, with nothing before it."""
        self.rule, self.ahead = _hand_on, _nothing_first

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Whether `true` came to hold in time; asked anew after every request."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(true)
        except TimeoutError:
            return true()
        return True

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        exchange = Exchange(
            request.method,
            request.path,
            _bare(request.headers.get("Idempotency-Key", "")),
            _object(raw),
            self._seconds(),
        )
        if len(self.seen) < SEEN_MAX:
            self.seen.append(exchange)
        await self._tell()
        try:
            return await self._ruled(request, raw, exchange)
        except aiohttp.ClientError:
            return _hang_up(request)
        finally:
            exchange.ended_s = self._seconds()
            self.told(exchange)
            await self._tell()

    async def _ruled(
        self, request: web.Request, raw: bytes, exchange: Exchange
    ) -> web.StreamResponse:
        ruled = self.rule(exchange)
        if isinstance(ruled, Instead):
            exchange.status, exchange.answer = ruled.status, ruled.body
            data = json.dumps(ruled.body).encode()
            return web.Response(body=data, status=ruled.status, headers=ruled.headers)
        exchange.cut = ruled
        if ruled is Cut.BEFORE:
            return _hang_up(request)
        return await self._handed_on(request, raw, exchange)

    async def _handed_on(
        self, request: web.Request, raw: bytes, exchange: Exchange
    ) -> web.StreamResponse:
        await self.ahead(exchange)
        assert self._session is not None
        headers = _kept(request.headers)
        url = URL(self._agent + request.raw_path, encoded=True)
        async with self._session.request(
            request.method, url, data=raw or None, headers=headers, allow_redirects=False
        ) as reply:
            if reply.content_type == "text/event-stream":
                return await self._streamed(request, reply, exchange)
            data = await reply.read()
        exchange.answer = _object(data)
        if exchange.cut is Cut.AFTER:
            return _hang_up(request)
        exchange.status = reply.status
        return web.Response(body=data, status=reply.status, headers=_kept(reply.headers))

    async def _streamed(
        self, request: web.Request, reply: aiohttp.ClientResponse, exchange: Exchange
    ) -> web.StreamResponse:
        exchange.status = reply.status
        response = web.StreamResponse(status=reply.status, headers=_kept(reply.headers))
        await response.prepare(request)
        async for part in reply.content.iter_any():
            await response.write(part)
        return response

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _hand_on(exchange: Exchange) -> None:
    del exchange


async def _nothing_first(exchange: Exchange) -> None:
    del exchange


def _hang_up(request: web.Request) -> web.Response:
    """The line is dead for both sides; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """All but those that belong to one connection."""
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_LINE}


def _bare(key: str) -> str:
    """A key with or without its quotes is one key."""
    text = key.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _object(raw: bytes) -> Json:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
