# SPDX-License-Identifier: Apache-2.0
"""aiohttp's own connector over memory: its client, traces and time-outs run as they are.

Only the socket is ours. What goes wrong is raised or told as the real connector and the real
socket would, so that `agent.platforms.transport` judges what it will meet in a shop. The pool's
idle time is virtual time; aiohttp itself reads the machine's clock there.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from tests.simulation.loop import VirtualLoop, running
from tests.simulation.wire import Request, RequestReader

T = TypeVar("T")


class NameFault(OSError):
    """The name is not found."""


class Way(Protocol):
    """What a connector needs of a network."""

    async def connect(self, host: str) -> None:
        """Open a connection. Raises NameFault, ssl.SSLError, OSError; may never end."""
        ...

    def opened(self, socket: Socket) -> None: ...

    def closed(self, socket: Socket) -> None: ...

    def sent(self, socket: Socket, request: Request) -> None:
        """A whole request was written. What becomes of it is told to the socket, later."""
        ...


class Socket(asyncio.Transport):
    """One connection as asyncio's protocols see it. `kept`: it has carried a request before."""

    def __init__(self, loop: VirtualLoop, protocol: asyncio.Protocol, way: Way, host: str) -> None:
        super().__init__()
        self.host = host
        self.kept = False
        self._loop = loop
        self._protocol = protocol
        self._way = way
        self._reader = RequestReader()
        self._closing = False
        self._deaf = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or self._deaf:
            return
        request = self._reader.feed(bytes(data))
        if request is not None:
            self._loop.note(request.body)
            self._way.sent(self, request)
            self.kept = True

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def receive(self, data: bytes) -> None:
        """Bytes came from the other side."""
        if not (self._closing or self._deaf):
            self._loop.note(data)
            self._protocol.data_received(data)

    def reset(self) -> None:
        """The other side, or something between, broke the connection."""
        if not (self._closing or self._deaf):
            self._end(ConnectionResetError(104, "Connection reset by peer"))

    def end(self) -> None:
        """The other side closed the connection in order."""
        if not (self._closing or self._deaf):
            self._end(None)

    def die(self) -> None:
        """Our own machine is off: nothing is heard any more, not even the end."""
        self._deaf = True

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._way.closed(self)
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        """An answer comes in one piece: there is nothing to hold back."""

    def resume_reading(self) -> None:
        """See `pause_reading`."""

    def _end(self, fault: Exception | None) -> None:
        self._closing = True
        self._way.closed(self)
        self._protocol.connection_lost(fault)


class _Ordered(set[T]):
    """A set that is walked in the order of arrival: by address, each process has another."""

    def __init__(self) -> None:
        super().__init__()
        self._order: dict[Any, None] = {}

    def add(self, element: T) -> None:
        super().add(element)
        self._order[element] = None

    def remove(self, element: T) -> None:
        super().remove(element)
        del self._order[element]

    def discard(self, element: object) -> None:
        super().discard(element)
        self._order.pop(element, None)

    def clear(self) -> None:
        super().clear()
        self._order.clear()

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._order))


class MemoryConnector(aiohttp.BaseConnector):
    """Connections over a `Way`. `idle_s`: how long one is kept, in virtual time."""

    def __init__(self, way: Way, idle_s: float, limit: int) -> None:
        super().__init__(keepalive_timeout=idle_s, limit=limit)
        self._way = way
        self._virtual = running()
        self._idle_s = idle_s
        self._acquired: set[ResponseHandler] = _Ordered()
        self._idle_since: dict[ResponseHandler, float] = {}

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        host, key = req.url.host or "", req.connection_key
        try:
            await self._way.connect(host)
        except NameFault as fault:
            raise aiohttp.ClientConnectorDNSError(key, fault) from fault
        except ssl.SSLCertVerificationError as fault:
            raise aiohttp.ClientConnectorCertificateError(key, fault) from fault
        except ssl.SSLError as fault:
            raise aiohttp.ClientConnectorSSLError(key, fault) from fault
        except OSError as fault:
            raise aiohttp.ClientConnectorError(key, fault) from fault
        protocol: ResponseHandler = self._factory()
        socket = Socket(self._virtual, protocol, self._way, host)
        self._way.opened(socket)
        protocol.connection_made(socket)
        return protocol

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        self._drop_idle()
        connection = await super()._get(key, traces)
        if connection is not None and connection.protocol is not None:
            self._idle_since.pop(connection.protocol, None)
        return connection

    def _release(
        self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False
    ) -> None:
        super()._release(key, protocol, should_close=should_close)
        if protocol.is_connected():
            self._idle_since[protocol] = self._virtual.time()

    def _cleanup(self) -> None:
        self._cleanup_handle = None
        self._drop_idle()
        if self._idle_since:
            self._cleanup_handle = self._virtual.call_later(self._idle_s, self._cleanup)

    def _drop_idle(self) -> None:
        """Close what was idle for too long; aiohttp then finds it closed, and drops it."""
        until_s = self._virtual.time() - self._idle_s
        for protocol, since_s in list(self._idle_since.items()):
            if since_s <= until_s or not protocol.is_connected():
                del self._idle_since[protocol]
                protocol.close()
