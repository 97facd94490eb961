# SPDX-License-Identifier: Apache-2.0
"""What a register has promised so far without a confirmation, as the journal counts it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exposure:
    """Of one register and currency; amounts in minor units.

    `hour_minor`: opened unconfirmed within the last hour; `fresh`: the journal is new and has
    not yet earned its full limits.
    """

    outstanding_minor: int = 0
    hour_minor: int = 0
    oldest_opened_ms: int | None = None
    unclaimed: int = 0
    fresh: bool = False
