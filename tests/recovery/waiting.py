# SPDX-License-Identifier: Apache-2.0
"""How soon a register answers that was killed with many credits waiting, and what it holds then.

The daemon is a real process. It is started on the backlog, takes a credit, is killed, and started
again: measured is the time from the second start to the first credit that it answers.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.daemon.process import MODULE, settings_in
from tests.recovery.backlog import make_backlog
from tests.recovery.process import Agent

ANSWER_S: Final = 1.0
"""Issue 4, point 8: within one second of the start."""
RESIDENT_MB: Final = 96.0
"""With 100,000 waiting as with none, but for the pages that SQLite keeps at hand."""


@dataclass(frozen=True, slots=True)
class Start:
    """`answered_s`: from the birth of the process to the answer; `resident_mb`: the most while
    it went on with the backlog; `processor_s`: what the process used until it answered."""

    answered_s: float
    answer: dict[str, Any]
    resident_mb: float
    processor_s: float


def make(folder: Path, waiting: int) -> None:
    """A register's state folder with that many records waiting."""
    make_backlog(folder / "state", waiting, time.time_ns() // 1_000_000)


def command(settings: Path, *words: str) -> int:
    """One `countermark` command on these settings; its exit code."""
    line = [*MODULE, words[0], "--settings", str(settings), *words[1:]]
    return subprocess.run(line, check=False, stdout=subprocess.DEVNULL).returncode


def start_after_kill(folder: Path, address: str, number: int, watched_s: float) -> Start:
    """Start, a credit, kill; and then the start that counts."""
    settings = settings_in(folder, address)
    with Agent(folder, settings) as first:
        first.credit(number)
    with Agent(folder, settings) as again:
        answer = again.credit(number + 1)
        answered_s = time.monotonic() - again.began_s
        processor_s = again.processor_s()
        most = again.resident_mb()
        until_s = time.monotonic() + watched_s
        while time.monotonic() < until_s:
            again.pause(0.1)
            if again.ended:
                raise RuntimeError(f"the agent ended by itself: {again.log()[-1000:]}")
            most = max(most, again.resident_mb())
    return Start(answered_s, answer, most, processor_s)
