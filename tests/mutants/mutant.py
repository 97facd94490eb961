# SPDX-License-Identifier: Apache-2.0
"""A planted bug as data: what is wrong, what it breaks, and texts to replace.

The tables stand in `planted/`, one file for each theme. A text to replace must stand exactly
once in its file, so that a mutant which the product has outgrown is an error and not a survivor.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PLANTED: Final = Path(__file__).resolve().parent / "planted"
INVARIANTS: Final = frozenset(f"I{number}" for number in range(1, 10))
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_WORDS_MIN: Final = 4


class Outgrown(ValueError):
    """A text to replace does not stand exactly once: the product has changed beneath it."""


@dataclass(frozen=True, slots=True)
class Change:
    """In `file`, `old` becomes `new`."""

    file: str
    old: str
    new: str

    def made_in(self, text: str) -> str:
        """The changed text; raises `Outgrown`."""
        found = text.count(self.old)
        if found != 1:
            raise Outgrown(f"{self.file}: stands {found} times: {self.old.strip()[:60]!r}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Mutant:
    """`wrong`: a sentence; `breaks`: the first invariant that suffers; `proofs`: checks of the
    battery that look for it before all others, and may take long; `suites`: what is asked last,
    by name."""

    name: str
    wrong: str
    breaks: str
    changes: tuple[Change, ...]
    proofs: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(f"{self.name!r}: a name is words in lower case with dashes")
        if len(self.wrong.split()) < _WORDS_MIN:
            raise ValueError(f"{self.name}: `wrong` is a sentence")
        if self.breaks not in INVARIANTS:
            raise ValueError(f"{self.name}: breaks {self.breaks}, which is no invariant")
        if not self.changes:
            raise ValueError(f"{self.name} changes nothing")
        if any(change.old == change.new for change in self.changes):
            raise ValueError(f"{self.name}: a change changes nothing")

    def plant(self, root: Path) -> None:
        """Makes every change in the tree at `root`, a copy; raises `Outgrown`."""
        for change in self.changes:
            path = root / change.file
            path.write_text(change.made_in(path.read_text(encoding="utf-8")), encoding="utf-8")
            for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                stale.unlink()


def mutants(folder: Path = PLANTED) -> list[Mutant]:
    """Every mutant of every table, in the order of files and rows; raises ValueError."""
    found: list[Mutant] = []
    for path in sorted(folder.glob("*.toml")):
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
        found.extend(_mutant(row) for row in rows)
    names = [each.name for each in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two mutants are called {twice[0]}")
    return found


def named(name: str, among: Sequence[Mutant]) -> Mutant:
    """The mutant of this name; raises ValueError."""
    for each in among:
        if each.name == name:
            return each
    raise ValueError(f"no mutant is called {name}")


def _mutant(row: dict[str, object]) -> Mutant:
    unknown = set(row) - {"name", "wrong", "breaks", "change", "proofs", "suites"}
    if unknown:
        raise ValueError(f"{row.get('name')}: no field is called {min(unknown)}")
    changes = row.get("change", [])
    if not isinstance(changes, list):
        raise ValueError(f"{row.get('name')}: changes are a list")
    return Mutant(
        name=str(row["name"]),
        wrong=str(row["wrong"]),
        breaks=str(row["breaks"]),
        changes=tuple(Change(each["file"], each["old"], each["new"]) for each in changes),
        proofs=_texts(row.get("proofs", [])),
        suites=_texts(row.get("suites", [])),
    )


def _texts(given: object) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise ValueError("proofs and suites are lists")
    return tuple(str(each) for each in given)
