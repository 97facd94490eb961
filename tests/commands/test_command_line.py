# SPDX-License-Identifier: Apache-2.0
"""The command line as a process: exit codes, sentences, JSON, documents."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.__main__ import COMMANDS, parser

GOOD = """\
[store]
number = "0421"
currency = "USD"
[[register]]
id = "03"
[platform]
url = "http://127.0.0.1:9"
[agent]
state_dir = "{folder}/state"
run_dir = "{folder}/run"
credentials_dir = "{folder}/credentials"
"""


def countermark(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agent", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "countermark.toml"
    file.write_text(GOOD.format(folder=tmp_path))
    return file


def test_the_version_is_told_fast_and_alone() -> None:
    done = countermark("--version")
    assert (done.returncode, done.stdout) == (0, "countermark 0.1.0\n")


def test_an_unknown_command_is_a_usage_error() -> None:
    assert countermark("frobnicate").returncode == 2


def test_a_missing_settings_file_ends_with_78_and_says_what_to_do(tmp_path: Path) -> None:
    done = countermark("config", "--settings", str(tmp_path / "none.toml"), "show")
    assert done.returncode == 78
    assert "does not exist" in done.stderr
    assert done.stdout == ""


def test_a_wrong_setting_in_json_is_a_document_with_its_code(settings: Path) -> None:
    settings.write_text(settings.read_text().replace("currency", "curency"))
    done = countermark("config", "--json", "--settings", str(settings), "show")
    assert done.returncode == 78
    assert json.loads(done.stdout)["error"]["code"] == "settings"


def test_the_settings_in_force_are_shown_with_their_origin(settings: Path) -> None:
    done = countermark("config", "--json", "--settings", str(settings), "show")
    shown = json.loads(done.stdout)
    assert shown["store.number"]["value"] == "0421"
    assert shown["store.number"]["origin"] == str(settings)
    assert shown["limits.per_credit"] == {"value": "20000", "origin": "default"}


@pytest.mark.parametrize("words", [("status",), ("queue", "list"), ("pair", "list")])
def test_without_an_agent_a_command_ends_with_69_and_a_hint(
    settings: Path, words: tuple[str, ...]
) -> None:
    done = countermark(words[0], "--settings", str(settings), *words[1:])
    assert done.returncode == 69
    assert "systemctl start countermark" in done.stderr


def test_a_register_without_a_key_says_so(settings: Path) -> None:
    done = countermark("keys", "--json", "--settings", str(settings), "show")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"public": None}


def test_every_command_and_action_stands_in_the_documents() -> None:
    page = Path("docs/commands.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"`countermark {name}" in page, name
        for action in actions_of(name):
            assert f"`countermark {name} {action}" in page, f"{name} {action}"


def actions_of(name: str) -> list[str]:
    """The second words that a command knows."""
    top = parser(name)
    commands = next(each for each in top._actions if each.dest == "command")
    assert commands.choices is not None
    one = dict(commands.choices)[name]
    inner = [each for each in one._actions if each.dest == "action"]
    return list(inner[0].choices) if inner else []
