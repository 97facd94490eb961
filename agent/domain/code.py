# SPDX-License-Identifier: Apache-2.0
"""The code of a credit: what a shopper can type, and, once confirmed, the gift card itself.

It is cash. `repr` and `str` show the last four characters only; the whole code leaves by
`reveal()` alone, so that every place which shows it can be found by that name.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from agent.domain import symbols

CODE_LENGTH: Final = 16


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Code:
    """15 random symbols, the first a letter (74 bits), and a check character over GF(32)."""

    _text: str

    def __post_init__(self) -> None:
        text = self._text
        if len(text) != CODE_LENGTH:
            raise ValueError("a code has 16 characters")
        if text[0] not in symbols.LETTERS:
            raise ValueError("a code begins with a letter")
        if symbols.check_symbol(text[:-1]) != text[-1]:
            raise ValueError("a code's check character does not fit: a character was misread")

    @classmethod
    def draw(cls, first: int, rest: tuple[int, ...]) -> Code:
        """A new code from chance: `first` in 0..21, `rest` fourteen numbers in 0..31."""
        if len(rest) != CODE_LENGTH - 2:
            raise ValueError("a code is drawn from one letter and fourteen symbols")
        text = symbols.LETTERS[first] + symbols.from_values(rest)
        return cls(text + symbols.check_symbol(text))

    @classmethod
    def typed(cls, text: str) -> Code:
        """A code as a person typed it: any case, spaces, dashes, O for 0, I and L for 1."""
        return cls(symbols.tidy(text))

    def reveal(self) -> str:
        """The whole code. Only for the platform, the paper, and the sealed journal."""
        return self._text

    def grouped(self) -> str:
        """The whole code as it is printed: 4-4-4-4."""
        return "-".join(self._text[at : at + 4] for at in range(0, CODE_LENGTH, 4))

    @property
    def last_four(self) -> str:
        return self._text[-4:]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Code) and hmac.compare_digest(self._text, other._text)

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Code(…{self.last_four})"

    __str__ = __repr__
