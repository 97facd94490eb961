# SPDX-License-Identifier: Apache-2.0
"""Tables for people and one JSON file for machines. Judges nothing but what a bar says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A number that was set beforehand. `least`: to be reached from above, else from below."""

    what: str
    measured: float
    limit: float
    unit: str = ""
    least: bool = False

    @property
    def reached(self) -> bool:
        return self.measured >= self.limit if self.least else self.measured <= self.limit

    def line(self) -> str:
        word = "reached" if self.reached else "not reached"
        side = "at least" if self.least else "at most"
        unit = f" {self.unit}" if self.unit else ""
        return f"{word:>12}  {self.what}: {shown(self.measured)}{unit}, {side} {shown(self.limit)}"


@dataclass(slots=True)
class Table:
    """Rows under a title; the first column is a name, all others are numbers."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        self.rows.append(cells)

    def lines(self) -> list[str]:
        texts = [list(self.columns), *([shown(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[at]) for row in texts) for at in range(len(self.columns))]
        found = [self.title, "-" * len(self.title)]
        for row in texts:
            first, *others = (
                text.ljust(width) if at == 0 else text.rjust(width)
                for at, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            found.append("  ".join([first, *others]).rstrip())
        return found


@dataclass(slots=True)
class Part:
    """What one part of the run found."""

    name: str
    tables: list[Table] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        blocks = ["\n".join(table.lines()) for table in self.tables]
        if self.bars:
            blocks.append("\n".join(bar.line() for bar in self.bars))
        return "\n\n".join([*blocks, *self.notes]) + "\n"


def shown(cell: Cell) -> str:
    """Three digits that matter; nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        if abs(cell) >= 100:
            return f"{cell:.0f}"
        return f"{cell:.2f}" if abs(cell) >= 1 else f"{cell:.3f}"
    return str(cell)


def write_json(path: Path, machine: Mapping[str, Cell], parts: Sequence[Part]) -> None:
    """Everything that was printed, once more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "machine": dict(machine),
        "parts": [
            {
                **asdict(part),
                "bars": [{**asdict(bar), "reached": bar.reached} for bar in part.bars],
            }
            for part in parts
        ],
    }
    path.write_text(json.dumps(told, indent=1) + "\n")
