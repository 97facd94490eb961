# SPDX-License-Identifier: Apache-2.0
"""One life of the daemon: born of the nursery, ready or dead, killed or stopped."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tests.crash.tripwire import Plan

READY_S: Final = 60.0
END_S: Final = 60.0
PLAIN: Final = Plan()


class Nursery:
    """Starts daemons for one register, whose settings lie in `folder`."""

    def __init__(self, folder: Path, child: subprocess.Popen[str]) -> None:
        self._folder = folder
        self._child = child
        self._births = 0

    def born(self, plan: Plan = PLAIN) -> Life:
        """A daemon that may be ready, dying or dead: `Life.ready` waits and tells."""
        self._births += 1
        address = self._folder / f"notify-{self._births}.sock"
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(address))
        pid = self._ask(
            settings=str(self._folder / "countermark.toml"),
            plan=asdict(plan),
            log=str(self._folder / "agent.log"),
            notify=str(address),
        )["pid"]
        return Life(self, int(pid), notify, address)

    def code_of(self, pid: int) -> int:
        """Waits for the end of a daemon; its exit code, negative for a signal."""
        return int(self._ask(wait=pid)["code"])

    def _ask(self, **said: Any) -> dict[str, Any]:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(said) + "\n")
        self._child.stdin.flush()
        answer: dict[str, Any] = json.loads(self._child.stdout.readline())
        return answer


class Life:
    """A daemon. `end` must be called, whatever became of it."""

    def __init__(self, nursery: Nursery, pid: int, notify: socket.socket, address: Path) -> None:
        self.pid = pid
        self._nursery = nursery
        self._notify = notify
        self._address = address
        self._handle = os.pidfd_open(pid)
        self.code: int | None = None

    def ready(self) -> bool:
        """Waits for READY=1; False where the daemon ended before."""
        with selectors.DefaultSelector() as both:
            both.register(self._notify, selectors.EVENT_READ)
            both.register(self._handle, selectors.EVENT_READ)
            ends_s = time.monotonic() + READY_S
            while time.monotonic() < ends_s:
                found = [key.fileobj for key, _ in both.select(READY_S)]
                if self._notify in found and b"READY=1" in self._notify.recv(4096):
                    return True
                if self._handle in found:
                    return False
        raise TimeoutError("the daemon is neither ready nor dead")

    def died(self, within_s: float) -> bool:
        """Waits for its end, at most so long."""
        with selectors.DefaultSelector() as end:
            end.register(self._handle, selectors.EVENT_READ)
            return bool(end.select(within_s))

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Asks it to stop, and waits for nothing."""
        self._signal(signal.SIGTERM)

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """The daemon is gone when this returns, by the signal or by itself; may be called twice."""
        if self.code is None:
            self._signal(number)
            if not self.died(END_S):
                self._signal(signal.SIGKILL)
            self.code = self._nursery.code_of(self.pid)
            os.close(self._handle)
            self._notify.close()
            self._address.unlink(missing_ok=True)
        return self.code

    def stop(self) -> int:
        """An orderly stop; the exit code."""
        return self.end(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        try:
            signal.pidfd_send_signal(self._handle, number)
        except ProcessLookupError:
            return


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """Until the block ends; daemons that are left are the caller's to end."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nursery(folder, child)
    finally:
        child.communicate(timeout=END_S)
