# SPDX-License-Identifier: Apache-2.0
"""Child processes with a bound, each in a process group of its own, so that whatever it starts
ends with it: at its bound, and when the run is stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ASKED: Final = ((signal.SIGINT, 4.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0))
"""How a child is ended, and how long it is waited for each time: asked like by Ctrl-C, it takes its
temporary folders with it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended. `code` is None where it was ended by us: at its bound, or by `stop`."""

    code: int | None
    output: str
    errors: str
    took_s: float

    @property
    def last_words(self) -> str:
        """The last line that it wrote for people."""
        lines = [line for line in self.errors.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


class Children:
    """Every child that runs now. `run` may be called by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._living: set[subprocess.Popen[str]] = set()
        self.stopped = False

    def run(
        self, command: Sequence[str], folder: Path, bound_s: float, more: Mapping[str, str]
    ) -> Ended:
        """Runs `command` in `folder`, its environment ours with `more` over it."""
        began_s = time.monotonic()
        with self._lock:
            if self.stopped:
                return Ended(None, "", "stopped", 0.0)
            child = subprocess.Popen(
                list(command),
                cwd=folder,
                env={**os.environ, **more},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                process_group=0,
            )
            self._living.add(child)
        ended_by_us = False
        try:
            try:
                output, errors = child.communicate(timeout=bound_s)
            except subprocess.TimeoutExpired:
                ended_by_us = True
                _end(child)
                output, errors = child.communicate()
            except BaseException:  # we are stopped ourselves
                _end(child)
                raise
        finally:
            with self._lock:
                self._living.discard(child)
        took_s = time.monotonic() - began_s
        code = None if ended_by_us or self.stopped else child.returncode
        return Ended(code, output, errors, took_s)

    def stop(self) -> None:
        """Ends every child, and starts no more."""
        with self._lock:
            self.stopped = True
            living = list(self._living)
        for child in living:
            _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    """Asks it to end, and after a while does not ask. What it started ends with it."""
    for number, wait_s in ASKED:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue
        break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
