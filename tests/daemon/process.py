# SPDX-License-Identifier: Apache-2.0
"""The agent as a process, with a sandbox beside it, for tests that kill and start it again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from agent.commands.client import AgentClient

SETTINGS = """\
[store]
number = "0421"
currency = "USD"
[[register]]
id = "03"
ring = "issue"
[platform]
url = "{url}"
[api]
port = 0
[agent]
state_dir = "{folder}/state"
run_dir = "{folder}/run"
credentials_dir = "{folder}/credentials"
"""
TOKEN = "token-of-the-daemon-tests-5f2c"
MODULE = [sys.executable, "-m", "agent"]


def settings_in(folder: Path, url: str) -> Path:
    """A settings file, its credential, and the folders that they name."""
    (folder / "credentials").mkdir(mode=0o700, exist_ok=True)
    credential = folder / "credentials" / "platform-token"
    credential.write_text(TOKEN)
    credential.chmod(0o600)
    file = folder / "countermark.toml"
    file.write_text(SETTINGS.format(url=url, folder=folder))
    return file


class Daemon:
    """`countermark run`, up once systemd would have heard READY=1."""

    def __init__(self, folder: Path, settings: Path) -> None:
        self.folder = folder
        self._log = folder / "agent.log"
        path = str(folder / "notify.sock")
        Path(path).unlink(missing_ok=True)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(path)
        self._notify.settimeout(20)
        with open(self._log, "ab") as log:
            self.child = subprocess.Popen(
                [*MODULE, "run", "--settings", str(settings)],
                stderr=log,
                env={**os.environ, "NOTIFY_SOCKET": path},
            )
        self.ready = self._notify.recv(4096).decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait(20)
        self._notify.close()

    @property
    def client(self) -> AgentClient:
        return AgentClient(self.folder / "run" / "api.sock", timeout_s=20)

    def log(self) -> str:
        return self._log.read_text()

    def post(self, number: int, **more: Any) -> dict[str, Any]:
        """One credit over the Unix socket, as an administrator's till."""
        body = {
            "register": "03",
            "amount": {"minor": 1000 + number, "currency": "USD"},
            "customer": {"skipped": True},
            "reason": "return",
            "operator": "ann",
            "distinct": True,
            "pos": {"business_date": "2026-11-21", "transaction": f"T{number:05d}"},
            **more,
        }
        found: dict[str, Any] = self.client.ask(
            "POST", "/v1/credits", body, {"Idempotency-Key": f"test-{number}"}
        )
        return found

    def kill(self) -> None:
        self.child.kill()
        self.child.wait(20)

    def stop(self) -> int:
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(30)


@contextmanager
def sandbox(folder: Path) -> Iterator[tuple[str, str]]:
    """A sandbox process: its address and the address of its switches."""
    settings_in(folder, "http://127.0.0.1:1")
    command = [*MODULE, "sandbox", "--json", "--port", "0", "--ledger", str(folder / "s.db")]
    command += ["--token-file", str(folder / "credentials" / "platform-token")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    told = json.loads(child.stdout.readline())
    try:
        yield told["url"], told["control"]
    finally:
        child.terminate()
        child.wait(20)
        child.stdout.close()
