# SPDX-License-Identifier: Apache-2.0
"""Finds the files that the rules read, and the written exceptions. It judges nothing itself.

Git is not asked: a tree unpacked from an archive is held to the same rules. What tools leave
behind is passed over by name.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_BY_TOOLS = frozenset(
    {
        ".git",
        ".venv",
        ".demo",
        ".prove",
        ".hypothesis",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        "__pycache__",
        "build",
        "dist",
        "htmlcov",
        "node_modules",
    }
)

Rule = Callable[[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Allowed:
    """One written exception: `rule` may be broken at `path` (in `where`, if given)."""

    rule: str
    path: str
    where: str
    why: str

    def __post_init__(self) -> None:
        if len(self.why.split()) < 4:
            raise ValueError(f"the exception for {self.path} says no reason")


def files(*suffixes: str) -> Iterator[str]:
    """Paths from the root, with `/`, of all files that end so; none given: of every file."""
    for folder, names, leaves in os.walk(ROOT):
        names[:] = sorted(name for name in names if kept(name))
        for leaf in sorted(leaves):
            if not suffixes or leaf.endswith(suffixes):
                yield (Path(folder) / leaf).relative_to(ROOT).as_posix()


def kept(folder: str) -> bool:
    """Whether a folder is part of the project, judged by its name alone."""
    return folder not in LEFT_BY_TOOLS and not folder.endswith(".egg-info")


def python_files(*under: str) -> Iterator[str]:
    """Every Python file, or those below the folders named."""
    for path in files(".py"):
        if not under or path.startswith(tuple(f"{folder}/" for folder in under)):
            yield path


def read(path: str) -> str:
    """The text of one file; bytes that are no UTF-8 (a picture) read as an empty text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def exceptions() -> list[Allowed]:
    """All written exceptions; raises ValueError for one without a path or a reason."""
    entries = tomllib.loads(read("tests/house/exceptions.toml")).get("allowed", [])
    return [
        Allowed(entry["rule"], entry["path"], entry.get("where", ""), entry["why"])
        for entry in entries
    ]


def breaches(rule: str, find: Rule, paths: Iterable[str]) -> list[str]:
    """What `find` says about the files, less the written exceptions, plus the stale ones of them.

    A finding is excepted when it begins with the path of the exception and holds its `where`.
    """
    allowed = [entry for entry in exceptions() if entry.rule == rule]
    used: set[Allowed] = set()
    left: list[str] = []
    for path in paths:
        for finding in find(read(path), path):
            match = next((entry for entry in allowed if excepts(entry, finding)), None)
            if match is None:
                left.append(finding)
            else:
                used.add(match)
    left.extend(
        f"tests/house/exceptions.toml: nobody needs '{entry.rule}' for {entry.path} any more"
        for entry in allowed
        if entry not in used
    )
    return left


def excepts(entry: Allowed, finding: str) -> bool:
    """Whether this exception covers this finding."""
    return finding.startswith(f"{entry.path}:") and entry.where in finding
