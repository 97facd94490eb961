# SPDX-License-Identifier: Apache-2.0
"""`countermark demo` as a process, and its own HTTP door without a browser."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEED_S = 60.0
Json = dict[str, Any]


@dataclass
class Demo:
    """A demo that serves. `token` stands in its page."""

    child: subprocess.Popen[str]
    folder: Path
    port: int
    token: str = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and text of one request, with exactly the headers given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, body=data, headers=dict(headers or {}))
            reply = connection.getresponse()
            return reply.status, dict(reply.headers.items()), reply.read().decode()
        finally:
            connection.close()

    def own(self, **more: str | None) -> dict[str, str]:
        """The headers of our own page; None leaves one out."""
        headers = {
            "Content-Type": "application/json",
            "Origin": self.address.rstrip("/"),
            "Sec-Fetch-Site": "same-origin",
            "X-Stage-Token": self.token,
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        return {name: value for name, value in headers.items() if value is not None}

    def state(self) -> Json:
        status, _, text = self.ask("GET", "/state")
        assert status == 200
        found: Json = json.loads(text)
        return found

    def act(self, name: str, **body: object) -> tuple[int, Json]:
        status, _, text = self.ask("POST", f"/act/{name}", body, self.own())
        return status, json.loads(text)

    def do(self, name: str, **body: object) -> Json:
        """One button, and the stage when its deed has ended."""
        status, told = self.act(name, **body)
        assert status == 202, told
        return self.do_nothing_until(told["deed"])

    def do_nothing_until(self, deed: int) -> Json:
        """The stage when the deed of that number has ended."""
        return self.until(lambda state: state["done"] >= deed)

    def until(self, true: Callable[[Json], bool]) -> Json:
        """The first stage of which it is true."""
        ends = time.monotonic() + DEED_S
        while time.monotonic() < ends:
            state = self.state()
            if true(state):
                return state
        raise AssertionError(f"it did not come in time: {state['tour']} {state['trouble']}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.child.send_signal(how)
        return self.child.wait(30)


@contextmanager
def running_demo(folder: Path, *words: str) -> Iterator[Demo]:
    """Up once it has printed its address."""
    command = [sys.executable, "-m", "agent", "demo", "--json", "--folder", str(folder), *words]
    with open(folder.with_name(f"{folder.name}.log"), "w+", encoding="utf-8") as log:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert child.stdout is not None
        try:
            address = re.search(r"http://127\.0\.0\.1:(\d+)/", "".join(_told(child)))
            assert address is not None, log.seek(0) or log.read()
            demo = Demo(child, folder, int(address[1]))
            page = demo.ask("GET", "/")[2]
            found = re.search(r'name="stage-token" content="([^"]+)"', page)
            assert found is not None
            demo.token = found[1]
            yield demo
        finally:
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
                try:
                    child.wait(30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait(30)
            child.stdout.close()


def _told(child: subprocess.Popen[str]) -> Iterator[str]:
    """The lines up to the end of the one document that is printed."""
    assert child.stdout is not None
    for line in child.stdout:
        yield line
        if line.startswith("}"):
            return


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that are still there."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
