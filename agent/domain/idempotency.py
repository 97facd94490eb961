# SPDX-License-Identifier: Apache-2.0
"""The idempotency key of a credit, and the outside names (aliases) that lead to it.

A key is made once, at the door, and stored before anything is sent. Its timestamp is a label:
uniqueness rests on the eight random symbols and on the journal's UNIQUE row, not on the clock.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Final

from agent.domain import symbols
from agent.domain.place import Place

KEY_LENGTH_MAX: Final = 36
_KEY: Final = re.compile(
    r"([0-9A-Z]{1,6})-([0-9A-Z]{1,6})-([0-9]{13})-([0-9A-HJKMNP-TV-Z]{8})", re.ASCII
)
_CALLER_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_POS_NUMBER: Final = re.compile(r"[0-9A-Za-z._/-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class IdempotencyKey:
    """`store-register-timestamp-random`, at most 36 characters (design section 4)."""

    text: str

    def __post_init__(self) -> None:
        if _KEY.fullmatch(self.text) is None:
            raise ValueError("a credit's key looks like 0421-03-1763600000000-7K3QF2ZD")

    @classmethod
    def make(cls, place: Place, at_ms: int, chance: str) -> IdempotencyKey:
        """A new key. `at_ms`: UTC milliseconds, 0 to 10^13 - 1; `chance`: 8 random symbols."""
        if not 0 <= at_ms < 10**13:
            raise ValueError("a transaction time lies between 1970 and 2286")
        return cls(f"{place.store}-{place.register}-{at_ms:013d}-{chance}")

    @property
    def place(self) -> Place:
        return Place(*self.text.split("-")[:2])

    @property
    def timestamp_ms(self) -> int:
        return int(self.text.split("-")[2])

    @property
    def chance(self) -> str:
        return self.text.split("-")[3]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class CallerAlias:
    """The `Idempotency-Key` a caller sent for a register: 1-255 visible ASCII characters."""

    caller: str
    register: str
    name: str

    def __post_init__(self) -> None:
        if _CALLER_KEY.fullmatch(self.name) is None:
            raise ValueError("Idempotency-Key is 1 to 255 visible ASCII characters without spaces")

    def text(self) -> str:
        return f"caller\n{self.caller}\n{self.register}\n{self.name}"


@dataclass(frozen=True, slots=True)
class PosAlias:
    """A line of a POS transaction on a business date: the till's own name of the credit."""

    place: Place
    business_date: datetime.date
    transaction: str
    line: str

    def __post_init__(self) -> None:
        for name, part in (("POS transaction number", self.transaction), ("line", self.line)):
            if _POS_NUMBER.fullmatch(part) is None:
                raise ValueError(f"a {name} is 1 to 40 letters, digits and . _ / -")

    def text(self) -> str:
        date = self.business_date.isoformat()
        return f"pos\n{self.place}\n{date}\n{self.transaction}\n{self.line}"


Alias = CallerAlias | PosAlias


def is_chance(text: str) -> bool:
    """Whether `text` can be a key's random part."""
    return len(text) == 8 and all(symbol in symbols.ALPHABET for symbol in text)
