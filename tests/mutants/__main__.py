# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.mutants`: every planted bug against the battery, in pieces that are kept.

--list names them all; --only NAME tries one; --control runs the battery against the healthy
tree, where it must find nothing. Without any of them all are tried, as `make prove` does it.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from tests.mutants.battery import ALWAYS, LAST, NAMED, suite
from tests.mutants.mutant import Mutant, mutants, named
from tests.mutants.trying import SUNNY, Trial, judge, try_out
from tests.mutants.workshop import workshop
from tests.prove.children import Children
from tests.prove.verdict import HELD, Found, Verdict

ADVICE = "no check sees it: strengthen an invariant or a fault of the simulation, or name a suite"


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true")
    which.add_argument("--only", metavar="NAME")
    which.add_argument("--control", action="store_true")
    asked = parser.parse_args(given)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # copies and children go too
    every = mutants()
    if asked.list:
        for each in every:
            print(f"{each.name}\t{each.breaks}\t{each.wrong}")
        return 0
    if asked.control:
        return _said(control(every))
    if asked.only:
        try:
            mutant = named(asked.only, every)
        except ValueError as fault:
            parser.error(str(fault))
        return _said(one(mutant))
    from tests.prove.__main__ import main as prove  # it knows pieces, progress and what is kept

    return prove(["--part", "mutants"])


def one(mutant: Mutant) -> Verdict:
    """One mutant, tried in a copy of its own."""
    began_s = time.monotonic()
    print(f"{mutant.name} ({mutant.breaks}): {mutant.wrong}", file=sys.stderr, flush=True)
    children = Children()
    try:
        with workshop(children) as copy:
            trial = try_out(mutant, copy)
    finally:
        children.stop()
    took_s = time.monotonic() - began_s
    said = trial.caught_by or trial.unfit or f"SURVIVED; {ADVICE}"
    print(f"  {took_s:.0f} s: {said}", *trial.notes, sep="\n  ", file=sys.stderr, flush=True)
    return verdict_of(mutant, trial)


def verdict_of(mutant: Mutant, trial: Trial) -> Verdict:
    caught = bool(trial.caught_by)
    why = trial.unfit or f"survives: {mutant.wrong}; {ADVICE}"
    again = f"python -m tests.mutants --only {mutant.name}"
    return Verdict(
        "mutants",
        caught,
        {"mutants": 1, "caught": int(caught)},
        () if caught else (Found(f"{mutant.name}: {why}", again),),
        told=((mutant.name, mutant.breaks, mutant.wrong, trial.caught_by or "nobody"),),
    )


def control(every: Sequence[Mutant]) -> Verdict:
    """The healthy tree must pass every check that may catch a mutant."""
    suites = sorted({path for mutant in every for path in mutant.suites})
    dear = sorted({name for mutant in every for name in mutant.proofs})
    checks = (
        SUNNY,
        *ALWAYS,
        *LAST,
        *(NAMED[name] for name in dear),
        *(suite(path) for path in suites),
    )
    found: list[Found] = []
    children = Children()
    try:
        with workshop(children) as copy:
            for check in checks:
                ended = copy.run(check)
                healthy = ended.code == HELD if check is SUNNY else not any(judge(check, ended))
                word = "fine" if healthy else "NOT FINE"
                print(f"{word:>8}  {check.name}, {ended.took_s:.0f} s", file=sys.stderr, flush=True)
                if not healthy:
                    what = f"{check.name}: {judge(check, ended)}"
                    again = " ".join(("python", *check.arguments))
                    found.append(Found(f"the healthy tree fails: {what}", again))
    finally:
        children.stop()
    return Verdict("mutants", not found, {"checks": len(checks)}, tuple(found))


def _said(verdict: Verdict) -> int:
    print(verdict.line(), flush=True)
    return verdict.exit_code


if __name__ == "__main__":
    sys.exit(main())
