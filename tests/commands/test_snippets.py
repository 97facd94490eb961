# SPDX-License-Identifier: Apache-2.0
"""The snippets in docs/pos are tills: they pass the vendor's test, against a real agent.

Where curl or node is not installed its test is skipped and says so. The C# one is read: every
path, header, field and environment variable in it must be there in the API or in the others.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from agent.commands.conformance.between import Between, Exchange
from agent.commands.conformance.ground import Ground, Pace
from agent.commands.conformance.play import Plan, Result, play
from agent.commands.conformance.register import Kind, trial_register
from agent.commands.conformance.report import verdict
from tests.daemon.process import Daemon, sandbox, settings_in

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pos"
SNIPPETS: Final = {
    "snippet.py": [sys.executable, "-W", "error"],
    "curl.sh": ["bash"],
    "snippet.mjs": ["node"],
}
NEEDS: Final = {"curl.sh": "curl", "snippet.mjs": "node"}
DAY: Final = "2026-11-21"


def command(name: str, *words: str) -> list[str]:
    return [*SNIPPETS[name], str(FOLDER / name), *words, DAY]


def skip_without(name: str) -> None:
    program = NEEDS.get(name)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed: {name} was not run")


class SnippetTill:
    """Runs a snippet for each step, as a cashier would start a sale; the cashier says yes."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._environment = {**os.environ, "COUNTERMARK_TOKEN": str(folder / "token")}
        self._number = 0
        self._tasks: list[asyncio.Task[None]] = []

    def step(self, name: str, text: str, **values: Any) -> None:
        del text
        if name == "pair":
            self._environment["COUNTERMARK_URL"] = values["address"]
            self._environment["COUNTERMARK_PAIRING"] = values["code"]
            # The first sale pairs the till; it is of no step, so it is only in the way of none.
            self._start(1, 1)
        else:
            self._start(values["minor"], 2 if name == "looks-like" else 1)

    def result(self, result: Result) -> None:
        del result

    def saw(self, exchange: Exchange) -> None:
        del exchange

    async def ask(self, name: str) -> bool:
        return bool(name)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks)

    def _start(self, minor: int, times: int) -> None:
        self._tasks.append(asyncio.ensure_future(self._sell(minor, times, self._tasks[-1:])))

    async def _sell(self, minor: int, times: int, before: list[asyncio.Task[None]]) -> None:
        await asyncio.gather(*before)  # one cashier: one sale after the other
        for _ in range(times):
            self._number += 1
            child = await asyncio.create_subprocess_exec(
                *command(self._name, str(minor), f"T{self._number}"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=self._environment,
            )
            await child.communicate(b"y\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", SNIPPETS)
async def test_a_snippet_passes_the_vendors_test(name: str, tmp_path: Path) -> None:
    skip_without(name)
    till = SnippetTill(name, tmp_path)
    async with trial_register(tmp_path, Kind()) as register:
        line = Between(register.port, time.monotonic)
        await line.start(0)
        try:
            ground = Ground(register, line, till.ask, Pace(20.0, 1.0))
            results = await play(ground, Plan(name, without=("approval",)), till)
        finally:
            await line.close()
    await till.close()
    assert verdict(results) == "passed", results


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("shop")
    with sandbox(folder) as (url, _), Daemon(folder, settings_in(folder, url)) as daemon:
        yield daemon
        daemon.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_pairs_issues_and_run_again_finds_the_same_credit(
    name: str, shop: Daemon, tmp_path: Path
) -> None:
    skip_without(name)
    port = next(
        json.loads(line)["port"] for line in shop.log().splitlines() if '"event":"ready"' in line
    )
    offer = {"name": name, "registers": ["03"], "scopes": ["issue", "read"]}
    environment = {
        **os.environ,
        "COUNTERMARK_URL": f"http://127.0.0.1:{port}",
        "COUNTERMARK_PAIRING": shop.client.post("/v1/admin/pairing-codes", offer)["code"],
        "COUNTERMARK_TOKEN": str(tmp_path / "token"),
    }
    minor = str(3000 + list(SNIPPETS).index(name))
    told = []
    for _ in range(2):
        done = subprocess.run(
            command(name, minor, f"A-{name}"),
            capture_output=True,
            text=True,
            timeout=60,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told.append(json.loads(done.stdout.splitlines()[-1]))
        assert "CONFIRMED" in done.stdout
    assert told[0] == told[1]
    assert told[0]["answer"] == told[0]["state"] == "confirmed"
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0


def test_the_csharp_snippet_calls_what_is_there_and_nothing_else() -> None:
    source = (FOLDER / "Snippet.cs").read_text(encoding="utf-8")
    document = json.loads((FOLDER.parent / "openapi.json").read_text(encoding="utf-8"))
    paths = set(re.findall(r'"(/v1/[a-z/-]+)"', source))
    assert paths == {"/v1/pairings", "/v1/credits"}
    assert paths <= set(document["paths"])
    parameters = {
        each["name"]
        for methods in document["paths"].values()
        for operation in methods.values()
        for each in operation.get("parameters", [])
    }
    headers = set(re.findall(r'\("([A-Z][A-Za-z-]+)", ', source)) - {"Bearer"}
    assert headers == {"Idempotency-Key", "Prefer"}
    assert headers | {"seen"} <= parameters
    fields = {
        field
        for schema in document["components"]["schemas"].values()
        for field in schema.get("properties", {})
    }
    named = set(re.findall(r'\["([a-z_]+)"\]', source))
    named |= set(re.findall(r'Text\("([a-z_]+)"\)', source))
    assert len(named) > 15
    assert named <= fields
    assert {"200", "202", "504", "500", "503", "409", "201"} <= set(
        re.findall(r"\b[2-5]\d\d\b", source)
    )


def test_every_snippet_takes_the_same_settings() -> None:
    names = {
        name: set(re.findall(r"COUNTERMARK_[A-Z]+", (FOLDER / name).read_text(encoding="utf-8")))
        for name in (*SNIPPETS, "Snippet.cs")
    }
    assert set.union(*names.values()) == set.intersection(*names.values())
