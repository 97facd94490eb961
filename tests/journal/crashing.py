# SPDX-License-Identifier: Apache-2.0
"""A process of its own for `test_lock`: opens credits until it is killed.

Every key is printed only after the journal acknowledged it, so whoever reads it may rely on it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from agent.domain.faults import JournalLocked
from tests.journal.building import Bench, Chance

AT_ONCE = 8


async def work(folder: Path, seed: int) -> int:
    bench = Bench(chance=Chance(seed))
    try:
        journal = await bench.written(folder)
    except JournalLocked as fault:
        print(fault.code, flush=True)
        return 75

    async def one() -> None:
        # An alias of its own for each run: the journal keeps those of the run before.
        draft = bench.draft(aliases=[f"{seed} {bench.number}"])
        record = await bench.opened(journal, draft)
        print(record.key.text, flush=True)

    while True:
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    sys.exit(asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2]))))
