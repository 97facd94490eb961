# SPDX-License-Identifier: Apache-2.0
"""Puts every row that can still be read into a new file, whatever it is worth.

Pages that the damaged file's own schema leads to belong to that table. An intact page that
nothing leads to any more is known by the shape of its rows. Nothing is judged here; that is for
`agent.journal.salvage_mend`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from agent.journal.pages import INDEX_INSIDE, INDEX_LEAF, TABLE_LEAF, Broken, Cell, Found, Pages

COUNTERS: Final = frozenset({"limits", "minutes"})
"""Made anew from the records, never taken over."""
_KEY: Final = re.compile(r"[0-9A-Z]{1,6}-[0-9A-Z]{1,6}-[0-9]{13}-[0-9A-HJKMNP-TV-Z]{8}")
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "INTEGER": int,
    "TEXT": str,
    "BLOB": bytes,
    "ANY": (int, str, bytes),
}
_META: Final = frozenset({"journal", "machine", "seal", "created_ms", "confirmed", "lifted"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the new file. `types`, `needed`: of each column; `numbered`: its first column
    is the row's own number."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    needed: tuple[bool, ...]
    numbered: bool
    has_rowid: bool

    def row(self, found: Found) -> tuple[Cell, ...] | None:
        """The row with every column of today, or None where it cannot be one of this table."""
        values = found.values
        if (found.rowid is None) == self.has_rowid or not 0 < len(values) <= len(self.columns):
            return None
        if self.numbered:
            if values[0] is not None:
                return None
            values = (found.rowid, *values[1:])
        values += (None,) * (len(self.columns) - len(values))
        for value, kind, needed in zip(values, self.types, self.needed, strict=True):
            if value is None:
                if needed:
                    return None
            elif not isinstance(value, _TYPES[kind]):
                return None
        return values


@dataclass(slots=True)
class Gathered:
    """`rows`: taken over, by table; `refused`: read, and no row of that table; `bad_pages`: of no
    use; `hints`: what the indexes still say of records that are gone, by number; `top`: the
    highest number that any index or row names; `indexed`: the records' own indexes were found."""

    rows: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    bad_pages: int = 0
    broken_cells: int = 0
    hints: dict[int, dict[str, Cell]] = field(default_factory=dict)
    top: int = 0
    indexed: bool = False


def gather(pages: Pages, target: sqlite3.Connection) -> Gathered:
    """Reads `pages` into the empty tables of `target`, within its transaction."""
    tables = tables_of(target)
    schema = _Schema(pages)
    found = Gathered()
    used: set[int] = set(schema.pages)
    for (kind, name), root in schema.roots.items():
        table = tables.get(name) if kind == "table" else None
        for number, page in pages.tree(root):
            used.add(number)
            if table is not None and name not in COUNTERS:
                found.broken_cells += page.broken
                _insert(target, table, page.rows, found)
    for number in range(1, pages.count + 1):
        if number not in used:
            _orphan(pages, number, tables, target, found)
    for name, columns in _HINTS.items():
        root = schema.roots.get(("index", name), 0)
        found.indexed = found.indexed or bool(root)
        for _, page in pages.tree(root):
            _hear(page.rows, columns, target, found)
    top = target.execute("SELECT max(id) FROM credits").fetchone()[0]
    found.top = max(found.top, top or 0)
    return found


def tables_of(connection: sqlite3.Connection) -> dict[str, Table]:
    """The tables of a file, by name."""
    found = {}
    for name, sql in connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
        has_rowid = "WITHOUT ROWID" not in sql
        first = columns[0]
        numbered = has_rowid and first["type"] == "INTEGER" and first["pk"] == 1
        found[name] = Table(
            name,
            tuple(each["name"] for each in columns),
            tuple(each["type"] for each in columns),
            tuple(bool(each["notnull"] or each["pk"]) for each in columns),
            numbered,
            has_rowid,
        )
    return found


class _Schema:
    """Where the damaged file says that its trees begin; as much of it as can be read."""

    def __init__(self, pages: Pages) -> None:
        self.roots: dict[tuple[str, str], int] = {}
        self.pages: set[int] = {1}
        for number, page in pages.tree(1):
            self.pages.add(number)
            for row in page.rows:
                match row.values:
                    case [str(kind), str(name), str(), int(root), *_] if kind in ("table", "index"):
                        self.roots[kind, name] = root


def _insert(
    target: sqlite3.Connection, table: Table, rows: Sequence[Found], found: Gathered
) -> None:
    marks = ", ".join("?" * len(table.columns))
    sql = f"INSERT OR IGNORE INTO {table.name} VALUES ({marks})"  # noqa: S608
    for each in rows:
        values = table.row(each)
        taken = 0
        if values is not None:
            try:
                taken = target.execute(sql, values).rowcount
            except sqlite3.IntegrityError:
                taken = 0
        if taken == 1:
            found.rows[table.name] = found.rows.get(table.name, 0) + 1
        else:
            found.refused += 1


_HINTS: Final[dict[str, tuple[str, ...]]] = {
    "sqlite_autoindex_credits_1": ("key",),
    "credits_state": ("state",),
    "credits_alike": ("store", "register", "currency", "amount_minor", "opened_ms"),
}
"""What an index of the records remembers of each, before its number."""


def _hear(
    rows: Sequence[Found], columns: Sequence[str], target: sqlite3.Connection, found: Gathered
) -> None:
    """What a page of an index says about records whose rows are gone."""
    for row in rows:
        *said, number = row.values
        if not isinstance(number, int) or len(said) != len(columns):
            continue
        found.top = max(found.top, number)
        if target.execute("SELECT 1 FROM credits WHERE id = ?", (number,)).fetchone() is None:
            found.hints.setdefault(number, {}).update(zip(columns, said, strict=True))


def _orphan(
    pages: Pages,
    number: int,
    tables: dict[str, Table],
    target: sqlite3.Connection,
    found: Gathered,
) -> None:
    """A page that nothing leads to: a leaf, known by its rows, or of no use."""
    try:
        page = pages.read(number)
    except Broken:
        found.bad_pages += any(pages.raw(number))
        return
    if page.kind not in (TABLE_LEAF, INDEX_LEAF, INDEX_INSIDE) or not page.rows:
        return
    for table in tables.values():
        if table.name not in COUNTERS and all(_is_of(table, row) for row in page.rows):
            _insert(target, table, page.rows, found)
            return


def _is_of(table: Table, row: Found) -> bool:
    """Whether a row can only be of this table, and of no index either."""
    values = table.row(row)
    if values is None:
        return False
    said = dict(zip(table.columns, values, strict=True))
    key = said.get("key")
    if key is not None and not is_key(key):
        return False
    match table.name:
        case "meta":
            return said["name"] in _META
        case "aliases" | "lost_aliases":
            return isinstance(said["alias"], bytes) and len(said["alias"]) == 32
        case "managers":
            return len(str(said["pin_hash"])) > 20
        case "sequences":
            return len(row.values) == len(table.columns)
        case "approvals":
            return isinstance(said["body_digest"], bytes)
        case _:
            return len(row.values) > 2


def is_key(value: object) -> bool:
    """Whether this may be the key of a record."""
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
