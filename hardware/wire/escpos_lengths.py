# SPDX-License-Identifier: Apache-2.0
"""How long an ESC/POS command is: tables, and small functions for those that say it themselves.

Sources: Epson's ESC/POS command reference and the TM-T88III/TM-T90/TM-L90 guides for the lengths,
checked against collected tokenizer vectors. Every function here is given the bytes of one command
from its first byte on, and answers how many bytes it *needs*: either the whole length (``final``),
or as many as it takes to know more. Nothing here may look past what it was given, and nothing may
depend on how the bytes were cut into reads.

The rule for commands that no table knows: three bytes when the second one is printable
(0x20-0x7E), which holds for nearly all of them; otherwise the prefix byte stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D

PREFIX_NAMES = {DLE: "DLE", ESC: "ESC", FS: "FS", GS: "GS"}

TEXT_FORM_MAX = 255
"""Data bytes of a NUL-terminated barcode at most: the other form counts them in one byte."""

TABS_MAX = 32
"""Tab positions in one ESC D at most (Epson); what follows is data again."""


class Extent(NamedTuple):
    """What is known of a command's length.

    ``need``: bytes from the command's first one on. ``final``: that is all of it; else it is what
    must be there before more can be known. ``at`` and ``left`` say where a chain of parts goes on.
    """

    need: int
    final: bool
    at: int = 0
    left: int = 0
    known: bool = True


Bytes = bytes | bytearray
Measure = Callable[[Bytes, int, int, Extent | None], Extent]
"""(buffer, index of the command's first byte, bytes it has, the last answer) -> Extent.

The index may be negative once the front of a giant command has been handed on; a measure then
only reads where its last answer said that it would go on.
"""


def _fixed(length: int) -> Measure:
    answer = Extent(length, True)
    return lambda _buffer, _at, _have, _last: answer


def _unknown(length: int) -> Extent:
    return Extent(length, True, known=False)


def _u16(buffer: Bytes, index: int) -> int:
    return buffer[index] | buffer[index + 1] << 8


def _u32(buffer: Bytes, index: int) -> int:
    return _u16(buffer, index) | _u16(buffer, index + 2) << 16


def _paren(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    """``ESC ( x``, ``FS ( x``, ``GS ( x``: a sixteen-bit count behind the letter."""
    return Extent(5 + _u16(buffer, at + 3), True) if have >= 5 else Extent(5, False)


def _gs_8(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    """``GS 8 L``: the same with thirty-two bits."""
    return Extent(7 + _u32(buffer, at + 3), True) if have >= 7 else Extent(7, False)


def _esc_star(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    if have < 5:
        return Extent(5, False)
    columns = _u16(buffer, at + 3)
    match buffer[at + 2]:
        case 0 | 1:
            return Extent(5 + columns, True)
        case 32 | 33:
            return Extent(5 + 3 * columns, True)
    return _unknown(5)


def _esc_d_tabs(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    """``ESC D``: rising positions up to a NUL; a value that does not rise is data again (Epson)."""
    before = 0
    for count in range(TABS_MAX):
        index = 2 + count
        if index >= have:
            return Extent(index + 1, False)
        value = buffer[at + index]
        if value == 0:
            return Extent(index + 1, True)
        if value <= before:
            return Extent(index, True)
        before = value
    index = 2 + TABS_MAX
    if index >= have:
        return Extent(index + 1, False)
    return Extent(index + (buffer[at + index] == 0), True)


def _esc_ampersand(buffer: Bytes, at: int, have: int, last: Extent | None) -> Extent:
    """``ESC & y c1 c2`` and then, for each character, its width x and x * y bytes."""
    if have < 5:
        return Extent(5, False)
    if last is None or last.at == 0:
        height, first, final = buffer[at + 2], buffer[at + 3], buffer[at + 4]
        if height == 0 or not 0x20 <= first <= final <= 0x7E:
            return _unknown(5)
        # The height is read once and carried along: the front may be gone when the chain goes on.
        cursor, left = 5, (final - first + 1) << 8 | height
    else:
        cursor, left = last.at, last.left
    height = left & 0xFF
    while left >> 8:
        if cursor >= have:
            return Extent(cursor + 1, False, cursor, left)
        cursor += 1 + buffer[at + cursor] * height
        left -= 1 << 8
    return Extent(cursor, True)


def _gs_star(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    if have < 4:
        return Extent(4, False)
    return Extent(4 + 8 * buffer[at + 2] * buffer[at + 3], True)


def _gs_raster(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    """``GS v 0`` and ``GS Q 0``: width in bytes times height in dots."""
    if have < 3:
        return Extent(3, False)
    if buffer[at + 2] != 0x30:
        return _unknown(3)
    if have < 8:
        return Extent(8, False)
    return Extent(8 + _u16(buffer, at + 4) * _u16(buffer, at + 6), True)


def _gs_k(buffer: Bytes, at: int, have: int, last: Extent | None) -> Extent:
    """``GS k``: to a NUL for m 0-6, counted by a byte for m from 65 on."""
    if have < 3:
        return Extent(3, False)
    kind = buffer[at + 2]
    if kind <= 6:
        start = last.at if last is not None and last.at else 3
        stop = min(have, 3 + TEXT_FORM_MAX)
        end = buffer.find(0, at + start, at + stop)
        if end >= 0:
            return Extent(end - at + 1, True)
        if stop < have or stop == 3 + TEXT_FORM_MAX:
            return _unknown(stop)
        return Extent(have + 1, False, have)
    if kind >= 65:
        return Extent(4 + buffer[at + 3], True) if have >= 4 else Extent(4, False)
    return _unknown(3)


def _gs_v_cut(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    if have < 3:
        return Extent(3, False)
    match buffer[at + 2]:
        case 0 | 1 | 48 | 49:
            return Extent(3, True)
        case 65 | 66 | 97 | 98 | 103 | 104:
            return Extent(4, True)
    return _unknown(3)


def _gs_c_counter(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    """``GS C 0/1/2`` fixed; ``GS C ;`` five numbers in digits, each with its semicolon."""
    if have < 3:
        return Extent(3, False)
    match buffer[at + 2]:
        case 0x30 | 0x32:
            return Extent(5, True)
        case 0x31:
            return Extent(9, True)
        case 0x3B:
            return _counter_text(buffer, at, have)
    return _unknown(3)


def _counter_text(buffer: Bytes, at: int, have: int) -> Extent:
    fields, digits, index = 0, 0, 3
    while index < have:
        value = buffer[at + index]
        if value == 0x3B:
            fields, digits = fields + 1, 0
            if fields == 5:
                return Extent(index + 1, True)
        elif 0x30 <= value <= 0x39 and digits < 5:
            digits += 1
        else:
            return _unknown(index)
        index += 1
    return Extent(index + 1, False)


def _gs_d_bitmap(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    """``GS D``: a Windows bitmap behind nine bytes; it tells its own size at its third byte."""
    if have < 11:
        return Extent(11, False)
    if bytes(buffer[at + 9 : at + 11]) != b"BM":
        return _unknown(9)
    if have < 15:
        return Extent(15, False)
    return Extent(9 + max(_u32(buffer, at + 11), 6), True)


def _fs_q(buffer: Bytes, at: int, have: int, last: Extent | None) -> Extent:
    """``FS q n`` and then n images, each with its own size in front."""
    if have < 3:
        return Extent(3, False)
    cursor, left = (last.at, last.left) if last is not None and last.at else (3, buffer[at + 2])
    while left:
        if have < cursor + 4:
            return Extent(cursor + 4, False, cursor, left)
        cursor += 4 + 8 * _u16(buffer, at + cursor) * _u16(buffer, at + cursor + 2)
        left -= 1
    return Extent(cursor, True)


def _fs_a(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    if have < 3:
        return Extent(3, False)
    return Extent(4 if buffer[at + 2] == 0x30 else 3, True)


def _fs_g(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    """``FS g 1`` writes user memory (counted data), ``FS g 2`` reads it."""
    if have < 4:
        return Extent(4, False)
    if buffer[at + 3] != 0 or buffer[at + 2] not in (0x31, 0x32):
        return _unknown(4)
    if buffer[at + 2] == 0x32:
        return Extent(10, True)
    return Extent(10 + _u16(buffer, at + 8), True) if have >= 10 else Extent(10, False)


def _dle_eot(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    if have < 3:
        return Extent(3, False)
    return Extent(4 if buffer[at + 2] in (7, 8, 18) else 3, True)


def _dle_dc4(buffer: Bytes, at: int, have: int, _last: Extent | None) -> Extent:
    if have < 3:
        return Extent(3, False)
    length = {1: 5, 2: 5, 3: 8, 7: 4, 8: 10}.get(buffer[at + 2])
    return Extent(length, True) if length else _unknown(3)


def _table(fixed: dict[int, str], special: dict[int, Measure]) -> dict[int, Measure]:
    measures = {ord(letter): _fixed(n) for n, letters in fixed.items() for letter in letters}
    return measures | special


MEASURES: dict[int, dict[int, Measure]] = {
    ESC: _table(
        {
            2: "\x0c2<@LSimqv",
            3: " !%-3=?CEFGJKMRTUVadertu{",
            4: "$\\fcxn",
            5: "p",
            10: "W",
        },
        {
            ord("("): _paren,
            ord("*"): _esc_star,
            ord("D"): _esc_d_tabs,
            ord("&"): _esc_ampersand,
        },
    ),
    GS: _table(
        {
            2: ":c",
            3: "!/BEHITabfhjrw",
            4: "$&LPW\\",
            5: "^z",
            6: "g",
        },
        {
            ord("("): _paren,
            ord("8"): _gs_8,
            ord("*"): _gs_star,
            ord("v"): _gs_raster,
            ord("Q"): _gs_raster,
            ord("k"): _gs_k,
            ord("V"): _gs_v_cut,
            ord("C"): _gs_c_counter,
            ord("D"): _gs_d_bitmap,
        },
    ),
    FS: _table(
        {2: "&.Lbc", 3: "!-CW", 4: "?Sp"},
        {ord("("): _paren, ord("q"): _fs_q, ord("a"): _fs_a, ord("g"): _fs_g},
    ),
    DLE: {0x04: _dle_eot, 0x05: _fixed(3), 0x14: _dle_dc4},
}

KANJI_GLYPH_BYTES = {0: 72, 48: 72, 1: 60, 49: 60, 2: 32, 50: 32}
"""Data bytes of one FS 2 character by the Kanji font that FS ( A selected (A, B, C)."""

NAME_LENGTHS = {
    (ESC, ord("(")): 3,
    (FS, ord("(")): 3,
    (GS, ord("(")): 3,
    (GS, ord("8")): 3,
    (GS, ord("v")): 3,
    (GS, ord("Q")): 3,
    (ESC, ord("c")): 3,
}
"""Commands whose name takes a third letter, such as ``GS ( k`` and ``GS v 0``."""


_REAL_TIME_LETTERS = {0x04: "EOT", 0x05: "ENQ", 0x14: "DC4"}


def name_of(raw: Bytes) -> str:
    """The command's name as manuals write it, such as ``ESC @`` or ``GS ( k``."""
    prefix = PREFIX_NAMES[raw[0]]
    if raw[0] == DLE:
        return f"{prefix} {_REAL_TIME_LETTERS[raw[1]]}"
    letters = bytes(raw[1 : NAME_LENGTHS.get((raw[0], raw[1]), 2)])
    return " ".join([prefix, *(_letter(value) for value in letters)])


def _letter(value: int) -> str:
    if value == 0x20:
        return "SP"
    if value == 0x0C:
        return "FF"
    return chr(value) if 0x21 <= value <= 0x7E else f"{value:02X}"
