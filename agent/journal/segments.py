# SPDX-License-Identifier: Apache-2.0
"""Segments of the chain: each salvage begins one, and its first event says what is missing before.

A hole that was declared is no finding: that event is chained, anchored and shown, so nobody
declares one in silence.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from agent.journal.chain import SALVAGED, event_hash, segment_hash


@dataclass(frozen=True, slots=True)
class Segments:
    """`starts`: numbers of the events that begin one; `holes`: first and last missing number."""

    starts: frozenset[int]
    holes: Sequence[tuple[int, int]]
    new_id: bool
    """Whether the journal's own id was lost, so that the very first link cannot be judged."""

    def declared(self, first: int, end: int) -> bool:
        """Whether all of these numbers are known to be missing."""
        return any(start <= first and end <= last for start, last in self.holes)


def segments_of(connection: sqlite3.Connection, journal: str) -> Segments:
    """Read once, before the walk."""
    starts: set[int] = set()
    holes: list[tuple[int, int]] = []
    new_id = False
    for row in connection.execute("SELECT * FROM events WHERE kind = ?", (SALVAGED,)):
        if event_hash(segment_hash(journal, row["seq"]), row, row["seq"]) != row["hash"]:
            continue
        starts.add(row["seq"])
        said = json.loads(row["details"])
        new_id = new_id or bool(said.get("new_id"))
        for hole in filter(None, said["holes"].split(",")):
            first, _, end = hole.partition("-")
            holes.append((int(first), int(end)))
    return Segments(frozenset(starts), tuple(holes), new_id)
