# SPDX-License-Identifier: Apache-2.0
"""The demo's own web server, on loopback: the page, its pictures as events, its buttons.

`/` the page, `/state` and `/events` the stage as JSON, `/papers/N.svg` what the printer drew,
`POST /act/NAME` one button. It never waits for a process; the director does that in threads.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment, StrictUndefined

from agent.commands.demo.director import Busy, Director, Refused
from agent.commands.demo.guard import HEADERS, JSON_TYPE, Guard
from agent.commands.demo.scenery import PIN
from agent.commands.demo.scenes import SCENES
from agent.commands.demo.stage import Stage
from agent.commands.demo.switches import SWITCHES
from agent.words import say

BODY_MAX: Final = 4096
HEARTBEAT_S: Final = 5.0
_TYPES: Final = {
    "stage.css": "text/css",
    "stage.js": "text/javascript",
    "parts.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Server:
    """`serve` on a socket that listens already, then `close`."""

    def __init__(self, stage: Stage, director: Director, guard: Guard, chaos_s: float) -> None:
        self._stage = stage
        self._director = director
        self._guard = guard
        self._chaos_s = chaos_s
        self._closing = asyncio.Event()
        app = web.Application(client_max_size=BODY_MAX, middlewares=[self._guarded()])
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/state", self.state),
                web.get("/events", self.events),
                web.get(r"/papers/{number:\d{1,6}}.svg", self.paper),
                web.get("/static/{name}", self.static),
                web.post("/act/{name}", self.act),
            ]
        )
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=2.0
        )

    async def serve(self, listening: socket.socket) -> None:
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()

    async def close(self) -> None:
        """Ends the streams first: the runner would wait for them."""
        self._closing.set()
        await self._runner.cleanup()

    def _guarded(self) -> Any:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            status = self._guard.refusal(request.method, request.headers, request.content_type)
            if status is not None:
                return web.Response(status=status, headers=HEADERS)
            try:
                response = await handler(request)
            except web.HTTPException as error:
                response = web.Response(status=error.status)
            if not response.prepared:
                response.headers.update(HEADERS)
            return response

        return guarded

    async def page(self, request: web.Request) -> web.Response:
        text = _template().render(
            say=say,
            token=self._guard.token,
            scenes=[(number, say(scene.title_id())) for number, scene in enumerate(SCENES)],
            faults=[(each.value, say(f"stage.fault.{_dashed(each)}")) for each in SWITCHES],
            pin=PIN,
            seconds=f"{self._chaos_s:g}",
        )
        return web.Response(text=text, content_type="text/html")

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _TYPES:
            return web.Response(status=404)
        return web.Response(body=_file(name), content_type=_TYPES[name], charset="utf-8")

    async def paper(self, request: web.Request) -> web.Response:
        found = self._stage.feed.paper(int(request.match_info["number"]))
        if found is None:
            return web.Response(status=404)
        return web.Response(text=found.svg, content_type="image/svg+xml")

    async def state(self, request: web.Request) -> web.Response:
        return _json(await self._director.picture())

    async def act(self, request: web.Request) -> web.Response:
        """202: it has begun; the pictures show how it goes. 409: another one is at work."""
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _json({"why": say("stage.refused", why="JSON")}, 400)
        try:
            deed = self._director.take(request.match_info["name"], body)
        except Busy:
            return _json({"why": say("stage.busy")}, 409)
        except Refused as refused:
            return _json({"why": say("stage.refused", why=str(refused))}, 422)
        return _json({"deed": deed}, 202)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Each picture once, the newest where several came; a comment shows that the line lives."""
        response = web.StreamResponse(headers=HEADERS)
        response.content_type = "text/event-stream"
        try:
            with self._director.viewing() as queue:
                await response.prepare(request)
                while not self._closing.is_set():
                    await response.write(await self._next_event(queue))
        except Busy:
            return web.Response(status=503)
        except ConnectionError:
            pass  # the page was closed
        return response

    async def _next_event(self, queue: asyncio.Queue[Mapping[str, Any]]) -> bytes:
        taking = asyncio.ensure_future(queue.get())
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait(
                {taking, closing}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED
            )
            if taking.done():
                return b"event: stage\ndata: " + json.dumps(taking.result()).encode() + b"\n\n"
            return b": here\n\n"
        finally:
            taking.cancel()
            closing.cancel()


def listen(port: int) -> socket.socket:
    """A loopback socket; 0 takes a free port. Raises OSError where the port is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(16)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(value).encode(), status=status, content_type=JSON_TYPE)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


@cache
def _file(name: str) -> bytes:
    return files("agent.commands.demo").joinpath("page", name).read_bytes()


@cache
def _template() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_file("stage.html").decode())
