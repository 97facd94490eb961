# SPDX-License-Identifier: Apache-2.0
"""What a proof says at its end: one line of JSON, the last one of its standard output.

    {"proof": "simulation", "held": true, "figures": {"seeds": 50}, "found": []}

`held` is null where the proof cannot be tried on this machine, and `why` says what to install.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

HELD: Final = 0
FOUND: Final = 1
CANNOT: Final = 75
"""The exit codes of a proof: it held, something was found, it cannot be tried here."""

LINE_MAX: Final = 400

Figures = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that must not be, and the command that shows it again."""

    what: str
    again: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`figures` of several pieces are added up, but for names that end in `_max`. `told`: rows
    for the table at the end, such as which check caught which mutant."""

    proof: str
    held: bool | None
    figures: Figures = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    why: str = ""
    told: tuple[tuple[str, ...], ...] = ()

    @property
    def exit_code(self) -> int:
        if self.held is None:
            return CANNOT
        return HELD if self.held else FOUND

    def line(self) -> str:
        """The line that ends a proof's output."""
        said: dict[str, object] = {
            "proof": self.proof,
            "held": self.held,
            "figures": dict(self.figures),
            "found": [{"what": each.what, "again": each.again} for each in self.found],
        }
        if self.why:
            said["why"] = self.why
        if self.told:
            said["told"] = [list(row) for row in self.told]
        return json.dumps(said, ensure_ascii=True)


def read_verdict(output: str) -> Verdict:
    """The verdict in the last line of a proof's output; raises ValueError where there is none."""
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines:
        raise ValueError("it said nothing")
    said = json.loads(lines[-1])
    if not isinstance(said, dict) or "held" not in said:
        raise ValueError("its last line is no verdict")
    return Verdict(
        proof=str(said.get("proof", "")),
        held=None if said["held"] is None else bool(said["held"]),
        figures=_numbers(said.get("figures", {})),
        found=tuple(
            Found(_one_line(each.get("what", "")), _one_line(each.get("again", "")))
            for each in said.get("found", [])
        ),
        why=str(said.get("why", "")),
        told=tuple(tuple(str(cell) for cell in row) for row in said.get("told", [])),
    )


def _one_line(said: object) -> str:
    """For a table: a proof may have quoted a whole log."""
    text = " ".join(str(said).split())
    return text if len(text) <= LINE_MAX else f"{text[: LINE_MAX - 1]}…"


def _numbers(said: Mapping[str, object]) -> dict[str, int | float]:
    """Figures, those that are tables of their own (faults by name) taken apart."""
    found: dict[str, int | float] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            found.update(_numbers({f"{name}.{inner}": each for inner, each in value.items()}))
        elif isinstance(value, bool):
            found[name] = int(value)
        elif isinstance(value, int | float):
            found[name] = value
    return found


def added(many: Iterable[Figures]) -> dict[str, int | float]:
    """The figures of several pieces as one."""
    found: dict[str, int | float] = {}
    for figures in many:
        for name, value in figures.items():
            if name.endswith("_max"):
                found[name] = max(found.get(name, value), value)
            else:
                found[name] = found.get(name, 0) + value
    return found
