# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.bench`: every part, or those that BENCH names, parted by commas.

BENCH_QUICK=1 measures less of each. Prints tables, writes build/bench.json, and ends with 0
unless something broke: whether a bar was reached is for a reader to judge.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.bench import confirmation, drain, growth, journal, paper, starting
from tests.bench.machine import ROOT, machine
from tests.bench.report import Part, write_json

Measure = Callable[[Path, bool], Awaitable[Part]]
PARTS: Mapping[str, Measure] = {
    "journal": journal.measure,
    "growth": growth.measure,
    "confirmation": confirmation.measure,
    "drain": drain.measure,
    "starting": starting.measure,
    "paper": paper.measure,
}
BUILD = ROOT / "build"


def main() -> int:
    """Each part in a folder and an event loop of its own."""
    named = [name for name in os.environ.get("BENCH", "").split(",") if name]
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        print(f"no part is called {unknown[0]}; there is {', '.join(PARTS)}", file=sys.stderr)
        return 2
    quick = os.environ.get("BENCH_QUICK", "") not in ("", "0")
    here = machine()
    print(", ".join(f"{name} {value}" for name, value in here.items()), flush=True)
    BUILD.mkdir(exist_ok=True)
    parts = []
    for name in named or PARTS:
        began = time.monotonic()
        # On the disk of the build, for the system's temporary folder may be memory.
        folder = Path(tempfile.mkdtemp(prefix=f"bench-{name}-", dir=BUILD))
        try:
            part = asyncio.run(_measured(PARTS[name], folder, quick))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        parts.append(part)
        print(f"\n{part.text()}\n({name}: {time.monotonic() - began:.0f} s)", flush=True)
        write_json(BUILD / "bench.json", here, parts)
    return 0


async def _measured(measure: Measure, folder: Path, quick: bool) -> Part:
    return await measure(folder, quick)


if __name__ == "__main__":
    sys.exit(main())
