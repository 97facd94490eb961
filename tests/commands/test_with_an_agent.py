# SPDX-License-Identifier: Apache-2.0
"""Every command against a real agent, a sandbox platform and a printer on loopback."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.commands.demo.cast import Printer
from agent.commands.demo.eyes import read_qr
from agent.domain.code import Code
from agent.settings.load import load
from tests.daemon.process import TOKEN, Daemon, sandbox, settings_in

PRINTER = """
[printer.front]
connection = "tcp://127.0.0.1:{port}"
profile = "epson-tm-t20iii"
"""


@dataclass(frozen=True)
class Shop:
    """A running register, and what a person types at it."""

    daemon: Daemon
    printer: Printer
    control: str
    settings: Path

    def type(self, *words: str, stdin: str = "") -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "agent", words[0], "--settings", str(self.settings), *words[1:]],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    def ask(self, *words: str, stdin: str = "") -> tuple[int, Any]:
        """The same with --json."""
        code, out, _ = self.type(words[0], "--json", *words[1:], stdin=stdin)
        return code, json.loads(out)

    def platform(self, *, down: bool) -> None:
        body = json.dumps({"name": "down", "on": down}).encode()
        request = urllib.request.Request(  # noqa: S310 -- loopback
            f"{self.control}/sandbox/faults",
            data=body,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request):  # noqa: S310 -- loopback
            return

    def voucher(self, number: int) -> tuple[str, str]:
        """A credit on paper: its key, and what its QR says."""
        self.platform(down=True)
        record = self.daemon.post(number)
        paper = self.printer.next_paper()
        self.platform(down=False)
        assert paper is not None
        text = read_qr(paper)
        assert text is not None
        return record["key"], text


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    printer = Printer(folder)
    with sandbox(folder) as (url, control):
        settings = settings_in(folder, url)
        text = settings.read_text().replace('ring = "issue"', 'ring = "issue"\nprinter = "front"')
        settings.write_text(text + PRINTER.format(port=printer.port))
        with Daemon(folder, settings) as daemon:
            yield Shop(daemon, printer, control, settings)
            daemon.stop()
    printer.process.stop()


def test_check_looks_at_everything_and_changes_nothing(shop: Shop) -> None:
    papers = shop.printer.count()
    code, found = shop.ask("check")
    seen = {each["what"]: each["good"] for each in found["findings"]}
    assert code == 0, found
    assert seen["platform"] is True
    assert seen["journal"] is True
    assert seen["printer front"] is True
    assert shop.printer.count() == papers


def test_check_says_which_part_is_bad_and_ends_with_its_code(shop: Shop) -> None:
    shop.platform(down=True)
    code, out, _ = shop.type("check")
    shop.platform(down=False)
    assert code == 69
    assert "bad        platform" in out
    shop.printer.set("paper_out", True)
    code, out, _ = shop.type("check")
    shop.printer.set("paper_out", False)
    assert code == 1
    assert "paper-out" in out


def test_status_is_a_few_lines(shop: Shop) -> None:
    code, out, _ = shop.type("status")
    assert code == 0
    assert "The platform answers." in out
    assert "Register 03: ring issue, printer front." in out


def test_a_till_is_paired_listed_and_revoked(shop: Shop) -> None:
    words = ("code", "Acme POS", "--register", "03", "--timeout", "12")
    code, made = shop.ask("pair", *words)
    assert code == 0
    paired = shop.daemon.client.post("/v1/pairings", {"code": made["code"]})
    code, listed = shop.ask("pair", "list")
    (pairing,) = [each for each in listed["pairings"] if each["id"] == paired["id"]]
    assert (pairing["name"], pairing["timeout_ms"], pairing["tested"]) == ("Acme POS", 12000, False)
    assert paired["token"] not in json.dumps(listed)
    assert shop.type("pair", "revoke", paired["id"])[0] == 0
    assert shop.ask("pair", "list")[1]["pairings"] == []


def test_a_screen_is_paired_with_what_a_cashier_needs_and_told_where_to_go(shop: Shop) -> None:
    code, out, _ = shop.type("pair", "screen", "front", "--register", "03")
    assert code == 0
    assert "/screen and type the digits" in out
    code, made = shop.ask("pair", "screen", "cashier", "--register", "03")
    assert code == 0
    paired = shop.daemon.client.post("/v1/pairings", {"code": made["code"]})
    assert paired["scopes"] == ["issue", "read", "void", "approve"]
    assert paired["registers"] == ["03"]
    assert shop.type("pair", "revoke", paired["id"])[0] == 0


def test_a_manager_is_named_with_a_pin_from_standard_input(shop: Shop) -> None:
    assert shop.type("approvers", "add", "dora", stdin="4711\n")[0] == 0
    assert [each["name"] for each in shop.ask("approvers", "list")[1]["managers"]] == ["dora"]
    code, out, _ = shop.type("approvers", "add", "eve", stdin="12\n")
    assert (code, "4 to 12 digits" in out) == (2, True)
    assert shop.type("approvers", "remove", "dora")[0] == 0
    assert shop.type("approvers", "add", "Mia Smith/2", stdin="4711\n")[0] == 0
    assert shop.type("approvers", "remove", "Mia Smith/2")[0] == 0
    assert shop.ask("approvers", "list")[1]["managers"] == []


def test_a_voucher_is_shown_verified_and_reprinted(shop: Shop) -> None:
    key, text = shop.voucher(101)
    code, found = shop.ask("voucher", "show", text)
    assert (code, found["valid"], found["key"]) == (0, True, key)
    assert found["credit"]["key"] == key
    assert shop.type("voucher", "verify", text)[0] == 0
    code, again = shop.ask("voucher", "reprint", key, "--by", "ann", "--reason", "torn")
    assert (code, again["copies"]) == (0, 2)
    paper = shop.printer.next_paper()
    assert paper is not None
    assert any("COPY 2" in line for line in paper["lines"])
    assert read_qr(paper) == text


@pytest.mark.parametrize("text", ["CM1:AAAA", "HTTPS://C.BRAND.EXAMPLE/V/ZZZ", "4006381333931"])
def test_what_is_no_voucher_is_said_so(shop: Shop, text: str) -> None:
    code, found = shop.ask("voucher", "verify", text)
    assert (code, found["valid"]) == (1, False)


def test_a_forged_voucher_is_not_genuine(shop: Shop) -> None:
    _, text = shop.voucher(102)
    raw = bytearray(base64.b32decode(text.rpartition("/V/")[2].removeprefix("CM1:") + "="))
    raw[39] ^= 1  # another amount under the same signature
    forged = "CM1:" + base64.b32encode(bytes(raw)).decode().rstrip("=")
    code, out, _ = shop.type("voucher", "verify", forged)
    assert code == 1
    assert "genuine" not in out.replace("not genuine", "")


def test_what_waits_is_retried_and_settled(shop: Shop) -> None:
    key, _ = shop.voucher(103)
    code, record = shop.ask("queue", "retry", key)
    assert (code, record["state"]) == (0, "confirmed")
    words = ("--void", "--by", "dora", "--reason", "changed mind")
    code, record = shop.ask("queue", "settle", key, *words)
    assert (code, record["state"]) == (0, "voided")
    code, _, said = shop.type("queue", "settle", key, "--link", "cus_1", *words[1:])
    assert code == 1
    assert "What to do" in said


def test_a_settlement_without_a_way_is_a_usage_error(shop: Shop) -> None:
    words = ("queue", "settle", "K", "--by", "a", "--reason", "b")
    assert shop.type(*words)[0] == 2


def test_the_journal_is_exported_without_secrets_while_the_agent_runs(
    shop: Shop, tmp_path: Path
) -> None:
    key, text = shop.voucher(104)
    code, told = shop.ask("journal", "export", "--out", str(tmp_path / "out.ndjson"))
    exported = (tmp_path / "out.ndjson").read_text()
    assert code == 0
    assert told["lines"] == len(exported.splitlines())
    assert key in exported
    assert text.rpartition("/V/")[2] not in exported
    again, _, said = shop.type("journal", "export", "--out", str(tmp_path / "out.ndjson"))
    assert again == 2
    assert "exists" in said


def test_a_changed_row_is_found_with_exit_code_74(shop: Shop, tmp_path: Path) -> None:
    assert shop.ask("journal", "verify")[0] == 0
    copy = tmp_path / "state" / "journal"
    copy.mkdir(parents=True)
    source = shop.daemon.folder / "state" / "journal" / "journal.db"
    with sqlite3.connect(source) as live, sqlite3.connect(copy / "journal.db") as target:
        live.backup(target)
        target.execute("UPDATE credits SET amount_minor = amount_minor + 1 WHERE id = 1")
        target.commit()
    live.close()
    target.close()
    settings = tmp_path / "countermark.toml"
    state = str(shop.daemon.folder / "state")
    settings.write_text(shop.settings.read_text().replace(state, str(tmp_path / "state")))
    tampered = Shop(shop.daemon, shop.printer, shop.control, settings)
    code, found = tampered.ask("journal", "verify")
    assert code == 74
    assert found["sound"] is False
    assert found["findings"]


def test_every_metric_shows_what_happened(shop: Shop) -> None:
    shop.voucher(105)
    shop.daemon.post(106)
    assert shop.printer.next_paper() is not None
    text = shop.daemon.client.text("/metrics")
    for part in (
        'countermark_credits_total{answer="confirmed",state="confirmed"}',
        'countermark_answer_seconds_count{answer="voucher"}',
        'countermark_platform_outcomes_total{outcome="unsent",question="issue"}',
        'countermark_platform_outcomes_total{outcome="confirmed",question="issue"}',
        'countermark_prints_total{kind="voucher",result="printed"}',
        "countermark_journal_commit_seconds_count",
        'countermark_http_requests_total{method="POST",route="/v1/credits",status="202"}',
        "countermark_breaker_open 0.0",
        'countermark_waiting_credits{register="0421/03"}',
    ):
        assert part in text, part


def test_the_way_to_the_platform_is_proved_step_by_step(shop: Shop) -> None:
    code, found = shop.ask("check", "--platform")
    assert code == 0, found
    assert (found["platform"], found["by"], found["registers"]) == ("rest", "platform", ["03"])
    assert {each["grade"] for each in found["findings"]} <= {"ok", "skipped"}
    code, out, _ = shop.type("check", "--platform")
    assert "the token may read credits" in out
    assert TOKEN not in out


def test_doctor_gathers_what_is_weak_with_what_to_do(shop: Shop) -> None:
    code, found = shop.ask("doctor")
    seen = {each["what"]: each for each in found["findings"]}
    assert code == 0, found
    assert found["worst"] in ("ok", "weak")
    assert seen["agent"]["good"] is True
    assert seen["adapter rest"]["seen"] == "our own"
    assert seen["register 03"]["seen"].startswith("its credits go to rest at http://127.0.0.1")
    assert "MiB are free" in seen["disk"]["seen"]
    assert seen["printer front"]["good"] is True
    assert TOKEN not in json.dumps(found)


def issue_elsewhere(shop: Shop, key: str, code: str, minor: int) -> None:
    """Another writer at the same platform."""
    url = load(shop.settings, {}).settings.platform_here.url
    body = {"key": key, "code": code, "amount": {"minor": minor, "currency": "USD"}}
    request = urllib.request.Request(  # noqa: S310 -- loopback
        f"{url}/v1/credits",
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {TOKEN}",
            "Idempotency-Key": f"00000000-0000-8000-8000-{minor:012d}",
        },
    )
    with urllib.request.urlopen(request):  # noqa: S310 -- loopback
        return


def test_only_what_others_made_is_listed_with_its_sum(shop: Shop) -> None:
    shop.daemon.post(900)
    code, found = shop.ask("check", "--other-writers")
    assert (code, found["count"], found["sums"]) == (0, 0, [])
    assert found["read"] >= 1
    lost, neighbour = (Code.draw(number, (number,) * 14).reveal() for number in (1, 2))
    issue_elsewhere(shop, "0421-03-1763600000001-7K3QF2ZD", lost, 1234)
    issue_elsewhere(shop, "0421-09-1763600000000-7K3QF2ZD", neighbour, 99)
    code, found = shop.ask("check", "--other-writers")
    assert code == 1
    assert (found["count"], found["elsewhere"]) == (1, 1)
    assert found["sums"] == [{"minor": 1234, "currency": "USD"}]
    assert found["others"][0]["why"] == "unrecorded"
    code, out, _ = shop.type("check", "--other-writers")
    assert code == 1
    assert "USD 12.34" in out
    assert "not in its journal" in out
    assert lost not in out
