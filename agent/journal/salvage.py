# SPDX-License-Identifier: Apache-2.0
"""Makes a journal that can be used out of one that is damaged, before the daemon goes on.

    1. the damaged file and its log are kept whole under a name of their own, for ever;
    2. every row that can still be read goes into a new file, and is mended there;
    3. what could not be read is listed for a person, without secrets;
    4. the new file takes the journal's place, and its chain goes on in a new segment.

A crash in between begins again from the file that was set aside, for the note beside the journal
(`agent.journal.damage`) goes last.
"""

from __future__ import annotations

import json
import mmap
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.domain.faults import JournalDamaged
from agent.journal.anchors import Anchor, AnchorFile
from agent.journal.chain import head
from agent.journal.damage import (
    DAMAGED_NAME,
    Salvaged,
    forget_damage,
    free_name,
    keep_salvaged,
    noted_damage,
    write_note,
)
from agent.journal.origin import CHECK, PURPOSE
from agent.journal.pages import Pages
from agent.journal.salvage_mend import Mended, key_fits, mend
from agent.journal.salvage_rows import Gathered, gather
from agent.journal.schema import connect, prepare
from agent.journal.seal import sync_folder
from agent.journal.store import Store
from agent.journal.wal import HEADER_SIZE, Log, read_log

PARTIAL_NAME: Final = "journal.salvaging.db"
_LOGS: Final = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Salvaging:
    """`path`: the journal's; `mark`: hash of this machine; `anchors`: as they were read."""

    path: Path
    mark: str
    anchors: Sequence[Anchor]
    file: AnchorFile
    migrations: Sequence[str]


def salvage(job: Salvaging, store_over: Store) -> Salvaged | None:
    """`store_over`: seal, clock and chance; its connection is not used.

    Returns None where the last salvage had only to be finished. Raises `JournalDamaged` where
    the seal key is not this journal's: nothing is taken out of place then.
    """
    folder = job.path.parent
    note = noted_damage(folder) or {"where": "unknown"}
    if "aside" in note and _made_from(job.path, note["aside"]):
        forget_damage(folder)
        return None
    if "aside" not in note:
        note |= {"aside": _set_aside(job.path).name}
        write_note(folder / DAMAGED_NAME, note)
    aside = folder / note["aside"]
    partial = folder / PARTIAL_NAME
    _remove(partial)
    with closing(connect(partial)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        prepare(connection, None, job.migrations)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA secure_delete = OFF")
        store = Store(connection, store_over.seal, store_over.clock_ms, store_over.chance)
        found, mended, newest = _build(job, store, aside)
        lost = _list_lost(connection, aside)
    _sync(partial)
    report = Salvaged(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        where=note["where"],
        aside=aside.name,
        lost=lost.name,
        credits=mended.credits,
        credits_lost=mended.credits_lost,
        doubts=mended.doubts,
        events=mended.events,
        events_lost=mended.events_lost,
        rows={**found.rows, "bad pages": found.bad_pages, "bad rows": found.broken_cells},
    )
    keep_salvaged(folder, report)
    _remove(job.path, logs_alone=True)
    partial.replace(job.path)
    sync_folder(folder)
    with suppress(OSError):  # the journal stands; the next anchor names this segment as well
        job.file.append(*newest, store.clock_ms())
    forget_damage(folder)
    return report


def _build(job: Salvaging, store: Store, aside: Path) -> tuple[Gathered, Mended, tuple[int, bytes]]:
    sql = store.connection
    log = _log_of(aside)
    with _mapped(aside) as file:
        sql.execute("BEGIN IMMEDIATE")
        found = gather(Pages(file, log), sql)
    new_id = _make_ours(job, store)
    last = job.anchors[-1] if job.anchors else None
    cut = log.headless or bool(log.skipped)
    mended = mend(store, found, aside.name, last, new_id=new_id, cut=cut)
    sql.execute("INSERT OR REPLACE INTO meta VALUES ('salvaged', ?)", (aside.name,))
    sql.execute("COMMIT")
    (said,) = sql.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok" or sql.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise JournalDamaged(where="salvage")
    return found, mended, head(sql)


def _make_ours(job: Salvaging, store: Store) -> bool:
    """The few words that every journal has. Returns whether its own id was lost."""
    sql = store.connection
    said = dict(sql.execute("SELECT name, value FROM meta").fetchall())
    sealed = said.get("seal")
    opened = False
    if isinstance(sealed, bytes):
        with suppress(JournalDamaged):
            opened = store.seal.open(PURPOSE, sealed) == CHECK
    if not opened and not key_fits(store):
        raise JournalDamaged(where=PURPOSE)
    words: dict[str, object] = {
        "journal": said.get("journal") or store.random_bytes(16).hex(),
        "machine": said.get("machine") or job.mark,
        "seal": sealed if opened else store.seal.close(PURPOSE, CHECK),
        "created_ms": said.get("created_ms") or store.clock_ms(),
    }
    sql.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", words.items())
    return "journal" not in said


def _set_aside(path: Path) -> Path:
    """The same bytes under a second name, that nothing is ever written over."""
    folder = path.parent
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside = free_name(folder, f"{path.stem}-damaged-{stamp}", path.suffix)
    for tail in ("-wal", ""):
        source = path.with_name(path.name + tail)
        if source.exists():
            _second_name(source, aside.with_name(aside.name + tail))
    sync_folder(folder)
    return aside


def _second_name(source: Path, name: Path) -> None:
    """A link; where the file system has none, a copy."""
    try:
        os.link(source, name)
    except OSError:
        with open(source, "rb") as file, open(name, "xb") as copy:
            os.fchmod(copy.fileno(), 0o600)
            while block := file.read(1 << 20):
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())


def _log_of(aside: Path) -> Log:
    """The log beside the file; empty where there is none."""
    path = aside.with_name(f"{aside.name}-wal")
    if not path.exists() or path.stat().st_size <= HEADER_SIZE:
        return Log({})
    return read_log(path.read_bytes())


@contextmanager
def _mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    if path.stat().st_size == 0:
        yield b""
        return
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        yield seen


def _made_from(path: Path, aside: str) -> bool:
    """Whether the journal in place is already the one that was salvaged from `aside`."""
    try:
        with closing(connect(path)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = 'salvaged'").fetchone()
    except sqlite3.Error:
        return False
    return row is not None and row["value"] == aside


def _list_lost(sql: sqlite3.Connection, aside: Path) -> Path:
    """One line of JSON for each record that is lost, with what is still known of it."""
    path = aside.with_suffix(".lost.jsonl")
    with open(path, "w", encoding="utf-8", opener=_private) as file:
        for row in sql.execute("SELECT * FROM lost WHERE aside = ? ORDER BY key", (aside.name,)):
            known = {name: row[name] for name in row.keys() if name != "aside"}  # noqa: SIM118
            events = sql.execute(
                "SELECT seq, kind, at_ms, details FROM events WHERE key = ? ORDER BY seq",
                (row["key"],),
            )
            told = [{**dict(event), "details": json.loads(event["details"])} for event in events]
            names = sql.execute(
                "SELECT count(*) FROM lost_aliases WHERE key = ?", (row["key"],)
            ).fetchone()[0]
            file.write(json.dumps({**known, "names": names, "events": told}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _remove(path: Path, logs_alone: bool = False) -> None:
    for tail in _LOGS if logs_alone else ("", "-journal", *_LOGS):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
