# SPDX-License-Identifier: Apache-2.0
"""A house with pages in a thread of its own, so that a browser on this one can look at it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agent.flows.register import Register
from tests.screens.browser import Browser, Shop, shop

T = TypeVar("T")
WAIT_S = 20.0


@dataclass(frozen=True)
class Served:
    """`run` does something in the house's thread; `browser` is paired, and so is whoever has its
    cookies."""

    house: Shop
    browser: Browser
    _loop: asyncio.AbstractEventLoop

    @property
    def main(self) -> str:
        return f"{self.house.url}/screen/03"

    @property
    def cookies(self) -> list[dict[str, Any]]:
        """As a real browser takes them; `Secure` holds for loopback there."""
        return [
            {"name": name, "value": value, "url": self.house.url.replace("http:", "https:")}
            for name, value in self.browser.cookies.items()
        ]

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async def made() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(made(), self._loop).result(WAIT_S)


@contextmanager
def served(folder: Path, *registers: Register, **options: Any) -> Iterator[Served]:
    """Up with one paired browser; closed in reverse order."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    ended = asyncio.Event()

    async def live(ready: asyncio.Future[tuple[Shop, Browser]]) -> None:
        async with shop(folder, registers, **options) as house:
            ready.set_result((house, await house.paired()))
            await ended.wait()

    async def begin() -> tuple[Shop, Browser, asyncio.Task[None]]:
        ready: asyncio.Future[tuple[Shop, Browser]] = loop.create_future()
        living = asyncio.ensure_future(live(ready))
        either: set[asyncio.Future[Any]] = {living, ready}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            living.result()
        return (*ready.result(), living)

    async def end(living: asyncio.Task[None]) -> None:
        ended.set()
        await living

    try:
        house, browser, living = asyncio.run_coroutine_threadsafe(begin(), loop).result(WAIT_S)
        try:
            yield Served(house, browser, loop)
        finally:
            asyncio.run_coroutine_threadsafe(end(living), loop).result(WAIT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)
        loop.close()
