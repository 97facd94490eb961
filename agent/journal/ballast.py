# SPDX-License-Identifier: Apache-2.0
"""Room kept back on the disk, so that what was begun can still be ended when the disk is full.

A file beside the journal takes up a megabyte that nobody needs. When a commit finds no room, the
file is emptied: answers of what was already sent, papers under way and the orderly stop go into
that room, and new credits are refused until the file could be made whole again. That is tried
whenever somebody asks, at most once a second; nobody has to restart anything.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from agent.domain.faults import CannotJournal

BALLAST_NAME: Final = "ballast"
BALLAST_BYTES: Final = 1024 * 1024
"""About thirty commits of their own; or one whole move of a short log into the file, after which
the log's own room is used again from its beginning."""
MARGIN_BYTES: Final = 256 * 1024
"""What must be left beside the ballast before new credits are taken again."""
AGAIN_MS: Final = 1_000
_BLOCK: Final = 512


class Ballast:
    """Used on the writer's thread alone, but for `short`. Without a folder there is always room."""

    def __init__(self, folder: Path | None = None, size: int = BALLAST_BYTES) -> None:
        self.short: str | None = None
        """Why new credits are refused: the `why` of a `CannotJournal`; None where there is room."""
        self._path = None if folder is None else folder / BALLAST_NAME
        self._size = size
        self._tried_ms = 0

    def require(self) -> None:
        """Asked before anything new is begun; raises `CannotJournal` where room is short."""
        if self.short is not None:
            raise CannotJournal(why=self.short)

    def keep(self) -> None:
        """Makes the file whole where there is room for it, and else says `short`."""
        if self._path is None:
            return
        try:
            made = _make(self._path, self._size)
        except OSError:
            made = False
        self.short = None if made else self.short or "disk-full"

    def keep_again(self, now_ms: int) -> None:
        """The same once it was given up, at most once a second of this clock."""
        if abs(now_ms - self._tried_ms) >= AGAIN_MS:
            self._tried_ms = now_ms
            self.keep()

    def give(self, why: str, now_ms: int) -> bool:
        """Empties the file for what was begun already. False where there never was one."""
        if self._path is None:
            return False
        self.short, self._tried_ms = why, now_ms
        with contextlib.suppress(OSError):  # not there, or the disk takes no change at all
            os.truncate(self._path, 0)
        return True


def _make(path: Path, size: int) -> bool:
    """The file, on disk in full and with a margin beside it; else empty, and False."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        there = os.fstat(handle)
        if there.st_size == size and there.st_blocks * _BLOCK >= size:
            return True  # and no file of holes, as a power cut may leave it
        try:
            os.posix_fallocate(handle, 0, size)
            os.fsync(handle)
            disk = os.fstatvfs(handle)
            if disk.f_bavail * disk.f_frsize >= MARGIN_BYTES:
                return True
        except OSError:
            os.ftruncate(handle, 0)
            raise
        os.ftruncate(handle, 0)
        return False
    finally:
        os.close(handle)
