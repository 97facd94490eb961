# SPDX-License-Identifier: Apache-2.0
"""What every operation of the journal works on: one connection, the seal, the time, chance.

An operation is a function that takes a `Store` first. It never begins, commits or rolls back:
`core` does, around it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from agent.journal.ballast import Ballast
from agent.journal.known import Known
from agent.journal.seal import Seal

Value = str | int | bytes | None
"""What a column may hold; the journal has no column of fractions."""

T = TypeVar("T")


class Below(Protocol):
    """The part of `ports.Chance` that salts and nonces are drawn from."""

    def below(self, bound: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Store:
    """`clock_ms`: UTC milliseconds, called on the thread that runs the operation."""

    connection: sqlite3.Connection
    seal: Seal
    clock_ms: Callable[[], int]
    chance: Below
    known: Known = field(default_factory=Known)
    room: Ballast = field(default_factory=Ballast)

    def random_bytes(self, count: int) -> bytes:
        return random_bytes(self.chance, count)


def random_bytes(chance: Below, count: int) -> bytes:
    """`count` bytes in one draw."""
    return chance.below(1 << 8 * count).to_bytes(count, "big")


Operation = Callable[[Store], T]


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical(value: object) -> bytes:
    """JSON in one form only: sorted names, no spaces, ASCII. What is hashed is written so."""
    return _ENCODER.encode(value).encode()
