# SPDX-License-Identifier: Apache-2.0
"""Reads a drawn paper as a phone would, with an independent decoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import qrcode
import zxingcpp

from hardware.wire.picture import Paper, to_bitmap

LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}


def symbols_on(paper: Paper) -> list[str]:
    """The texts of all symbols that a decoder finds on the paper."""
    rows = to_bitmap(paper)
    image = numpy.frombuffer(b"".join(rows), dtype=numpy.uint8).reshape(len(rows), -1)
    return [found.text for found in zxingcpp.read_barcodes(image)]


def qr(payload: bytes | str, level: str = "M", module_dots: int = 6) -> list[list[bool]]:
    """A symbol's modules, without quiet zone."""
    del module_dots
    code = qrcode.QRCode(error_correction=LEVELS[level], border=0)
    code.add_data(payload)
    code.make()
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def dark_rows(rows: Sequence[bytes]) -> list[str]:
    """Packed rows as text, # for black."""
    return [
        "".join("#" if byte & 0x80 >> bit else "." for byte in row for bit in range(8))
        for row in rows
    ]
