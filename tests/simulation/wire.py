# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as bytes, from the platform's side: requests read, answers written. No network here.

It reads what aiohttp's own client writes and writes what its own parser reads, so the client is
the real one to the last byte.
"""

from __future__ import annotations

import http
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_REASONS: Final = {each.value: each.phrase for each in http.HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    """What a server reads. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server says. `half`: it promises the whole body, sends half of it and closes. `no`: a
    documented no, where its status is one of success (GraphQL)."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    half: bool = False
    no: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer ever comes. `dropped`: the line is closed, so that the asker hears of it."""

    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """The server is busy with it so long; what it says (and does) then is `then`'s."""

    delay_s: float
    then: Callable[[], Reply | Silence]


@dataclass(frozen=True, slots=True)
class Afterwards:
    """It is answered now, and the server does something more after so long."""

    answer: Reply | Silence
    delay_s: float
    then: Callable[[], object]


Answer = Reply | Silence | Later | Afterwards
Handler = Callable[[Request], Answer]


class RequestReader:
    """Bytes as they are written, to whole requests. One at a time: nobody pipelines here."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> Request | None:
        """The request that is whole now, or None. Raises ValueError for what is no HTTP."""
        self._kept = self._kept + data if self._kept else data
        head, found, body = self._kept.partition(b"\r\n\r\n")
        if not found:
            return None
        first, *lines = head.decode("ascii").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if "transfer-encoding" in headers:
            raise ValueError("bodies come with their length here")
        length = int(headers.get("content-length", "0"))
        if len(body) < length:
            return None
        if len(body) > length:
            raise ValueError("nobody pipelines here")
        self._kept = b""
        method, path, _ = first.split(" ")
        return Request(method, path, headers, body)


def written(reply: Reply) -> bytes:
    """The answer's bytes. Half a body is cut by who sends it."""
    lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines.append(f"Content-Length: {len(reply.body)}\r\n\r\n")
    return "\r\n".join(lines).encode("ascii") + reply.body
