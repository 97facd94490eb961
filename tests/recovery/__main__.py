# SPDX-License-Identifier: Apache-2.0
"""The command line of this folder's proofs.

    python -m tests.recovery waiting [--records 100000]
    python -m tests.recovery damage  [--seed 1] [--credits 200]
    python -m tests.recovery clock   [--seed 1] [--jumps 1000]

Lines for people on standard error; the last line of standard output is one JSON object.
Exit 0: held, 1: something was found.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

from tests.daemon.process import sandbox
from tests.recovery import clocks, damage, drained, waiting
from tests.recovery.report import Report, say
from tests.recovery.sound import Ground

STARTS = 3
NOWHERE = "http://127.0.0.1:1"


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.recovery", description=__doc__)
    parser.add_argument("proof", choices=("waiting", "damage", "clock"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--credits", type=int, default=200)
    parser.add_argument("--jumps", type=int, default=1_000)
    arguments = parser.parse_args(words)
    report = Report(f"recovery {arguments.proof}", "python -m tests.recovery " + " ".join(words))
    shm = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as name:
        folder = Path(name)
        match arguments.proof:
            case "waiting":
                wait(report, folder, arguments.records)
            case "damage":
                spoil(report, folder, arguments.seed, arguments.credits)
            case _:
                jump(report, folder, arguments.seed, arguments.jumps)
    return report.end()


def wait(report: Report, folder: Path, records: int) -> None:
    """A backlog, a kill, a start: up and down, the best of a few, for others use the machine."""
    began_s = time.monotonic()
    waiting.make(folder, records)
    say(f"{records} records wait ({time.monotonic() - began_s:.0f} s to make them)")
    with sandbox(folder) as (url, _):
        for name, address in (("down", NOWHERE), ("up", url)):
            starts = [
                waiting.start_after_kill(folder, address, 10 * each + len(name), 3.0)
                for each in range(1, STARTS + 1)
            ]
            best = min(starts, key=lambda start: start.answered_s)
            most = max(start.resident_mb for start in starts)
            say(
                f"link {name}: answered {best.answered_s:.2f} s after the start "
                f"({best.processor_s:.2f} s of processor), {most:.0f} MB"
            )
            report.figures[f"answered_{name}_s_max"] = round(best.answered_s, 3)
            report.figures[f"processor_{name}_s_max"] = round(best.processor_s, 3)
            report.figures[f"resident_{name}_mb_max"] = round(most, 1)
            if (
                best.answered_s > waiting.ANSWER_S
                and busy()
                and best.processor_s < waiting.ANSWER_S
            ):
                say("others kept the processor busy: judged by what the agent itself used of it")
                report.figures["judged_by_processor"] = 1
            elif best.answered_s > waiting.ANSWER_S:
                report.wrong(f"link {name}: the first answer took {best.answered_s:.2f} s")
            if most > waiting.RESIDENT_MB:
                report.wrong(f"link {name}: {most:.0f} MB resident")
            if name == "up" and best.answer.get("answer") != "confirmed":
                report.wrong(f"the answer was {best.answer.get('answer')}")
    report.figures["records"] = records
    report.figures["starts"] = 2 * STARTS


def busy() -> bool:
    """Whether more wants to run than there are processors."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def spoil(report: Report, folder: Path, seed: int, credits_: int) -> None:
    """Every tree of the file, and what spoils more than a page of it."""
    closed = Ground(folder / "closed", credits_)
    killed = Ground(folder / "open", credits_, in_log=True)
    tried = kept = lost = salvaged = 0
    every = chain(
        ((closed, way) for way in damage.ways(closed, seed)),
        ((killed, way) for way in damage.log_ways(killed, seed)),
    )
    for ground, way in every:
        found = damage.attempt(ground, way, folder / "tried")
        tried += 1
        kept, lost = kept + found.counts["kept"], lost + found.counts["lost"]
        salvaged += found.counts["salvaged"]
        for sentence in found.wrong[:3]:
            report.wrong(f"{way.name}: {sentence}")
        if tried % 20 == 0:
            say(f"{tried} ways: {kept} credits kept, {lost} set aside")
    drains = drained.drain(folder / "drains", seed)
    for sentence in drains.wrong:
        report.wrong(sentence)
    report.figures |= {
        "ways": tried,
        "salvaged": salvaged,
        "kept": kept,
        "set_aside": lost,
        "drained": drains.credits,
    }


def jump(report: Report, folder: Path, seed: int, jumps: int) -> None:
    """A register whose clock jumps, in virtual time."""
    played = clocks.prove(folder / "journal", jumps, seed)
    for sentence in played.wrong:
        report.wrong(sentence)
    report.figures |= dict(played.figures)
    report.figures["keys"] = len(played.keys)
    say(f"{jumps} jumps: {played.figures['credits']} credits, {len(played.wrong)} faults")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
