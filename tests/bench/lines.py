# SPDX-License-Identifier: Apache-2.0
"""A client as thin as can be: one raw connection, one request at a time, whole answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from tests.bench.samples import Samples


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Line(asyncio.Protocol):
    """`ask` sends bytes and returns the answer; only one at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(cls, "127.0.0.1", port)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> Answer:
        if self._transport is None:
            raise ConnectionError("the line is not open")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        at = head.lower().find(b"content-length:")
        size = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(rest) < size:
            return
        self._buffer = b""
        self._answer.set_result(Answer(int(head[9:12]), rest))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def post(path: str, body: object, *headers: str) -> bytes:
    """A whole request."""
    data = json.dumps(body, separators=(",", ":")).encode()
    head = [f"POST {path} HTTP/1.1", "Content-Type: application/json", *headers]
    return "\r\n".join([*head, f"Content-Length: {len(data)}", "", ""]).encode() + data


Request = Callable[[int], bytes]


async def drive(
    lines: list[Line], numbers: Iterator[int], request: Request, wanted: int, found: Samples
) -> None:
    """Each line asks for the next number as soon as it has its answer.

    Raises ValueError for any answer whose status is not `wanted`.
    """

    async def work(line: Line) -> None:
        for number in numbers:
            asked = request(number)
            began = time.perf_counter()
            answer = await line.ask(asked)
            found.seconds.append(time.perf_counter() - began)
            if answer.status != wanted:
                raise ValueError(f"answered {answer.status}: {answer.body[:300]!r}")

    began = time.perf_counter()
    await asyncio.gather(*(work(line) for line in lines))
    found.elapsed_s += time.perf_counter() - began
