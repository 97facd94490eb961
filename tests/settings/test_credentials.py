# SPDX-License-Identifier: Apache-2.0
"""Credential files: found in systemd's folder first, refused where others may read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.faults import SettingsWrong
from agent.settings import credentials


def kept(folder: Path, text: str, mode: int = 0o600) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "platform-token"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_a_credential_is_read_without_its_line_end(tmp_path: Path) -> None:
    kept(tmp_path, "abc\n")
    assert credentials.read("platform-token", tmp_path, {}) == "abc"


def test_the_folder_of_systemd_comes_first(tmp_path: Path) -> None:
    kept(tmp_path / "own", "own")
    kept(tmp_path / "systemd", "given", 0o440)
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path / "systemd")}
    assert credentials.read("platform-token", tmp_path / "own", environment) == "given"


@pytest.mark.parametrize("text", ["", "unset\n"])
def test_an_unset_credential_is_none(tmp_path: Path, text: str) -> None:
    kept(tmp_path, text)
    assert credentials.read("platform-token", tmp_path, {}) is None


def test_a_credential_that_others_may_read_is_refused(tmp_path: Path) -> None:
    kept(tmp_path, "hunter2", 0o644)
    with pytest.raises(SettingsWrong) as caught:
        credentials.read("platform-token", tmp_path, {})
    assert "chmod 600" in str(caught.value.values["problem"])
    assert "hunter2" not in str(caught.value)
