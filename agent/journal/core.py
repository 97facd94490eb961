# SPDX-License-Identifier: Apache-2.0
"""The synchronous core: batches of operations, one transaction each, over one connection.

    BEGIN IMMEDIATE; operation...; COMMIT

An operation that raises loses its own rows and nobody else's: one that has written nothing by
then is passed over, and where one has, the batch is undone and run once more with a savepoint
around each. So an operation may run twice, and must do nothing but read, decide and write. A
commit that fails is everybody's fault of that batch: nothing of it is acknowledged. After a
failed fsync or read the connection is broken for good: what the file holds is only known after
opening it anew (a later fsync may say "done" about pages that the first one lost).

A commit that finds no room, or whose write fails otherwise, is undone by SQLite and may be tried
again: the ballast is given up, the log moved into the file so that its own room is free again, and
the batch runs once more without what would begin a credit.

The aiosqlite shell and the thread-free twin both run this; it knows of neither.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.domain.faults import CannotJournal, Fault, JournalDamaged
from agent.journal.anchors import EVERY, AnchorFile
from agent.journal.chain import head_of
from agent.journal.damage import is_damage
from agent.journal.schema import set_checkpoints
from agent.journal.store import Operation, Store

_OWN_FAULTS: Final = (
    Fault,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What an operation, or the decision in it, raises for its own caller alone."""
_OWN_SQL: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
)
"""SQLite undoes only the statement after these; after any other the whole batch is undone."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one operation of a batch ended: a value, or what is raised to its caller."""

    value: object
    fault: BaseException | None = None


class Core:
    """Runs batches. One thread at a time; `before_commit` may raise in the place of a commit."""

    def __init__(
        self,
        store: Store,
        anchors: AnchorFile | None = None,
        before_commit: Callable[[], None] | None = None,
    ) -> None:
        self.store = store
        self.broken = False
        self.tell_damage: Callable[[str], None] = _nobody
        """Where the file is damaged, so that the next start salvages it."""
        self.anchor_fault: OSError | None = None
        """Why the last anchor could not be written; the journal itself goes on."""
        self._anchors = anchors
        self._before_commit = before_commit
        self._anchored = 0

    def run(self, operations: Sequence[Operation[object]]) -> list[Result]:
        """One result for each operation, in order, and all on disk when it returns."""
        if self.broken:
            return [Result(None, CannotJournal(why="broken")) for _ in operations]
        if self.store.room.short is not None:
            self.store.room.keep_again(self.store.clock_ms())
        try:
            results = self._transact_in_any_room(operations)
        except sqlite3.Error as error:
            return self._failed(error, len(operations))
        except BaseException:
            self._undo()
            raise
        self._anchor_sometimes()
        return results

    def _transact_in_any_room(self, operations: Sequence[Operation[object]]) -> list[Result]:
        try:
            return self._transact(operations)
        except sqlite3.Error as error:
            given = is_want_of_room(error) and self.store.room.give(
                name_of(error), self.store.clock_ms()
            )
            if not given:
                raise
            self._undo()
            self._begin_the_log_anew()
        return self._transact(operations)

    def _begin_the_log_anew(self) -> None:
        """Where the log can be moved into the file, its own blocks are room for what follows."""
        try:
            self.store.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            if not is_want_of_room(error):
                raise

    def _transact(self, operations: Sequence[Operation[object]]) -> list[Result]:
        connection = self.store.connection
        connection.execute("BEGIN IMMEDIATE")
        results = self._together(operations)
        if results is None:
            self._undo()
            connection.execute("BEGIN IMMEDIATE")
            results = [self._apart(operation) for operation in operations]
        if self._before_commit is not None:
            self._before_commit()
        connection.execute("COMMIT")
        return results

    def _together(self, operations: Sequence[Operation[object]]) -> list[Result] | None:
        """One after the other; None where one failed with something written, and all must be
        undone. A savepoint would tell its rows from its neighbours', but SQLite then copies each
        page before it is changed, which takes as long as all the rest of an operation."""
        results = []
        for operation in operations:
            written = self.store.connection.total_changes
            result = self._result(operation)
            if result.fault is not None and self.store.connection.total_changes != written:
                return None
            results.append(result)
        return results

    def _apart(self, operation: Operation[object]) -> Result:
        connection = self.store.connection
        connection.execute("SAVEPOINT one")
        result = self._result(operation)
        if result.fault is not None:
            self.store.known.forget()
            connection.execute("ROLLBACK TO one")
        connection.execute("RELEASE one")
        return result

    def _result(self, operation: Operation[object]) -> Result:
        try:
            return Result(operation(self.store))
        except _OWN_FAULTS as fault:
            self.watch(fault)
            return Result(None, fault)
        except _OWN_SQL as error:
            return Result(None, cannot("refused-by-the-tables", error))

    def _failed(self, error: sqlite3.Error, count: int) -> list[Result]:
        """Nothing of the batch stands; each caller gets a fault of its own."""
        if is_disk_fault(error):
            self.broken = True
        self.watch(error)
        self._undo()
        return [Result(None, cannot(name_of(error), error)) for _ in range(count)]

    def watch(self, fault: BaseException) -> None:
        """A page or a row that is not what it was: nothing more is written on top of it, and the
        next start salvages what can be read."""
        if isinstance(fault, JournalDamaged):
            where = str(fault.values["where"])
        elif isinstance(fault, sqlite3.Error) and is_damage(fault):
            where = "file"
        else:
            return
        self.broken = True
        with contextlib.suppress(OSError):  # the daemon ends all the same
            self.tell_damage(where)

    def _undo(self) -> None:
        self.store.known.forget()
        try:
            if self.store.connection.in_transaction:
                self.store.connection.execute("ROLLBACK")
        except sqlite3.Error:
            self.broken = True

    def _anchor_sometimes(self) -> None:
        if self._anchors is not None and head_of(self.store)[0] >= self._anchored + EVERY:
            self.anchor()

    def anchor(self) -> None:
        """Writes the head to the anchor file, outside of any transaction.

        A fault of that file is remembered and shown, and stops nothing: the commit stands.
        """
        if self._anchors is None:
            return
        seq, hash_ = head_of(self.store)
        try:
            self._anchors.append(seq, hash_, self.store.clock_ms())
        except OSError as error:
            self.anchor_fault = error
        else:
            self.anchor_fault = None
        self._anchored = seq

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file and empties it; readers may delay that."""
        if self.broken:
            raise sqlite3.OperationalError("the disk failed before")
        set_checkpoints(self.store.connection)
        try:
            self.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            self.broken = is_disk_fault(error)
            raise

    def close(self) -> None:
        """A last anchor, an empty log, a closed file. A broken one is only closed: who reads
        must close after it, for the last to close would sync the log again.

        Where the log cannot be emptied now, the next opening reads it: nothing is lost.
        """
        try:
            if not self.broken:
                self.anchor()
                self.checkpoint()
        except sqlite3.Error:
            self.broken = True
        finally:
            self.store.connection.close()


def _nobody(where: str) -> None:
    del where


def cannot(why: str, cause: sqlite3.Error) -> CannotJournal:
    """A fault of a caller's own, chained to what SQLite said."""
    fault = CannotJournal(why=why)
    fault.__cause__ = cause
    return fault


def is_disk_fault(error: sqlite3.Error) -> bool:
    """Whether an fsync or a read of the disk itself failed (SQLITE_IOERR and its kin)."""
    failed = primary_code(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT)
    return failed and not is_want_of_room(error)


def is_want_of_room(error: sqlite3.Error) -> bool:
    """Whether something could not be written, and nothing was claimed about what had been.

    ENOSPC is SQLITE_FULL; a quota, a file's greatest size (EFBIG; Python ignores SIGXFSZ), a disk
    that has become read-only and a refused write are SQLITE_IOERR_WRITE; no room for the map of
    the log is SQLITE_IOERR_SHMSIZE.
    """
    return _code(error) in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    )


def primary_code(error: sqlite3.Error) -> int:
    return _code(error) & 0xFF


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", 0)
    return code if isinstance(code, int) else 0


def name_of(error: sqlite3.Error) -> str:
    """A short word for `why`: disk-full, busy, read-only, disk, or other."""
    return {
        sqlite3.SQLITE_FULL: "disk-full",
        sqlite3.SQLITE_BUSY: "busy",
        sqlite3.SQLITE_READONLY: "read-only",
        sqlite3.SQLITE_IOERR: "disk",
        sqlite3.SQLITE_CORRUPT: "damaged",
    }.get(primary_code(error), "other")
