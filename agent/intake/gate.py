# SPDX-License-Identifier: Apache-2.0
"""What every request passes: Host, Origin, room, then who it is and what it brings.

The Host allow-list comes before everything else: a page whose name was rebound to loopback sends
its own host, and a same-origin GET carries no Origin at all. Faults become problems here, and
every request becomes one log line without its path.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler as AiohttpHandler
from aiohttp.typedefs import Middleware

from agent.domain.faults import (
    BadField,
    Busy,
    Fault,
    HostRefused,
    Internal,
    OriginRefused,
    Stopping,
)
from agent.intake import reading
from agent.intake.bodies import Body
from agent.intake.callers import NOBODY, Caller, identify, on_unix
from agent.intake.calls import Call, Reply, Service
from agent.intake.doors import UNIX_HOSTS
from agent.intake.problems import PROBLEM_TYPE, Refusal, tell
from agent.intake.table import Route
from agent.intake.told import ProblemTold
from agent.telemetry.place import place_of

SERVER_NAME: Final = "countermark"
METHODS: Final = "GET, POST, DELETE"
_CALLER: Final = web.RequestKey("caller", Caller)
_ROUTE: Final = web.RequestKey("route", Route)
_ARRIVED: Final = web.RequestKey("arrived", float)
_ALLOWED_HEADERS: Final = "Authorization, Content-Type, Countermark-Code, Idempotency-Key, Prefer"
_SHOWN_HEADERS: Final = "Idempotent-Replayed, Location, Preference-Applied, Retry-After"
_ALWAYS_OPEN: Final = frozenset({"/healthz", "/readyz"})
_OUR_SITES: Final = frozenset({None, "none", "same-origin"})


class Gate:
    """`hosts`: the exact Host headers of the TCP door, with port."""

    def __init__(self, service: Service, hosts: Callable[[], frozenset[str]]) -> None:
        self._service = service
        self._hosts = hosts
        self._running = 0

    @property
    def middleware(self) -> Middleware:
        """Around everything, unknown paths included."""

        @web.middleware
        async def every(request: web.Request, handler: AiohttpHandler) -> web.StreamResponse:
            return await self._pass(request, handler)

        return every

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """A signal: the headers that every answer carries."""
        headers = response.headers
        headers["Server"] = SERVER_NAME
        headers.setdefault("Cache-Control", "no-store")
        headers["X-Content-Type-Options"] = "nosniff"
        origin = request.headers.get("Origin")
        if origin is not None:
            headers["Vary"] = "Origin"
            if origin in self._service.doors.options.origins:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = _SHOWN_HEADERS

    def guarded(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler of a route: who calls, whether it may, what it brings, and then the work."""

        async def handle(request: web.Request) -> web.StreamResponse:
            request[_ROUTE] = route
            caller = NOBODY
            if route.scope is not None:
                look_up_s = self._service.doors.options.look_up_s
                registers = self._service.doors.steps.registers
                shortest_s = min((each.budget_s for each in registers), default=look_up_s)
                caller = await identify(
                    request, self._service.doors.pairings, min(look_up_s, shortest_s)
                )
                request[_CALLER] = caller
                caller.need(route.scope)
            unknown = sorted(set(request.query) - route.query_names)
            if unknown:
                raise BadField(field="query", problem=f"there is no {unknown[0][:40]} here")
            given = await self._body(request, route)
            call = Call(self._service, request, caller, request[_ARRIVED], given)
            found = await route.handler(call)
            return found.response() if isinstance(found, Reply) else found

        return handle

    async def _pass(self, request: web.Request, handler: AiohttpHandler) -> web.StreamResponse:
        doors = self._service.doors
        clock = doors.steps.clock
        request[_ARRIVED] = clock.monotonic_s()
        self._running += 1
        try:
            response = await self._answered(request, handler)
        finally:
            self._running -= 1
        route = request.get(_ROUTE)
        path = _page_of(request) if route is None else route.path
        caller = request.get(_CALLER)
        took_s = clock.monotonic_s() - request[_ARRIVED]
        doors.metrics.requested(_known(request.method), path, response.status)
        doors.log.info(
            "request",
            method=_known(request.method),
            route=path,
            status=response.status,
            caller=None if caller is None else caller.id,
            ms=round(took_s * 1000),
        )
        return response

    async def _answered(self, request: web.Request, handler: AiohttpHandler) -> web.StreamResponse:
        try:
            self._check_host(request)
            self._check_origin(request)
            if request.method == "OPTIONS" and "Origin" in request.headers:
                return _preflight()
            self._check_room(request)
            return await handler(request)
        except Fault as fault:
            return self._problem(request, fault)
        except Refusal as refusal:
            response = self._problem(request, refusal.fault, refusal.status)
            response.headers.update(refusal.headers)
            return response
        except web.HTTPMethodNotAllowed as wrong:
            allowed = ", ".join(sorted(wrong.allowed_methods))
            field = BadField(field="method", problem=f"this path takes {allowed}")
            response = self._problem(request, field, 405)
            response.headers["Allow"] = allowed
            return response
        except web.HTTPNotFound:
            field = BadField(field="path", problem="there is no such path; see /openapi.json")
            return self._problem(request, field, 404)
        except (ConnectionError, web.HTTPException):
            raise  # nobody listens any more, or an answer of the server's own
        except Exception as error:
            return self._broken(request, error)

    def _check_host(self, request: web.Request) -> None:
        hosts = request.headers.getall("Host", [])
        allowed = UNIX_HOSTS if on_unix(request) else self._hosts()
        if len(hosts) != 1 or hosts[0].lower() not in allowed:
            raise HostRefused

    def _check_origin(self, request: web.Request) -> None:
        origins = request.headers.getall("Origin", [])
        allowed = self._service.doors.options.origins
        own = {f"http://{host}" for host in self._hosts()}
        if any(origin not in allowed and origin not in own for origin in origins):
            raise OriginRefused
        ours = request.headers.get("Sec-Fetch-Site") in _OUR_SITES
        if not origins and not ours and not _is_link(request):
            raise OriginRefused

    def _check_room(self, request: web.Request) -> None:
        if request.path in _ALWAYS_OPEN:
            return
        if self._service.closing.is_set():
            raise Stopping
        if self._running > self._service.doors.options.requests_max:
            raise Busy(what="requests")

    async def _body(self, request: web.Request, route: Route) -> Body | None:
        if not route.bodies:
            return None
        if request.content_type != "application/json":
            problem = "it must be application/json"
            raise Refusal(415, BadField(field="Content-Type", problem=problem))
        data = await self._read(request)
        kind = route.bodies[0]
        if len(route.bodies) > 1 and reading.field_given(data, route.told_by):
            kind = route.bodies[1]
        return reading.read_body(kind, data)

    async def _read(self, request: web.Request) -> bytes:
        try:
            async with asyncio.timeout(self._service.doors.options.body_s):
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            problem = f"it must be at most {reading.BODY_MAX} bytes"
            raise Refusal(413, BadField(field="body", problem=problem)) from None
        except TimeoutError:
            problem = "it did not come whole in time; send it again"
            raise Refusal(408, BadField(field="body", problem=problem)) from None
        except web.RequestPayloadError:
            problem = "it must come whole, as its headers announce it"
            raise Refusal(400, BadField(field="body", problem=problem)) from None

    def _broken(self, request: web.Request, error: Exception) -> web.StreamResponse:
        """A mistake of ours: the caller learns that nothing is known, the log where it was.

        Never the error's own words: they may hold what the caller sent.
        """
        self._service.doors.log.error("internal", fault=type(error).__name__, where=place_of(error))
        if request.writer.output_size > 0 and request.transport is not None:
            request.transport.abort()  # half an answer is out: better none than two in one
        response = self._problem(request, Internal())
        response.force_close()
        return response

    def _problem(
        self, request: web.Request, fault: Fault, status: int | None = None
    ) -> web.Response:
        route = request.get(_ROUTE)
        issuing = route is not None and route.issuing
        told = tell(fault, self._service.doors.options.language, issuing=issuing, status=status)
        body = ProblemTold.model_validate(dict(told.members))
        response = Reply(body, told.status, PROBLEM_TYPE, told.headers).response()
        if told.status in (408, 413, 421):
            response.force_close()
        return response


def _preflight() -> web.Response:
    """For origins that the check above has let through."""
    headers = {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return web.Response(status=204, headers=headers)


def _is_link(request: web.Request) -> bool:
    """Somebody followed a link: a whole page in the place of another, which only looks. A
    stranger's page learns nothing of it, may not frame it, and our cookie is not sent from one."""
    headers = request.headers
    navigates = headers.get("Sec-Fetch-Mode") == "navigate"
    return request.method == "GET" and navigates and headers.get("Sec-Fetch-Dest") == "document"


def _page_of(request: web.Request) -> str:
    """The pattern of a page's path: as many as there are pages, whatever is asked for."""
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical


def _known(method: str) -> str:
    return method if method in ("GET", "POST", "DELETE", "OPTIONS") else "other"
