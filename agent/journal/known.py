# SPDX-License-Identifier: Apache-2.0
"""What the one writer knows without asking the tables: the newest event, and rows it wrote of
late.

Nobody else writes, so it is true until something is rolled back, or a row is changed past
`saving`: whoever does either must `forget` or `drop`. A reader never looks in here, for what
stands in it may not be committed yet.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from agent.domain.record import CreditRecord

ROWS_MAX: Final = 64
"""More than are at the counter at once; the others are read."""

Columns = dict[str, Any]
"""A row's values by the names of their columns."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A record with the columns of its row, as both stand in the table."""

    record: CreditRecord
    columns: Columns


@dataclass(slots=True)
class Known:
    """`hash` is empty while the newest event is not known."""

    seq: int = 0
    hash: bytes = b""
    scarred: bool | None = None
    """Whether a salvage lost anything (`agent.journal.lost`)."""
    _rows: OrderedDict[str, Standing] = field(default_factory=OrderedDict)

    def standing(self, key: str) -> Standing | None:
        return self._rows.get(key)

    def keep(self, stands: Standing) -> None:
        """A row was just written so."""
        key = stands.record.key.text
        self._rows[key] = stands
        self._rows.move_to_end(key)
        if len(self._rows) > ROWS_MAX:
            self._rows.popitem(last=False)

    def drop(self, key: str) -> None:
        """This row was changed without `keep`."""
        self._rows.pop(key, None)

    def forget(self) -> None:
        """Something was rolled back."""
        self.seq, self.hash = 0, b""
        self._rows.clear()
