# SPDX-License-Identifier: Apache-2.0
"""What a proof says at its end: lines for people on the way, one JSON object as its last word."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

HELD, FOUND, CANNOT = 0, 1, 75
FOUND_MAX = 20


@dataclass
class Report:
    """`figures` are sums, but for names that end in `_max`."""

    proof: str
    figures: dict[str, int] = field(default_factory=dict)
    found: list[dict[str, str]] = field(default_factory=list)

    def count(self, name: str, more: int = 1) -> None:
        self.figures[name] = self.figures.get(name, 0) + more

    def largest(self, name: str, value: int) -> None:
        self.figures[name] = max(self.figures.get(name, 0), value)

    def wrong(self, what: str, again: str) -> None:
        """Kept and said at once; of very many the first are enough."""
        if len(self.found) >= FOUND_MAX:
            return
        self.found.append({"what": what, "again": again})
        say(f"FOUND {what}\n      again: {again}")

    @property
    def held(self) -> bool:
        return not self.found

    def end(self) -> int:
        """Prints the last line; the exit code."""
        document = {
            "proof": self.proof,
            "held": self.held,
            "figures": self.figures,
            "found": self.found,
        }
        print(json.dumps(document), flush=True)
        return HELD if self.held else FOUND


def cannot(proof: str, why: str) -> int:
    """The machine lacks something: said to people and to programs; the exit code."""
    say(why)
    print(json.dumps({"proof": proof, "held": None, "why": why}), flush=True)
    return CANNOT


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
