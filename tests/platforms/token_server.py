# SPDX-License-Identifier: Apache-2.0
"""A platform that takes the tokens of a token address, both on raw sockets: to count each byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.oauth import OAuthOptions, TokenSource
from agent.platforms.transport import Transport, TransportOptions
from tests.platforms.raw_client import LONG, POST
from tests.platforms.raw_server import OK, Line, RawServer, raw_server

SECRET = "cl1ent-s3cret"
REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"


def answer(status: int, body: object, kind: str = "application/json", *headers: str) -> bytes:
    """A whole answer; a body that is not bytes becomes JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = (f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(data)}")
    return "\r\n".join((*lines, *headers, "", "")).encode() + data


@dataclass
class Tokens:
    """The token address gives t1, t2, ... of `life_s`; what lies in `instead` is said before.
    The platform takes what is in `good`, and any token while that is empty. Each side holds its
    answers back while its event is clear. `now_s` is the client's clock, moved by hand.
    """

    platform: RawServer = field(default_factory=lambda: RawServer(0))
    issuer: RawServer = field(default_factory=lambda: RawServer(0))
    life_s: int = 600
    given: int = 0
    instead: list[bytes] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    issuing: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Condition = field(default_factory=asyncio.Condition)
    lines: list[Line] = field(default_factory=list)
    now_s: float = 1000.0

    def __post_init__(self) -> None:
        self.issuing.set()
        self.answering.set()

    @property
    def carried(self) -> list[str]:
        """The token of each request that came to the platform."""
        return [_token(request) for request in self.platform.requests]

    async def until(self, requests: int, tokens: int) -> None:
        """Until so many came, on either side."""
        async with asyncio.timeout(LONG), self.asked:
            await self.asked.wait_for(
                lambda: (
                    len(self.platform.requests) >= requests and len(self.issuer.requests) >= tokens
                )
            )

    async def serve_platform(self, line: Line, served: RawServer) -> None:
        self.lines.append(line)
        while request := await line.request():
            await self._came(served, request)
            await self.answering.wait()
            taken = not self.good or _token(request) in self.good
            await line.say(OK if taken else REFUSED)

    async def serve_tokens(self, line: Line, served: RawServer) -> None:
        while request := await line.request():
            await self._came(served, request)
            await self.issuing.wait()
            await line.say(self.instead.pop(0) if self.instead else self._next())

    def _next(self) -> bytes:
        self.given += 1
        body = {"access_token": f"t{self.given}", "token_type": "Bearer", "expires_in": self.life_s}
        return answer(200, body)

    async def _came(self, served: RawServer, request: bytes) -> None:
        async with self.asked:
            served.requests.append(request)
            self.asked.notify_all()

    def source(self, url: str | None = None, **options: object) -> TokenSource:
        at = OAuthOptions(url or f"{self.issuer.url}/oauth/token", "till-3", **options)  # type: ignore[arg-type]
        return TokenSource(at, bearer, lambda: SECRET, lambda: self.now_s)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _token(request: bytes) -> str:
    for line in request.split(b"\r\n"):
        if line.lower().startswith(b"authorization: bearer "):
            return line[22:].decode()
    return ""


@dataclass
class Shop:
    """An open transport before both servers."""

    tokens: Tokens
    source: TokenSource
    transport: Transport

    async def send(
        self, request: HttpRequest = POST, seconds: float = LONG
    ) -> HttpReply | NotSent | NoAnswer:
        return await self.transport.send(request, asyncio.get_running_loop().time() + seconds)

    async def status(self) -> int:
        """Of one request, which must be answered."""
        reply = await self.send()
        assert isinstance(reply, HttpReply), reply
        return reply.status


@asynccontextmanager
async def shop(url: str | None = None, **options: object) -> AsyncIterator[Shop]:
    """`url`: another token address; `options`: more of `OAuthOptions`."""
    tokens = Tokens()
    async with AsyncExitStack() as stack:
        tokens.platform = await stack.enter_async_context(raw_server(tokens.serve_platform))
        tokens.issuer = await stack.enter_async_context(raw_server(tokens.serve_tokens))
        source = tokens.source(url, **options)
        transport = Transport(TransportOptions(tokens.platform.url), source)
        yield Shop(tokens, source, await stack.enter_async_context(transport))
