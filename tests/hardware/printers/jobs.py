# SPDX-License-Identifier: Apache-2.0
"""Jobs to print, and a caller's first-byte hook that records."""

from __future__ import annotations

from hardware.wire.code_pages import CodePage, safe_text
from hardware.wire.escpos_writer import JobWriter


def job_of(text: str = "hello", *, rows: int = 100) -> bytes:
    """A line, an image of ``rows`` rows and a cut: a little more than 50 bytes a row."""
    job = JobWriter(width_dots=576, columns=48, code_page=CodePage(19, "cp858"))
    job.line(safe_text(text))
    job.raster([[True] * 400] * rows)
    job.cut()
    return job.job


class FirstByte:
    """Counts how often the first byte was announced; raises when told to."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.announced = 0
        self._fault = fault

    async def __call__(self) -> None:
        self.announced += 1
        if self._fault is not None:
            raise self._fault
