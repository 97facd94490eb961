# SPDX-License-Identifier: Apache-2.0
"""Money: an integer of minor units with an ISO 4217 currency. Never a float, never bare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from agent.domain.currency import exponent

MINOR_MAX: Final = 10**12
"""The largest amount either way, in minor units: far over any credit, far under 2**48."""

_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency. Differences may be negative; credits are checked elsewhere."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise ValueError("an amount is a whole number of minor units")
        if not -MINOR_MAX <= self.minor <= MINOR_MAX:
            raise ValueError(f"an amount lies within {MINOR_MAX} minor units")
        exponent(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read "48.50". More digits than the currency has are refused, never rounded."""
        digits = exponent(currency)
        found = _DECIMAL.fullmatch(text)
        if found is None:
            raise ValueError("an amount is written in digits with a point, such as 48.50")
        sign, whole, fraction = found[1], found[2], found[3] or ""
        if len(fraction) > digits:
            raise ValueError(f"{currency} has {digits} digits behind the point")
        return cls(int(sign + whole + fraction.ljust(digits, "0")), currency)

    def decimal(self) -> str:
        """The amount without its currency, such as "48.50" or "1200" or "-0.005"."""
        digits = exponent(self.currency)
        sign = "-" if self.minor < 0 else ""
        text = str(abs(self.minor)).rjust(digits + 1, "0")
        return f"{sign}{text}" if digits == 0 else f"{sign}{text[:-digits]}.{text[-digits:]}"

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal()}"

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    @property
    def positive(self) -> bool:
        return self.minor > 0

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
