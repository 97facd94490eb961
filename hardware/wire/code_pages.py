# SPDX-License-Identifier: Apache-2.0
"""Text that may go to a printer, and the code pages it goes in.

``SafeText`` is the only kind of text that the writer takes. It cannot hold a control character, so
nothing that a customer, a cashier or a caller typed can reach the printer as a command:
python-escpos passes such bytes through, and a name with ESC p in it opens the drawer.

Slots are those of Epson's ESC t; other makers number theirs differently, which is why a profile
carries its own list.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Final

TEXT_MAX: Final = 512
"""Characters of one ``SafeText`` at most, whatever was asked for: a 10 KB name eats the roll."""

MARKS_MAX: Final = 2
"""Combining marks on one letter; more is a flood that climbs over other lines."""

EPSON_SLOTS: Final = MappingProxyType(
    {
        0: "cp437",
        2: "cp850",
        3: "cp860",
        4: "cp863",
        5: "cp865",
        13: "cp857",
        14: "cp737",
        15: "iso8859_7",
        16: "cp1252",
        17: "cp866",
        18: "cp852",
        19: "cp858",
        32: "cp720",
        33: "cp775",
        34: "cp855",
        35: "cp861",
        36: "cp862",
        37: "cp864",
        38: "cp869",
        39: "iso8859_2",
        40: "iso8859_15",
        44: "cp1125",
        45: "cp1250",
        46: "cp1251",
        47: "cp1253",
        48: "cp1254",
        49: "cp1255",
        50: "cp1256",
        51: "cp1257",
        52: "cp1258",
        53: "kz1048",
    }
)
"""ESC t n to Python's codec, from Epson's reference (TM-T20II and TM-T88V lists agree)."""

SINGLE_BYTE_CODECS: Final = frozenset(EPSON_SLOTS.values()) | {"ascii"}
"""Codecs that a code page may name: one byte a character, so columns can be counted."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """One slot of a printer's character tables (ESC t) and the codec that fills it."""

    slot: int
    codec: str

    def __post_init__(self) -> None:
        if not 0 <= self.slot <= 255:
            raise ValueError(f"a code page slot is 0 to 255, not {self.slot}")
        if self.codec not in SINGLE_BYTE_CODECS:
            raise ValueError(f"no single-byte codec is called {self.codec!r}")


@dataclass(frozen=True, slots=True)
class SafeText:
    """One line's worth of text without anything that steers a printer or a reader's eye.

    Its ``repr`` does not show it: what is printed is not for logs.
    """

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) > TEXT_MAX:
            raise ValueError(f"text is longer than {TEXT_MAX} characters")
        if any(_is_unsafe(char) for char in self.value):
            raise ValueError("text holds characters that do not print; clean it with safe_text")

    def __len__(self) -> int:
        return len(self.value)


def safe_text(raw: str, limit: int = TEXT_MAX) -> SafeText:
    """``raw`` without controls, bidi and zero-width characters, mark floods and excess length.

    Tabs and line ends become spaces, so that words stay apart. ``limit`` counts characters of the
    result. Never raises for any string.
    """
    bound = max(0, min(limit, TEXT_MAX))
    # A flood of marks shrinks below; eight times the bound is plenty to look at.
    looked_at = unicodedata.normalize("NFC", raw[: 8 * bound].translate(_SPACES))
    kept: list[str] = []
    marks = MARKS_MAX  # a mark with no letter before it is dropped
    for char in looked_at:
        if _is_unsafe(char):
            continue
        if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            if marks > MARKS_MAX:
                continue
        else:
            marks = 0
        kept.append(char)
        if len(kept) == bound:
            break
    return SafeText("".join(kept))


_SPACES = {ord(char): " " for char in "\t\n\r\v\f\x85\u2028\u2029"}

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_INVISIBLE = frozenset(
    chain(
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
        (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
    )
)
"""Letters and marks drawn as nothing: fillers, joiners, variation selectors."""


def _is_unsafe(char: str) -> bool:
    if " " <= char <= "~":
        return False
    return unicodedata.category(char) in _UNSAFE_CATEGORIES or ord(char) in _INVISIBLE


def printable(text: SafeText, page: CodePage) -> SafeText:
    """The text as it will stand on paper: every character is one byte of the code page.

    What the page lacks is written with what it has, a question mark last. Lay out columns with the
    result, since ``EUR`` for the euro sign takes three. May be called twice. The result can be
    longer than ``TEXT_MAX`` allows; it is cut there.
    """
    # No-break spaces are blanks on every printer only when they are sent as blanks.
    spaced = text.value.translate(_BLANKS)
    if _fits(spaced, page):
        return SafeText(spaced)
    # Put together first, so that a letter and its mark find the one letter of the page.
    composed = unicodedata.normalize("NFC", spaced)
    return SafeText("".join(_written(char, page) for char in composed)[:TEXT_MAX])


def encode(text: SafeText, page: CodePage) -> bytes:
    """The bytes of ``printable``; none of them below 0x20 or 0x7F, which is checked."""
    data = printable(text, page).value.encode(page.codec)
    if any(value < 0x20 or value == 0x7F for value in data):
        raise ValueError(f"code page {page.codec} turned text into a control byte")
    return data


def _fits(text: str, page: CodePage) -> bool:
    try:
        data = text.encode(page.codec)
    except UnicodeEncodeError:
        return False
    return len(data) == len(text) and all(value >= 0x20 and value != 0x7F for value in data)


def _written(char: str, page: CodePage) -> str:
    if _fits(char, page):
        return char
    plain = _INSTEAD.get(char)
    if plain is None:
        folded = unicodedata.normalize("NFKD", char)
        plain = "".join(part for part in folded if not unicodedata.combining(part))
    if plain and all(_fits(part, page) for part in plain):
        return plain
    return "" if unicodedata.combining(char) else "?"


_BLANKS: Final = dict.fromkeys([0xA0, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)], " ")

_INSTEAD: Final = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u2032": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2033": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u2039": "'",
    "\u203a": "'",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    "\u2022": "*",
    "\u00b7": ".",
    "\u2026": "...",
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "\u00d7": "x",
    "\u00f7": "/",
    "\u00df": "ss",
    "\u1e9e": "SS",
    "\u00e6": "ae",
    "\u00c6": "AE",
    "\u0153": "oe",
    "\u0152": "OE",
    "\u00f8": "o",
    "\u00d8": "O",
    "\u0142": "l",
    "\u0141": "L",
    "\u0111": "d",
    "\u0110": "D",
    "\u00f0": "d",
    "\u00d0": "D",
    "\u00fe": "th",
    "\u00de": "Th",
    "\u0131": "i",
    "\u2192": "->",
    "\u2190": "<-",
    "\u2713": "v",
    "\u00a9": "(c)",
    "\u00ae": "(R)",
    "\u2122": "TM",
}
"""What stands for a character that the page lacks, where NFKD would not find it."""
