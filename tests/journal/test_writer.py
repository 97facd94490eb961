# SPDX-License-Identifier: Apache-2.0
"""The aiosqlite shell: grouping, bounds, cancelled callers, closing, broken disks."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from agent.domain.credit import Unit
from agent.domain.faults import Busy, CannotJournal, JournalLocked, Stopping, UnitTaken
from agent.journal import WrittenJournal, access, open_journal, verify_journal
from agent.journal.ballast import AGAIN_MS
from agent.journal.store import Store
from agent.journal.writer import WAITING_MAX
from tests.journal.building import SEAL_KEY, Bench


class Gate:
    """Holds commits back until it is opened; counts them; fails them when told to."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self.fails: sqlite3.Error | None = None
        self.sizes: list[int] = []

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def before_commit(self) -> None:
        assert self._open.wait(20)
        if self.fails is not None:
            raise self.fails

    def committed(self, many: int, seconds: float) -> None:
        assert seconds >= 0
        self.sizes.append(many)


async def gated(bench: Bench, gate: Gate, folder: Path) -> WrittenJournal:
    return await open_journal(
        folder,
        seal_key=SEAL_KEY,
        machine=b"machine",
        clock_ms=bench.clock_ms,
        chance=bench.chance,
        before_commit=gate.before_commit,
        committed=gate.committed,
    )


async def settle() -> None:
    """Lets every ready task run."""
    for _ in range(10):
        await asyncio.sleep(0)


def kinds(store: Store) -> list[str]:
    rows = store.connection.execute("SELECT kind FROM events WHERE key IS NULL ORDER BY seq")
    return [kind for (kind,) in rows]


async def test_what_gathers_during_a_commit_goes_in_one(tmp_path: Path, bench: Bench) -> None:
    gate = Gate()
    async with await gated(bench, gate, tmp_path) as journal:
        gate.sizes.clear()
        gate.shut()
        first = asyncio.create_task(journal.note("first", {}))
        await settle()
        rest = [asyncio.create_task(journal.note(f"n{number}", {})) for number in range(20)]
        await settle()
        assert not any(task.done() for task in (first, *rest))
        gate.open()
        await asyncio.gather(first, *rest)
        assert gate.sizes == [1, 20]
        assert (await journal.read(kinds))[1:] == ["first", *(f"n{number}" for number in range(20))]


async def test_an_acknowledged_write_is_seen_by_the_next_read(tmp_path: Path, bench: Bench) -> None:
    async with await bench.written(tmp_path) as journal:

        async def once() -> None:
            record = await bench.opened(journal)
            assert await journal.get(record.key) == record

        await asyncio.gather(*(once() for _ in range(40)))


async def test_a_refused_neighbour_in_one_batch_costs_nobody_a_row(
    tmp_path: Path, bench: Bench
) -> None:
    gate = Gate()
    async with await gated(bench, gate, tmp_path) as journal:
        unit = Unit("R1", "1", 1)
        drafts = [bench.draft(units=[unit] if n % 3 == 0 else ()) for n in range(30)]
        results = await asyncio.gather(
            *(bench.open(journal, draft) for draft in drafts), return_exceptions=True
        )
        for draft, result in zip(drafts, results, strict=True):
            stored = await journal.get(draft.record.key)
            if isinstance(result, UnitTaken):
                assert stored is None
            else:
                assert not isinstance(result, BaseException)
                assert stored == result.decision.record
        assert sum(isinstance(result, UnitTaken) for result in results) == 9
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound


async def test_a_failed_commit_is_told_to_everyone_in_it(tmp_path: Path, bench: Bench) -> None:
    gate = Gate()
    async with await gated(bench, gate, tmp_path) as journal:
        error = sqlite3.OperationalError("simulated")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        gate.fails = error
        results = await asyncio.gather(
            *(bench.open(journal) for _ in range(5)), return_exceptions=True
        )
        assert [type(result) for result in results] == [CannotJournal] * 5
        gate.fails = None
        bench.now_ms += AGAIN_MS  # no sooner is the disk asked for room again
        assert (await journal.totals(None)).count == 0
        assert (await bench.open(journal)).fresh
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        gate.fails = error
        with pytest.raises(CannotJournal):
            await bench.open(journal)
        gate.fails = None
        assert journal.broken
        with pytest.raises(CannotJournal, match="broken"):
            await bench.open(journal)
        assert (await journal.totals(None)).count == 1


async def test_a_caller_that_gives_up_takes_nothing_back(tmp_path: Path, bench: Bench) -> None:
    gate = Gate()
    async with await gated(bench, gate, tmp_path) as journal:
        gate.shut()
        tasks = [asyncio.create_task(journal.note(name, {})) for name in ("a", "b", "c")]
        await settle()
        late = asyncio.create_task(journal.note("late", {}))
        await settle()
        for task in (tasks[1], late):
            task.cancel()
        await settle()
        gate.open()
        results = await asyncio.gather(*tasks, late, return_exceptions=True)
        assert [type(result) for result in results] == [
            type(None),
            asyncio.CancelledError,
            type(None),
            asyncio.CancelledError,
        ]
        await journal.note("after", {})
        assert (await journal.read(kinds))[1:] == ["a", "b", "c", "late", "after"]


async def test_a_patient_write_goes_with_the_next_commit_of_somebody_else(
    tmp_path: Path, bench: Bench
) -> None:
    gate = Gate()
    async with await gated(bench, gate, tmp_path) as journal:
        gate.sizes.clear()
        later = journal.write(lambda store: access.note(store, "later", {}), patient=True)
        patient = asyncio.ensure_future(later)
        await settle()
        assert not patient.done()
        await journal.note("now", {})
        assert patient.done()
        assert gate.sizes == [2]
        assert (await journal.read(kinds))[1:] == ["later", "now"]


async def test_a_patient_write_is_written_though_nobody_else_comes(
    tmp_path: Path, bench: Bench
) -> None:
    gate = Gate()
    async with await gated(bench, gate, tmp_path) as journal:
        gate.sizes.clear()
        await journal.write(lambda store: access.note(store, "alone", {}), patient=True)
        assert gate.sizes == [1]
        last = asyncio.ensure_future(
            journal.write(lambda store: access.note(store, "last", {}), patient=True)
        )
        await settle()
    await last
    assert gate.sizes == [1, 1]


async def test_too_many_waiting_is_busy_and_costs_the_others_nothing(
    tmp_path: Path, bench: Bench
) -> None:
    gate = Gate()
    async with await gated(bench, gate, tmp_path) as journal:
        gate.shut()
        first = asyncio.create_task(journal.note("first", {}))
        await settle()
        waiting = [asyncio.create_task(journal.note("n", {})) for _ in range(WAITING_MAX)]
        await settle()
        with pytest.raises(Busy):
            await journal.note("too many", {})
        gate.open()
        await asyncio.gather(first, *waiting)
        assert "too many" not in await journal.read(kinds)
        assert len(await journal.read(kinds)) == WAITING_MAX + 2


async def test_closing_finishes_what_waits(tmp_path: Path, bench: Bench) -> None:
    gate = Gate()
    journal = await gated(bench, gate, tmp_path)
    gate.shut()
    waiting = [asyncio.create_task(bench.open(journal)) for _ in range(10)]
    await settle()
    closing = asyncio.create_task(journal.aclose())
    await settle()
    with pytest.raises(Stopping):
        await journal.note("late", {})
    gate.open()
    opened = await asyncio.gather(*waiting)
    await asyncio.gather(closing, journal.aclose())
    async with await bench.written(tmp_path) as again:
        for each in opened:
            assert await again.get(each.decision.record.key) == each.decision.record
    assert not (tmp_path / "journal.db-wal").exists()


async def test_a_mistake_in_an_operation_does_not_stop_the_writer(
    tmp_path: Path, bench: Bench
) -> None:
    async with await bench.written(tmp_path) as journal:

        def mistaken(store: Store) -> None:
            access.note(store, "half", {})
            raise KeyError("a mistake of ours")

        with pytest.raises(KeyError):
            await journal.write(mistaken)
        await journal.note("after", {})
        assert (await journal.read(kinds))[1:] == ["after"]


async def test_a_reader_can_change_nothing(tmp_path: Path, bench: Bench) -> None:
    async with await bench.written(tmp_path) as journal:
        record = await bench.opened(journal)
        with pytest.raises(CannotJournal):
            await journal.read(lambda store: store.connection.execute("DELETE FROM events"))
        assert len(await journal.history(record.key)) == 1


async def test_verifying_beside_a_running_daemon_finds_it_sound(
    tmp_path: Path, bench: Bench
) -> None:
    async with await bench.written(tmp_path) as journal:
        for _ in range(5):
            await bench.on_paper(journal)
        verdict = verify_journal(tmp_path, seal_key=SEAL_KEY)
        assert verdict.sound
        assert (verdict.events, verdict.records) == (11, 5)
        assert (await bench.open(journal)).fresh


async def test_a_locked_out_or_failed_opening_leaves_no_thread_behind(
    tmp_path: Path, bench: Bench
) -> None:
    async with await bench.written(tmp_path):
        before = threading.active_count()
        with pytest.raises(JournalLocked):
            await bench.written(tmp_path)
        assert threading.active_count() == before
    assert threading.active_count() == before - 2
