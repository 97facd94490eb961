# SPDX-License-Identifier: Apache-2.0
"""A `Disk` mounted by FUSE: any program can live on it, and lose its power there.

    python -m tests.crash.mount FOLDER CONTROL-SOCKET

The kernel hands over every write as it is made (nothing is cached but mapped pages, of which
SQLite maps its `-shm` alone, and nobody relies on that after a start). One thread serves all
calls, so that a cut at the n-th of them is a cut at exactly that moment: whoever lives there is
killed first, every later call is EIO, and `restore` gives back what the cut has left.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any, Final

import mfusepy  # type: ignore[import-untyped]  # publishes no types; our values get theirs here

from tests.crash.control import listening, serve
from tests.crash.disk import Disk, Inode
from tests.crash.switches import Switches

BLOCK: Final = 4096
ROOMY_BLOCKS: Final = 1 << 24
OPTIONS: Final[dict[str, Any]] = {
    "foreground": True,
    "nothreads": True,
    "fsname": "countermark-crash",
    "entry_timeout": 0,
    "attr_timeout": 0,
    "negative_timeout": 0,
}


class Mounted(mfusepy.Operations):  # type: ignore[misc]  # its base has no types
    """The calls of the kernel, each looked at by the switches first."""

    use_ns = True

    def __init__(self, disk: Disk, switches: Switches, one: threading.Lock) -> None:
        self._disk = disk
        self._switches = switches
        self._one = one
        self._open: dict[int, Inode] = {}
        self._handles = 0

    def init(self, path: str) -> None:
        del path
        print("mounted", flush=True)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        with self._one:
            inode = self._inode(path, fh)
            return {
                "st_mode": inode.mode,
                "st_nlink": 2 if inode.is_folder else 1,
                "st_size": len(inode.data),
                "st_blocks": (len(inode.data) + 511) // 512,
                "st_uid": os.getuid(),
                "st_gid": os.getgid(),
                "st_mtime": 0,
                "st_atime": 0,
                "st_ctime": 0,
            }

    def readdir(self, path: str, fh: int) -> list[str]:
        del fh
        with self._one:
            return [".", "..", *self._inode(path).names]

    def open(self, path: str, flags: int) -> int:
        with self._one:
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC)
            self._meet("change" if writes else "look", path)
            return self._handle(self._inode(path))

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        del fi
        with self._one:
            inode = self._disk.make(stat.S_IFREG | stat.S_IMODE(mode))
            self._meet("change", path)
            self._name(path, inode)
            return self._handle(inode)

    def mkdir(self, path: str, mode: int) -> int:
        with self._one:
            self._meet("change", path)
            self._name(path, self._disk.make(stat.S_IFDIR | stat.S_IMODE(mode)))
            return 0

    def link(self, target: str, source: str) -> int:
        with self._one:
            self._meet("change", target)
            self._name(target, self._inode(source))
            return 0

    def unlink(self, path: str) -> int:
        with self._one:
            self._inode(path)
            self._meet("change", path)
            self._name(path, None)
            return 0

    def rmdir(self, path: str) -> int:
        if self.readdir(path, 0) != [".", ".."]:
            raise mfusepy.FuseOSError(errno.ENOTEMPTY)
        return self.unlink(path)

    def rename(self, old: str, new: str) -> int:
        with self._one:
            inode = self._inode(old)
            self._meet("change", new)
            (source, was), (target, becomes) = self._holder(old), self._holder(new)
            if source is target:
                source.change({was: None, becomes: inode})
            else:
                target.change({becomes: inode})
                source.change({was: None})
            return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        with self._one:
            self._meet("read", path)
            return bytes(self._inode(path, fh).data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        with self._one:
            inode = self._inode(path, fh)
            self._need_room(len(data) + offset - len(inode.data))
            self._meet("write", path, after=lambda: inode.write(offset, data))
            return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        with self._one:
            inode = self._inode(path, fh)
            self._need_room(length - len(inode.data))
            self._meet("write", path, after=lambda: inode.truncate(length))
            return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        del datasync
        with self._one:
            self._meet("fsync", path)
            self._inode(path, fh).sync()
            return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        del datasync, fh
        with self._one:
            self._meet("fsync", path)
            self._inode(path).sync()
            return 0

    def release(self, path: str, fh: int) -> int:
        del path
        with self._one:
            self._open.pop(fh, None)
            return 0

    def chmod(self, path: str, mode: int) -> int:
        with self._one:
            inode = self._inode(path)
            inode.mode = stat.S_IFMT(inode.mode) | stat.S_IMODE(mode)
            return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        del path, times
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        del path
        with self._one:
            capacity = self._switches.capacity
            free = ROOMY_BLOCKS
            if capacity is not None:
                free = max(capacity - self._disk.used(), 0) // BLOCK
            sizes = {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_namemax": 255}
            return {**sizes, "f_blocks": ROOMY_BLOCKS, "f_bfree": free, "f_bavail": free}

    def _meet(self, kind: str, path: str, after: Any = None) -> None:
        """What the switches have to say; `after` is done unless they refuse, and before a cut."""
        error = self._switches.meet(kind, path, after)
        if error:
            raise mfusepy.FuseOSError(error)

    def _need_room(self, more: int) -> None:
        capacity = self._switches.capacity
        if capacity is not None and more > 0 and self._disk.used() + more > capacity:
            raise mfusepy.FuseOSError(errno.ENOSPC)

    def _inode(self, path: str, fh: int | None = None) -> Inode:
        inode = self._open.get(fh) if fh else None
        if inode is None:
            inode = self._disk.at(path)
        if inode is None:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return inode

    def _holder(self, path: str) -> tuple[Inode, str]:
        found = self._disk.holder(path)
        if found is None:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return found

    def _name(self, path: str, inode: Inode | None) -> None:
        folder, name = self._holder(path)
        folder.change({name: inode})

    def _handle(self, inode: Inode) -> int:
        self._handles += 1
        self._open[self._handles] = inode
        return self._handles


def main(folder: str, control: str) -> None:
    disk, one = Disk(), threading.Lock()
    switches = Switches(disk, one)
    door = listening(Path(control))
    threading.Thread(target=serve, args=(door, switches.ask), daemon=True).start()
    mfusepy.FUSE(Mounted(disk, switches, one), folder, **OPTIONS)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
