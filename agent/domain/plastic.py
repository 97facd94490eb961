# SPDX-License-Identifier: Apache-2.0
"""A gift card of plastic, as it was scanned: an empty one that a store's credit is put on.

Its number is cash once the credit is on it, so it is treated like a code: `repr` and `str` show
the last four characters only, and it leaves by `number` and `security` alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"[0-9A-Z]{8,32}", re.ASCII)
_SECURITY: Final = re.compile(r"[0-9A-Z]{3,12}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Plastic:
    """`number`: 8 to 32 of 0-9 and A-Z; `security`: the PIN under the scratch field, 3 to 12 of
    the same, empty where the card has none."""

    number: str
    security: str = ""

    def __post_init__(self) -> None:
        if _NUMBER.fullmatch(self.number) is None:
            raise ValueError("a gift card's number has 8 to 32 of the characters 0-9 and A-Z")
        if self.security and _SECURITY.fullmatch(self.security) is None:
            raise ValueError("a gift card's PIN has 3 to 12 of the characters 0-9 and A-Z")

    @classmethod
    def scanned(cls, number: str, security: str = "") -> Plastic:
        """As a scanner or a person gives it: any case, with spaces and dashes."""
        return cls(_tidy(number), _tidy(security))

    @property
    def last_four(self) -> str:
        return self.number[-4:]

    def hidden(self, text: str) -> str:
        """The text without number and PIN, should somebody have echoed them, grouped or not."""
        said = re.sub(_loose(self.number), f"…{self.last_four}", text, flags=re.IGNORECASE)
        if not self.security:
            return said
        edges = rf"(?<![0-9A-Z]){_loose(self.security)}(?![0-9A-Z])"
        return re.sub(edges, "…", said, flags=re.IGNORECASE)

    def __repr__(self) -> str:
        return f"Plastic(…{self.last_four})"

    __str__ = __repr__


def _loose(secret: str) -> str:
    return "[ -]?".join(secret)


def _tidy(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()
