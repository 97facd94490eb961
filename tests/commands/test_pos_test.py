# SPDX-License-Identifier: Apache-2.0
"""`countermark pos-test` as a process, driven by a till's own program, and marking a real agent."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.commands.model_till import Habits, ModelTill
from tests.daemon.process import MODULE, Daemon, sandbox, settings_in

pytestmark = pytest.mark.slow
OPTIONS = ("--name", "Acme POS", "--pos-version", "3.2", "--patience", "20", "--quiet", "0.5")


@dataclass(frozen=True)
class Played:
    """One run: its exit code, its lines, and the file of its report."""

    code: int
    lines: list[dict[str, Any]]
    file: Path

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found


async def drive(folder: Path, *words: str) -> Played:
    """Reads what is to be done, lets the till do it, and answers the questions with yes."""
    file = folder / "report.json"
    till = ModelTill(Habits())
    child = await asyncio.create_subprocess_exec(
        *MODULE,
        "pos-test",
        "--json",
        "--report",
        str(file),
        *OPTIONS,
        *words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    lines = []
    async for raw in child.stdout:
        line = json.loads(raw)
        lines.append(line)
        if "do" in line:
            told = {name: line[name] for name in line.keys() - {"step", "do"}}
            till.step(line["step"], line["do"], **told)
        elif "ask" in line:
            child.stdin.write(b"yes\n")
    code = await child.wait()
    await till.close()
    return Played(code, lines, file)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(drive(tmp_path_factory.mktemp("vendor")))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("shop")
    with sandbox(folder) as (url, _), Daemon(folder, settings_in(folder, url)) as daemon:
        yield daemon
        daemon.stop()


def mark(shop: Daemon, pairing: str, file: Path) -> tuple[int, dict[str, Any]]:
    command = [*MODULE, "pos-test", "--json", "--settings", str(shop.folder / "countermark.toml")]
    command += ["mark", "--pairing", pairing, "--report", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout or "{}")


def paired(shop: Daemon, name: str) -> str:
    offer = {"name": name, "registers": ["03"], "scopes": ["issue", "read"]}
    made = shop.client.post("/v1/admin/pairing-codes", offer)
    found: str = shop.client.post("/v1/pairings", {"code": made["code"]})["id"]
    return found


def is_tested(shop: Daemon, pairing: str) -> bool:
    found = shop.client.get("/v1/admin/pairings")["pairings"]
    return any(each["id"] == pairing and each["tested"] for each in found)


def test_a_good_till_passes_without_a_person_and_the_report_is_kept(played: Played) -> None:
    assert played.code == 0, played.lines
    assert played.report["result"] == "passed"
    assert played.lines[-1]["report"] == played.report
    assert played.report["integration"] == {"name": "Acme POS", "version": "3.2"}
    assert "Passed" in played.file.with_suffix(".txt").read_text()


def test_the_report_holds_no_token_no_pin_and_no_customer(played: Played) -> None:
    kept = played.file.read_text() + played.file.with_suffix(".txt").read_text()
    for secret in ("2468", "Bearer", "token", "customer"):
        assert secret not in kept.replace("The cashier was asked", "")


def test_a_passed_report_marks_the_pairing_and_the_till_gets_202(
    played: Played, shop: Daemon
) -> None:
    pairing = paired(shop, "Acme POS")
    assert not is_tested(shop, pairing)
    code, told = mark(shop, pairing, played.file)
    assert (code, told["tested"]) == (0, True)
    assert is_tested(shop, pairing)


def test_a_changed_or_foreign_report_marks_nothing(
    played: Played, shop: Daemon, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps({**played.report, "agent": "9.9.9"}))
    mine, other = paired(shop, "Acme POS"), paired(shop, "Other POS")
    assert mark(shop, mine, changed)[1]["why"] == "changed"
    assert mark(shop, other, played.file)[1]["why"] == "other-till"
    assert mark(shop, "NOBODY", played.file)[1]["why"] == "no-pairing"
    assert not is_tested(shop, mine)
    assert not is_tested(shop, other)


def test_a_report_is_never_written_over(played: Played) -> None:
    command = [*MODULE, "pos-test", "--report", str(played.file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "exists" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--register", "too-long-an-id"),
        ("--currency", "ZZZ"),
        ("--origin", "pos.example"),
        ("--answers", "none.json"),
        ("--report", "no/such/folder/report.json"),
    ],
)
def test_what_cannot_be_tested_is_a_usage_error_at_once(
    words: tuple[str, str], tmp_path: Path
) -> None:
    command = [*MODULE, "pos-test", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert done.returncode == 2, done.stdout
    assert done.stderr.startswith("countermark: Nothing was tested")
    assert list(tmp_path.iterdir()) == []


def test_some_steps_alone_are_no_pass(tmp_path: Path) -> None:
    run = asyncio.run(drive(tmp_path, "--only", "confirmed"))
    assert (run.code, run.report["result"]) == (1, "partial")
    assert [each["step"] for each in run.report["steps"]] == ["pair", "confirmed"]


def test_a_person_reads_what_to_do_in_sentences(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agent", "pos-test", "--patience", "0.2"]
    command += ["--report", str(tmp_path / "r.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "enter the pairing code" in done.stdout
    assert "No till took a pairing code up." in done.stdout
    assert "skipped: The till was not paired." in done.stdout
