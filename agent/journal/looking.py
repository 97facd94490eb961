# SPDX-License-Identifier: Apache-2.0
"""A quick look at a journal that is being opened: is it what it was when we left it?

Milliseconds, whatever its size: a till waits. Reading everything is `agent.journal.verify`, and
what neither sees now is met when a statement comes to the damaged page.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from agent.domain.faults import JournalDamaged
from agent.journal.anchors import Anchor
from agent.journal.damage import is_damage
from agent.journal.origin import PURPOSE
from agent.journal.schema import connect_reader

_TABLE: Final = re.compile(r"CREATE TABLE (\w+)")
_FOREIGN: Final = frozenset({"file", "not-a-journal"})
"""A file that may never have been ours: it is one where anchors lie beside it."""


def look_at_log(path: Path) -> None:
    """Raises `JournalDamaged` where the log is damaged, before anybody opens the file who could
    write: whoever writes empties such a log when he closes it.

    No connection to the file may be open in this process. A file that is read beside SQLite and
    closed again takes every lock of the process on it away (POSIX), and then the next one who
    looks at the journal from outside empties the index under us: a bus error, or worse. So the
    reader, who notes in the index how far the log is good, is closed before that is read.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log.exists():
        return
    from agent.journal.wal import is_damaged  # only after a kill, and a register is small

    with closing(connect_reader(path)) as reader:
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if is_damaged(log, path.with_name(f"{path.name}-shm"), path):
        raise JournalDamaged(where="log")


def look(
    connection: sqlite3.Connection,
    anchors: Sequence[Anchor],
    version: int,
    migrations: Sequence[str],
) -> None:
    """Before anything is written. Raises `JournalDamaged`, or what SQLite raises."""
    if version == 0:
        if anchors:
            raise JournalDamaged(where="empty")
        return
    stand = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
    wanted = {name for text in migrations[:version] for name in _TABLE.findall(text)}
    if not wanted <= stand:
        raise JournalDamaged(where="tables")
    for name in sorted(wanted):  # both ends of each, and so its root
        order = ", ".join(
            row["name"] for row in connection.execute(f"PRAGMA table_info({name})") if row["pk"]
        )
        for way in ("ASC", "DESC"):
            first, *rest = order.split(", ")
            turned = ", ".join(f"{each} {way}" for each in (first, *rest))
            connection.execute(f"SELECT * FROM {name} ORDER BY {turned} LIMIT 1").fetchone()  # noqa: S608


def damaged_where(error: Exception, anchors: Sequence[Anchor]) -> str | None:
    """Where a journal is damaged that can be salvaged; None for all else: another seal key,
    another program's file, a disk that does not answer."""
    if isinstance(error, sqlite3.Error):
        return "file" if is_damage(error) else None
    if not isinstance(error, JournalDamaged):
        return None
    where = str(error.values["where"])
    if where == PURPOSE or (where in _FOREIGN and not anchors):
        return None
    return where
