# SPDX-License-Identifier: Apache-2.0
"""A folder on a disk that can lose its power: mounts `tests.crash.mount`, and tells it when."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.crash.control import Control

DEVICE = "/dev/fuse"
UNMOUNT = shutil.which("fusermount3") or "fusermount3"
WANTING = "no {what} here; as root: apt-get install fuse3, and let this user open /dev/fuse"


def wanting() -> str | None:
    """What this machine lacks for a FUSE file system, in a line; None where nothing is."""
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return WANTING.format(what=DEVICE)
    if shutil.which("fusermount3") is None:
        return WANTING.format(what="fusermount3")
    if find_spec("mfusepy") is None:
        return "no mfusepy here; make dev-environment installs it"
    return None


class LossyDisk:
    """`folder` is on it. `victim`: the process that lives there and dies with the power."""

    def __init__(self, folder: Path, control: Control) -> None:
        self.folder = folder
        self._control = control

    def arm(self, after: int, victim: int, ending: str = "") -> None:
        """Cuts at the n-th change from now (of files whose name ends so)."""
        self._control.ask("arm", after=after, victim=victim, ending=ending)

    def cut(self, victim: int) -> None:
        self._control.ask("cut", victim=victim)

    def restore(self, seed: int) -> None:
        """The power is back, and the disk is what the cut left. Nothing where none was cut."""
        self._control.ask("restore", seed=seed)

    def empty(self) -> None:
        self._control.ask("empty")

    def fail(self, kind: str, ending: str = "", error: int = errno.EIO, times: int = 10**9) -> None:
        """Calls of that kind (write, fsync, read, change) on such files end with an error."""
        self._control.ask("fail", kind=kind, ending=ending, error=error, times=times)

    def fill(self, room: int) -> None:
        """From now on there is room for so many bytes more."""
        self._control.ask("capacity", bytes=self._control.ask("told")["used"] + room)

    def read_only(self) -> None:
        self._control.ask("read-only")

    def mend(self) -> None:
        """No fault, no bound, and the counters begin anew."""
        self._control.ask("mend")

    @property
    def is_cut(self) -> bool:
        return bool(self._control.ask("told")["dead"])

    def seen(self, what: str) -> int:
        """How many calls of a kind there were: write, fsync, failed-fsync, fsync-after-failed."""
        return int(self._control.ask("told")["seen"].get(what, 0))


@contextmanager
def lossy_disk(scratch: Path) -> Iterator[LossyDisk]:
    """Mounted at `scratch`/disk until the block ends."""
    folder, socket = scratch / "disk", scratch / "disk.sock"
    folder.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.mount", str(folder), str(socket)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        control = _connected(socket, child)
        try:
            yield LossyDisk(folder, control)
        finally:
            control.close()
    finally:
        subprocess.run([UNMOUNT, "-u", "-z", str(folder)], check=False, capture_output=True)
        child.terminate()
        child.wait(20)
        assert child.stdout is not None
        child.stdout.close()


def _connected(socket: Path, child: subprocess.Popen[bytes]) -> Control:
    """The disk says when it is mounted, and ends without a word where it cannot be."""
    assert child.stdout is not None
    if not child.stdout.readline():
        raise OSError("the lossy disk could not be mounted")
    return Control(socket)
