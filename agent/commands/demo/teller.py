# SPDX-License-Identifier: Apache-2.0
"""Tells the story line by line; every line is checked, and says so."""

from __future__ import annotations

import sys
import time
from typing import Any

from agent.words import say


class Teller:
    """Counts what held and what did not."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._begun = time.monotonic()
        self.lines: list[dict[str, Any]] = []

    @property
    def failures(self) -> int:
        return sum(not line["held"] for line in self.lines)

    def heading(self, message_id: str) -> None:
        if not self._as_json:
            print(f"\n{say(message_id)}", flush=True)

    def check(self, held: bool, message_id: str, found: str = "", **values: str | int) -> bool:
        """One line of the story: true or not. `found` is shown where it is not."""
        text = say(message_id, "en_US", **values)
        at_s = time.monotonic() - self._begun
        self.lines.append({"line": text, "held": bool(held), "at_s": round(at_s, 2)})
        if not self._as_json:
            mark = _coloured("32", "ok") if held else _coloured("31", "NO")
            print(f"  {mark}  {text}", flush=True)
            if not held and found:
                print(f"      {found[:600]}", flush=True)
        return bool(held)


def _coloured(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if sys.stdout.isatty() else text
