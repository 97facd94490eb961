# SPDX-License-Identifier: Apache-2.0
"""The board on which changes are pinned: long polls, screens and event streams read it.

It remembers nothing that matters: whoever comes late reads the journal.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord

LATEST_MAX: Final = 512
"""Records kept in memory, so that a change between two awaits is not missed."""
WAITING_MAX: Final = 256
"""Changes that a slow stream may lag behind; then it is told to read again."""


class Board:
    """Implements `ports.Notices`."""

    def __init__(self) -> None:
        self._waiting: dict[IdempotencyKey, list[asyncio.Future[CreditRecord]]] = {}
        self._streams: set[asyncio.Queue[CreditRecord | None]] = set()
        self._watchers: list[Callable[[CreditRecord], None]] = []
        self._latest: OrderedDict[IdempotencyKey, CreditRecord] = OrderedDict()

    def watch(self, watcher: Callable[[CreditRecord], None]) -> None:
        """Calls `watcher` at every change, for as long as the board lives."""
        self._watchers.append(watcher)

    def changed(self, record: CreditRecord) -> None:
        """Wakes whoever waits for this record, and feeds every stream."""
        for watcher in self._watchers:
            watcher(record)
        self._latest[record.key] = record
        self._latest.move_to_end(record.key)
        if len(self._latest) > LATEST_MAX:
            self._latest.popitem(last=False)
        for waiter in self._waiting.pop(record.key, []):
            if not waiter.done():
                waiter.set_result(record)
        for stream in self._streams:
            if stream.full():
                while not stream.empty():
                    stream.get_nowait()
                stream.put_nowait(None)
            else:
                stream.put_nowait(record)

    async def next_change(self, key: IdempotencyKey) -> CreditRecord:
        """Returns the record at its next change."""
        waiter: asyncio.Future[CreditRecord] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(waiter)
        try:
            return await waiter
        finally:
            left = self._waiting.get(key)
            if left is not None and waiter in left:
                left.remove(waiter)
                if not left:
                    del self._waiting[key]

    async def wait_until(
        self,
        record: CreditRecord,
        enough: Callable[[CreditRecord], bool],
        timeout_s: float,
    ) -> CreditRecord:
        """The record once it is `enough`, or as it stands after `timeout_s` seconds."""
        latest = self._latest.get(record.key, record)
        if latest.revision < record.revision:
            latest = record
        if enough(latest):
            return latest
        try:
            async with asyncio.timeout(max(timeout_s, 0)):
                while not enough(latest):
                    latest = await self.next_change(record.key)
        except TimeoutError:
            pass
        return latest

    @contextmanager
    def stream(self) -> Iterator[asyncio.Queue[CreditRecord | None]]:
        """A queue of changes; None says that some were missed and the journal must be read."""
        queue: asyncio.Queue[CreditRecord | None] = asyncio.Queue(WAITING_MAX)
        self._streams.add(queue)
        try:
            yield queue
        finally:
            self._streams.discard(queue)
