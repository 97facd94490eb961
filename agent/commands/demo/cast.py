# SPDX-License-Identifier: Apache-2.0
"""The processes on stage: sandbox platform, printer on loopback, and the agent itself.

Each is a process of its own, started and killed like the real thing; they meet over sockets.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from agent.commands.client import AgentClient

START_S: Final = 20.0
SOCKET_PATH_MAX: Final = 100
"""Bytes of a Unix socket's path; the system takes 107."""
Json = dict[str, Any]


class StageFailed(Exception):
    """A process did not come up; the text says which, and what it said."""


class Process:
    """One child: its output goes to a file beside the others."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with open(self.log, "ab") as log:
            self._child = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def first_line(self) -> Json:
        """The JSON line by which a process tells where it listens; ended where it tells none."""
        assert self._child.stdout is not None
        try:
            line = self._child.stdout.readline()
            if not line:
                raise StageFailed(f"{self.name} ended: {self.last_words(800)}")
            found: Json = json.loads(line)
        except BaseException:
            self.stop()
            raise
        return found

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    @property
    def pid(self) -> int:
        return self._child.pid

    def last_words(self, characters: int = 300) -> str:
        """The end of what it wrote to standard error."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-characters:].strip()

    def kill(self) -> None:
        """SIGKILL: no last words, no clean-up."""
        self._child.send_signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        if self.is_alive:
            self._child.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self) -> int:
        try:
            code = self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            code = self._child.wait(15)
        if self._child.stdout is not None:
            self._child.stdout.close()
        return code


class Sandbox:
    """The gift-card platform, its switches and its own ledger."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "agent", "sandbox", "--json", "--port", "0"]
        command += ["--ledger", str(folder / "sandbox.db")]
        command += ["--token-file", str(folder / "credentials" / "platform-token")]
        self.process = Process("sandbox", command, folder)
        told = self.process.first_line()
        self.url: str = told["url"]
        self._control: str = told["control"]

    def switch(self, fault: str, *, on: bool = True, **options: Any) -> None:
        body = {"name": fault, "on": on, **options}
        _ask("POST", f"{self._control}/sandbox/faults", body)

    def mend(self) -> None:
        """Every fault off; the platform's door is open again."""
        _ask("DELETE", f"{self._control}/sandbox/faults")

    def faults(self) -> list[Json]:
        """The faults that are on."""
        found: list[Json] = _ask("GET", f"{self._control}/sandbox/faults")["faults"]
        return found

    def requests(self) -> list[Json]:
        """What the platform received last, oldest first."""
        found: list[Json] = _ask("GET", f"{self._control}/sandbox/requests")["requests"]
        return found

    def ledger(self) -> list[Json]:
        """Every credit that the platform has, by its own books."""
        found: list[Json] = _ask("GET", f"{self._control}/sandbox/ledger")["credits"]
        return found

    def add_customer(self, customer: Json) -> None:
        _ask("POST", f"{self._control}/sandbox/customers", customer)

    def account(self, customer_id: str) -> Json:
        """What the shopper sees in the storefront."""
        found: Json = _ask("GET", f"{self._control}/sandbox/accounts/{customer_id}")
        return found


class Printer:
    """A network printer on loopback, and what came out of it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "hardware.printers.simulated_control"]
        self.process = Process("printer", [*command, "--papers", str(folder / "papers")], folder)
        told = self.process.first_line()
        self.port: int = told["port"]
        self._control_port: int = told["control_port"]

    def next_paper(self, timeout_s: float = 10.0) -> Json | None:
        """The next paper that comes out, or None."""
        answer = self._ask({"do": "next", "timeout_s": timeout_s})
        paper: Json | None = answer.get("paper")
        return paper

    def count(self) -> int:
        return len(self._ask({"do": "papers"})["papers"])

    def set(self, switch: str, value: Any) -> None:
        self._ask({"do": "set", "switch": switch, "value": value})

    def switches(self) -> Json:
        found: Json = self._ask({"do": "switches"})["switches"]
        return found

    def _ask(self, request: Json) -> Json:
        with socket.create_connection(("127.0.0.1", self._control_port), timeout=70) as line:
            line.sendall(json.dumps(request).encode() + b"\n")
            answer: Json = json.loads(line.makefile().readline())
        return answer


class Agent:
    """The daemon under `countermark run`, with its settings and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "countermark.toml"
        self.run_dir = _run_dir(folder)
        self.port = _free_port()
        self.process: Process | None = None

    def start(self) -> float:
        """Starts and waits for the first answer; returns how long that took, in seconds."""
        begun = time.monotonic()
        command = [sys.executable, "-m", "agent", "run", "--settings", str(self.settings)]
        self.process = Process("agent", command, self.folder)
        while time.monotonic() - begun < START_S:
            try:
                _ask("GET", f"http://127.0.0.1:{self.port}/healthz")
            except (OSError, ValueError):
                if not self.process.is_alive:
                    break
                time.sleep(0.01)
            else:
                return time.monotonic() - begun
        raise StageFailed(f"the agent did not start: {self.process.log.read_text()[-1500:]}")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def stop(self) -> int:
        assert self.process is not None
        return self.process.stop()

    def clean(self) -> None:
        """Takes the socket's folder away where it is not among the other files."""
        if self.run_dir.parent != self.folder:
            shutil.rmtree(self.run_dir, ignore_errors=True)

    def queue(self) -> Json:
        """What waits, by the agent's own word, over its Unix socket."""
        found: Json = self.desk().get("/v1/admin/queue")
        return found

    def desk(self, timeout_s: float = 30.0) -> AgentClient:
        """The admin's part of the API, over the Unix socket."""
        return AgentClient(self.run_dir / "api.sock", timeout_s)

    def command(self, *words: str, stdin: str = "") -> tuple[int, Json]:
        """Runs `countermark ...` with --json against this agent: exit code and document."""
        head, rest = words[0], words[1:]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "agent",
                head,
                "--json",
                "--settings",
                str(self.settings),
                *rest,
            ],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, json.loads(done.stdout or "{}")


def _run_dir(folder: Path) -> Path:
    """`run` beside the rest, or a folder of our own where its socket's path would be too long."""
    beside = folder / "run"
    if len(str(beside / "api.sock").encode()) <= SOCKET_PATH_MAX:
        beside.mkdir(mode=0o700, exist_ok=True)
        return beside
    return Path(tempfile.mkdtemp(prefix="countermark-"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _ask(method: str, url: str, body: Json | None = None) -> Json:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 -- loopback addresses that we made
        url, data=data, method=method, headers={"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as reply:
            text = reply.read()
    except urllib.error.HTTPError as error:
        raise ValueError(f"{method} {url}: {error.code} {error.read()[:300]!r}") from None
    try:
        found: Json = json.loads(text)
    except ValueError:
        return {}
    return found
