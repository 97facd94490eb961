# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.prove`, which is `make prove`: every proof, in pieces, with progress.

Stopped by Ctrl-C or a signal, it goes on where it was when it is called again: finished pieces
are kept in `.prove` under a digest of the sources. --fresh begins anew; --part (or PROVE) names
parts, parted by commas; --slice takes a few minutes, with seeds that are fresh each time. A whole
run that came to its end writes its figures into docs/proof.md; --page writes what is kept by now.

Ends with 0 where all of it held, 1 where something was found, 75 where something could not be
tried on this machine, 130 where it was stopped.
"""

from __future__ import annotations

import argparse
import datetime
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from tests.bench.machine import machine
from tests.prove import page, plan
from tests.prove.course import Course, say_to_people
from tests.prove.keep import Kept
from tests.prove.piece import Outcome, Piece
from tests.prove.plan import Part
from tests.prove.sources import PRODUCT, digest
from tests.prove.tables import Summary, lines
from tests.prove.verdict import CANNOT, FOUND, HELD

ROOT: Final = Path(__file__).resolve().parent.parent.parent
KEPT: Final = ROOT / ".prove"
PAGE: Final = ROOT / "docs" / "proof.md"
STOPPED: Final = 130
USAGE: Final = 2
FRESH_FROM: Final = 100_000
FRESH_MANY: Final = 900_000_000
"""Fresh seeds are none that the whole proof has."""
LIST_S: Final = 120.0


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--slice", action="store_true", help="a few minutes instead of hours")
    parser.add_argument("--fresh", action="store_true", help="forget what is kept and begin anew")
    parser.add_argument("--page", action="store_true", help="run nothing, write what is kept")
    parser.add_argument("--part", default=os.environ.get("PROVE", ""), help="only these parts")
    parser.add_argument("--workers", type=int, default=int(os.environ.get("WORKERS", "2")))
    parser.add_argument("--seed", type=int, help="where the slice's fresh seeds begin")
    asked = parser.parse_args(given)
    seed = asked.seed or FRESH_FROM + secrets.randbelow(FRESH_MANY)
    try:
        names = [name for name in asked.part.split(",") if name]
        parts = [plan.part(name) for name in names] or list(plan.PARTS)
        sliced = asked.slice
        pieces = plan.abreast(
            [plan.sliced(each.name, listed, seed) if sliced else whole(each) for each in parts]
        )
    except ValueError as fault:
        say_to_people(str(fault))
        return USAGE
    keeping = {each.name: kept(each) for each in parts}
    if asked.page:
        known = (keeping[piece.part].get(piece) for piece in pieces)
        write_page(summed(parts, pieces, [each for each in known if each]))
        return HELD
    if asked.fresh:
        for one in keeping.values():
            one.forget()
    if asked.slice:
        say_to_people(f"fresh seeds begin at {seed}: again with --slice --seed {seed}")
    course = Course(ROOT, keeping, max(asked.workers, 1))
    summaries = summed(parts, pieces, run(course, pieces))
    print("\n".join(lines(summaries)), flush=True)
    if course.stopped:
        return STOPPED
    if not asked.slice and not names:
        write_page(summaries)
    return code_of(summaries)


def write_page(summaries: Sequence[Summary]) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    page.write(PAGE, page.block(summaries, machine(), today))
    say_to_people(f"{PAGE.relative_to(ROOT)} has the figures")


def whole(part: Part) -> list[Piece]:
    return plan.whole(part.name, listed)


def kept(part: Part) -> Kept:
    """What is known of a part with the sources as they are now."""
    return Kept(KEPT, part.name, lambda: digest(ROOT, (*PRODUCT, *part.rests_on)))


def run(course: Course, pieces: Sequence[Piece]) -> list[Outcome]:
    """To the end, or until a signal comes; a second one is no longer caught."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        say_to_people("stopping: what is finished stays; call it again to go on")
        course.stop()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        return course.run(pieces)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def summed(
    parts: Sequence[Part], pieces: Sequence[Piece], outcomes: Sequence[Outcome]
) -> list[Summary]:
    """What became of each part, of so many pieces."""
    return [
        Summary(
            part,
            tuple(each for each in outcomes if each.piece.part == part.name),
            sum(piece.part == part.name for piece in pieces),
        )
        for part in parts
    ]


def code_of(summaries: Sequence[Summary]) -> int:
    if any(each.found for each in summaries):
        return FOUND
    if any(each.untried for each in summaries):
        return CANNOT
    return HELD


def listed(part: str) -> Sequence[str]:
    """The first word of each line that the part's own `--list` prints; raises ValueError."""
    try:
        told = subprocess.run(
            [sys.executable, "-m", f"tests.{part}", "--list"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LIST_S,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
        raise ValueError(f"python -m tests.{part} --list: {fault}") from fault
    return [line.split()[0] for line in told.stdout.splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
