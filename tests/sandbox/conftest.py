# SPDX-License-Identifier: Apache-2.0
"""A sandbox on loopback with a clock that only the test moves, and a `rest` platform on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.catalog import open_platform
from agent.platforms.rest import platform as rest
from agent.sandbox import Fault, RunningSandbox, start_sandbox

TOKEN = "t0ken"
NOW_MS = 1_763_600_000_000


def credit(number: int = 0, minor: int = 4850) -> Credit:
    key = IdempotencyKey(f"0421-03-{NOW_MS}-7K3QF2Z{number}")
    return Credit(key, Code.draw(3, (number, *range(13))), Money(minor, "USD"))


@dataclass
class Shop:
    """Everything a test needs. `now_ms` is the sandbox's clock; `slept` what it waited, in s."""

    path: Path
    now_ms: int = NOW_MS
    slept: list[float] = field(default_factory=list)
    sandbox: RunningSandbox = field(init=False)
    platform: DrivenPlatform = field(init=False)
    http: aiohttp.ClientSession = field(init=False)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def deadline(self, seconds: float = 5) -> float:
        return asyncio.get_running_loop().time() + seconds

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str = TOKEN, **headers: str
    ) -> tuple[int, Any]:
        """A plain request to the platform's door; the answer's JSON or text."""
        async with self.http.request(
            method,
            self.sandbox.url + path,
            json=body,
            headers={"Authorization": f"Bearer {token}", **headers},
            allow_redirects=False,
        ) as response:
            text = await response.text()
            return response.status, json.loads(text) if "json" in response.content_type else text

    async def control(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with self.http.request(
            method, self.sandbox.control_url + path, json=body
        ) as response:
            return response.status, await response.json(content_type=None)

    async def on(self, fault: Fault, **options: object) -> None:
        given: dict[str, Any] = options
        await self.sandbox.switch(fault, on=True, **given)


@asynccontextmanager
async def running_shop(path: Path) -> AsyncIterator[Shop]:
    shop = Shop(path)
    shop.sandbox = await start_sandbox(
        path, "127.0.0.1", 0, TOKEN, clock=lambda: shop.now_ms, sleep=shop.sleep
    )
    try:
        async with (
            open_platform(rest({"url": shop.sandbox.url}), lambda: TOKEN) as shop.platform,
            aiohttp.ClientSession() as shop.http,
        ):
            yield shop
    finally:
        await shop.sandbox.aclose()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with running_shop(tmp_path / "sandbox.db") as running:
        yield running
