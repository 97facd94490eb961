# SPDX-License-Identifier: Apache-2.0
"""Reads a paper's QR back from the dots that were printed, with a decoder that is not ours."""

from __future__ import annotations

import base64
from typing import Any

from hardware.printers.qr_modules import qr_modules
from hardware.wire.picture import draw, to_bitmap


class NoEyes(Exception):
    """The decoder is not installed; `make demo-script` brings it."""


def read_qr(paper: dict[str, Any], width_dots: int = 576) -> str | None:
    """The text of the QR on a paper, or None where there is none."""
    try:
        import zxingcpp
        from PIL import Image
    except ImportError as error:
        raise NoEyes("zxing-cpp") from error
    raw = base64.b64decode(paper["raw"])
    for part in draw(raw, width_dots=width_dots, draw_qr=qr_modules):
        rows = to_bitmap(part)
        picture = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
        for found in zxingcpp.read_barcodes(picture):
            return str(found.text)
    return None
