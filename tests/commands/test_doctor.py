# SPDX-License-Identifier: Apache-2.0
"""What doctor finds on hosts where something is wrong, and that it tells whose adapter it is."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import pytest

from agent.commands import looks
from agent.commands.findings import Finding, Grade, worst
from agent.platforms.catalog import GROUP, Catalog
from tests.commands.roads import SECRET, settings_file, settings_for
from tests.platforms.raw_server import closed_port

ENTRY_POINTS = f"""\
[{GROUP}]
acme = agent.platforms.rest:platform
rusty = acme_rusty.no_such_module:platform
"""


def acme(folder: Path) -> list[EntryPoint]:
    """The entry points of another distribution, as an installer leaves them."""
    made = folder / "acme_cards-1.2.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-cards\nVersion: 1.2\n")
    (made / "entry_points.txt").write_text(ENTRY_POINTS)
    return list(Distribution.at(made).entry_points)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {each.what: each for each in findings}


def test_a_foreign_adapter_is_named_with_its_distribution(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "https://credit.example", 'name = "acme"')
    found = by_name(list(looks.adapters(settings, Catalog(acme(tmp_path)))))
    assert found["adapter acme"].grade is Grade.OK
    assert found["adapter acme"].seen == "foreign, from acme-cards 1.2"
    assert found["adapter rusty"].grade is Grade.WEAK
    assert "ModuleNotFoundError" in found["adapter rusty"].seen
    assert "acme-cards 1.2" in found["adapter rusty"].todo


@pytest.mark.parametrize(("name", "words"), [("rusty", "acme-cards 1.2"), ("gone", "slip")])
def test_an_adapter_that_the_settings_use_and_that_does_not_load_is_wrong(
    tmp_path: Path, name: str, words: str
) -> None:
    settings = settings_for(tmp_path, "https://credit.example", f'name = "{name}"')
    found = by_name(list(looks.adapters(settings, Catalog(acme(tmp_path)))))
    assert found[f"adapter {name}"].grade is Grade.WRONG
    assert words in found[f"adapter {name}"].todo


def test_our_own_adapter_is_said_to_be_ours(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "https://credit.example")
    found = by_name(list(looks.adapters(settings, Catalog())))
    assert (found["adapter rest"].grade, found["adapter rest"].seen) == (Grade.OK, "our own")


def test_the_disk_is_judged_where_the_journal_will_be(tmp_path: Path) -> None:
    found = looks.room(settings_for(tmp_path, "https://credit.example"))
    assert found.grade in (Grade.OK, Grade.WEAK)
    assert str(tmp_path) in found.seen


def test_a_journal_that_is_no_journal_is_a_finding_and_no_end(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "https://credit.example")
    assert looks.guarded_journal(settings).grade is Grade.SKIPPED
    folder = settings.agent.state_dir / "journal"
    folder.mkdir(parents=True)
    (folder / "journal.db").write_bytes(b"this is no database, and long enough to be read so")
    assert looks.guarded_journal(settings).grade is Grade.WRONG


def test_the_worst_of_several_findings_counts() -> None:
    good, weak = Finding("a", Grade.OK), Finding("b", Grade.WEAK)
    assert worst([good, Finding("c", Grade.SKIPPED)]) is Grade.OK
    assert worst([good, weak]) is Grade.WEAK
    assert worst([weak, Finding("d", Grade.WRONG), good]) is Grade.WRONG


@pytest.mark.parametrize("as_json", [False, True])
def test_a_host_without_an_agent_and_a_way_is_told_so_and_ends_with_1(
    tmp_path: Path, as_json: bool
) -> None:
    file = settings_file(tmp_path, f"http://127.0.0.1:{closed_port()}")
    words = [sys.executable, "-m", "agent", "doctor", "--settings", str(file)]
    done = subprocess.run(
        [*words, *(["--json"] if as_json else [])],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert SECRET not in done.stdout + done.stderr
    if as_json:
        found = {each["what"]: each for each in json.loads(done.stdout)["findings"]}
        assert (found["agent"]["grade"], found["connection"]["grade"]) == ("wrong", "wrong")
        assert found["credential"]["grade"] == "ok"
    else:
        assert "bad        agent" in done.stdout
        assert "systemctl start countermark" in done.stdout
        assert "bad        connection" in done.stdout


def test_an_option_that_the_adapter_refuses_is_a_finding(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "https://credit.example")
    file.write_text(file.read_text() + "\n[platform.options]\nsettling = 1\n")
    words = [sys.executable, "-m", "agent", "doctor", "--json", "--settings", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    found = {each["what"]: each for each in json.loads(done.stdout)["findings"]}
    assert "did you mean settling_ms" in found["platform"]["seen"]
