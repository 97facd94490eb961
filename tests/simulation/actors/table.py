# SPDX-License-Identifier: Apache-2.0
"""Everybody and everything that acts in a simulated store: one file each, one table.

A new actor is a file with its `ACTS`, and a line here.
"""

from __future__ import annotations

from typing import Final

from tests.simulation.actors import (
    clocks,
    desk,
    disks,
    outage,
    page,
    power,
    printer,
    second_writer,
    shopper,
    store_it,
    till,
)
from tests.simulation.actors.act import Act

ACTS: Final[tuple[Act, ...]] = (
    *till.ACTS,
    *page.ACTS,
    *shopper.ACTS,
    *desk.ACTS,
    *printer.ACTS,
    *power.ACTS,
    *disks.ACTS,
    *store_it.ACTS,
    *outage.ACTS,
    *clocks.ACTS,
    *second_writer.ACTS,
)
