# SPDX-License-Identifier: Apache-2.0
"""What a proof of this folder says at its end, in the form that all proofs share."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """`figures` may be summed over runs, but for names that end in `_max`."""

    proof: str
    again: str
    """The command that plays it once more."""
    figures: dict[str, float] = field(default_factory=dict)
    found: list[dict[str, str]] = field(default_factory=list)

    def wrong(self, what: str) -> None:
        self.found.append({"what": what, "again": self.again})
        say(f"  {what}")

    def end(self) -> int:
        """Prints the last line; 0 where it held, 1 where something was found."""
        told = {
            "proof": self.proof,
            "held": not self.found,
            "figures": self.figures,
            "found": self.found,
        }
        print(json.dumps(told))
        return 1 if self.found else 0


def say(line: str) -> None:
    """A line for people."""
    print(line, file=sys.stderr, flush=True)
