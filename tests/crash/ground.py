# SPDX-License-Identifier: Apache-2.0
"""What a proof of this folder stands on: a scratch folder in memory, settings, a platform."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from agent.journal.seal import load_or_make_key
from tests.daemon.process import TOKEN, sandbox

SETTINGS: Final = """\
[store]
number = "0421"
currency = "USD"
[[register]]
id = "03"
ring = "issue"
budget_s = {budget_s}
{printer}
[platform]
url = "{url}"
[limits]
per_credit = 100_000
outstanding = 900_000_000
per_hour = 900_000_000
[api]
port = 0
[agent]
state_dir = "{state}"
run_dir = "{folder}/run"
credentials_dir = "{folder}/credentials"
"""
PRINTER: Final = """\
printer = "front"
[printer.front]
connection = "tcp://127.0.0.1:{port}"
profile = "epson-tm-t20iii"
timeout_s = 5
"""
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- an fsync there is free, and nothing outlives it
_CARDS: Final = "SELECT key, initial, currency, enabled FROM credits ORDER BY id"


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one proof: in memory where there is some, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="countermark-crash-", dir=memory()) as folder:
        yield Path(folder)


def memory() -> Path | None:
    """Where temporary folders are kept in memory, if anywhere."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


class Ground:
    """One register's surroundings. `state`: where its journal lives, on whatever disk."""

    def __init__(self, folder: Path, state: Path, url: str, control: str) -> None:
        self.folder = folder
        self.state = state
        self.url = url
        self._control = control
        self.socket = folder / "run" / "api.sock"

    @property
    def journal(self) -> Path:
        return self.state / "journal"

    def settle(self, url: str = "", printer: int = 0, budget_s: float = 4.0) -> None:
        """Writes the settings; `url`: another way to the platform, `printer`: a port."""
        text = SETTINGS.format(
            url=url or self.url,
            folder=self.folder,
            state=self.state,
            budget_s=budget_s,
            printer=PRINTER.format(port=printer) if printer else "",
        )
        (self.folder / "countermark.toml").write_text(text)

    def seal_key(self) -> bytes:
        return load_or_make_key(self.state / "seal.key")

    def cards(self) -> list[dict[str, Any]]:
        """Everything that the platform has ever issued."""
        address = f"{(self.folder / 's.db').absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as ledger:
            return [
                {"key": key, "initial": {"minor": minor, "currency": money}, "enabled": bool(on)}
                for key, minor, money, on in ledger.execute(_CARDS)
            ]

    def switch(self, name: str, on: bool) -> None:
        """A fault of the platform, such as `down`."""
        self._ask("/sandbox/faults", {"name": name, "on": on})

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._control + path, data, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310 -- loopback
            found: dict[str, Any] = json.load(reply)
        return found


@contextmanager
def ground(folder: Path, state: Path) -> Iterator[Ground]:
    """With a platform process of its own, until the block ends."""
    with sandbox(folder) as (url, control):
        (folder / "credentials" / "platform-token").write_text(TOKEN)
        here = Ground(folder, state, url, control)
        here.settle()
        yield here
