# SPDX-License-Identifier: Apache-2.0
"""One request through a real transport, for tests against raw sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.transport import Transport, TransportOptions

GET = HttpRequest("GET", "/v1/credits/by-key/K")
POST = HttpRequest("POST", "/v1/credits", b'{"a":1}', (("Content-Type", "application/json"),))
LONG = 5.0
SHORT = 0.05


def prove() -> Mapping[str, str]:
    return {"Authorization": "Bearer t0ken"}


async def send(
    options: TransportOptions,
    request: HttpRequest,
    seconds: float = LONG,
    credentials: Callable[[], Mapping[str, str]] = prove,
) -> HttpReply | NotSent | NoAnswer:
    async with Transport(options, credentials) as transport:
        return await transport.send(request, asyncio.get_running_loop().time() + seconds)
