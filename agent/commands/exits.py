# SPDX-License-Identifier: Apache-2.0
"""Exit codes of every command (design section 8; the numbers are those of sysexits.h)."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """`DONE` is a yes; `NEGATIVE` a definite no."""

    DONE = 0
    NEGATIVE = 1
    USAGE = 2
    UNREACHABLE = 69
    DAMAGED = 74
    LATER = 75
    SETTINGS = 78
