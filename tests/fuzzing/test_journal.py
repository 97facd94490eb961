# SPDX-License-Identifier: Apache-2.0
"""A journal whose bytes were touched says so, and its export tells no secret."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import pytest
from hypothesis import strategies as st

from agent.domain.faults import JournalDamaged
from agent.domain.record import CreditRecord
from agent.journal import export_journal, verify_journal
from agent.journal.folder import JOURNAL_NAME
from tests.convergence.loop import run
from tests.fuzzing.effort import fuzzed
from tests.fuzzing.strategies import texts
from tests.journal.building import SEAL_KEY, Bench

RECORDS: Final = 4
SEALED: Final = (("credits", "code_sealed"), ("effects", "sealed"), ("personal", "sealed"))
CHAINED: Final = ("kind", "at_ms", "source", "target", "revision", "details", "hash")


@dataclass
class Kept:
    """A journal in a folder, and what it was told."""

    folder: Path
    records: list[CreditRecord]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("journal")

    async def write() -> list[CreditRecord]:
        bench = Bench()
        async with bench.inline(folder) as journal:
            return [await bench.confirmed(journal) for _ in range(RECORDS)]

    return Kept(folder, run(write()))


@fuzzed(
    where=st.sampled_from(SEALED),
    row=st.integers(0, RECORDS - 1),
    place=st.integers(0, 4000),
    bit=st.integers(0, 7),
)
def test_a_touched_seal_does_not_open(
    kept: Kept, where: tuple[str, str], row: int, place: int, bit: int
) -> None:
    table, column = where
    with Touched(kept, f"SELECT key, {column} FROM {table} LIMIT 1 OFFSET {row}") as change:
        if change.found is None or change.found[column] is None:
            return
        sealed = bytearray(change.found[column])
        sealed[place % len(sealed)] ^= 1 << bit
        change.write(f"UPDATE {table} SET {column} = ? WHERE key = ?", bytes(sealed))
        assert not sound(kept)
    assert sound(kept)


@fuzzed(
    column=st.sampled_from(CHAINED),
    seq=st.integers(1, 2 * RECORDS + 1),
    text=texts,
    number=st.integers(),
)
def test_a_touched_event_breaks_the_chain(
    kept: Kept, column: str, seq: int, text: str, number: int
) -> None:
    with Touched(kept, f"SELECT seq AS key, * FROM events WHERE seq = {seq}") as change:
        assert change.found is not None
        old = change.found[column]
        clean = text.encode("utf-8", "replace").decode()
        new: object = number % 2**60 if column in ("at_ms", "revision") else clean
        new = clean.encode() if isinstance(old, bytes) else new
        if new == old:
            return
        change.write(f"UPDATE events SET {column} = ? WHERE seq = ?", new)
        assert not sound(kept)
    assert sound(kept)


def test_an_export_tells_every_record_and_no_secret(kept: Kept) -> None:
    lines = list(export_journal(kept.folder))
    told = [json.loads(line) for line in lines]
    assert len(told) > RECORDS
    for record in kept.records:
        assert record.code.reveal() not in "\n".join(lines)


def sound(kept: Kept) -> bool:
    try:
        return verify_journal(kept.folder, seal_key=SEAL_KEY).sound
    except JournalDamaged:
        return False


class Touched:
    """A change of the file behind the journal's back, undone afterwards."""

    def __init__(self, kept: Kept, select: str) -> None:
        self._path = kept.folder / JOURNAL_NAME
        self._before = self._path.read_bytes()
        with closing(self._connected()) as connection:
            row = connection.execute(select).fetchone()
        self.found: dict[str, Any] | None = None if row is None else dict(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._path.write_bytes(self._before)

    def write(self, update: str, value: object) -> None:
        assert self.found is not None
        with closing(self._connected()) as connection:
            connection.execute(update, (value, self.found["key"]))
            connection.commit()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        connection.row_factory = sqlite3.Row
        return connection
