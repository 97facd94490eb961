# SPDX-License-Identifier: Apache-2.0
"""On a full disk what was begun is ended, what is new is refused, and nobody has to restart."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from agent.decisions.answer import answer
from agent.domain.event import Answered
from agent.domain.faults import CannotJournal
from agent.domain.outcome import Confirmed
from agent.domain.record import Answer
from agent.journal import InlineJournal, open_inline, verify_journal
from agent.journal.ballast import AGAIN_MS, BALLAST_BYTES, Ballast
from tests.journal.building import SEAL_KEY, Bench, card_of


class FullDisk:
    """Refuses commits until the ballast is given up; then there is room for answers."""

    def __init__(self, folder: Path) -> None:
        self.ballast = folder / "ballast"
        self.full = False

    def before_commit(self) -> None:
        if self.full and self.ballast.stat().st_size:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error


def journal_on(bench: Bench, disk: FullDisk, folder: Path) -> InlineJournal:
    return open_inline(
        folder,
        seal_key=SEAL_KEY,
        machine=b"machine",
        clock_ms=bench.clock_ms,
        chance=bench.chance,
        before_commit=disk.before_commit,
    )


async def test_an_answer_finds_the_room_that_a_new_credit_does_not(tmp_path: Path) -> None:
    bench, disk = Bench(), FullDisk(tmp_path)
    async with journal_on(bench, disk, tmp_path) as journal:
        sent = await bench.opened(journal)
        disk.full = True
        settled = await bench.advance(journal, sent, Answered(Confirmed(card_of(sent))))
        assert answer(settled) is Answer.CONFIRMED
        with pytest.raises(CannotJournal, match="disk-full"):
            await bench.open(journal)
        with pytest.raises(CannotJournal, match="disk-full"):
            await journal.probe()
        assert (await journal.totals(None)).count == 0
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound


async def test_a_till_that_asks_again_is_answered_on_a_full_disk(tmp_path: Path) -> None:
    bench, disk = Bench(), FullDisk(tmp_path)
    async with journal_on(bench, disk, tmp_path) as journal:
        draft = bench.draft()
        known = await bench.opened(journal, draft)
        disk.full = True
        with pytest.raises(CannotJournal):
            await bench.open(journal)
        again = await bench.open(journal, draft)
        assert (again.decision.record.key, again.fresh) == (known.key, False)


async def test_new_credits_go_on_by_themselves_once_there_is_room(tmp_path: Path) -> None:
    bench, disk = Bench(), FullDisk(tmp_path)
    async with journal_on(bench, disk, tmp_path) as journal:
        disk.full = True
        with pytest.raises(CannotJournal):
            await bench.open(journal)
        disk.full = False
        with pytest.raises(CannotJournal):
            await bench.open(journal)  # the disk is asked once a second
        bench.now_ms += AGAIN_MS
        assert (await bench.open(journal)).fresh
        assert disk.ballast.stat().st_size == BALLAST_BYTES
        assert disk.ballast.stat().st_blocks * 512 >= BALLAST_BYTES


async def test_a_clock_that_is_set_back_does_not_keep_new_credits_out(tmp_path: Path) -> None:
    bench, disk = Bench(), FullDisk(tmp_path)
    async with journal_on(bench, disk, tmp_path) as journal:
        disk.full = True
        with pytest.raises(CannotJournal):
            await bench.open(journal)
        disk.full = False
        bench.now_ms -= 3_600_000
        assert (await bench.open(journal)).fresh


def test_a_ballast_that_cannot_be_made_whole_takes_no_room_at_all(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path, size=1 << 60)
    ballast.keep()
    assert ballast.short == "disk-full"
    assert (tmp_path / "ballast").stat().st_size == 0
    with pytest.raises(CannotJournal, match="disk-full"):
        ballast.require()


async def test_a_journal_in_memory_keeps_none() -> None:
    bench = Bench()
    async with bench.inline() as journal:
        assert not journal.core.store.room.give("disk-full", bench.now_ms)
        assert (await bench.open(journal)).fresh
