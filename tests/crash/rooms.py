# SPDX-License-Identifier: Apache-2.0
"""Two disks that can be filled to the last byte: one of FUSE, and a real one of the kernel's."""

from __future__ import annotations

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final, Self

from tests.crash.lossy import LossyDisk

TMPFS_BYTES: Final = 4 * 1024 * 1024
_PIECE: Final = 4096
_MOUNT: Final = shutil.which("mount") or "mount"
_UMOUNT: Final = shutil.which("umount") or "umount"


class Room(ABC):
    """`folder` is on it."""

    folder: Path

    @abstractmethod
    def fill(self) -> None:
        """No byte is left."""

    @abstractmethod
    def mend(self) -> None:
        """As it was: room, and no fault."""


class FuseRoom(Room):
    """A lossy disk that loses nothing here."""

    def __init__(self, disk: LossyDisk) -> None:
        self.disk = disk
        self.folder = disk.folder

    def fill(self) -> None:
        self.disk.fill(0)

    def mend(self) -> None:
        self.disk.mend()


class TmpfsRoom(Room):
    """Four megabytes of memory, mounted until the block ends; only root may, and in a mount
    namespace of its own nobody else sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def __enter__(self) -> Self:
        self.folder.mkdir()
        options = f"size={TMPFS_BYTES},mode=700"
        subprocess.run(
            [_MOUNT, "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)], check=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([_UMOUNT, "-l", str(self.folder)], check=True)

    def fill(self) -> None:
        handle = os.open(self._filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while os.write(handle, bytes(_PIECE)):
                continue
        except OSError:
            return
        finally:
            os.close(handle)

    def mend(self) -> None:
        self._filler.unlink(missing_ok=True)
