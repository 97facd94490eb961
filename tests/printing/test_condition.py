# SPDX-License-Identifier: Apache-2.0
"""How a printer is, by how its last paper ended."""

from __future__ import annotations

import pytest

from agent.domain.record import Paper
from agent.ports import PrintEnd
from agent.printing.condition import CONDITIONS, condition_after


@pytest.mark.parametrize(
    ("end", "after"),
    [
        (PrintEnd(Paper.PRINTED, "process-id"), "ready"),
        (PrintEnd(Paper.SENT), "silent"),
        (PrintEnd(Paper.FAILED, "paper-out"), "paper-out"),
        (PrintEnd(Paper.FAILED, "cover-open"), "cover-open"),
        (PrintEnd(Paper.FAILED, "unreachable"), "unreachable"),
        (PrintEnd(Paper.UNCERTAIN, "deadline"), "deadline"),
        (PrintEnd(Paper.FAILED, "stale"), "before"),
        (PrintEnd(Paper.UNCERTAIN, "restart"), "before"),
        (PrintEnd(Paper.FAILED, "cannot-compose"), "before"),
        (PrintEnd(Paper.FAILED, "no-printer"), "before"),
    ],
)
def test_a_paper_tells_how_its_printer_is(end: PrintEnd, after: str) -> None:
    assert condition_after(end, "before") == after
    assert after == "before" or after in CONDITIONS
