# SPDX-License-Identifier: Apache-2.0
"""Batches: a neighbour's fault, a failed commit, a broken disk; on the core itself."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.domain.action import Decision
from agent.domain.credit import Unit
from agent.domain.event import BudgetEnded
from agent.domain.faults import CannotJournal, JournalLocked, UnitTaken
from agent.journal import (
    InlineJournal,
    access,
    advancing,
    open_inline,
    opening,
    reading,
    verify_journal,
)
from agent.journal.ballast import AGAIN_MS
from agent.journal.core import Result
from agent.journal.store import Operation, Store
from agent.journal.verify import verify
from agent.ports import Draft, Opened
from tests.journal.building import SEAL_KEY, Bench


class Disk:
    """Stands in the place of commits, and fails them when it is told to."""

    def __init__(self) -> None:
        self.fails: sqlite3.Error | None = None
        self.commits = 0

    def before_commit(self) -> None:
        if self.fails is not None:
            raise self.fails
        self.commits += 1


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("simulated")
    error.sqlite_errorcode = code
    return error


def opens(bench: Bench, draft: Draft) -> Operation[Opened]:
    return lambda store: opening.open_credit(store, draft, bench.admit(draft), bench.begin)


def journal_on(bench: Bench, disk: Disk, folder: Path | None = None) -> InlineJournal:
    return open_inline(
        folder,
        seal_key=SEAL_KEY,
        machine=b"machine",
        clock_ms=bench.clock_ms,
        chance=bench.chance,
        before_commit=disk.before_commit,
    )


def table_sizes(journal: InlineJournal) -> dict[str, int]:
    connection = journal.core.store.connection
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in names
    }


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_neighbours_rollback_takes_nobody_elses_rows(order: tuple[int, ...]) -> None:
    """The obvious code lost 600 of 600 acknowledged rows here, in one order and not another."""
    bench = Bench()
    journal = bench.inline()
    unit = Unit("R1", "1", 1)
    taken = bench.draft(units=[unit])
    journal.core.run([opens(bench, taken)])
    good = [bench.draft(1_000 + n) for n in range(2)]
    bad = bench.draft(units=[Unit("R2", "1", 1), unit])

    def broken(store: object) -> None:
        raise LookupError("a caller's own mistake, after nothing")

    batch: list[Operation[object]] = [
        opens(bench, good[0]),
        opens(bench, bad),
        broken,
        opens(bench, good[1]),
    ]
    results: list[Result] = journal.core.run([batch[place] for place in order])
    by_place = dict(zip(order, results, strict=True))
    assert isinstance(by_place[1].fault, UnitTaken)
    assert isinstance(by_place[2].fault, LookupError)
    for place, draft in ((0, good[0]), (3, good[1])):
        opened = by_place[place].value
        assert isinstance(opened, Opened)
        assert reading.get(journal.core.store, draft.record.key) == opened.decision.record
    assert reading.get(journal.core.store, bad.record.key) is None
    journal.close()


def test_a_duplicate_that_only_the_tables_see_fails_alone() -> None:
    bench = Bench()
    journal = bench.inline()
    draft = bench.draft()

    def insert_twice(store: object) -> None:
        sql = "INSERT INTO managers VALUES ('eva', 'x', 0, NULL, NULL)"
        journal.core.store.connection.execute(sql)
        journal.core.store.connection.execute(sql)

    first, second, third = journal.core.run(
        [opens(bench, draft), insert_twice, lambda store: access.note(store, "x", {})]
    )
    assert first.fault is None
    assert isinstance(second.fault, CannotJournal)
    assert third.fault is None
    assert access.managers(journal.core.store) == []
    assert reading.get(journal.core.store, draft.record.key) is not None
    journal.close()


@pytest.mark.parametrize(
    ("code", "why", "broken"),
    [
        (sqlite3.SQLITE_FULL, "disk-full", False),
        (sqlite3.SQLITE_BUSY, "busy", False),
        (sqlite3.SQLITE_READONLY, "read-only", False),
        (sqlite3.SQLITE_IOERR, "disk", True),
        (sqlite3.SQLITE_IOERR_WRITE, "disk", False),
        (sqlite3.SQLITE_IOERR_READ, "disk", True),
        (sqlite3.SQLITE_IOERR | 4 << 8, "disk", True),  # SQLITE_IOERR_FSYNC
    ],
)
def test_a_failed_commit_acknowledges_nothing(code: int, why: str, broken: bool) -> None:
    bench, disk = Bench(), Disk()
    journal = journal_on(bench, disk)
    kept = bench.draft()
    journal.core.run([opens(bench, kept)])
    before = table_sizes(journal)
    disk.fails = failure(code)
    batch = [bench.draft(), bench.draft()]
    results = journal.core.run([opens(bench, draft) for draft in batch])
    assert [type(result.fault) for result in results] == [CannotJournal, CannotJournal]
    assert results[0].fault is not results[1].fault
    assert str(results[0].fault) == f"cannot-journal (why={why})"
    assert table_sizes(journal) == before
    assert journal.core.broken is broken
    disk.fails = None
    again = journal.core.run([opens(bench, draft) for draft in batch])
    if broken:
        assert [str(result.fault) for result in again] == ["cannot-journal (why=broken)"] * 2
        assert table_sizes(journal) == before
    else:
        assert [result.fault for result in again] == [None, None]
    journal.close()


def test_what_the_writer_remembers_is_forgotten_with_what_was_rolled_back() -> None:
    bench, disk = Bench(), Disk()
    journal = journal_on(bench, disk)
    draft = bench.draft()
    journal.core.run([opens(bench, draft)])
    stands = reading.get(journal.core.store, draft.record.key)

    def ended(store: Store) -> Decision:
        step = bench.step(BudgetEnded())
        return advancing.advance(store, draft.record.key, BudgetEnded(), step)

    disk.fails = failure(sqlite3.SQLITE_FULL)
    assert journal.core.run([ended])[0].fault is not None
    assert journal.core.store.known.standing(draft.record.key.text) is None
    assert reading.get(journal.core.store, draft.record.key) == stands
    disk.fails = None
    (result,) = journal.core.run([ended])
    assert isinstance(result.value, Decision)
    assert result.value.record.revision == 2
    assert reading.get(journal.core.store, draft.record.key) == result.value.record
    assert verify(journal.core.store.connection, [], bench.seal()).sound
    journal.close()


def test_an_operation_that_fails_after_writing_leaves_its_neighbours_one_effect_each() -> None:
    """The batch is run twice then, and the second time alone counts."""
    bench = Bench()
    journal = bench.inline()
    drafts = [bench.draft() for _ in range(3)]

    def half(store: Store) -> None:
        access.note(store, "half", {})
        raise LookupError("a caller's own mistake, after something")

    results = journal.core.run([opens(bench, drafts[0]), half, opens(bench, drafts[1])])
    assert [type(result.fault) for result in results] == [type(None), LookupError, type(None)]
    assert journal.core.run([opens(bench, drafts[2])])[0].fault is None
    verdict = verify(journal.core.store.connection, [], bench.seal())
    assert (verdict.events, verdict.records, verdict.sound) == (4, 3, True)
    journal.close()


def test_a_conflict_with_a_neighbour_whose_commit_failed_is_not_told() -> None:
    """Told "that credit exists", a till would never ask again for one that does not."""
    bench, disk = Bench(), Disk()
    journal = journal_on(bench, disk)
    disk.fails = failure(sqlite3.SQLITE_FULL)
    unit = Unit("R1", "1", 1)
    results = journal.core.run(
        [opens(bench, bench.draft(units=[unit])), opens(bench, bench.draft(units=[unit]))]
    )
    assert [type(result.fault) for result in results] == [CannotJournal, CannotJournal]
    journal.close()


def test_a_full_database_refuses_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    bench = Bench()
    journal = bench.inline(tmp_path)
    connection = journal.core.store.connection
    record = journal.core.run([opens(bench, bench.draft())])[0].value
    assert isinstance(record, Opened)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    acknowledged = []
    for _ in range(200):
        draft = bench.draft()
        (result,) = journal.core.run([opens(bench, draft)])
        if result.fault is not None:
            break
        acknowledged.append(draft)
    assert str(result.fault) == "cannot-journal (why=disk-full)"
    assert not journal.core.broken
    for each in acknowledged:
        assert reading.get(journal.core.store, each.record.key) is not None
    connection.execute(f"PRAGMA max_page_count = {pages + 1_000}")
    bench.now_ms += AGAIN_MS
    (result,) = journal.core.run([opens(bench, draft)])
    assert isinstance(result.value, Opened)
    assert result.value.fresh
    journal.close()
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound


def test_a_step_already_frozen_writes_nothing(tmp_path: Path) -> None:
    from agent.journal import effects

    bench = Bench()
    journal = bench.inline(tmp_path)
    draft = bench.draft()
    journal.core.run([opens(bench, draft)])
    wal = tmp_path / "journal.db-wal"
    size = wal.stat().st_size
    effect = draft.opening
    assert effect is not None
    (result,) = journal.core.run([lambda store: effects.freeze(store, draft.record.key, effect)])
    assert result.fault is None
    assert wal.stat().st_size == size
    journal.close()


def test_the_journal_is_written_ahead_and_in_full(tmp_path: Path) -> None:
    journal = Bench().inline(tmp_path)
    ask: Callable[[str], object] = lambda name: (  # noqa: E731
        journal.core.store.connection.execute(f"PRAGMA {name}").fetchone()[0]
    )
    assert ask("journal_mode") == "wal"
    assert ask("synchronous") == 2
    assert ask("foreign_keys") == 1
    assert (tmp_path / "journal.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(JournalLocked):
        Bench().inline(tmp_path)
    journal.close()
