# SPDX-License-Identifier: Apache-2.0
"""One daemon for one journal: an advisory lock on its folder for the life of the process.

The kernel drops it with the process, however that ends, so a lock never has to be cleaned up.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Final

from agent.domain.faults import JournalLocked

LOCK_NAME: Final = "lock"


class FolderLock:
    """Held from construction to `release`. Raises `JournalLocked` with the holder's pid (0 where
    it could not be read)."""

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_NAME
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = os.read(self._handle, 20).strip()
            os.close(self._handle)
            pid = int(said) if said.isdigit() else 0
            raise JournalLocked(folder=str(folder), pid=pid) from None
        with contextlib.suppress(OSError):  # a full disk: the pid is for people, and the lock holds
            os.ftruncate(self._handle, os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0))

    def release(self) -> None:
        """May be called twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
