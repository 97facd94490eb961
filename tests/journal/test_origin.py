# SPDX-License-Identifier: Apache-2.0
"""A journal on another machine, from a copy, or under another key."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.domain.event import Answered, BudgetEnded
from agent.domain.faults import ApprovalRequired, JournalDamaged
from agent.domain.outcome import Unanswered, Unsent
from agent.domain.record import ManagerReason, Paper
from agent.journal import open_inline, verify_journal
from agent.ports import Draft
from tests.journal.building import SEAL_KEY, Bench


async def test_on_another_machine_every_open_record_is_shared(tmp_path: Path, bench: Bench) -> None:
    async with bench.inline(tmp_path) as journal:
        assert not journal.restored
        name = journal.journal_id
        for _ in range(20):
            settled = await bench.confirmed(journal)
        opened = await bench.opened(journal)
        earned = bench.seen[-1]
        assert not earned.fresh
        assert opened.exclusive
    async with bench.inline(tmp_path, machine=b"another") as journal:
        assert journal.restored
        assert journal.journal_id == name
        shared = await journal.get(opened.key)
        assert shared is not None
        assert shared.shared
        assert shared.revision == opened.revision + 1
        assert await journal.get(settled.key) == settled
        await bench.opened(journal, dated(bench, 3))
        assert bench.seen[-1].fresh
    async with bench.inline(tmp_path, machine=b"another") as journal:
        assert not journal.restored
        await bench.advance(journal, shared, Answered(Unanswered("timeout")))
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound


async def test_a_copy_that_is_older_than_its_anchors_counts_as_restored(
    tmp_path: Path, bench: Bench
) -> None:
    folder, copy = tmp_path / "journal", tmp_path / "copy.db"
    async with bench.inline(folder) as journal:
        record = await bench.opened(journal)
        await journal.checkpoint()
        shutil.copy(folder / "journal.db", copy)
        await bench.opened(journal)
    shutil.copy(copy, folder / "journal.db")
    async with bench.inline(folder) as journal:
        assert journal.restored
        shared = await journal.get(record.key)
        assert shared is not None
        assert shared.shared


async def test_what_was_credited_after_the_copy_is_not_credited_again_without_a_manager(
    tmp_path: Path, bench: Bench
) -> None:
    folder, copy = tmp_path / "journal", tmp_path / "copy.db"
    async with bench.inline(folder) as journal:
        kept = bench.draft()
        known = await bench.opened(journal, kept)
        await journal.checkpoint()
        shutil.copy(folder / "journal.db", copy)
        lost = bench.draft()
        await bench.opened(journal, lost)
    shutil.copy(copy, folder / "journal.db")
    async with bench.inline(folder) as journal:
        with pytest.raises(ApprovalRequired):
            await bench.open(journal, lost)
        again = await bench.open(journal, kept)
        assert again.decision.record.key == known.key
        assert (await bench.open(journal, dated(bench, 2))).fresh
    async with bench.inline(folder) as journal:
        assert not journal.restored
        with pytest.raises(ApprovalRequired):
            await bench.open(journal, lost)


def dated(bench: Bench, days: int) -> Draft:
    """A credit of so many business days later."""
    draft = bench.draft()
    request = draft.record.request
    later = request.pos.business_date + timedelta(days=days)
    request = replace(request, pos=replace(request.pos, business_date=later))
    return replace(draft, record=replace(draft.record, request=request))


async def test_another_seal_key_is_refused_at_the_door(tmp_path: Path, bench: Bench) -> None:
    async with bench.inline(tmp_path) as journal:
        record = await bench.opened(journal)
    with pytest.raises(JournalDamaged, match="seal"):
        open_inline(
            tmp_path,
            seal_key=bytes(32),
            machine=b"machine",
            clock_ms=bench.clock_ms,
            chance=bench.chance,
        )
    async with bench.inline(tmp_path) as journal:
        assert await journal.get(record.key) == record
        assert not journal.restored


def test_two_journals_have_two_ids(tmp_path: Path, bench: Bench) -> None:
    first, second = bench.inline(tmp_path / "a"), bench.inline(tmp_path / "b")
    assert first.journal_id != second.journal_id
    first.close()
    second.close()


async def test_paper_that_waited_in_a_copy_is_a_persons_to_print(
    tmp_path: Path, bench: Bench
) -> None:
    """It may have come out since the copy, or the credit may have been taken back."""
    async with bench.inline(tmp_path) as journal:
        record = await bench.opened(journal)
        await bench.advance(journal, record, Answered(Unsent("connect")))
        queued = await bench.advance(journal, record, BudgetEnded())
        assert queued.paper is Paper.QUEUED
    async with bench.inline(tmp_path, machine=b"another") as journal:
        found = await journal.get(record.key)
        assert found is not None
        assert (found.paper, found.manager) == (Paper.FAILED, ManagerReason.PAPER_FAILED)
        (job,) = await journal.prints(record.key)
        assert (job.state, job.proof) == (Paper.FAILED, "restored")
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound
