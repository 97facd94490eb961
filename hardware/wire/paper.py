# SPDX-License-Identifier: Apache-2.0
"""What a job leaves on paper: rows of text, dots and marks, with their places in dots.

Values only; ``picture`` makes them from a job, ``drawing`` makes pictures of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

CELL_DOTS: Final = 12
"""Width of a Font A character; 32, 42 and 48 columns are 384, 504 of 512 and 576 dots."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. ``x`` and sizes in dots, size multiples already applied."""

    x: int
    text: str = field(repr=False)
    cell_width: int
    cell_height: int
    bold: bool = False
    inverse: bool = False
    underline: bool = False

    @property
    def width(self) -> int:
        return self.cell_width * len(self.text)


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed line; without spans it is a blank one."""

    y: int
    height: int
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The line as plain text, blanks for its places; overprinted spans follow each other."""
        out = ""
        for span in sorted(self.spans, key=lambda span: span.x):
            out = out.ljust(span.x // CELL_DOTS) + span.text
        return out.rstrip()


@dataclass(frozen=True, slots=True)
class Dots:
    """An image or symbol, dot for dot: ``rows`` are packed, most significant bit leftmost."""

    x: int
    y: int
    width: int
    rows: tuple[bytes, ...] = field(repr=False)
    label: str = "image"

    @property
    def height(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something printed that this library does not draw, such as a barcode, and its space."""

    x: int
    y: int
    width: int
    height: int
    label: str


Element = TextRow | Dots | Mark


@dataclass(frozen=True, slots=True)
class Paper:
    """One piece of paper, up to its cut or the end of the job.

    ``notes``: what does not show, such as a symbol that did not fit or a pulse to the drawer.
    ``cut``: whether a cut ended it.
    """

    width: int
    height: int
    elements: tuple[Element, ...]
    notes: tuple[str, ...] = ()
    cut: bool = False


@dataclass(slots=True)
class PaperInProgress:
    """Where the interpreter gathers one paper. ``y`` is the print position in dots."""

    width: int
    y: int = 0
    elements: list[Element] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        """Nothing has been printed: blank lines alone leave no paper worth keeping."""
        return not any(not isinstance(e, TextRow) or e.spans for e in self.elements)

    def finished(self, *, cut: bool) -> Paper:
        return Paper(self.width, self.y, tuple(self.elements), tuple(self.notes), cut)


def lines(paper: Paper) -> list[str]:
    """The paper's text, line by line, blank lines kept, what is not text left out."""
    return [element.text for element in paper.elements if isinstance(element, TextRow)]
