# SPDX-License-Identifier: Apache-2.0
"""Papers of a simulated world: the real press, cheaper for most papers, and a printer that is
watched.

Drawing a voucher's symbol takes longer than all else that a credit needs, so most papers are
composed without one: the same checks, the same token and signature, plain lines. One paper in
sixteen is the whole real thing. What counts is what came out of the printer, by its own bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

from agent.domain.code import Code
from agent.domain.record import CreditRecord, PaperKind
from agent.ports import Composed
from agent.printing.press import Press
from hardware.printers.simulated import SimulatedPrinter
from hardware.printers.virtual import FinishedPaper

WHOLE_ONE_IN: Final = 16
Made = Callable[[Code, str], None]
"""Told the code and the token of each money paper that was composed."""


class SimPress(Press):
    """`made`: hears of every token before it can leave."""

    made: Made

    def compose(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: str | None
    ) -> Composed:
        composed = self._composed(record, kind, copy, token)
        if composed.token is not None:
            self.made(record.code, composed.token)
        return composed

    def _composed(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: str | None
    ) -> Composed:
        if zlib.crc32(record.key.text.encode()) % WHOLE_ONE_IN == 0:
            return super().compose(record, kind, copy, token)
        self._check(record, kind)
        signed = self._token(record, kind, token) if kind.is_money else None
        shown = record.code.grouped() if kind.is_money else f"...{record.code.last_four}"
        lines = (kind.value, f"COPY {copy}", str(record.request.amount), shown)
        body = "\n".join((*lines, "" if signed is None else signed.text()))
        escpos = b"\x1b@" + body.encode() + b"\n\x1dV\x00"
        return Composed(
            escpos=escpos,
            svg="<svg/>",
            lines=lines,
            token=None if signed is None else signed.text(),
        )


class SimPrinter(SimulatedPrinter):
    """`out`: told of every paper when it is finished, whole or torn off."""

    def __init__(self, name: str, out: Callable[[bytes], None]) -> None:
        super().__init__(name)

        def finished(paper: FinishedPaper) -> None:
            out(paper.raw)
            self._virtual.papers.clear()

        self._virtual.on_paper = finished

    def power_cycled(self) -> None:
        """Off and on: what waited in it is gone, and what was printed is torn off."""
        self._virtual.switched_off()

    def mended(self) -> None:
        """Every switch as on a healthy printer."""
        for name in ("paper_out", "mute", "offline", "no_process_id", "refuse"):
            self.set_switch(name, False)
        for name in ("drop_after", "paper_out_after"):
            self.set_switch(name, None)
        self.release()
