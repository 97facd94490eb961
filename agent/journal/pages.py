# SPDX-License-Identifier: Apache-2.0
"""Reads rows out of the pages of a damaged SQLite file, without asking SQLite.

A page is judged by itself: whatever stands on an intact leaf is found, also where the page that
led to it is gone. The layout is that of https://sqlite.org/fileformat2.html. Changes nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from mmap import mmap
from typing import Final

from agent.journal.wal import Log

Cell = str | int | float | bytes | None

PAGE_SIZE: Final = 4096
"""Where the header cannot tell: what every journal of ours has."""
HEADER_SIZE: Final = 100
INDEX_INSIDE, TABLE_INSIDE, INDEX_LEAF, TABLE_LEAF = 2, 5, 10, 13
KINDS: Final = frozenset({INDEX_INSIDE, TABLE_INSIDE, INDEX_LEAF, TABLE_LEAF})
_INSIDE: Final = frozenset({INDEX_INSIDE, TABLE_INSIDE})
_ROW_MAX: Final = 16 * 1024 * 1024
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
COLUMNS_MAX: Final = 200


class Broken(ValueError):
    """This page, or this cell of it, is not what it should be."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row as it stands on a page; `rowid` is None in an index or a table without one."""

    rowid: int | None
    values: tuple[Cell, ...]


@dataclass(slots=True)
class Page:
    """A page of a tree: its rows, the pages below it, and how many cells could not be read."""

    kind: int
    rows: list[Found] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    broken: int = 0


class Pages:
    """A file with its write-ahead log laid over it. Numbers count from 1."""

    def __init__(self, file: bytes | mmap, log: Log | None = None) -> None:
        self._file = file
        self.size = _page_size(file)
        logged = {} if log is None else log.pages
        most = -(-len(file) // self.size) + len(logged)  # a file grows page by page
        self._log: Mapping[int, bytes] = {n: page for n, page in logged.items() if n <= most}
        reserved = file[20] if len(file) > 20 and file[:6] == b"SQLite" else 0
        self._usable = self.size - (reserved if reserved <= 32 else 0)
        self.count = max([-(-len(file) // self.size), *self._log])

    def raw(self, number: int) -> bytes:
        """The page's bytes; fewer where the file was cut short."""
        if number in self._log:
            return self._log[number]
        if number < 1:
            raise Broken("no page has this number")
        return self._file[(number - 1) * self.size : number * self.size]

    def read(self, number: int) -> Page:
        """Raises `Broken` for what is no page of a tree."""
        raw = self.raw(number)
        start = HEADER_SIZE if number == 1 else 0
        if len(raw) < self.size or raw[start] not in KINDS:
            raise Broken("not a page of a tree")
        page = Page(raw[start])
        cells = struct.unpack_from(">H", raw, start + 3)[0]
        inside = page.kind in _INSIDE
        pointers = start + (12 if inside else 8)
        if pointers + 2 * cells > self.size:
            raise Broken("more cells than there is room for")
        for at in struct.unpack_from(f">{cells}H", raw, pointers):
            try:
                self._cell(page, raw, at)
            except (Broken, IndexError, struct.error, UnicodeDecodeError):
                page.broken += 1
        if inside:
            page.below.append(struct.unpack_from(">I", raw, start + 8)[0])
        return page

    def _cell(self, page: Page, raw: bytes, at: int) -> None:
        if not 8 <= at < self.size:
            raise Broken("a cell outside of its page")
        if page.kind in _INSIDE:
            page.below.append(struct.unpack_from(">I", raw, at)[0])
            at += 4
        if page.kind == TABLE_INSIDE:
            return
        length, at = varint(raw, at)
        rowid = None
        if page.kind == TABLE_LEAF:
            rowid, at = varint(raw, at)
        payload = self._payload(raw, at, length, page.kind == TABLE_LEAF)
        page.rows.append(Found(rowid, record_of(payload)))

    def _payload(self, raw: bytes, at: int, length: int, in_table: bool) -> bytes:
        """The cell's bytes, followed over the pages that they run on to."""
        if length > _ROW_MAX:
            raise Broken("a row that is too long")
        usable = self._usable
        most = usable - 35 if in_table else (usable - 12) * 64 // 255 - 23
        if length <= most:
            if at + length > self.size:
                raise Broken("a row beyond its page")
            return raw[at : at + length]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        if local > most:
            local = least
        found = bytearray(raw[at : at + local])
        (following,) = struct.unpack_from(">I", raw, at + local)
        while len(found) < length:
            over = self.raw(following) if following else b""
            if len(over) < self.size:
                raise Broken("the rest of a row is gone")
            found += over[4 : 4 + min(usable - 4, length - len(found))]
            (following,) = struct.unpack_from(">I", over, 0)
        return bytes(found)

    def tree(self, root: int) -> Iterator[tuple[int, Page]]:
        """Every intact page below `root`, each once, itself first."""
        waiting, seen = [root], set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen or not 1 <= number <= self.count:
                continue
            seen.add(number)
            try:
                page = self.read(number)
            except Broken:
                continue
            waiting.extend(page.below)
            yield number, page


def _page_size(file: bytes | mmap) -> int:
    if file[:16] != b"SQLite format 3\0" or len(file) < HEADER_SIZE:
        return PAGE_SIZE
    (told,) = struct.unpack_from(">H", file, 16)
    size = 65_536 if told == 1 else int(told)
    return size if size >= 512 and size & (size - 1) == 0 else PAGE_SIZE


def varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and where it ends."""
    value = 0
    for _ in range(8):
        byte = raw[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    value = value << 8 | raw[at]
    return value - (1 << 64) if value >> 63 else value, at + 1


def record_of(payload: bytes) -> tuple[Cell, ...]:
    """The values of a row. Raises `Broken`, or what reading beyond the end raises."""
    head, at = varint(payload, 0)
    if not at <= head <= len(payload):
        raise Broken("a row without a head")
    sorts: list[int] = []
    while at < head:
        sort, at = varint(payload, at)
        sorts.append(sort)
    if at != head or len(sorts) > COLUMNS_MAX:
        raise Broken("a head that does not end")
    values: list[Cell] = []
    for sort in sorts:
        value, at = _value(payload, sort, at)
        values.append(value)
    if at != len(payload):
        raise Broken("a row of another length")
    return tuple(values)


def _value(payload: bytes, sort: int, at: int) -> tuple[Cell, int]:
    if sort == 0:
        return None, at
    if sort in (8, 9):
        return sort - 8, at
    if sort in _INTEGERS:
        size = _INTEGERS[sort]
        raw = _slice(payload, at, size)
        return int.from_bytes(raw, "big", signed=True), at + size
    if sort == 7:
        return struct.unpack(">d", _slice(payload, at, 8))[0], at + 8
    if sort < 12:
        raise Broken("a sort of value that does not exist")
    size = (sort - 12) // 2
    raw = _slice(payload, at, size)
    return (raw if sort % 2 == 0 else raw.decode()), at + size


def _slice(payload: bytes, at: int, size: int) -> bytes:
    raw = payload[at : at + size]
    if len(raw) != size:
        raise Broken("a value beyond its row")
    return raw
