# SPDX-License-Identifier: Apache-2.0
"""A network in memory: named servers, clients with a line each, and faults by name.

A client's `Line` may be changed at any moment and by anybody. What a fault does is done to bytes
between aiohttp's real client and a server's handler; who may say *unsent* or *unanswered* is not
known here. Every fault that bites is counted by its name in `bitten`.
"""

from __future__ import annotations

import random
import ssl
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from agent.platforms.transport import CONNECTIONS_MAX, IDLE_S, TransportOptions
from tests.simulation.connector import MemoryConnector, NameFault, Socket
from tests.simulation.loop import passes, running
from tests.simulation.wire import (
    Afterwards,
    Answer,
    Handler,
    Later,
    Reply,
    Request,
    Silence,
    written,
)

AT_CONNECT: Final[Mapping[str, str]] = {
    "name": "the name is not found",
    "refused": "nobody listens",
    "unreachable": "connecting never ends",
    "certificate": "the certificate is another's, as behind a captive portal",
    "tls": "the handshake breaks off",
}
AT_REQUEST: Final[Mapping[str, str]] = {
    "reset_before_read": "the connection is reset, and the request is never read",
    "reset_after_read": "the request is carried out, then the connection is reset",
    "reset_in_answer": "the connection is reset in the middle of the answer",
    "kept_reset": "a kept connection is reset as it is used again; nothing is read",
    "kept_reset_read": "a kept connection is reset as it is used again; the request was read",
    "duplicate": "the request is delivered twice",
    "line_answer_lost": "the request is carried out, and its answer never arrives",
    "stall": "the answer comes late",
}
OUTAGES: Final[Mapping[str, str]] = {
    "outage_connect": "the line was down as a connection was wanted",
    "outage_request": "the line went down under a request",
    "outage_answer": "the line went down under an answer",
}
LINE_FAULTS: Final[Mapping[str, str]] = {**AT_CONNECT, **AT_REQUEST, **OUTAGES}
"""Every name in `bitten`, with what it means. Those of OUTAGES follow from a line's switches;
the others are chances in `Line.faults`."""
_ON_KEPT: Final = frozenset({"kept_reset", "kept_reset_read"})
_UNREAD: Final = frozenset({"reset_before_read", "kept_reset"})
_RESET_AFTER: Final = frozenset({"reset_after_read", "kept_reset_read"})


@dataclass(slots=True)
class Line:
    """One client's way to everybody. `up` False: requests and answers vanish, and new connections
    find no name or never end. `blackhole`: the same, and connecting never ends. `refuse`: new
    connections are refused and kept ones reset when they are used.

    `delay_s`: each way. `faults`: chance by name. `duplicate_s`, `stall_s`: how much later the
    second delivery or the answer comes.
    """

    up: bool = True
    blackhole: bool = False
    refuse: bool = False
    delay_s: tuple[float, float] = (0.004, 0.08)
    faults: dict[str, float] = field(default_factory=dict)
    duplicate_s: tuple[float, float] = (0.0, 30.0)
    stall_s: tuple[float, float] = (1.0, 90.0)

    @property
    def carries(self) -> bool:
        return self.up and not self.blackhole


@dataclass(slots=True)
class Server:
    """Somebody with a name. `up` False: the machine is there, and nobody listens."""

    name: str
    handler: Handler
    up: bool = True


class Network:
    """`dice`: of its own, so that a draw elsewhere does not move what happens here."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.bitten: Counter[str] = Counter()
        self.requests = 0
        self.servers: dict[str, Server] = {}
        self._lines: dict[str, Line] = {}
        self._sockets: dict[str, dict[Socket, None]] = {}

    def serve(self, name: str, handler: Handler) -> Server:
        """Put a server at a host name; a second one takes the first one's place."""
        server = self.servers[name] = Server(name, handler)
        return server

    def line(self, client: str) -> Line:
        """The client's line, made at first asking."""
        return self._lines.setdefault(client, Line())

    def connector(
        self, client: str, options: TransportOptions | None = None
    ) -> aiohttp.BaseConnector:
        """A connector for aiohttp over this client's line. For the loop that runs."""
        way = _ClientsWay(self, self.line(client), self._sockets.setdefault(client, {}))
        idle_s = IDLE_S if options is None else options.idle_s
        return MemoryConnector(way, idle_s, CONNECTIONS_MAX)

    def roads(self, client: str) -> Roads:
        """What `agent.platforms.transport.Transport` takes as its `roads`."""
        return Roads(self, client)

    def kill(self, client: str) -> None:
        """The client's machine is off: nothing that arrives is heard any more. What it wrote
        still travels, and is carried out."""
        for socket in tuple(self._sockets.get(client, {})):
            socket.die()
        self._sockets.pop(client, None)

    def bite(self, name: str) -> str:
        self.bitten[name] += 1
        return name

    def drawn(self, line: Line, among: Mapping[str, str], *, kept: bool = False) -> str:
        """The fault that bites now, counted; empty for none."""
        for name, chance in line.faults.items():
            if name not in LINE_FAULTS:
                raise ValueError(f"a line has no fault {name}")
            if name not in among or (name in _ON_KEPT and not kept):
                continue
            if self.dice.random() < chance:
                return self.bite(name)
        return ""


@dataclass(frozen=True, slots=True)
class Roads:
    """A client's connectors, one for each transport that it opens."""

    network: Network
    client: str

    async def __call__(self, options: TransportOptions) -> aiohttp.BaseConnector:
        return self.network.connector(self.client, options)


class _ClientsWay:
    """How one client's requests go there and the answers back."""

    def __init__(self, network: Network, line: Line, sockets: dict[Socket, None]) -> None:
        self._network = network
        self._line = line
        self._sockets = sockets
        self._loop = running()
        self._uniform = network.dice.uniform

    def opened(self, socket: Socket) -> None:
        self._sockets[socket] = None

    def closed(self, socket: Socket) -> None:
        self._sockets.pop(socket, None)

    async def connect(self, host: str) -> None:
        network, line = self._network, self._line
        await passes(self._uniform(*line.delay_s) + self._uniform(*line.delay_s))
        if not line.carries:
            network.bite("outage_connect")
            if line.blackhole or network.dice.random() < 0.5:
                await _never()
            raise NameFault(-3, "Temporary failure in name resolution")
        server = network.servers.get(host)
        if server is None:
            raise NameFault(-2, "Name or service not known")
        if line.refuse or not server.up:
            network.bite("outage_connect")
            raise ConnectionRefusedError(111, "Connection refused")
        match network.drawn(line, AT_CONNECT):
            case "name":
                raise NameFault(-3, "Temporary failure in name resolution")
            case "refused":
                raise ConnectionRefusedError(111, "Connection refused")
            case "unreachable":
                await _never()
            case "certificate":
                raise ssl.SSLCertVerificationError(1, "certificate verify failed")
            case "tls":
                raise ssl.SSLError(1, "handshake failure")

    def sent(self, socket: Socket, request: Request) -> None:
        network, line = self._network, self._line
        network.requests += 1
        travel_s = self._uniform(*line.delay_s)
        if not line.carries:
            network.bite("outage_request")
            return
        if line.refuse:
            network.bite("outage_request")
            self._loop.call_later(travel_s, socket.reset)
            return
        fault = network.drawn(line, AT_REQUEST, kept=socket.kept)
        if fault in _UNREAD:
            self._loop.call_later(travel_s, socket.reset)
            return
        self._loop.call_later(travel_s, self._arrive, socket, request, fault)

    def _arrive(self, socket: Socket, request: Request, fault: str) -> None:
        network, line = self._network, self._line
        if not line.carries:
            network.bite("outage_request")
            return
        server = network.servers.get(socket.host)
        if server is None or not server.up:
            network.bite("outage_request")
            socket.reset()
            return
        answer = server.handler(request)
        if fault == "duplicate" and not _is_no(answer):
            self._loop.call_later(self._uniform(*line.duplicate_s), _unheard, server, request)
        self._answer(socket, answer, fault)

    def _answer(self, socket: Socket, answer: Answer, fault: str) -> None:
        line = self._line
        match answer:
            case Later(delay_s, then):
                self._loop.call_later(delay_s, lambda: self._answer(socket, then(), fault))
            case Afterwards(now, delay_s, more):
                self._loop.call_later(delay_s, more)
                self._answer(socket, now, fault)
            case Silence(dropped):
                if dropped:
                    self._loop.call_later(self._uniform(*line.delay_s), socket.end)
            case Reply():
                if fault == "line_answer_lost":
                    return
                travel_s = self._uniform(*line.delay_s)
                if fault in _RESET_AFTER:
                    self._loop.call_later(travel_s, socket.reset)
                    return
                if fault == "stall":
                    travel_s += self._uniform(*line.stall_s)
                self._loop.call_later(travel_s, self._heard, socket, answer, fault)

    def _heard(self, socket: Socket, reply: Reply, fault: str) -> None:
        if not self._line.carries:
            self._network.bite("outage_answer")
            return
        data = written(reply)
        if fault == "reset_in_answer":
            socket.receive(data[: self._network.dice.randrange(1, len(data))])
            socket.reset()
        elif reply.half:
            socket.receive(data[: len(data) - (len(reply.body) + 1) // 2])
            socket.end()
        else:
            socket.receive(data)


async def _never() -> None:
    """Only the asker's own deadline ends this."""
    await running().create_future()


def _is_no(answer: Answer) -> bool:
    """A documented no reaches its asker and ends it: whoever sends again by itself does so where
    nothing, or nothing clear, was answered, and what it hears last is what it passes on."""
    return isinstance(answer, Reply) and (answer.status >= 400 or answer.no)


def _unheard(server: Server, request: Request) -> None:
    """Nobody listens to this answer; a handler that is busy first still does what it does."""
    answer = server.handler(request)
    if isinstance(answer, Later | Afterwards):
        running().call_later(answer.delay_s, answer.then)
