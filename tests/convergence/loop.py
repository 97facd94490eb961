# SPDX-License-Identifier: Apache-2.0
"""An event loop without a clock, threads or sockets: a wait for a time is over at once.

Every event of a walk runs to its own end on it, so nothing is left that could come at another
time. What the agent's clock says is the walk's business, not this loop's.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Timeless(selectors.SelectSelector):
    """Never waits: hands the time that would have passed to the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits and nothing is to come")
        self.passed_s += max(timeout, 0.0)
        return []


class WalkLoop(asyncio.SelectorEventLoop):
    """Runs one thing at a time, in the order in which it was asked for."""

    def __init__(self) -> None:
        self._timeless = _Timeless()
        super().__init__(self._timeless)

    def time(self) -> float:
        return self._timeless.passed_s

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """At once, on this thread."""
        future: asyncio.Future[T] = self.create_future()
        future.set_result(func(*args))
        return future


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end."""
    with asyncio.Runner(loop_factory=WalkLoop) as runner:
        return runner.run(work)
