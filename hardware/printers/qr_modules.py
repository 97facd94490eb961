# SPDX-License-Identifier: Apache-2.0
"""The modules of a QR symbol, for drawing what a printer's own QR command would print."""

from __future__ import annotations


def qr_modules(payload: bytes, level: str, module_dots: int) -> list[list[bool]]:
    """The symbol without its quiet zone, in the smallest version that holds the payload.

    A printer may choose another version or mask; what is read from the symbol is the same.
    ``module_dots`` makes no difference to the modules.
    """
    del module_dots
    import qrcode
    from qrcode import constants

    levels = {
        "L": constants.ERROR_CORRECT_L,
        "M": constants.ERROR_CORRECT_M,
        "Q": constants.ERROR_CORRECT_Q,
        "H": constants.ERROR_CORRECT_H,
    }
    code = qrcode.QRCode(error_correction=levels[level], border=0)
    code.add_data(payload)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]
