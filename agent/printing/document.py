# SPDX-License-Identifier: Apache-2.0
"""What stands on a paper, block by block, before anybody thinks of a printer.

Text in a block is anybody's text: a brand, a receipt number, a stranger's. It is cleaned when it
is rendered, in one place, so that no block can forget to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    LEFT = "left"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class Title:
    """What the paper is: centred, bold, twice as high."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence; goes on to further lines between words."""

    text: str
    side: Side = Side.LEFT
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and its value, at both edges; a long value takes lines of its own.

    `strong`: bold and twice as high, for what must be readable when everything else has faded.
    """

    left: str
    right: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Banner:
    """White on black, across the paper. Never next to a QR."""

    text: str


@dataclass(frozen=True, slots=True)
class Big:
    """An amount, twice as wide and high; narrower where it would not fit, never wrapped."""

    text: str


@dataclass(frozen=True, slots=True)
class Qr:
    """A symbol with nothing beside it. `text`: A-Z, 0-9 and the signs $%*+-./: and blank."""

    text: str

    def __repr__(self) -> str:
        return "Qr(…)"


@dataclass(frozen=True, slots=True)
class Feed:
    """Blank lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of the paper."""


Block = Title | Line | Pair | Rule | Banner | Big | Qr | Feed | Cut


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """The blocks in the order in which they are printed. `repr` shows none: codes are in them."""

    blocks: tuple[Block, ...]

    def __repr__(self) -> str:
        return f"Document({len(self.blocks)} blocks)"
