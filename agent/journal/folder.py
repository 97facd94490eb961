# SPDX-License-Identifier: Apache-2.0
"""The journal's folder, and the doors into it: open, open inline, verify, export.

    journal.db (-wal, -shm)   the journal itself, mode 0600
    journal-v1.db             the copy kept before a migration from version 1
    anchors.jsonl             the chain's head, now and then
    lock                      held by the daemon, with its pid
    ballast                   room kept back for a full disk; holds nothing

Opening reads no table as a whole: it takes the same time with a million records.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.domain.faults import CannotJournal, JournalDamaged
from agent.journal import origin
from agent.journal.anchors import AnchorFile, Check, Sign, read_anchors
from agent.journal.ballast import Ballast
from agent.journal.core import Core, cannot, is_want_of_room, name_of
from agent.journal.damage import note_damage, noted_damage
from agent.journal.inline import InlineJournal
from agent.journal.lock import FolderLock
from agent.journal.looking import damaged_where, look, look_at_log
from agent.journal.lost import is_scarred
from agent.journal.schema import check_version, connect, connect_reader, prepare
from agent.journal.seal import Seal, make_folder
from agent.journal.store import Below, Store, random_bytes
from agent.journal.tables import MIGRATIONS
from agent.journal.writer import Committed, WrittenJournal, reading_store

if TYPE_CHECKING:
    from agent.journal.verify import Progress, Verdict

JOURNAL_NAME: Final = "journal.db"
_OF_THE_DISK: Final = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.EROFS: "read-only",
    errno.EIO: "disk",
}
"""What the `why` of `CannotJournal` is, where a file of the folder cannot be opened."""

BeforeCommit = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Opening:
    """What every journal is opened with.

    `seal_key`: 32 bytes; `machine`: bytes that no other machine has (only their hash is kept);
    `clock_ms`: UTC milliseconds; `chance`: where salts and nonces come from, cryptographic
    outside of simulations; `sign`: signs anchors; `before_commit`: raises in a commit's place.
    """

    seal_key: bytes
    machine: bytes
    clock_ms: Callable[[], int]
    chance: Below
    sign: Sign | None = None
    before_commit: BeforeCommit | None = None
    migrations: Sequence[str] = MIGRATIONS


async def open_journal(
    folder: Path,
    *,
    seal_key: bytes,
    machine: bytes,
    clock_ms: Callable[[], int],
    chance: Below,
    sign: Sign | None = None,
    before_commit: BeforeCommit | None = None,
    committed: Committed | None = None,
    migrations: Sequence[str] = MIGRATIONS,
    made_by: Callable[..., WrittenJournal] = WrittenJournal,
) -> WrittenJournal:
    """The daemon's journal, made where there is none. Opens on the caller's thread, before
    anything else runs: a migration may take its time. `made_by`: proofs give a journal that is
    watched.

    Raises `JournalLocked`, `JournalNewer`, `JournalDamaged`, `CannotJournal`.
    """
    given = Opening(seal_key, machine, clock_ms, chance, sign, before_commit, migrations)
    lock, core, restored = open_folder(folder, given)
    try:
        reader = reading_store(core.store, connect_reader(folder / JOURNAL_NAME))
    except BaseException:
        core.store.connection.close()
        lock.release()
        raise
    journal = made_by(core, reader, lock, restored, origin.journal_id(core.store), committed)
    await journal.start()
    return journal


def open_inline(
    folder: Path | None,
    *,
    seal_key: bytes,
    machine: bytes,
    clock_ms: Callable[[], int],
    chance: Below,
    sign: Sign | None = None,
    before_commit: BeforeCommit | None = None,
) -> InlineJournal:
    """The thread-free twin; without a folder it lives in memory and keeps no anchors."""
    given = Opening(seal_key, machine, clock_ms, chance, sign, before_commit)
    if folder is not None:
        lock, core, restored = open_folder(folder, given)
        return InlineJournal(core, lock, restored, origin.journal_id(core.store))
    connection = connect(None)
    prepare(connection, None)
    core = Core(_store(connection, given, Ballast()), None, before_commit)
    restored = _settle_in(core, given, None)
    return InlineJournal(core, None, restored, origin.journal_id(core.store))


def verify_journal(
    folder: Path,
    *,
    seal_key: bytes | None = None,
    check: Check | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Reads the whole journal beside whoever writes it. Without the key nothing is unsealed.

    Raises `JournalDamaged` where the file cannot even be read, `JournalNewer`.
    """
    from agent.journal.verify import verify  # the daemon never does

    anchors = read_anchors(folder)
    seal = None if seal_key is None else Seal(seal_key, os.urandom)
    try:
        with closing(_snapshot(folder)) as connection:
            return verify(connection, anchors, seal, check, progress)
    except sqlite3.DatabaseError as error:
        raise JournalDamaged(where="file") from error


def export_journal(folder: Path) -> Iterator[str]:
    """One line of JSON for each record and event, without secrets or personal data."""
    from agent.journal.upkeep import export_lines  # the daemon never does

    with closing(_snapshot(folder)) as connection:
        yield from export_lines(connection)


def open_folder(folder: Path, given: Opening) -> tuple[FolderLock, Core, bool]:
    """The lock, the core, and whether the journal was restored. All released where it raises.

    On a full disk the ballast is given up before the start is: what waits can then be settled.
    """
    lock: FolderLock | None = None
    room = Ballast(folder)
    try:
        make_folder(folder)
        lock = FolderLock(folder)
        try:
            return lock, *_open_whole(folder, given, room)
        except sqlite3.Error as error:
            if not is_want_of_room(error):
                raise
            room.give(name_of(error), given.clock_ms())
            return lock, *_open_whole(folder, given, room)
    except sqlite3.DatabaseError as error:
        _release(lock)
        raise cannot(name_of(error), error) from error
    except OSError as error:
        _release(lock)
        if error.errno not in _OF_THE_DISK:
            raise
        raise CannotJournal(why=_OF_THE_DISK[error.errno]) from error
    except BaseException:
        _release(lock)
        raise


def _open_whole(folder: Path, given: Opening, room: Ballast) -> tuple[Core, bool]:
    """Salvages first what was found damaged, then or now."""
    if noted_damage(folder) is not None:
        _salvage(folder, given)
    try:
        return _open_core(folder, given, room)
    except (sqlite3.Error, JournalDamaged) as error:
        where = damaged_where(error, read_anchors(folder))
        if where is None:
            raise
        note_damage(folder, where)
        _salvage(folder, given)
    return _open_core(folder, given, room)


def _salvage(folder: Path, given: Opening) -> None:
    from agent.journal.salvage import Salvaging, salvage  # rare, and a register is small

    job = Salvaging(
        folder / JOURNAL_NAME,
        origin.mark_of(given.machine),
        read_anchors(folder),
        AnchorFile(folder, given.sign),
        given.migrations,
    )
    with closing(connect(None)) as none:
        salvage(job, _store(none, given, Ballast()))


def _open_core(folder: Path, given: Opening, room: Ballast) -> tuple[Core, bool]:
    path = folder / JOURNAL_NAME
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    look_at_log(path)
    connection = connect(path)
    try:
        version = check_version(connection, given.migrations)
        look(connection, read_anchors(folder), version, given.migrations)
        prepare(connection, path, given.migrations)
        anchors = AnchorFile(folder, given.sign)
        store = _store(connection, given, room)
        core = Core(store, anchors, given.before_commit)
        restored = _settle_in(core, given, folder)
        core.tell_damage = lambda where: note_damage(folder, where)
        core.anchor()
    except BaseException:
        connection.close()
        raise
    if room.short is None:
        room.keep()
    return core, restored


def _settle_in(core: Core, given: Opening, folder: Path | None) -> bool:
    anchors = [] if folder is None else read_anchors(folder)
    last = anchors[-1] if anchors else None
    is_scarred(core.store)  # asked once, and known from then on
    (result,) = core.run([lambda store: origin.settle_in(store, given.machine, last)])
    if result.fault is not None:
        raise result.fault
    return bool(result.value)


def _store(connection: sqlite3.Connection, given: Opening, room: Ballast) -> Store:
    seal = Seal(given.seal_key, lambda count: random_bytes(given.chance, count))
    return Store(connection, seal, given.clock_ms, given.chance, room=room)


def _snapshot(folder: Path) -> sqlite3.Connection:
    """A reader that sees one moment until it is closed."""
    path = folder / JOURNAL_NAME
    if not path.exists():
        raise CannotJournal(why="no-journal")
    connection = connect_reader(path)
    try:
        check_version(connection)
        connection.execute("BEGIN")
    except BaseException:
        connection.close()
        raise
    return connection


def _release(lock: FolderLock | None) -> None:
    if lock is not None:
        lock.release()
