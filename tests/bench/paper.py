# SPDX-License-Identifier: Apache-2.0
"""From a record to the bytes of its voucher: token, signature, document, picture."""

from __future__ import annotations

import datetime
import time
from dataclasses import replace
from pathlib import Path

from agent.domain.record import PaperKind, State
from agent.printing.options import PaperOptions, VoucherMode
from agent.printing.press import Press, Route
from agent.signing import RegisterKey
from hardware.printers.simulated import SimulatedPrinter
from hardware.profiles import load
from tests.bench.credits import PLACE, Till
from tests.bench.report import Part, Table
from tests.bench.samples import Samples


async def measure(folder: Path, quick: bool) -> Part:
    """The first paper, which imports what papers need, and those after it."""
    del folder
    till, part = Till(), Part("paper")
    key = RegisterKey(bytes(range(32)))
    table = Table("Paper: record to bytes", ("paper", "first ms", "p50 ms", "p99 ms", "bytes"))
    for profile in ("epson-tm-t20iii", "generic-80"):
        printer = SimulatedPrinter(profile)
        press = Press(
            {PLACE.register: Route(printer, load(profile))},
            PaperOptions(mode=VoucherMode.HOSTED, host="c.brand.example"),
            key,
            without_printer=load("generic-80"),
        )
        for kind, state in (
            (PaperKind.VOUCHER, State.UNSETTLED),
            (PaperKind.RECEIPT, State.CONFIRMED),
        ):
            found, size = Samples(), 0
            for number in range(40 if quick else 200):
                record = replace(
                    till.draft(number).record,
                    state=state,
                    expires_on=datetime.date(2026, 12, 21),
                    paper_kind=kind,
                )
                began = time.perf_counter()
                composed = press.compose(record, kind, 1, None)
                found.seconds.append(time.perf_counter() - began)
                size = len(composed.escpos)
            first_ms = found.seconds.pop(0) * 1000
            table.add(f"{kind.value}, {profile}", first_ms, found.p50_ms, found.p99_ms, size)
        await printer.close()
    part.tables.append(table)
    return part
