# SPDX-License-Identifier: Apache-2.0
"""A whole register to measure: the agent as a process, the stub as another, and a paired till."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.lines import Line, post
from tests.daemon.process import Daemon, settings_in

MORE: Final = """\
[limits]
per_credit = 1_000_000
outstanding = 900_000_000
per_hour = 900_000_000
"""


@dataclass(frozen=True, slots=True)
class Till:
    """What a paired till sends."""

    port: int
    token: str

    def credit(self, number: int) -> bytes:
        """A credit of its own; no amount comes twice within 90,000."""
        body = {
            "register": "03",
            "amount": {"minor": 1_000 + number % 90_000, "currency": "USD"},
            "customer": {"skipped": True},
            "reason": "return",
            "operator": "ann",
            "pos": {"business_date": "2026-11-21", "transaction": f"T{number:07d}"},
        }
        return post(
            "/v1/credits",
            body,
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.token}",
            f"Idempotency-Key: bench-{number}",
        )


def direct(number: int) -> bytes:
    """The same credit asked of the platform itself, as the agent asks for it."""
    key = f"0421-03-1763600000000-{number:08d}"
    body = {
        "key": key,
        "code": f"A{number:015d}",
        "amount": {"minor": 1_000 + number % 90_000, "currency": "USD"},
    }
    return post("/v1/credits", body, "Host: 127.0.0.1", f"Idempotency-Key: {key}")


@contextmanager
def stub() -> Iterator[int]:
    """The stub's port."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.stub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield int(child.stdout.readline())
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(20)


async def control(platform: int, **asked: int) -> None:
    """Sets the stub's switches; those not named go back."""
    line = await Line.open(platform)
    await line.ask(post("/control", asked))
    line.close()


@contextmanager
def agent(folder: Path, platform: int, more: str = MORE) -> Iterator[Daemon]:
    """A started agent whose platform is the stub."""
    settings = settings_in(folder, f"http://127.0.0.1:{platform}")
    settings.write_text(settings.read_text() + more)
    with Daemon(folder, settings) as running:
        yield running
        running.stop()


def pair(running: Daemon) -> Till:
    """A till that may issue at the register."""
    client = running.client
    offer = {"name": "till", "registers": ["03"]}
    code = client.ask("POST", "/v1/admin/pairing-codes", offer)["code"]
    token = client.ask("POST", "/v1/pairings", {"code": code})["token"]
    return Till(_port(running), token)


def resident_mb(pid: int) -> float:
    """VmRSS of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _port(running: Daemon) -> int:
    """From READY's own words: the address stands in them."""
    address = running.ready.split("http://127.0.0.1:", 1)[1]
    return int("".join(each for each in address[:5] if each.isdecimal()))
