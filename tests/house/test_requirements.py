# SPDX-License-Identifier: Apache-2.0
"""What the project stands on is declared once, locked with hashes, and nothing besides is used."""

from __future__ import annotations

import tomllib

from tests.house.requirements import find_undeclared, find_unhashed, locked, named
from tests.house.tree import python_files, read

DECLARED = named(read("requirements/run.in"))
# Named in run.in for the build, not imported by the product.
FOR_THE_BUILD = {"setuptools"}


def test_the_wheel_asks_for_what_run_in_asks_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    asked = {line for line in read("requirements/run.in").splitlines() if line[:1].isalpha()}
    build = {line for line in asked if named(line) <= FOR_THE_BUILD}
    assert set(project["dependencies"]) == asked - build


def test_every_requirement_is_locked_with_its_hashes() -> None:
    for path in ("requirements/run.txt", "requirements/demo.txt", "requirements/dev.txt"):
        assert find_unhashed(read(path), path) == []
    assert named(read("requirements/run.in")) <= set(locked(read("requirements/run.txt")))
    assert named(read("requirements/dev.in")) <= set(locked(read("requirements/dev.txt")))


def test_tests_run_on_the_versions_that_registers_run_on() -> None:
    run, dev = (locked(read(f"requirements/{name}.txt")) for name in ("run", "dev"))
    assert {name: run[name] for name in run.keys() & dev.keys()} == {
        name: dev[name] for name in run.keys() & dev.keys()
    }


def allowed(path: str) -> set[str]:
    """The demo alone may have what demo.in brings: it reads its papers with foreign eyes."""
    demo = named(read("requirements/demo.in")) if path.startswith("agent/commands/demo/") else set()
    return (DECLARED - FOR_THE_BUILD) | demo


def test_the_product_imports_only_what_it_declares() -> None:
    findings = [
        finding
        for path in python_files("agent", "hardware")
        for finding in find_undeclared(read(path), path, allowed(path))
    ]
    assert findings == []


def test_an_undeclared_import_is_found_wherever_it_stands() -> None:
    source = "import json, serial\ndef f():\n    from requests import get\n    import agent.x"
    assert find_undeclared(source, "agent/a.py", {"pyserial"}) == [
        "agent/a.py:3: requests is not in requirements/run.in"
    ]


def test_a_requirement_without_version_or_hash_is_found() -> None:
    good = "# by\na==1 \\\n    --hash=sha256:00\n    # via b\n"
    assert find_unhashed(good, "r.txt") == []
    assert len(find_unhashed(good + "b==2\n    # via c\n", "r.txt")) == 1
    assert len(find_unhashed(good + "b>=2 \\\n    --hash=sha256:00\n", "r.txt")) == 1
