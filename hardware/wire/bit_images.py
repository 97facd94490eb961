# SPDX-License-Identifier: Apache-2.0
"""The dots inside ESC/POS image commands, as packed rows (most significant bit leftmost).

Commands come whole, from the tokenizer; short or odd ones give what they hold, never an error.
"""

from __future__ import annotations

from collections.abc import Sequence


def raster_rows(raw: bytes) -> tuple[bytes, ...]:
    """``GS v 0 m``: rows as sent, doubled in width (m bit 0) and height (m bit 1)."""
    across = raw[4] | raw[5] << 8
    if across == 0:
        return ()
    rows = [raw[at : at + across] for at in range(8, len(raw) - across + 1, across)]
    return _scaled(rows, 1 + (raw[3] & 1), 1 + (raw[3] >> 1 & 1))


def column_image(raw: bytes) -> tuple[int, tuple[bytes, ...]]:
    """``ESC * m``: width in dots and rows. Columns of 8 dots (tripled in height) or of 24.

    The single-density modes are half as wide as the head is fine, so each column is doubled.
    """
    mode = raw[2]
    deep = 3 if mode >= 32 else 1
    columns = [raw[at : at + deep] for at in range(5, len(raw) - deep + 1, deep)]
    if not columns:
        return 0, ()
    rows = []
    for dot in range(8 * deep):
        byte, mask = dot // 8, 0x80 >> dot % 8
        rows.append(_packed([bool(column[byte] & mask) for column in columns]))
    wide, high = (2 if mode in (0, 32) else 1), (3 if deep == 1 else 1)
    width = len(columns)
    if wide == 2:
        rows = [_packed([bit for bit in _bits(row, width) for _ in range(2)]) for row in rows]
    return width * wide, tuple(row for row in rows for _ in range(high))


def stored_graphics(data: bytes) -> tuple[int, tuple[bytes, ...]] | None:
    """``GS ( L`` function 112 (``m fn a bx by c xL xH yL yH`` and dots); None when malformed."""
    if len(data) < 10:
        return None
    width, height = data[6] | data[7] << 8, data[8] | data[9] << 8
    across = (width + 7) // 8
    if not across or len(data) < 10 + across * height:
        return None
    rows = [data[10 + across * at : 10 + across * (at + 1)] for at in range(height)]
    wide, high = (2 if data[3] == 2 else 1), (2 if data[4] == 2 else 1)
    return width * wide, _scaled(rows, wide, high)


def packed_rows(modules: Sequence[Sequence[bool]], dots: int) -> tuple[bytes, ...]:
    """A symbol's modules as rows of dots, each module ``dots`` wide and high."""
    return tuple(
        row
        for line in modules
        for row in [_packed([dark for dark in line for _ in range(dots)])] * dots
    )


def _scaled(rows: Sequence[bytes], wide: int, high: int) -> tuple[bytes, ...]:
    if wide == 2:
        rows = [b"".join(_DOUBLED[value] for value in row) for row in rows]
    return tuple(row for row in rows for _ in range(high))


def _bits(row: bytes, width: int) -> list[bool]:
    return [bool(row[at >> 3] & 0x80 >> (at & 7)) for at in range(width)]


def _packed(bits: Sequence[bool]) -> bytes:
    across = (len(bits) + 7) // 8
    value = int("".join("1" if bit else "0" for bit in bits) or "0", 2)
    return (value << (across * 8 - len(bits))).to_bytes(across, "big")


_DOUBLED = [
    int("".join(bit * 2 for bit in f"{value:08b}"), 2).to_bytes(2, "big") for value in range(256)
]
