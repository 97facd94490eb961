# SPDX-License-Identifier: Apache-2.0
"""The API as a server: loopback TCP and a Unix socket, started and drained in one place."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import stat
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from agent.intake.bodies import CreditBody
from agent.intake.calls import Service
from agent.intake.doors import Doors
from agent.intake.gate import SERVER_NAME, Gate
from agent.intake.reading import BODY_MAX
from agent.intake.resources import CreditTold
from agent.intake.routes import ROUTES

SOCKET_MODE: Final = 0o660
KEEPALIVE_S: Final = 75.0
BACKLOG: Final = 64
_SILENT: Final = logging.Logger("countermark.api", logging.CRITICAL)
"""For aiohttp's access log: ours is one line without the path, written by the gate."""


class ApiServer:
    """`start`, then `close`; or `async with`. Listens on loopback alone."""

    def __init__(self, doors: Doors, pages: Sequence[web.AbstractRouteDef] = ()) -> None:
        """`pages`: further routes behind the same checks of Host, Origin and room; each of them
        finds out by itself who is asking."""
        self._pages = pages
        self.pairings = doors.pairings
        self._service = Service(doors, doors.steps.clock.now().wall_ms)
        self._options = doors.options
        self._gate = Gate(self._service, self._hosts)
        self._runner = web.AppRunner(
            self._app(), access_log=None, shutdown_timeout=doors.options.drain_s
        )
        self._servers: list[asyncio.Server] = []
        self._port: int | None = None
        self._inode: tuple[int, int] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def port(self) -> int:
        """The TCP port; raises ValueError where there is none."""
        if self._port is None:
            raise ValueError("the API listens on no port")
        return self._port

    async def start(self) -> None:
        """Opens both doors; OSError where a port or the socket is taken."""
        for model in (CreditBody, CreditTold):  # built now, not while a cashier waits
            model.model_rebuild()
        await self._runner.setup()
        try:
            if self._options.port is not None:
                await self._open_tcp(self._options.port)
            if self._options.socket is not None:
                await self._open_unix(self._options.socket)
        except OSError:
            await self.close()
            raise

    async def close(self) -> None:
        """No new requests; streams and long polls end; the rest has its time. May come twice."""
        self._service.closing.set()
        for server in self._servers:
            server.close()
        self._servers.clear()
        self._remove_socket()
        await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(
            client_max_size=BODY_MAX,
            middlewares=[self._gate.middleware],
        )
        app.on_response_prepare.append(self._gate.prepare)
        for route in ROUTES:
            app.router.add_route(route.method, route.path, self._gate.guarded(route))
        app.router.add_routes(self._pages)
        return app

    def _hosts(self) -> frozenset[str]:
        own = () if self._port is None else ("127.0.0.1", "localhost", "[::1]")
        return frozenset(f"{name}:{self._port}" for name in own) | self._options.hosts

    async def _open_tcp(self, port: int) -> None:
        first = _bound(socket.AF_INET, ("127.0.0.1", port))
        self._port = int(first.getsockname()[1])
        await self._listen(first)
        try:
            second = _bound(socket.AF_INET6, ("::1", self._port))
        except OSError as error:
            # A machine without IPv6 is served by IPv4 alone; a taken port is a mistake.
            if error.errno == errno.EADDRINUSE and port != 0:
                raise
            return
        await self._listen(second)

    async def _open_unix(self, path: Path) -> None:
        _remove_stale(path)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.bind(str(path))
            # Nobody can connect before `listen`, so the mode is right from the first moment.
            os.chmod(path, SOCKET_MODE)
        except OSError:
            sock.close()
            raise
        found = os.lstat(path)
        self._inode = (found.st_dev, found.st_ino)
        await self._listen(sock)

    async def _listen(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        server = self._runner.server
        if server is None:
            raise ValueError("the runner is not set up")
        protocol = partial(
            _Protocol, server, loop=loop, access_log=_SILENT, keepalive_timeout=KEEPALIVE_S
        )
        self._servers.append(await loop.create_server(protocol, sock=sock, backlog=BACKLOG))

    def _remove_socket(self) -> None:
        path, inode = self._options.socket, self._inode
        self._inode = None
        if path is None or inode is None:
            return
        try:
            found = path.lstat()
        except FileNotFoundError:
            return
        if (found.st_dev, found.st_ino) == inode:
            path.unlink()


class _Protocol(RequestHandler):
    """aiohttp's own, which does not tell its versions to whoever sends it nonsense."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        response = super().handle_error(request, status, exc, message)
        response.headers["Server"] = SERVER_NAME
        return response


def _bound(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def _remove_stale(path: Path) -> None:
    """Takes away a socket that nobody listens on; anything else stays and makes `bind` fail."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            return
    except FileNotFoundError:
        return
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    probe.settimeout(0.5)
    try:
        probe.connect(str(path))
    except ConnectionRefusedError:
        os.unlink(path)
    except OSError:
        return
    finally:
        probe.close()
