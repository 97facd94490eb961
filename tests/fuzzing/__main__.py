# SPDX-License-Identifier: Apache-2.0
"""Draws as many examples of every property as are asked for.

    python -m tests.fuzzing --examples 500 --seed 7
    python -m tests.fuzzing --examples 500 --seed 7 --only test_a_flipped_bit_never_verifies

The same number and seed draw the same examples. Lines for people go to stderr; the last line of
stdout is one JSON object with the verdict.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.fuzzing import VARIABLE

DONE: Final = 0
FOUND: Final = 1
HERE: Final = Path(__file__).parent
EXAMPLES_OUT_OF_CI: Final = 100


class Seen:
    """Which properties held, and how the others failed: a pytest plug-in."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.failed: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.rpartition("::")[2]
        if report.failed:
            self.failed[name] = str(report.longrepr)
        elif report.when == "call":
            self.held.append(name)


def main(arguments: Sequence[str]) -> int:
    """0 where every property held, 1 where one did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("--examples", type=int, default=EXAMPLES_OUT_OF_CI, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--only", default="", metavar="NAME", help="one property")
    given = parser.parse_args(arguments)
    seen = _run(given.examples, given.seed, given.only)
    from tests.fuzzing.effort import DRAWN  # once the number is known

    found = [_found(name, text, given.examples, given.seed) for name, text in seen.failed.items()]
    for each, text in zip(found, seen.failed.values(), strict=True):
        print(f"FOUND {each['what']}\n  {each['again']}\n{text}", file=sys.stderr)
    figures = {
        "properties_max": len(seen.held) + len(seen.failed),
        "examples": sum(DRAWN.by_name.values()),
    }
    verdict: dict[str, Any] = {
        "proof": "fuzzing",
        "held": bool(seen.held) and not found,
        "figures": figures,
        "found": found,
    }
    print(json.dumps(verdict))
    return DONE if verdict["held"] else FOUND


def _run(examples: int, seed: int, only: str) -> Seen:
    """The number is in the environment before the properties are imported."""
    os.environ[VARIABLE] = str(examples)
    os.environ.pop("CI", None)  # a seed of our own, not the one that is the same for ever
    seen = Seen()
    options = ["-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", str(HERE)]
    with contextlib.redirect_stdout(sys.stderr):
        pytest.main([*options, *(["-k", only] if only else [])], plugins=[seen])
    return seen


def _found(name: str, text: str, examples: int, seed: int) -> dict[str, str]:
    """What failed, in its last line, and the command that draws it again."""
    lines = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    again = f"python -m tests.fuzzing --examples {examples} --seed {seed} --only {name}"
    return {"what": f"{name}: {lines[0] if lines else 'it broke'}", "again": again}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
