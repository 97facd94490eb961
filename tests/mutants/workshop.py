# SPDX-License-Identifier: Apache-2.0
"""Where mutants are tried: a copy of the tree in a temporary folder, never the tree itself."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutants.battery import Check
from tests.prove.children import Children, Ended

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FOLDERS: Final = ("agent", "hardware", "tests", "docs", "requirements")
FILES: Final = ("pyproject.toml", "README.md", "Makefile")
MEMORY: Final = Path("/dev/shm")  # noqa: S108


@dataclass(frozen=True, slots=True)
class Workshop:
    """One copy, in which checks are run with the interpreter at hand."""

    folder: Path
    children: Children

    def run(self, check: Check) -> Ended:
        """Runs a check in the copy. What it starts imports the copy too."""
        command = (sys.executable, *check.arguments)
        return self.children.run(command, self.folder, check.bound_s, self._environment())

    def _environment(self) -> Mapping[str, str]:
        room = self.folder.parent / "room"
        room.mkdir(exist_ok=True)
        return {"PYTHONPATH": str(self.folder), "TMPDIR": str(room), "COLUMNS": "200"}


@contextmanager
def workshop(children: Children, root: Path = ROOT) -> Iterator[Workshop]:
    """A fresh copy, gone afterwards. In memory where that is possible: an fsync costs nothing."""
    where = MEMORY if MEMORY.is_dir() else None
    holder = Path(tempfile.mkdtemp(prefix="mutant-", dir=where))
    try:
        copy = holder / "tree"
        copy.mkdir()
        for name in FOLDERS:
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, ignore=_left_out)
        for name in FILES:
            if (root / name).is_file():
                shutil.copy2(root / name, copy / name)
        yield Workshop(copy, children)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _left_out(folder: str, names: list[str]) -> list[str]:
    """What the checks never read. Compiled files come along: they are dated by their sources."""
    return [name for name in names if name in {"pictures", ".hypothesis"} and "docs" in folder]
