# SPDX-License-Identifier: Apache-2.0
"""A real register: the agent as a process, a sandbox platform and a printer on loopback."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from agent.commands.demo.cast import Printer
from tests.daemon.process import Daemon, sandbox, settings_in

MANAGER, PIN = "Mia", "2468"
PRINTER = """
[printer.front]
connection = "tcp://127.0.0.1:{port}"
profile = "epson-tm-t20iii"
timeout_s = 3.0
"""
LIMITS = """
[limits]
per_credit = 4000
"""


@dataclass
class RealRegister:
    """`daemon` is another one after `restart`; its port stays."""

    folder: Path
    settings: Path
    printer: Printer
    control: str
    daemon: Daemon
    port: int

    @property
    def main(self) -> str:
        return f"http://127.0.0.1:{self.port}/screen/03"

    def platform(self, *, down: bool) -> None:
        self._sandbox({"name": "down", "on": down})

    def hang(self, on: bool) -> None:
        """The platform takes requests and answers none."""
        self._sandbox({"name": "hang", "on": on})

    def calm(self) -> None:
        """The platform answers again, and what waited for it is settled."""
        for name in ("down", "hang"):
            self._sandbox({"name": name, "on": False})
        for each in self.daemon.client.get("/v1/admin/queue", limit=200)["credits"]:
            self.daemon.client.post(f"/v1/admin/queue/{each['key']}/retry", {"by": "Dora"})

    def kill(self) -> None:
        self.daemon.kill()
        self.daemon.__exit__()

    def start(self) -> None:
        self.daemon = Daemon(self.folder, self.settings)

    def digits(self) -> str:
        told = self.daemon.client.post(
            "/v1/admin/pairing-codes",
            {
                "name": "screen",
                "registers": ["03"],
                "scopes": ["issue", "read", "void", "approve"],
                "timeout_ms": 10_000,
                "printing": "agent",
            },
        )
        code: str = told["code"]
        return code

    def pair(self, page: Page) -> None:
        """As a person does it."""
        page.goto(f"http://127.0.0.1:{self.port}/screen")
        page.get_by_label("Six digits").fill(self.digits())
        page.get_by_role("button", name="Pair").click()
        page.locator("main[data-state=ready]").wait_for()

    def credits(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.daemon.client.get("/v1/credits", limit=200)["credits"]
        return found

    def cards(self) -> list[dict[str, Any]]:
        """What the platform has."""
        with urllib.request.urlopen(f"{self.control}/sandbox/ledger") as reply:  # noqa: S310
            found: list[dict[str, Any]] = json.load(reply)["credits"]
        return found

    def _sandbox(self, body: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 -- loopback
            f"{self.control}/sandbox/faults",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request):  # noqa: S310 -- loopback
            return


@contextmanager
def register(folder: Path, more: str = "") -> Iterator[RealRegister]:
    """Up with a manager; `more`: further settings."""
    printer = Printer(folder)
    try:
        with sandbox(folder) as (url, control):
            settings = settings_in(folder, url)
            text = settings.read_text().replace(
                'ring = "issue"', 'ring = "issue"\nprinter = "front"\nbudget_s = 2.0'
            )
            port = _free_port()
            text = text.replace("port = 0", f"port = {port}")
            settings.write_text(text + PRINTER.format(port=printer.port) + more)
            made = RealRegister(folder, settings, printer, control, Daemon(folder, settings), port)
            made.daemon.client.post("/v1/admin/managers", {"name": MANAGER, "pin": PIN})
            try:
                yield made
            finally:
                made.daemon.__exit__()
    finally:
        printer.process.stop()


def fill(page: Page, amount: str = "48.50") -> None:
    """The form, without a customer."""
    page.get_by_label("Amount in USD").fill(amount)
    page.get_by_label("Your name or number").fill("Ana")
    page.get_by_text("Customer gave nothing").click()


def issue(page: Page, amount: str = "48.50") -> None:
    fill(page, amount)
    page.get_by_role("button", name="Issue the credit").click()


def wait_for(page: Page, state: str) -> None:
    page.locator(f"main[data-state={state}]").wait_for()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
