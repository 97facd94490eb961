# SPDX-License-Identifier: Apache-2.0
"""Stands at the journal of a daemon and kills the process at one point, or weakens the disk.

SQLite tells every statement of the writer's connection before it runs it; what a batch inserts
says which point its commit is. Nothing of the product knows that it is watched.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from agent.journal import WrittenJournal, open_journal
from agent.journal.core import Core
from agent.journal.tables import MIGRATIONS
from tests.crash.points import Moment

NEXT_VERSION: Final = """
ALTER TABLE credits ADD COLUMN of_the_next_version TEXT;
CREATE TABLE next_version (key TEXT PRIMARY KEY, minor INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO next_version SELECT key, amount_minor FROM credits;
CREATE INDEX credits_next_version ON credits (of_the_next_version, key, caller);
"""
"""A migration as later versions bring them: it touches every row."""

_BACK: Final = (
    "DROP INDEX IF EXISTS credits_next_version",
    "DROP TABLE IF EXISTS next_version",
    "ALTER TABLE credits DROP COLUMN of_the_next_version",
)

SOON_S: Final = {"start": 0.06, "checkpoint": 0.004, "stop": 0.05, "work": 1.5}
CHECKPOINT_AFTER: Final = 5
_EVENT: Final = re.compile(r"INSERT INTO events VALUES \(\d+,\s*(?:'[^']*'|NULL),\s*'([a-z-]+)'")
_EFFECT: Final = re.compile(r"INSERT INTO \w*effects VALUES \('[^']*',\s*'([^']+)'")


@dataclass(frozen=True, slots=True)
class Plan:
    """What this start of the daemon is to meet. `nth`: how often the point is passed before."""

    moment: str = ""
    mark: str = ""
    nth: int = 1
    seed: int = 0
    synchronous: str = ""
    next_version: bool = False
    file_max: int = 0
    """The greatest size of a file in bytes, as `ulimit -f` sets it; 0 for none."""


class Tripwire:
    """Opens the journal as the daemon does, and watches it as the plan says."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._left = plan.nth
        self._batch: list[str] = []
        self._delay_s = random.Random(plan.seed).random() * SOON_S.get(plan.mark, 0.0)

    async def open_journal(self, *arguments: Any, **options: Any) -> WrittenJournal:
        """As `agent.journal.open_journal`; what is told of commits is told here first."""
        plan = self._plan
        told: Callable[[int, float], None] = options.pop("committed")
        if plan.moment == Moment.SOON and plan.mark in ("start", "work"):
            self.soon()
        return await open_journal(
            *arguments,
            **options,
            before_commit=self._before_commit,
            committed=partial(self._committed, told),
            migrations=(*MIGRATIONS, NEXT_VERSION) if plan.next_version else MIGRATIONS,
            made_by=partial(WatchedJournal, self),
        )

    def watch(self, connection: sqlite3.Connection) -> None:
        if self._plan.synchronous:
            connection.execute(f"PRAGMA synchronous = {self._plan.synchronous}")
        if self._plan.moment in (Moment.BEFORE, Moment.AFTER):
            connection.set_trace_callback(self._seen)

    def soon(self) -> None:
        """Kills within the mark's time, from a thread of its own."""
        threading.Thread(target=self._wait_and_kill, daemon=True).start()

    def is_soon(self, mark: str) -> bool:
        return self._plan.moment == Moment.SOON and self._plan.mark == mark

    def _wait_and_kill(self) -> None:
        threading.Event().wait(self._delay_s)
        kill()

    def _seen(self, statement: str) -> None:
        if statement.startswith("BEGIN"):
            self._batch.clear()
        found = _EVENT.match(statement)
        if found is not None:
            self._batch.append(found[1])
        found = _EFFECT.match(statement)
        if found is not None:
            self._batch.append(f"effect:{found[1]}")

    def _before_commit(self) -> None:
        if self._plan.moment == Moment.BEFORE:
            self._pass()

    def _committed(self, told: Callable[[int, float], None], count: int, seconds: float) -> None:
        if self._plan.moment == Moment.AFTER:
            self._pass()
        told(count, seconds)

    def _pass(self) -> None:
        if self._plan.mark in self._batch:
            self._batch.clear()
            self._left -= 1
            if not self._left:
                kill()


class WatchedJournal(WrittenJournal):
    """The daemon's own journal; checkpoints come early where a kill is to fall into one."""

    def __init__(self, wire: Tripwire, core: Core, *rest: Any) -> None:
        super().__init__(core, *rest)
        self._wire = wire
        self._batches = 0
        wire.watch(core.store.connection)

    async def open(self, *arguments: Any) -> Any:
        opened = await super().open(*arguments)
        self._batches += 1
        if self._batches == CHECKPOINT_AFTER and self._wire.is_soon("checkpoint"):
            self._wire.soon()
            await self.checkpoint()
        return opened

    async def aclose(self) -> None:
        if self._wire.is_soon("stop"):
            self._wire.soon()
        await super().aclose()


def downgraded(journal: Path) -> None:
    """The journal of a daemon that has stopped, as it was before `NEXT_VERSION`."""
    with closing(sqlite3.connect(journal / "journal.db", isolation_level=None)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            for statement in _BACK:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def kill() -> None:
    """The end, as power has it: no handler, no flush, no farewell."""
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()
