# SPDX-License-Identifier: Apache-2.0
"""The daemon as store IT meets it: start, stop, kill, a second one, wrong settings, secrets."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from tests.daemon.process import MODULE, TOKEN, Daemon, sandbox, settings_in

RESIDENT_MAX_KIB = 64 * 1024
"""64 MB on a register (57.5 on Debian 12 with each Python)."""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MODULE, *words], capture_output=True, text=True, timeout=60)


def ledger(control: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{control}/sandbox/ledger") as reply:  # noqa: S310 -- loopback
        found: list[dict[str, Any]] = json.load(reply)["credits"]
    return found


def resident_kib(daemon: Daemon) -> int:
    status = Path(f"/proc/{daemon.child.pid}/status").read_text()
    (resident,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(resident)


def test_it_says_ready_answers_and_stops_cleanly(tmp_path: Path) -> None:
    with Daemon(tmp_path, settings_in(tmp_path, "http://127.0.0.1:1")) as daemon:
        assert "READY=1" in daemon.ready
        assert daemon.client.get("/healthz") == {"ok": True}
        assert daemon.client.get("/readyz")["ready"] is True
        assert daemon.stop() == 0
        assert not (tmp_path / "run" / "api.sock").exists()


def test_just_started_it_takes_at_most_64_mb(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    for start in ("the first, which may compile", "the second"):
        with Daemon(tmp_path, settings) as daemon:
            resident = resident_kib(daemon)
            assert daemon.stop() == 0, start
    assert resident <= RESIDENT_MAX_KIB


def test_a_second_daemon_ends_with_one_clear_line_and_harms_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    with Daemon(tmp_path, settings) as daemon:
        second = run("run", "--settings", str(settings))
        assert second.returncode == 75
        assert str(daemon.child.pid) in second.stderr
        assert "Traceback" not in second.stderr
        assert daemon.client.get("/healthz") == {"ok": True}
        assert daemon.stop() == 0


def test_wrong_settings_end_with_78_and_leave_no_journal(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    settings.write_text(settings.read_text().replace('currency = "USD"', 'currency = "XYZ"'))
    done = run("run", "--settings", str(settings))
    assert done.returncode == 78
    assert "store.currency" in done.stderr
    assert not (tmp_path / "state").exists()


def test_a_credit_is_confirmed_over_real_sockets_and_the_books_agree(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (url, control):
        settings = settings_in(tmp_path, url)
        with Daemon(tmp_path, settings) as daemon:
            first = daemon.post(1)
            again = daemon.post(1)
            assert first["answer"] == again["answer"] == "confirmed"
            assert first["key"] == again["key"]
            assert daemon.stop() == 0
            (card,) = ledger(control)
            assert card["key"] == first["key"]
            assert card["initial"] == {"minor": 1001, "currency": "USD"}


def test_kill_nine_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (url, control):
        settings = settings_in(tmp_path, url)
        told: dict[int, str] = {}
        for round_ in range(4):
            with Daemon(tmp_path, settings) as daemon:
                for number in range(round_ * 5, round_ * 5 + 5):
                    told[number] = daemon.post(number)["key"]
                daemon.kill()
        with Daemon(tmp_path, settings) as daemon:
            for number, key in told.items():
                replayed = daemon.post(number)
                assert (replayed["key"], replayed["answer"]) == (key, "confirmed")
            assert daemon.stop() == 0
            keys = [card["key"] for card in ledger(control)]
            assert sorted(keys) == sorted(told.values())
            verified = run("journal", "--json", "--settings", str(settings), "verify")
            assert verified.returncode == 0
            assert json.loads(verified.stdout)["sound"] is True


def test_the_platforms_token_is_nowhere_but_in_its_file(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (url, _):
        settings = settings_in(tmp_path, url)
        with Daemon(tmp_path, settings) as daemon:
            token = (tmp_path / "credentials" / "platform-token").read_text().strip()
            told = json.dumps(daemon.post(1))
            process = Path(f"/proc/{daemon.child.pid}")
            shown = run("config", "--settings", str(settings), "show").stdout
            listed = run("queue", "--settings", str(settings), "list").stdout
            for where in (
                (process / "environ").read_bytes().decode(errors="replace"),
                (process / "cmdline").read_bytes().decode(),
                daemon.log(),
                told,
                shown,
                listed,
            ):
                assert TOKEN not in where
                assert token not in where
            assert daemon.stop() == 0
            for file in (tmp_path / "state").rglob("*"):
                if file.is_file():
                    assert token.encode() not in file.read_bytes()


def test_commands_show_settle_and_withdraw_what_waits(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    with Daemon(tmp_path, settings) as daemon:
        record = daemon.post(7)  # no printer and no platform: the manager must decide
        assert record["answer"] == "ask-a-manager"
        listed = run("queue", "--json", "--settings", str(settings), "list")
        (waiting,) = json.loads(listed.stdout)["credits"]
        assert waiting["key"] == record["key"]
        shown = run("queue", "--settings", str(settings), "show", record["key"])
        assert record["key"] in shown.stdout
        words = ("--by", "dora", "--reason", "nothing was handed out")
        done = run(
            "queue", "--json", "--settings", str(settings), "withdraw", record["key"], *words
        )
        assert json.loads(done.stdout)["state"] == "withdrawn"
        empty = run("queue", "--settings", str(settings), "list")
        assert empty.stdout.startswith("Nothing waits.")
        unknown = run(
            "queue", "--settings", str(settings), "show", "0421-03-1763600000000-7K3QF2ZD"
        )
        assert unknown.returncode == 1
        assert daemon.stop() == 0


def test_the_signing_key_stays_the_same_from_start_to_start(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    with Daemon(tmp_path, settings) as daemon:
        before = json.loads(run("keys", "--json", "--settings", str(settings), "show").stdout)
        assert daemon.stop() == 0
    with Daemon(tmp_path, settings) as daemon:
        assert daemon.stop() == 0
        after = json.loads(run("keys", "--json", "--settings", str(settings), "show").stdout)
        assert before == after
        assert before["public"].startswith("ed25519:")


def test_credits_that_wait_for_one_platform_are_never_sent_to_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes requests and never answers
        old = f"http://127.0.0.1:{silent.getsockname()[1]}/old"
        settings = settings_in(tmp_path, old)
        with Daemon(tmp_path, settings) as daemon:
            assert daemon.post(1)["state"] == "unsettled"
            assert daemon.stop() == 0
    text = settings.read_text()
    elsewhere = text.replace("/old", "/new")
    settings.write_text(elsewhere)
    done = run("run", "--settings", str(settings))
    assert done.returncode == 78
    assert "1 credits wait for rest loopback/old" in done.stderr
    settings.write_text(elsewhere.replace("[api]", f'moved_from = "{old}"\n[api]'))
    with Daemon(tmp_path, settings) as daemon:
        assert daemon.stop() == 0
