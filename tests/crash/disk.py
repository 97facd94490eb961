# SPDX-License-Identifier: Apache-2.0
"""What a disk holds, what it only seems to hold, and what is left of both after a power cut.

A file is an inode: what programs read (`data`), what an fsync has made sure of (`durable`), and
every write and truncation in between. A cut decides for each 512-byte sector that was touched
since then: the old bytes, any version that it had meanwhile, or the first bytes of one and the
rest of another (torn). Neighbours are decided apart, so writes are reordered; the size is decided
apart too. A folder is a list of names: what happened to them since its own fsync is kept up to a
point, in order, as a journalling file system keeps it; a file's fsync does not make its name
durable. Pure: no files, no clock, no chance but the one that is given.
"""

from __future__ import annotations

import random
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

SECTOR: Final = 512
_MOODS: Final = (0.0, 0.1, 0.5, 0.9, 1.0)
"""How likely a touched sector is to have reached the disk; each cut draws one."""
_TORN: Final = 0.15

_Edit = tuple[int, bytes | None]
"""A write at an offset; with None, the file was cut or grown to that size."""


@dataclass(eq=False)
class Inode:
    """A file or a folder. Folders have `names`, files have `data`."""

    number: int
    mode: int
    data: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    edits: list[_Edit] = field(default_factory=list)
    names: dict[str, Inode] = field(default_factory=dict)
    durable_names: dict[str, Inode] = field(default_factory=dict)
    renamings: list[dict[str, Inode | None]] = field(default_factory=list)
    """Changes of names since the folder's fsync, each whole or not at all."""

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    def write(self, offset: int, data: bytes) -> None:
        _put(self.data, offset, data)
        self.edits.append((offset, bytes(data)))

    def truncate(self, size: int) -> None:
        _resize(self.data, size)
        self.edits.append((size, None))

    def change(self, names: dict[str, Inode | None]) -> None:
        """Names come, go or move, all at once."""
        _rename(self.names, names)
        self.renamings.append(names)

    def sync(self) -> None:
        """What an fsync promises: of a file its bytes and size, of a folder its names."""
        if self.is_folder:
            self.durable_names = dict(self.names)
            self.renamings.clear()
            return
        for offset, data in self.edits:
            if data is None:
                _resize(self.durable, offset)
            else:
                _put(self.durable, offset, data)
        self.edits.clear()

    def lose(self, chance: random.Random, mood: float) -> None:
        """The power is gone: what is left becomes what there is."""
        if self.is_folder:
            kept = dict(self.durable_names)
            for names in self.renamings[: _how_many(chance, mood, len(self.renamings))]:
                _rename(kept, names)
            self.names, self.durable_names = kept, dict(kept)
            self.renamings.clear()
            return
        if self.edits:
            self.durable = self._left(chance, mood)
            self.edits.clear()
        self.data = bytearray(self.durable)

    def _left(self, chance: random.Random, mood: float) -> bytearray:
        sizes, versions = self._history()
        left = bytearray(self.durable)
        for number, seen in sorted(versions.items()):
            _put(left, number * SECTOR, _sector_left(seen, chance, mood))
        size = sizes[-1] if chance.random() < mood else chance.choice(sizes)
        _resize(left, size)
        return left

    def _history(self) -> tuple[list[int], dict[int, list[bytes]]]:
        """Every size the file had since its fsync, and every content of each touched sector."""
        now = bytearray(self.durable)
        sizes = [len(now)]
        versions: dict[int, list[bytes]] = {}
        for offset, data in self.edits:
            end = max(len(now), offset) if data is None else offset + len(data)
            start = min(len(now), offset) if data is None else offset
            touched = range(start // SECTOR, (end + SECTOR - 1) // SECTOR)
            for number in touched:
                versions.setdefault(number, [_sector(now, number)])
            if data is None:
                _resize(now, offset)
            else:
                _put(now, offset, data)
            for number in touched:
                versions[number].append(_sector(now, number))
            sizes.append(len(now))
        return sizes, versions


class Disk:
    """A tree of inodes. `cut` is the power's end, and what is there afterwards."""

    def __init__(self) -> None:
        self._numbers = 1
        self.root = Inode(1, stat.S_IFDIR | 0o755)

    def make(self, mode: int) -> Inode:
        """An inode without a name."""
        self._numbers += 1
        return Inode(self._numbers, mode)

    def at(self, path: str) -> Inode | None:
        found: Inode | None = self.root
        for name in _parts(path):
            found = None if found is None else found.names.get(name)
        return found

    def holder(self, path: str) -> tuple[Inode, str] | None:
        """The folder of a path and the name in it; None where there is no such folder."""
        *folders, name = _parts(path)
        folder = self.at("/".join(folders))
        return None if folder is None or not folder.is_folder else (folder, name)

    def cut(self, seed: int) -> None:
        """The same seed after the same writes leaves the same bytes."""
        chance = random.Random(seed)
        mood = chance.choice(_MOODS)
        for inode in list(self.inodes(durable=True)):
            inode.lose(chance, mood)

    def inodes(self, durable: bool = False) -> Iterator[Inode]:
        """Each inode that a name leads to (or has led to, before the folder's next fsync), once,
        in the order of their making."""
        found: dict[int, Inode] = {}
        left = [self.root]
        while left:
            inode = left.pop()
            if inode.number in found:
                continue
            found[inode.number] = inode
            left.extend(inode.names.values())
            if durable:
                left.extend(inode.durable_names.values())
                for names in inode.renamings:
                    left.extend(each for each in names.values() if each is not None)
        return iter(sorted(found.values(), key=lambda inode: inode.number))

    def used(self) -> int:
        """Bytes that the files take."""
        return sum(len(inode.data) for inode in self.inodes() if not inode.is_folder)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _how_many(chance: random.Random, mood: float, most: int) -> int:
    return most if chance.random() < mood else chance.randint(0, most)


def _sector_left(seen: list[bytes], chance: random.Random, mood: float) -> bytes:
    kept = seen[-1] if chance.random() < mood else chance.choice(seen)
    if chance.random() >= _TORN:
        return kept
    torn = chance.randint(0, SECTOR)
    return kept[:torn] + chance.choice(seen)[torn:]


def _sector(data: bytearray, number: int) -> bytes:
    return bytes(data[number * SECTOR : (number + 1) * SECTOR]).ljust(SECTOR, b"\0")


def _put(data: bytearray, offset: int, more: bytes) -> None:
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(more)] = more


def _resize(data: bytearray, size: int) -> None:
    if size < len(data):
        del data[size:]
    else:
        data.extend(bytes(size - len(data)))


def _rename(names: dict[str, Inode], changes: dict[str, Inode | None]) -> None:
    for name, inode in changes.items():
        if inode is None:
            names.pop(name, None)
        else:
            names[name] = inode
