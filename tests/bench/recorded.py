# SPDX-License-Identifier: Apache-2.0
"""The very rows that the journal writes, as statements that others can write too.

Our own operations run once over an in-memory journal whose connection notes each statement that
changes something, with its values. Whoever replays them does all of the writing and none of the
thinking: no look-up, no decision, no hash, no sealing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from agent.domain.record import CreditRecord
from agent.journal import advancing, open_inline, opening
from agent.journal.store import Store
from agent.ports import Draft
from tests.bench.credits import SEAL_KEY, StillClock, Till

Statement = tuple[str, Any]
_READS = ("SELECT", "PRAGMA", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True, slots=True)
class Writes:
    """The statements of one credit's two transactions, without their BEGIN and COMMIT."""

    enqueue: Sequence[Statement]
    finish: Sequence[Statement]

    @property
    def enqueue_bytes(self) -> int:
        """How many bytes of values the first transaction brings."""
        return sum(_size(values) for _, values in self.enqueue)


@dataclass(frozen=True, slots=True)
class Recorded:
    """`first` is written before all others: a credit that stays open, so that the counters of
    the limits stand whoever comes and goes in what order."""

    first: Sequence[Statement]
    each: Sequence[Writes]


@dataclass(slots=True)
class _Noting:
    """Passes everything on to a connection and notes what changes something."""

    connection: sqlite3.Connection
    noted: list[Statement] = field(default_factory=list)

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        if not sql.startswith(_READS):
            self.noted.append((sql, values))
        return self.connection.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:
        kept = list(rows)
        self.noted.extend((sql, values) for values in kept)
        return self.connection.executemany(sql, kept)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


def record(count: int) -> Recorded:
    """What `count` credits write, each opened and confirmed, within one minute."""
    till = Till(StillClock())
    journal = open_inline(
        None, seal_key=SEAL_KEY, machine=b"bench", clock_ms=till.clock_ms, chance=till.chance
    )
    noting = _Noting(journal.core.store.connection)
    store = replace(journal.core.store, connection=cast("sqlite3.Connection", noting))
    first = _opened(till, store, noting, till.draft(count))[1]
    found = [_one(till, store, noting, number) for number in range(count)]
    journal.close()
    return Recorded(first, found)


def _opened(
    till: Till, store: Store, noting: _Noting, draft: Draft
) -> tuple[CreditRecord, Sequence[Statement]]:
    opened = opening.open_credit(store, draft, till.admit(draft), till.begin)
    written, noting.noted = noting.noted, []
    return opened.decision.record, written


def _one(till: Till, store: Store, noting: _Noting, number: int) -> Writes:
    record, enqueue = _opened(till, store, noting, till.draft(number))
    event = till.confirmed(record)
    advancing.advance(store, record.key, event, till.step(event))
    finish, noting.noted = noting.noted, []
    return Writes(enqueue, finish)


def _size(values: Any) -> int:
    cells = values.values() if isinstance(values, dict) else values
    return sum(len(cell) if isinstance(cell, (bytes, str)) else 8 for cell in cells)
