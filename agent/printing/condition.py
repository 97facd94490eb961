# SPDX-License-Identifier: Apache-2.0
"""How a printer is, learnt from how its last paper ended. Nobody asks the device for it: what a
screen says must not wait for a line that hangs."""

from __future__ import annotations

from typing import Final

from agent.domain.record import Paper
from agent.ports import PrintEnd
from hardware.printers.printer import Why

READY: Final = "ready"
NONE: Final = "none"
UNKNOWN: Final = "unknown"
CONDITIONS: Final = frozenset({READY, NONE, UNKNOWN, *(why.value for why in Why)})


def condition_after(end: PrintEnd, before: str) -> str:
    """A short code out of `CONDITIONS`; `before` where the end says nothing of the printer."""
    match end.paper:
        case Paper.PRINTED:
            return READY
        case Paper.SENT:
            return Why.SILENT.value
        case _:
            return end.detail if end.detail in CONDITIONS else before
