# SPDX-License-Identifier: Apache-2.0
"""A journal remembers which platform its credits went to."""

from __future__ import annotations

from pathlib import Path

from agent.domain.event import Answered, BudgetEnded
from agent.domain.outcome import Confirmed, Unanswered
from agent.journal.whose import Elsewhere
from tests.journal.building import Bench, card_of

OLD, NEW = "rest old.example", "rest new.example"


async def test_what_may_stand_on_one_platform_keeps_the_journal_there(
    tmp_path: Path, bench: Bench
) -> None:
    async with bench.inline(tmp_path) as journal:
        assert await journal.belongs_to(OLD) is None
        record = await bench.opened(journal)
        await bench.advance(journal, record, Answered(Unanswered("timeout")))
        assert await journal.belongs_to(OLD) is None
        assert await journal.belongs_to(NEW) == Elsewhere(OLD, 1)
    async with bench.inline(tmp_path) as journal:
        assert await journal.belongs_to(NEW) == Elsewhere(OLD, 1)
        assert await journal.belongs_to(OLD) is None
        await bench.advance(journal, record, Answered(Confirmed(card_of(record))))
        assert await journal.belongs_to(NEW) is None
        assert await journal.belongs_to(OLD) is None


async def test_paper_that_is_out_counts_though_nothing_was_sent(
    tmp_path: Path, bench: Bench
) -> None:
    async with bench.inline(tmp_path) as journal:
        await journal.belongs_to(OLD)
        record = await bench.opened(journal)
        await bench.advance(journal, record, BudgetEnded())
        assert await journal.belongs_to(NEW) == Elsewhere(OLD, 1)


async def test_the_same_platform_may_be_called_otherwise(tmp_path: Path, bench: Bench) -> None:
    async with bench.inline(tmp_path) as journal:
        await journal.belongs_to(OLD)
        record = await bench.opened(journal)
        await bench.advance(journal, record, Answered(Unanswered("timeout")))
        assert await journal.belongs_to(NEW, "rest third.example") == Elsewhere(OLD, 1)
        assert await journal.belongs_to(NEW, OLD) is None
        assert await journal.belongs_to(NEW) is None
        assert await journal.belongs_to(OLD) == Elsewhere(NEW, 1)


async def test_an_older_journal_takes_the_platform_that_it_is_started_with(
    tmp_path: Path, bench: Bench
) -> None:
    async with bench.inline(tmp_path) as journal:
        record = await bench.opened(journal)
        await bench.advance(journal, record, Answered(Unanswered("timeout")))
        assert await journal.belongs_to(NEW) is None
