# SPDX-License-Identifier: Apache-2.0
"""Rules about what the project stands on: declared, locked with hashes, and nothing besides."""

from __future__ import annotations

import re
import sys

from tests.house.floors import imports

# Where the import is not called as the distribution.
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "phonenumberslite": "phonenumbers",
    "pillow": "PIL",
    "prometheus-client": "prometheus_client",
    "pynacl": "nacl",
    "pyserial": "serial",
    "python-escpos": "escpos",
    "zxing-cpp": "zxingcpp",
}

# Libraries whose types are part of a declared one's own interface.
COME_WITH = {"aiohttp": {"yarl", "multidict"}}


def named(requirements: str) -> set[str]:
    """The distributions that a .in file asks for."""
    lines = (line.strip() for line in requirements.splitlines())
    return {
        re.split(r"[<>=!~;\[ ]", line, maxsplit=1)[0].lower()
        for line in lines
        if line and not line.startswith(("#", "-"))
    }


def locked(requirements: str) -> dict[str, set[str]]:
    """Distribution to its versions (there may be one per Python) in a compiled file."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", requirements, re.M):
        found.setdefault(name, set()).add(version)
    return found


def find_unhashed(source: str, path: str) -> list[str]:
    """A requirement of a compiled file that is not pinned, or has no hash below it."""
    findings: list[str] = []
    for block in re.split(r"\n(?=\S)", source.strip()):
        first = block.splitlines()[0] if block else ""
        if first.startswith("#") or not first:
            continue
        if "==" not in first or "--hash=sha256:" not in block:
            findings.append(f"{path}: {first.rstrip(' ' + chr(92))} is not locked")
    return findings


def find_undeclared(source: str, path: str, declared: set[str]) -> list[str]:
    """An import of the product that is neither standard library, nor ours, nor declared."""
    known = {"agent", "hardware"} | sys.stdlib_module_names
    for name in declared:
        known |= {IMPORTED_AS.get(name, name.replace("-", "_"))} | COME_WITH.get(name, set())
    return [
        f"{path}:{line}: {module.partition('.')[0]} is not in requirements/run.in"
        for line, module in imports(source, path)
        if module.partition(".")[0] not in known
    ]
