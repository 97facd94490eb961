# SPDX-License-Identifier: Apache-2.0
"""What a mounted disk is told to do wrong: lose its power, fill up, refuse, fail to sync."""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.crash.disk import Disk, Inode

CHANGES: Final = frozenset({"change", "write", "fsync"})
"""Calls that alter what is on the disk, or would have."""


@dataclass
class Fault:
    """`kind` of call (write, fsync, read, change) on paths that end so: fails `times` times."""

    kind: str
    ending: str
    error: int
    times: int


class Switches:
    """Asked before each call, and told what to do by `ask`, from another thread."""

    def __init__(self, disk: Disk, one: threading.Lock) -> None:
        self.capacity: int | None = None
        """Bytes that the files may take together; None: as many as they like."""
        self._disk = disk
        self._one = one
        self._dead = False
        self._read_only = False
        self._faults: list[Fault] = []
        self._victim = 0
        self._left: int | None = None
        self._ending = ""
        self._seen: Counter[str] = Counter()

    def meet(self, kind: str, path: str, after: Callable[[], None] | None = None) -> int:
        """The error that this call shall end with, 0 for none; `after` is what it does."""
        if self._dead:
            return errno.EIO
        if self._read_only and kind in ("change", "write"):
            return errno.EROFS
        for fault in self._faults:
            if fault.kind == kind and path.endswith(fault.ending) and fault.times:
                fault.times -= 1
                self._seen[f"failed-{kind}"] += 1
                return fault.error
        self._seen[kind] += 1
        if self._seen["failed-fsync"] and kind == "fsync":
            self._seen["fsync-after-failed"] += 1
        if self._is_last(kind, path):
            if after is not None:
                after()
            self._cut()
            return errno.EIO
        if after is not None:
            after()
        return 0

    def ask(self, said: dict[str, Any]) -> dict[str, Any]:
        """One command of the harness; see `tests.crash.lossy`."""
        with self._one:
            match said["do"]:
                case "arm":
                    self._left, self._ending = said["after"], said["ending"]
                    self._victim = said["victim"]
                case "cut":
                    self._victim = said["victim"]
                    self._cut()
                case "restore":
                    self._restore(said["seed"])
                case "empty":
                    self._disk.root = Inode(1, self._disk.root.mode)
                case "fail":
                    self._faults.append(
                        Fault(said["kind"], said["ending"], said["error"], said["times"])
                    )
                case "mend":
                    self._faults.clear()
                    self._seen.clear()
                    self.capacity, self._read_only = None, False
                case "capacity":
                    self.capacity = said["bytes"]
                case "read-only":
                    self._read_only = True
            return {"dead": self._dead, "used": self._disk.used(), "seen": dict(self._seen)}

    def _is_last(self, kind: str, path: str) -> bool:
        if self._left is None or kind not in CHANGES or not path.endswith(self._ending):
            return False
        self._left -= 1
        return self._left <= 0

    def _cut(self) -> None:
        """Who lives here dies with the power, at this very call."""
        self._dead, self._left = True, None
        if self._victim:
            try:
                os.kill(self._victim, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def _restore(self, seed: int) -> None:
        if self._dead:
            self._disk.cut(seed)
        self._dead, self._left = False, None
