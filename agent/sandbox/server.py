# SPDX-License-Identifier: Apache-2.0
"""The sandbox platform as a server: its two doors, its token, and the faults of the wire.

The *platform's door* serves the contract and can be taken away (`down`): the port stays bound
but nobody listens, so a connection is refused, and the same port comes back. The *control door*
is a second port that always answers, for the switches. Both listen on loopback only.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import hmac
import ipaddress
import itertools
import socket
import struct
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web
from aiohttp.typedefs import Handler

from agent.sandbox.bodies import Problem, credit_json
from agent.sandbox.contract import Contract
from agent.sandbox.faults import ActiveFault, Fault, Faults
from agent.sandbox.ledger import Ledger
from agent.sandbox.requests import Requests, answered
from agent.sandbox.storefront import PAGE, Storefront

BODY_MAX: Final = 64 * 1024
DROPPED_TURNS: Final = 5
"""Turns of the loop in which a client of the same process hears that its line is dropped."""
Outermost = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
_HTML: Final = "<!doctype html><title>Sign in</title><h1>Welcome to the free WiFi</h1>"

_SPOILT: Final = (
    Fault.HANG,
    Fault.ANSWER_LOST_AFTER_COMMIT,
    Fault.HALF_CLOSED_BODY,
    Fault.EMPTY_200,
    Fault.ACCEPTED_202,
    Fault.REDIRECT_3XX,
    Fault.HTML_200,
    Fault.UNAVAILABLE_503,
)
"""Faults that replace an answer; the first that bites does. The order is part of the contract."""


class SandboxPlatform:
    """A gift-card platform to practise on. `serve`, then `close`; or `async with`.

    `clock`: UTC milliseconds; `sleep`: how `slow` waits; `key_window_ms`: how long an
    Idempotency-Key is remembered (24 hours).
    """

    def __init__(
        self,
        ledger_path: Path,
        token: str,
        clock: Callable[[], int],
        *,
        key_window_ms: int = 86_400_000,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not token:
            raise ValueError("a sandbox platform needs a token")
        self.faults = Faults()
        self._requests = Requests()
        self._ledger = Ledger(ledger_path)
        self._token = token
        self._clock = clock
        self._sleep = sleep
        self._numbers = itertools.count(1)
        self._kept: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self._released = asyncio.Event()
        self._door_lock = asyncio.Lock()
        contract = Contract(self._ledger, self.faults, clock, key_window_ms)
        self._storefront = Storefront(self._ledger, self.faults, self._requests, self.set_down)
        self._platform_door = _Door(
            self._app([*contract.routes(), *self._storefront.routes()], self._one_request)
        )
        self._control_door = _Door(self._app(self._storefront.routes(), self._plainly))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def serve(self, host: str = "127.0.0.1", port: int = 0, control_port: int = 0) -> None:
        """Open both doors; port 0 takes a free one. Raises ValueError off loopback, OSError."""
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError("a sandbox listens on loopback only: its switches ask for no token")
        await self._platform_door.open(host, port)
        await self._control_door.open(host, control_port)

    @property
    def url(self) -> str:
        return self._platform_door.url

    @property
    def control_url(self) -> str:
        return self._control_door.url

    def ledger(self) -> list[dict[str, object]]:
        """Every credit as the contract's resource, oldest first."""
        return [credit_json(entry) for entry in self._ledger.listed(0, 0, PAGE)]

    async def switch(self, name: Fault | str, *, on: bool = True, **options: object) -> None:
        """As POST /sandbox/faults, from the same process. Raises ValueError."""
        if on:
            times, paths = options.pop("times", None), options.pop("paths", None)
            patterns = tuple(map(str, paths)) if isinstance(paths, list | tuple) else None
            self.faults.set(name, times=times, paths=patterns, **options)
        else:
            self.faults.clear(name)
        await self.set_down(self.faults.is_on(Fault.DOWN))

    async def set_down(self, down: bool) -> None:
        """Take the platform's door away or bring it back, and let hanging requests go on when
        nothing hangs any more. May be called again."""
        if not self.faults.is_on(Fault.HANG):
            self._released.set()
            self._released = asyncio.Event()
        async with self._door_lock:
            if down:
                await self._platform_door.shut()
            else:
                await self._platform_door.listen()

    async def close(self) -> None:
        self._released.set()
        await self._platform_door.close()
        await self._control_door.close()
        self._ledger.close()

    def _app(self, routes: list[web.RouteDef], outermost: Outermost) -> web.Application:
        @web.middleware
        async def every(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await outermost(request, handler)

        app = web.Application(client_max_size=BODY_MAX, middlewares=[every])
        app.add_routes(routes)
        return app

    async def _plainly(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await _as_problems(request, handler)
        if not response.prepared:
            response.headers["Request-Id"] = f"req_{next(self._numbers):08d}"
            response.headers["Date"] = email.utils.formatdate(self._clock() // 1000, usegmt=True)
        return response

    async def _one_request(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/v1/"):
            return await self._plainly(request, handler)
        received = await self._requests.note(request, self._clock())

        async def noting(request: web.Request) -> web.StreamResponse:
            response = await _as_problems(request, handler)
            received.executed = response.status
            return response

        response = await self._with_faults(request, noting)
        received.answered = answered(request, response)
        return response

    async def _with_faults(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        transport = request.transport
        kept = transport is not None and transport in self._kept
        if transport is not None:
            self._kept.add(transport)

        async def execute() -> web.StreamResponse:
            return await self._plainly(request, self._authorised(handler))

        if kept and (bite := self._bites(Fault.RESET_ON_KEPT_CONNECTION, request)):
            if bite.flag("executed"):
                await execute()
            _reset(request)
            return web.Response()
        if bite := self._bites(Fault.SLOW, request):
            # Taken whole first: it is executed late even where the asker has gone by then.
            with contextlib.suppress(web.HTTPRequestEntityTooLarge):
                await request.read()
            await self._sleep(bite.number("ms") / 1000)
        for fault in _SPOILT:
            if bite := self._bites(fault, request):
                executed = fault is Fault.ANSWER_LOST_AFTER_COMMIT or bite.flag("executed")
                real = await execute() if executed else None
                return await self._spoilt(request, fault, real, bite.options.get("status"))
        return await execute()

    def _authorised(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("Authorization", "")
            right = hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())
            if not right or self._bites(Fault.TOKEN_EXPIRED, request):
                raise Problem(401, "unauthorised", "The token is missing, wrong or expired")
            if bite := self._bites(Fault.THROTTLED, request):
                response = Problem(429, "throttled", "Too many requests").response()
                response.headers["Retry-After"] = str(bite.number("retry_after_s"))
                return response
            if self._bites(Fault.NOT_EXECUTED_503, request):
                raise Problem(503, "not-executed", "Service unavailable")
            return await handler(request)

        return checked

    async def _spoilt(
        self,
        request: web.Request,
        fault: Fault,
        real: web.StreamResponse | None,
        status: object,
    ) -> web.StreamResponse:
        match fault:
            case Fault.HANG:
                await self._released.wait()
                _drop(request)
                return web.Response()
            case Fault.ANSWER_LOST_AFTER_COMMIT:
                _drop(request)
                return web.Response()
            case Fault.HALF_CLOSED_BODY:
                return await _half(request, real)
            case Fault.EMPTY_200:
                return web.Response(status=200, content_type="application/json")
            case Fault.ACCEPTED_202:
                return web.Response(
                    status=202, body=b'{"status": "PENDING"}', content_type="application/json"
                )
            case Fault.REDIRECT_3XX:
                return web.Response(
                    status=int(str(status)), headers={"Location": "http://portal.invalid/login"}
                )
            case Fault.HTML_200:
                return web.Response(status=200, text=_HTML, content_type="text/html")
            case _:
                return web.Response(status=503, text="upstream connect error")

    def _bites(self, fault: Fault, request: web.Request) -> ActiveFault | None:
        return self.faults.bites(fault, request.method, request.path)


async def _as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPMethodNotAllowed:
        return Problem(405, "method-not-allowed", "This path has other methods").response()
    except web.HTTPNotFound:
        return Problem(404, "no-such-path", "The contract has no such path").response()


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _reset(request: web.Request) -> None:
    """Close with RST: linger for no time, then drop."""
    if request.transport is not None:
        sock = request.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


async def _half(request: web.Request, real: web.StreamResponse | None) -> web.StreamResponse:
    """Promise a whole body, send half of it, and close."""
    whole = real.body if isinstance(real, web.Response) and isinstance(real.body, bytes) else b"{}"
    response = web.StreamResponse(status=200 if real is None else real.status)
    response.content_type = "application/json"
    response.content_length = len(whole)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


class _Door:
    """One listening port that can be shut, so that connections are refused, and opened again."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=0.1
        )
        self._site: web.SockSite | None = None
        self._held: socket.socket | None = None
        self._address = ("127.0.0.1", 0)

    @property
    def url(self) -> str:
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def open(self, host: str, port: int) -> None:
        await self._runner.setup()
        self._hold((host, port))
        await self.listen()

    async def listen(self) -> None:
        if self._site is None and self._held is not None:
            self._site = web.SockSite(self._runner, self._held)
            await self._site.start()

    async def shut(self) -> None:
        """Stop listening and drop every connection; keep the port for ourselves."""
        if self._site is None:
            return
        await self._site.stop()
        self._site = None
        self._drop_connections()
        self._hold(self._address)
        for _ in range(DROPPED_TURNS):
            await asyncio.sleep(0)

    def _drop_connections(self) -> None:
        server = self._runner.server
        for connection in [] if server is None else list(server.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def _hold(self, address: tuple[str, int]) -> None:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        held = socket.socket(family, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind(address)
        except OSError:
            held.close()
            raise
        held.setblocking(False)
        self._held = held
        self._address = held.getsockname()[:2]

    async def close(self) -> None:
        self._drop_connections()
        await self._runner.cleanup()
        if self._held is not None:
            self._held.close()
