# SPDX-License-Identifier: Apache-2.0
"""The agent as a process whose start is measured: nobody waits for READY, callers just try."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from agent.commands.client import AgentClient, AgentUnreachable
from tests.daemon.process import MODULE

GIVE_UP_S: Final = 60.0
TRY_AGAIN_S: Final = 0.005


class Agent:
    """`countermark run` on `folder`, made by `settings_in`. `environment`: over our own."""

    def __init__(
        self, folder: Path, settings: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self._log = folder / "agent.log"
        self.began_s = time.monotonic()
        with open(self._log, "ab") as log:
            self.child = subprocess.Popen(
                [*MODULE, "run", "--settings", str(settings)],
                stderr=log,
                env={**os.environ, **(environment or {})},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            self.kill()

    @property
    def client(self) -> AgentClient:
        return AgentClient(self.folder / "run" / "api.sock", timeout_s=20)

    def credit(self, number: int, **more: Any) -> dict[str, Any]:
        """One credit, asked for until the agent listens."""
        body = {
            "register": "03",
            "amount": {"minor": 700_000 + number, "currency": "USD"},
            "customer": {"skipped": True},
            "reason": "return",
            "operator": "ann",
            "distinct": True,
            "pos": {"business_date": "2026-11-21", "transaction": f"R{number:05d}"},
            **more,
        }
        header = {"Idempotency-Key": f"recovery-{number}"}
        while True:
            try:
                found: dict[str, Any] = self.client.ask("POST", "/v1/credits", body, header)
            except AgentUnreachable:
                if self.ended or time.monotonic() - self.began_s > GIVE_UP_S:
                    raise
                self.pause(TRY_AGAIN_S)
            else:
                return found

    def pause(self, seconds: float) -> None:
        """Until then, or until the agent ends by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(seconds)

    @property
    def ended(self) -> bool:
        return self.child.poll() is not None

    def resident_mb(self) -> float:
        """What it holds in memory, from the kernel."""
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise ValueError("the agent has ended")

    def processor_s(self) -> float:
        """Processor time that it used so far, as the kernel counts it."""
        stat = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> int:
        """As systemd stops it; returns its exit code."""
        if not self.ended:
            self.child.terminate()
        return self.child.wait(30)

    def kill(self) -> None:
        self.child.kill()
        self.child.wait(20)
