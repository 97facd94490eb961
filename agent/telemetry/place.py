# SPDX-License-Identifier: Apache-2.0
"""Where a mistake of ours happened, for a log line: function and line, never a value."""

from __future__ import annotations


def place_of(error: BaseException) -> str:
    """`Function.name:line` of the innermost frame; `-` where nothing was raised yet."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "-" if trace is None else f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
