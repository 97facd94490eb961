# SPDX-License-Identifier: Apache-2.0
"""The simulation as a proof: `python -m tests.simulation --seeds 1-50 [--credits 100] [--slice]`.

`--seed 17 --verbose` tells one world's story; `--twice` plays each seed two times and compares
their traces; `--thousands 5000` lets so many registers come back behind one rate limit. What was
found names the one command that plays it again, bit for bit: hashes are fixed by starting anew
with PYTHONHASHSEED=0.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter

from tests.simulation.run import CREDITS, Verdict, judge

SLICE: tuple[int, int] = (1, 8)
SHOWN_MAX = 12


def main(arguments: list[str]) -> int:
    """0 held, 1 something was found."""
    given = _parser().parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        command = [sys.executable, "-m", "tests.simulation", *arguments]
        os.execv(sys.executable, command)  # noqa: S606
    if given.thousands is not None:
        return _thousands(given.thousands)
    first, last = _range(given)
    figures: Counter[str] = Counter()
    found: list[dict[str, str]] = []
    for seed in range(first, last + 1):
        verdict = judge(seed, given.credits, given.verbose, given.profile)
        found += _told(verdict, given)
        _add(figures, verdict)
        if given.twice and judge(seed, given.credits, profile=given.profile).trace != verdict.trace:
            found.append({"what": f"seed {seed} has two traces", "again": _again(seed, given)})
    _say(f"{figures['credits']} credits, {figures['seconds'] // 60} min of processor")
    print(_json(found, figures))
    return 1 if found else 0


def _told(verdict: Verdict, given: argparse.Namespace) -> list[dict[str, str]]:
    sales, verbose = given.credits, given.verbose
    again = f"python -m tests.simulation --seed {verdict.seed} --credits {sales} --verbose"
    again += _at(given)
    if verbose:
        for line in verdict.story:
            _say(line)
        _say(f"figures {verdict.figures}")
        _say(f"trace {verdict.trace}")
    state = f"{len(verdict.violations)} violations" if verdict.violations else "held"
    _say(
        f"seed {verdict.seed}: {state}; {verdict.figures.get('credits', 0)} credits, "
        f"{verdict.figures.get('hours', 0)} h, {verdict.seconds:.2f} s"
    )
    for sentence in verdict.violations[:SHOWN_MAX]:
        _say(f"  {sentence}")
    if verdict.violations:
        _say(f"  again: {again}")
    return [{"what": each, "again": again} for each in verdict.violations[:SHOWN_MAX]]


def _add(figures: Counter[str], verdict: Verdict) -> None:
    figures["seeds"] += 1
    figures.update(verdict.figures)
    figures["milliseconds"] += int(verdict.seconds * 1000)
    figures["seconds"] = figures["milliseconds"] // 1000
    for name, count in verdict.bitten.items():
        figures[f"fault_{name}"] += count


def _thousands(count: int) -> int:
    from tests.simulation.thousands import reconnect

    result = reconnect(seed=1, registers=count)
    for sentence in result.violations:
        _say(sentence)
    again = f"python -m tests.simulation --thousands {count}"
    found = [{"what": each, "again": again} for each in result.violations]
    print(_json(found, result.figures))
    return 1 if found else 0


def _json(found: list[dict[str, str]], figures: Counter[str]) -> str:
    told = {
        "proof": "simulation",
        "held": not found,
        "figures": dict(sorted(figures.items())),
        "found": found,
    }
    return json.dumps(told)


def _range(given: argparse.Namespace) -> tuple[int, int]:
    if given.seed is not None:
        return given.seed, given.seed
    if given.seeds is None:
        return SLICE
    first, _, last = given.seeds.partition("-")
    return int(first), int(last or first)


def _again(seed: int, given: argparse.Namespace) -> str:
    return f"python -m tests.simulation --seed {seed} --credits {given.credits} --twice{_at(given)}"


def _at(given: argparse.Namespace) -> str:
    return f" --profile {given.profile}" if given.profile else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", help="a range, such as 1-50")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--credits", type=int, default=CREDITS)
    parser.add_argument("--slice", action="store_true", help="a few seeds; the default")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--thousands", type=int)
    parser.add_argument("--profile", help="another platform for every seed, such as a vendor's")
    return parser


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
