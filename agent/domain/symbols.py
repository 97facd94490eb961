# SPDX-License-Identifier: Apache-2.0
"""Crockford's base 32 alphabet, what people mistype in it, and its check character.

The check is a weighted sum over GF(32) (reduction polynomial x^5 + x^2 + 1) with weights
alpha^1, alpha^2, ...: alpha has order 31, so up to 31 places have different weights, and every
single wrong symbol and every swap of any two places is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS: Final = ALPHABET[10:]
_VALUE: Final = {symbol: value for value, symbol in enumerate(ALPHABET)}
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def _powers() -> list[int]:
    power, found = 1, []
    for _ in range(31):
        found.append(power)
        power <<= 1
        if power & 0b100000:
            power ^= 0b100101
    return found


_EXP: Final = _powers()
_LOG: Final = {value: index for index, value in enumerate(_EXP)}


def tidy(text: str) -> str:
    """What a person typed, as symbols: upper case, O is 0, I and L are 1, no spaces or dashes.

    Anything else stays as it is, for the caller to refuse.
    """
    return text.upper().translate(_MISREAD)


def values(text: str) -> list[int]:
    """Each symbol's value 0..31. Raises ValueError on a foreign symbol."""
    try:
        return [_VALUE[symbol] for symbol in text]
    except KeyError:
        raise ValueError(
            "a code is made of the digits and letters 0-9 A-Z without I L O U"
        ) from None


def from_values(numbers: Sequence[int]) -> str:
    """The text of symbol values; each must lie in 0..31."""
    return "".join(ALPHABET[number] for number in numbers)


def digits(number: int, count: int) -> tuple[int, ...]:
    """A number below 32**count as so many symbol values, for one draw of chance instead of many."""
    return tuple(number >> 5 * place & 31 for place in range(count))


def check_symbol(text: str) -> str:
    """The check character of up to 31 symbols."""
    if len(text) > 31:
        raise ValueError("a check character covers at most 31 symbols")
    total = 0
    for place, value in enumerate(values(text), start=1):
        if value:
            total ^= _EXP[(_LOG[value] + place) % 31]
    return ALPHABET[total]


def pack(text: str) -> bytes:
    """Symbols, five bits each, as bytes; the number of bits must be a multiple of eight."""
    bits = 0
    for value in values(text):
        bits = bits << 5 | value
    if len(text) * 5 % 8:
        raise ValueError("packed symbols must fill whole bytes")
    return bits.to_bytes(len(text) * 5 // 8, "big")


def unpack(packed: bytes) -> str:
    """The inverse of `pack`."""
    count = len(packed) * 8 // 5
    bits = int.from_bytes(packed, "big")
    return from_values([bits >> 5 * place & 31 for place in range(count - 1, -1, -1)])
