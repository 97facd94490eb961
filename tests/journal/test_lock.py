# SPDX-License-Identifier: Apache-2.0
"""One daemon for one journal, and what a killed one leaves: real processes on one folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from agent.domain.faults import JournalLocked
from agent.domain.idempotency import IdempotencyKey
from agent.journal import reading, verify_journal
from agent.journal.lock import FolderLock
from tests.journal.building import SEAL_KEY, Bench

INDEX_IN_USE: Final = 128
FILE_IN_USE: Final = 0x40000002
"""The bytes that every connection holds a shared lock on (SQLite, os_unix.c and os.h)."""
TAKE: Final = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(sys.argv[2]))
    except BlockingIOError:
        sys.exit(1)
"""


def child(folder: Path, seed: int) -> subprocess.Popen[str]:
    """A process that opens credits without end, and says each key once it was acknowledged."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.journal.crashing", str(folder), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def acknowledged(process: subprocess.Popen[str], many: int) -> list[str]:
    """Kills the process without warning once it said `many` keys; every key that it said."""
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(many)]
    os.kill(process.pid, signal.SIGKILL)
    said.extend(process.stdout.readlines())
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return [line.strip() for line in said if line.endswith("\n")]


@pytest.mark.slow
def test_a_second_process_is_refused_by_name_of_the_first(tmp_path: Path) -> None:
    process = child(tmp_path, 1)
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        with pytest.raises(JournalLocked) as caught:
            Bench().inline(tmp_path)
        assert caught.value.values == {"folder": str(tmp_path), "pid": process.pid}
        other = child(tmp_path, 2)
        assert other.stdout is not None
        assert other.stdout.read() == "journal-locked\n"
        other.stdout.close()
        assert other.wait() == 75
    finally:
        assert acknowledged(process, 1)
    Bench().inline(tmp_path).close()


@pytest.mark.slow
def test_a_killed_writer_loses_no_acknowledged_credit(tmp_path: Path) -> None:
    known: list[str] = []
    for cycle in range(5):
        known.extend(acknowledged(child(tmp_path, 10 + cycle), 30 + 17 * cycle))
        journal = Bench().inline(tmp_path)
        for key in known:
            assert reading.get(journal.core.store, IdempotencyKey(key)) is not None
        journal.close()
        assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound
    assert len(known) == len(set(known)) > 300


def test_nobody_outside_can_take_the_index_from_a_journal_that_was_opened_after_a_kill(
    tmp_path: Path,
) -> None:
    """A file of SQLite's that is read beside it and closed takes every lock of ours away, and
    then whoever looks at the journal from outside empties its index under the agent: SIGBUS."""
    acknowledged(child(tmp_path, 1), 5)
    assert (tmp_path / "journal.db-wal").stat().st_size
    journal = Bench().inline(tmp_path)
    try:
        for file, byte in (("journal.db-shm", INDEX_IN_USE), ("journal.db", FILE_IN_USE)):
            taken = subprocess.run(
                [sys.executable, "-c", TAKE, str(tmp_path / file), str(byte)], check=False
            )
            assert taken.returncode == 1, file
    finally:
        journal.close()


def test_a_lock_is_free_again_once_it_is_released(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(JournalLocked) as caught:
        FolderLock(tmp_path)
    assert caught.value.values["pid"] == os.getpid()
    lock.release()
    lock.release()
    FolderLock(tmp_path).release()
