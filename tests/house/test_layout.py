# SPDX-License-Identifier: Apache-2.0
"""Where files may and may not be, and that a written exception is never wider than its need."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.house.tree import Allowed, breaches, exceptions, excepts, files, kept, python_files


def find_wrong_packages(paths: list[str]) -> list[str]:
    """`__init__.py` where the folder would shadow a library or is no code, and test folders
    without one, in which two modules of the same name would be taken for each other."""
    known = set(paths)
    findings = [
        f"{path}: this folder is not a package"
        for path in paths
        if path.startswith(("packaging/", "systemd/")) and path.endswith("/__init__.py")
    ]
    folders = {
        PurePosixPath(path).parent.as_posix()
        for path in paths
        if path.startswith("tests/") and path.endswith(".py")
    }
    findings.extend(
        f"{folder}: has no __init__.py"
        for folder in sorted(folders)
        if f"{folder}/__init__.py" not in known
    )
    return findings


def test_packages_are_where_they_belong() -> None:
    assert find_wrong_packages(list(files())) == []


def test_a_package_in_the_wrong_place_is_found() -> None:
    assert len(find_wrong_packages(["packaging/__init__.py"])) == 1
    assert len(find_wrong_packages(["systemd/units/__init__.py"])) == 1
    assert len(find_wrong_packages(["tests/x/test_y.py"])) == 1
    assert find_wrong_packages(["tests/x/test_y.py", "tests/x/__init__.py"]) == []


def test_the_rules_read_the_whole_tree_and_nothing_that_tools_left() -> None:
    paths = list(files())
    assert {"Makefile", ".ci/run", "agent/__init__.py", "tests/house/tree.py"} <= set(paths)
    assert not [path for path in paths if path.startswith((".venv/", ".git/"))]
    assert not kept(".venv")
    assert not kept("countermark.egg-info")
    assert kept("agent")


def test_every_exception_is_written_with_its_reason() -> None:
    assert all(entry.why for entry in exceptions())
    with pytest.raises(ValueError, match="no reason"):
        Allowed("size", "agent/a.py", "", "too long")


def test_an_exception_covers_its_own_finding_only() -> None:
    entry = Allowed("size", "agent/a.py", "lines", "a table reads best whole")
    assert excepts(entry, "agent/a.py: 401 lines")
    assert not excepts(entry, "agent/a.py:3: f is long")
    assert not excepts(entry, "agent/a.pyx: 401 lines")


def test_a_breach_comes_through_with_its_path() -> None:
    def find_all(source: str, path: str) -> list[str]:
        return [f"{path}: has {source.count('SPDX')}"] if source else []

    found = breaches("no-such-rule", find_all, ["tests/__init__.py"])
    assert found == ["tests/__init__.py: has 1"]
    assert list(python_files("packaging", "systemd")) == []
