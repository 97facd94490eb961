# SPDX-License-Identifier: Apache-2.0
"""A platform that answers at once: raw sockets, the least of HTTP, one process.

`python -m tests.bench.stub` prints its port and serves until its input ends. It confirms every
credit it is asked for. `POST /control` with {"delay_ms", "per_second"} sets how long an answer
takes and how many credits a second it takes: what comes sooner than its turn is told 429.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Final

_HEAD: Final = "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n"


class Platform:
    """What all connections share."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self.per_second = 0
        self.issued: dict[str, float] = {}
        self.throttled = 0
        self._room = 0.0
        self._at_s = 0.0

    def answer(self, path: str, body: bytes, now_s: float) -> bytes:
        """The whole answer to one request."""
        match path:
            case "/control":
                return self._control(json.loads(body))
            case "/count":
                return _json("200 OK", {"issued": len(self.issued), "throttled": self.throttled})
            case "/v1/credits":
                return self._issue(json.loads(body), now_s)
            case _:
                problem = {"code": "not-found", "title": "no such credit"}
                return _json("404 Not Found", problem, "application/problem+json")

    def _control(self, asked: dict[str, Any]) -> bytes:
        self.delay_s = asked.get("delay_ms", 0) / 1000
        self.per_second = asked.get("per_second", 0)
        return _json("200 OK", {})

    def _issue(self, asked: dict[str, Any], now_s: float) -> bytes:
        if not self._has_room(now_s):
            self.throttled += 1
            problem = {"code": "slow-down", "title": "too many"}
            return _json("429 Too Many", problem, "application/problem+json", "Retry-After: 1\r\n")
        self.issued.setdefault(asked["key"], now_s)
        card = {
            "id": asked["key"],
            "key": asked["key"],
            "code": asked["code"],
            "initial": asked["amount"],
            "balance": asked["amount"],
            "enabled": True,
            "customer_id": None,
        }
        return _json("201 Created", card)

    def _has_room(self, now_s: float) -> bool:
        if not self.per_second:
            return True
        # One second's worth may come at once.
        self._room = min(self._room + (now_s - self._at_s) * self.per_second, self.per_second)
        self._at_s = now_s
        if self._room < 1:
            return False
        self._room -= 1
        return True


class Line(asyncio.Protocol):
    """One connection; requests one after the other."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (whole := _request(self._buffer)) is not None:
            path, body, self._buffer = whole
            answer = self._platform.answer(path, body, self._loop.time())
            delay_s = self._platform.delay_s if path.startswith("/v1/") else 0.0
            if delay_s:
                self._loop.call_later(delay_s, self._say, answer)
            else:
                self._say(answer)

    def _say(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


def _request(buffer: bytes) -> tuple[str, bytes, bytes] | None:
    """Path, body and what is left of the buffer, once a whole request stands in it."""
    head, found, rest = buffer.partition(b"\r\n\r\n")
    if not found:
        return None
    size = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
    if len(rest) < size:
        return None
    return head.split(b" ", 2)[1].decode(), rest[:size], rest[size:]


def _json(status: str, told: object, kind: str = "application/json", more: str = "") -> bytes:
    body = json.dumps(told, separators=(",", ":")).encode()
    head = _HEAD.format(status=status, kind=kind, size=len(body))
    return (head + more + "\r\n").encode() + body


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    platform = Platform()
    server = await loop.create_server(lambda: Line(platform), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # whoever started us closes it
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
