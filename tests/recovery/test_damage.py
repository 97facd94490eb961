# SPDX-License-Identifier: Apache-2.0
"""A damaged journal is served from, set aside and said to be damaged, and no credit is doubled."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.domain.faults import ApprovalRequired, JournalDamaged, RecordLost
from agent.journal import acknowledge, export_journal, note_damage, opening, salvaged
from agent.journal.damage import DAMAGED_NAME, noted_damage
from agent.journal.pages import Pages
from agent.journal.wal import read_log
from tests.recovery.damage import Way, attempt, log_ways, ways
from tests.recovery.drained import drain
from tests.recovery.sound import Ground, damage, trees

CREDITS = 40


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("ground") / "sound", CREDITS)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("killed") / "sound", CREDITS, in_log=True)


def some(every: Iterator[Way], count: int, seed: int) -> list[Way]:
    return random.Random(seed).sample(list(every), count)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_damaged_page_doubles_a_credit_or_hides_one(
    ground: Ground, tmp_path: Path, seed: int
) -> None:
    for way in some(ways(ground, seed), 12, seed):
        assert (way.name, attempt(ground, way, tmp_path / "try").wrong) == (way.name, [])


def test_no_damaged_log_takes_a_commit_in_silence(killed: Ground, tmp_path: Path) -> None:
    for way in some(log_ways(killed, 3), 8, 3):
        found = attempt(killed, way, tmp_path / "try")
        assert (way.name, found.wrong) == (way.name, [])
        assert found.counts["salvaged"] == 1


@pytest.mark.slow
def test_every_page_and_frame_may_be_damaged(
    ground: Ground, killed: Ground, tmp_path: Path
) -> None:
    wrong = [
        (way.name, sentence)
        for every, at in ((ways(ground, 4), ground), (log_ways(killed, 4), killed))
        for way in every
        for sentence in attempt(at, way, tmp_path / "try").wrong
    ]
    assert wrong == []


def test_after_a_salvage_the_platform_has_every_credit_once(tmp_path: Path) -> None:
    found = drain(tmp_path, 1, ("credits",))
    assert found.wrong == []
    assert found.credits >= 24


def test_a_lost_record_keeps_its_names_and_the_report_names_it(
    ground: Ground, tmp_path: Path
) -> None:
    folder = ground.copy(tmp_path / "journal")
    file = folder / "journal.db"
    below = [number for number, _ in Pages(file.read_bytes()).tree(trees(file)["credits"])][2]
    damage(file, below, "zeros")
    spoilt = file.read_bytes()
    note_damage(folder, "asked")
    journal = ground.bench.inline(folder)
    refused = []
    for told in ground.told:
        again = ground.again(told)
        (result,) = journal.core.run(
            [
                lambda store, again=again: opening.open_credit(  # type: ignore[misc]
                    store, again, ground.bench.admit(again), ground.bench.begin
                )
            ]
        )
        if result.fault is not None:
            assert isinstance(result.fault, RecordLost)
            refused.append(told.record.key.text)
    journal.close()
    report = salvaged(folder)
    assert report is not None
    assert report.credits_lost == len(refused) > 0
    assert report.credits == CREDITS - len(refused)
    lines = [json.loads(line) for line in (folder / report.lost).read_text().splitlines()]
    assert sorted(line["key"] for line in lines) == sorted(refused)
    amounts = {told.record.key.text: told.record.request.amount.minor for told in ground.told}
    assert all(line["amount_minor"] == amounts[line["key"]] for line in lines)
    assert (folder / report.aside).read_bytes() == spoilt
    assert noted_damage(folder) is None


def test_neither_the_list_nor_the_export_holds_a_code_or_a_person(
    ground: Ground, tmp_path: Path
) -> None:
    folder = ground.copy(tmp_path / "journal")
    note_damage(folder, "asked")
    ground.bench.inline(folder).close()
    report = salvaged(folder)
    assert report is not None
    said = (folder / report.lost).read_text() + "\n".join(export_journal(folder))
    assert "journal-salvaged" in said
    for told in ground.told:
        assert told.record.code.reveal() not in said
    assert "example.com" not in said


def test_what_may_be_lost_without_a_name_asks_a_manager_for_that_day(
    ground: Ground, tmp_path: Path
) -> None:
    folder = ground.copy(tmp_path / "journal")
    (folder / "journal.db").write_bytes(b"")
    journal = ground.bench.inline(folder)
    for told in ground.told[:3]:
        again = ground.again(told)
        (result,) = journal.core.run(
            [
                lambda store, again=again: opening.open_credit(  # type: ignore[misc]
                    store, again, ground.bench.admit(again), ground.bench.begin
                )
            ]
        )
        assert isinstance(result.fault, ApprovalRequired)
    journal.close()


def test_a_salvage_that_was_interrupted_begins_again_and_ends_the_same(
    ground: Ground, tmp_path: Path
) -> None:
    folder = ground.copy(tmp_path / "journal")
    note_damage(folder, "asked")
    ground.bench.inline(folder).close()
    report = salvaged(folder)
    assert report is not None
    (folder / DAMAGED_NAME).write_text(json.dumps({"where": "asked", "aside": report.aside}))
    stands = (folder / "journal.db").read_bytes()
    ground.bench.inline(folder).close()
    assert noted_damage(folder) is None
    assert len((folder / "journal.db").read_bytes()) == len(stands)
    asides = [path.name for path in folder.glob("journal-damaged-*.db")]
    assert asides == [report.aside]


def test_a_salvage_is_acknowledged_once_and_kept(ground: Ground, tmp_path: Path) -> None:
    folder = ground.copy(tmp_path / "journal")
    assert acknowledge(folder, "eva") is None
    note_damage(folder, "asked")
    ground.bench.inline(folder).close()
    kept = acknowledge(folder, "eva")
    assert kept is not None
    assert json.loads(kept.read_bytes())["acknowledged_by"] == "eva"
    assert salvaged(folder) is None


def test_another_seal_key_salvages_nothing(ground: Ground, tmp_path: Path) -> None:
    from agent.journal import open_inline

    folder = ground.copy(tmp_path / "journal")
    stands = (folder / "journal.db").read_bytes()
    with pytest.raises(JournalDamaged):
        open_inline(
            folder,
            seal_key=b"x" * 32,
            machine=b"machine",
            clock_ms=ground.bench.clock_ms,
            chance=ground.bench.chance,
        )
    assert (folder / "journal.db").read_bytes() == stands
    assert noted_damage(folder) is None
    ground.bench.inline(folder).close()
    assert salvaged(folder) is None


def test_rows_are_read_from_the_pages_as_sqlite_reads_them(killed: Ground) -> None:
    file = killed.folder / "journal.db"
    pages = Pages(file.read_bytes(), read_log((killed.folder / "journal.db-wal").read_bytes()))
    roots = {
        str(row.values[1]): int(str(row.values[3]))
        for _, page in pages.tree(1)
        for row in page.rows
        if row.values[0] == "table"
    }
    keys = {str(row.values[1]) for _, page in pages.tree(roots["credits"]) for row in page.rows}
    assert keys == {told.record.key.text for told in killed.told}
