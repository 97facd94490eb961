# SPDX-License-Identifier: Apache-2.0
"""One thread that belongs to one device, for libraries that block.

Calls run one after the other, in the order made. The thread is a daemon: a device that hangs never
keeps the process from stopping.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


class DeviceThread:
    """Starts with the first call. ``name`` shows in thread listings."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run ``work`` in the thread. Cancelling the future drops work that has not begun."""
        # The thread's own loop is used as its queue: it carries results and exceptions across,
        # and work blocks nobody but the device's next call.
        dropped = threading.Event()
        future = asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(_called(work, dropped), self._started())
        )
        future.add_done_callback(lambda done: dropped.set() if done.cancelled() else None)
        return future

    async def stop(self, wait_s: float) -> None:
        """End after the work at hand, waiting at most so long for it. May be called twice."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        ended = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_nothing(), loop))
        await asyncio.wait([ended], timeout=wait_s)
        if ended.done():
            loop.call_soon_threadsafe(loop.stop)
            thread.join(wait_s)
        else:
            ended.cancel()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.slow_callback_duration = float("inf")  # blocking is what it is here for
            self._thread = threading.Thread(
                target=_serve, args=(self._loop,), name=self._name, daemon=True
            )
            self._thread.start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _called(work: Callable[[], T], dropped: threading.Event) -> T:
    # The loop's own cancellation waits its turn behind work that was queued with ours: the flag
    # is seen at once, however long the device kept the thread.
    if dropped.is_set():
        raise asyncio.CancelledError
    return work()


def _nothing() -> Coroutine[None, None, None]:
    return _called(lambda: None, threading.Event())
