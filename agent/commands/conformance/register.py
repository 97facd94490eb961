# SPDX-License-Identifier: Apache-2.0
"""A register to test against: the real agent, a sandbox platform and a printer, all for one hour.

Everything lives in one folder and on loopback; nothing of it is a store's. The switches are those
of the sandbox and of the simulated printer.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from agent.commands.client import AgentRefused
from agent.daemon.run import started
from agent.daemon.world import SystemClock
from agent.domain.currency import exponent
from agent.domain.place import Place
from agent.sandbox import RunningSandbox, start_sandbox
from agent.settings.model import Settings
from agent.telemetry import Log
from hardware.printers.simulated_server import SimulatedPrinterServer

STORE: Final = "0421"
BUDGET_S: Final = 2.0
APPROVAL_OVER: Final = 10_000
MANAGER: Final = "Test Manager"
PIN: Final = "2468"
DRAIN_S: Final = 40.0
POLL_S: Final = 0.1
ASK_S: Final = 30.0
CRAWL_BYTES_PER_S: Final = 50
"""A printer so slow that its paper is still on its way when the till is answered."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How the trial register is made: as the vendor's till expects a register to be.

    Raises ValueError for what no register could be.
    """

    register: str = "03"
    currency: str = "USD"
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Place(STORE, self.register)
        exponent(self.currency)
        if not all(each.startswith(("https://", "http://")) for each in self.origins):
            raise ValueError("an origin begins with https:// or http://")


@dataclass(frozen=True, slots=True)
class TrialRegister:
    """What runs. `port` is the agent's own, behind the line that can be cut."""

    kind: Kind
    port: int
    platform: RunningSandbox
    printer: SimulatedPrinterServer
    admin: aiohttp.ClientSession

    async def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Any:
        """An administrator's request over the Unix socket; raises `AgentRefused`."""
        url = f"http://localhost{path}"
        async with self.admin.request(method, url, json=body, headers=more) as reply:
            told = await reply.json(content_type=None)
        if reply.status >= 400:
            raise AgentRefused(reply.status, told)
        return told

    async def issue_elsewhere(self, body: dict[str, Any]) -> None:
        """A credit that somebody else asks for; it must not look like the till's own."""
        more = {"Idempotency-Key": secrets.token_hex(16)}
        await self.ask("POST", "/v1/credits", body, more)

    async def platform_down(self, down: bool) -> None:
        await self.platform.switch("down", on=down)

    async def printer_crawls(self, crawls: bool) -> None:
        await self.printer.set_switch("bytes_per_s", CRAWL_BYTES_PER_S if crawls else None)

    async def drained(self) -> bool:
        """Whether nothing waits any more; the forwarder is given its time."""
        for _ in range(round(DRAIN_S / POLL_S)):
            status = await self.ask("GET", "/v1/status")
            if status["link"]["up"] and not status["registers"][0]["waiting"]["count"]:
                return True
            await asyncio.sleep(POLL_S)
        return False

    def issued(self, minor: int) -> int:
        """How many credits of this amount the platform has, by its own books."""
        found = 0
        for card in self.platform.ledger():
            initial = card["initial"]
            found += isinstance(initial, dict) and initial.get("minor") == minor
        return found


@asynccontextmanager
async def trial_register(folder: Path, kind: Kind) -> AsyncIterator[TrialRegister]:
    """Everything up, and stopped in reverse order. `folder` must be ours alone."""
    token = secrets.token_urlsafe(32)
    _keep(folder / "credentials" / "platform-token", token)
    clock, log_file = SystemClock(), folder / "agent.log"
    log = Log(lambda line: _write(log_file, line), lambda: clock.now().wall_ms)
    platform = await start_sandbox(folder / "sandbox.db", "127.0.0.1", 0, token)
    try:
        async with SimulatedPrinterServer() as printer:
            settings = _settings(folder, kind, platform.url, printer.port)
            async with started(settings, {}, clock, log) as running:
                inside = aiohttp.UnixConnector(str(settings.agent.run_dir / "api.sock"))
                timeout = aiohttp.ClientTimeout(total=ASK_S)
                async with aiohttp.ClientSession(connector=inside, timeout=timeout) as admin:
                    register = TrialRegister(kind, running.port, platform, printer, admin)
                    await register.ask("POST", "/v1/admin/managers", {"name": MANAGER, "pin": PIN})
                    await register.ask("POST", "/v1/admin/limits/lift", {"by": "pos-test"})
                    yield register
    finally:
        await platform.aclose()


def _settings(folder: Path, kind: Kind, url: str, printer_port: int) -> Settings:
    limits = {"per_credit": 10**6, "outstanding": 10**7, "per_hour": 10**7}
    return Settings.model_validate(
        {
            "store": {"number": STORE, "currency": kind.currency, "brand": "TEST"},
            "register": [
                {"id": kind.register, "printer": "front", "ring": "issue", "budget_s": BUDGET_S}
            ],
            "platform": {"url": url},
            "limits": limits,
            "approval": {"over": APPROVAL_OVER},
            "printer": {
                "front": {
                    "connection": f"tcp://127.0.0.1:{printer_port}",
                    "profile": "epson-tm-t20iii",
                    "timeout_s": 60,
                }
            },
            "api": {"port": 0, "origins": kind.origins},
            "agent": {
                "state_dir": folder / "state",
                "run_dir": folder / "run",
                "credentials_dir": folder / "credentials",
            },
        }
    )


def _keep(file: Path, secret: str) -> None:
    file.parent.mkdir(mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(secret)


def _write(file: Path, line: str) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.write(line + "\n")
