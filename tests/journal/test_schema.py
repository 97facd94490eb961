# SPDX-License-Identifier: Apache-2.0
"""Older files become newer ones and keep a copy; newer ones are left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.domain.faults import JournalDamaged, JournalNewer
from agent.journal import verify_journal
from agent.journal.schema import connect, prepare
from agent.journal.tables import MIGRATIONS
from tests.journal.building import SEAL_KEY, Bench

NEXT = "ALTER TABLE credits ADD COLUMN of_version_two TEXT;\nCREATE TABLE two (x TEXT) STRICT;\n"
NOW = len(MIGRATIONS)
BROKEN = "CREATE TABLE two (x TEXT) STRICT;\nINSERT INTO no_such_table VALUES (1);\n"


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return found


def credits_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM credits ORDER BY id")]


def names_in(folder: Path, pattern: str) -> list[str]:
    return sorted(each.name for each in folder.glob(pattern))


async def filled(folder: Path) -> list[str]:
    bench = Bench()
    async with bench.inline(folder) as journal:
        return [(await bench.opened(journal)).key.text for _ in range(3)]


async def test_a_migration_keeps_a_copy_of_the_older_file(tmp_path: Path) -> None:
    keys = await filled(tmp_path)
    path = tmp_path / "journal.db"
    with closing(connect(path)) as connection:
        prepare(connection, path, (*MIGRATIONS, NEXT))
        assert connection.execute("SELECT count(*) FROM two").fetchone()[0] == 0
    copy = tmp_path / f"journal-v{NOW}.db"
    assert (version(path), version(copy)) == (NOW + 1, NOW)
    assert credits_in(path) == credits_in(copy) == keys
    assert copy.stat().st_mode & 0o777 == 0o600
    assert names_in(tmp_path, "*.partial") == []


async def test_a_column_of_a_later_version_does_not_break_the_chain(tmp_path: Path) -> None:
    await filled(tmp_path)
    path = tmp_path / "journal.db"
    with closing(connect(path)) as connection:
        prepare(connection, path, (*MIGRATIONS, NEXT))
        connection.execute(f"PRAGMA user_version = {NOW}")
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound


async def test_a_migration_that_fails_changes_nothing_and_may_be_tried_again(
    tmp_path: Path,
) -> None:
    keys = await filled(tmp_path)
    path = tmp_path / "journal.db"
    for _ in range(2):
        with closing(connect(path)) as connection, pytest.raises(sqlite3.OperationalError):
            prepare(connection, path, (*MIGRATIONS, BROKEN))
        assert version(path) == NOW
    with closing(connect(path)) as connection:
        prepare(connection, path, (*MIGRATIONS, NEXT))
    assert version(path) == NOW + 1
    names = names_in(tmp_path, f"journal-v{NOW}*.db")
    assert names == [f"journal-v{NOW}{which}.db" for which in ("-2", "-3", "")]
    assert all(credits_in(tmp_path / name) == keys for name in names)


async def test_a_newer_journal_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    await filled(tmp_path)
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9")
    before = path.read_bytes()
    with pytest.raises(JournalNewer) as caught:
        Bench().inline(tmp_path)
    assert caught.value.values == {"found": 9, "known": len(MIGRATIONS)}
    with pytest.raises(JournalNewer):
        verify_journal(tmp_path)
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {NOW}")
    Bench().inline(tmp_path).close()


def test_another_programs_database_is_not_taken_for_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(JournalDamaged):
        Bench().inline(tmp_path)
    assert path.read_bytes() == before


def test_every_table_is_strict_and_known_by_the_files_header() -> None:
    with closing(connect(None)) as connection:
        prepare(connection, None)
        rows = connection.execute(
            "SELECT name, strict FROM pragma_table_list "
            "WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        assert len(rows) == 22
        assert {row["strict"] for row in rows} == {1}
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        assert application.to_bytes(4, "big") == b"CMJL"
