# SPDX-License-Identifier: Apache-2.0
"""The thread-free twin: the same core and interface, every operation committed at once.

For simulations, whose event loop is deterministic and knows no threads, and for tests. In a
daemon it would stop the loop for the length of an fsync.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TypeVar, cast

from agent.domain.faults import JournalDamaged, Stopping
from agent.journal.core import Core, cannot, name_of
from agent.journal.journal import Journal
from agent.journal.lock import FolderLock
from agent.journal.store import Operation

T = TypeVar("T")


class InlineJournal(Journal):
    """Made by `open_inline`."""

    def __init__(
        self, core: Core, lock: FolderLock | None, restored: bool, journal_id: str
    ) -> None:
        super().__init__(restored, journal_id)
        self.core = core
        self._lock = lock
        self._closed = False

    async def write(self, operation: Operation[T], patient: bool = False) -> T:
        """Gives way once before and once after, as the real one does around its commit."""
        self._refuse_closed()
        await asyncio.sleep(0)
        self._refuse_closed()
        (result,) = self.core.run([operation])
        await asyncio.sleep(0)
        if result.fault is not None:
            raise result.fault
        return cast("T", result.value)

    async def read(self, operation: Operation[T]) -> T:
        self._refuse_closed()
        await asyncio.sleep(0)
        self._refuse_closed()
        try:
            return operation(self.core.store)
        except JournalDamaged as fault:
            self.core.watch(fault)
            raise
        except sqlite3.Error as error:
            self.core.watch(error)
            raise cannot(name_of(error), error) from error

    async def checkpoint(self) -> None:
        self.core.checkpoint()

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        """The same without waiting, for a simulated stop."""
        if not self._closed:
            self._closed = True
            try:
                self.core.close()
            finally:
                self._release()

    def crash(self) -> None:
        """The process is gone: no anchor, no checkpoint; only what was committed remains."""
        if not self._closed:
            self._closed = True
            self.core.store.connection.close()
            self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise Stopping
