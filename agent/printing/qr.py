# SPDX-License-Identifier: Apache-2.0
"""QR symbols as modules, from the `qrcode` library, imported when the first one is needed.

Level M, alphanumeric mode: 221 characters are version 8, 262 are version 9 (ISO/IEC 18004 table
7). The mask is fixed. Which of the eight is used is written in the symbol, so every reader follows;
choosing costs eight times the work (8.7 ms against 1.6 ms here). Mask 2 had the lowest mean and the
lowest worst penalty by the standard's own rules over 60 signed vouchers, and a fixed mask makes the
same text the same dots.
"""

from __future__ import annotations

import re
from typing import Final

Modules = tuple[tuple[bool, ...], ...]
"""Row by row without the quiet zone; true is black."""

MASK: Final = 2
VERSION_MAX: Final = 9
"""What a voucher may need at most; anything larger would not fit 58 mm paper."""

LEVELS: Final = {"L": 1, "M": 0, "Q": 3, "H": 2}
"""The library's numbers for the levels are those of the symbol's format bits."""

_ALPHANUMERIC: Final = re.compile(r"[0-9A-Z $%*+\-./:]+")


def qr_modules(text: str) -> Modules:
    """The symbol of a voucher or slip, level M. Raises ValueError over version 9, or for a text
    that alphanumeric mode lacks (a small letter would cost two versions)."""
    if _ALPHANUMERIC.fullmatch(text) is None:
        raise ValueError("a voucher's QR holds capitals, digits and few signs only")
    return _modules(text.encode(), "M", alphanumeric=True, version_max=VERSION_MAX)


def native_modules(text: str) -> int:
    """Modules a side where the printer picks byte mode, as firmware may: the worst case."""
    return len(_modules(text.encode(), "M", alphanumeric=False, version_max=40))


def draw_qr(payload: bytes, level: str, module_dots: int) -> Modules:
    """What a printer's own QR command would draw, for pictures of a job."""
    del module_dots
    simple = _ALPHANUMERIC.fullmatch(payload.decode("latin-1")) is not None
    return _modules(payload, level, alphanumeric=simple, version_max=40)


def _modules(data: bytes, level: str, *, alphanumeric: bool, version_max: int) -> Modules:
    from qrcode import QRCode
    from qrcode.exceptions import DataOverflowError
    from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

    symbol = QRCode(error_correction=LEVELS[level], border=0, mask_pattern=MASK)
    mode = MODE_ALPHA_NUM if alphanumeric else MODE_8BIT_BYTE
    symbol.add_data(QRData(data, mode=mode, check_data=False), optimize=0)
    try:
        symbol.make(fit=True)
    except DataOverflowError:
        raise ValueError("the text is longer than any QR symbol holds") from None
    if symbol.version > version_max:
        raise ValueError(f"the QR would be version {symbol.version}, over {version_max}")
    return tuple(tuple(bool(module) for module in row) for row in symbol.modules)
