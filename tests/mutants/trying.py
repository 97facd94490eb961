# SPDX-License-Identifier: Apache-2.0
"""One mutant against the battery: who catches it, or that nobody does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.mutants.battery import ALWAYS, LAST, NAMED, Check, suite
from tests.mutants.mutant import Mutant
from tests.mutants.workshop import Workshop
from tests.prove.children import Ended
from tests.prove.verdict import CANNOT, FOUND, HELD, read_verdict

SUNNY: Final = Check("a sunny day", ("-m", "tests.mutants.sunny"), 60)
WHAT_MAX: Final = 110
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.M)


@dataclass(frozen=True, slots=True)
class Trial:
    """`caught_by` is empty for a survivor; `notes` say what could not judge, and why. `unfit`:
    why it proves nothing, where even a sunny day is none."""

    name: str
    caught_by: str
    notes: tuple[str, ...] = ()
    unfit: str = ""


def checks_of(mutant: Mutant) -> Iterator[Check]:
    """In the order in which it meets them. Raises ValueError for a check that is not there."""
    for name in mutant.proofs:
        if name not in NAMED:
            raise ValueError(f"{mutant.name}: no check is called {name}")
        yield NAMED[name]
    yield from ALWAYS
    for path in mutant.suites:
        yield suite(path)
    yield from LAST


def try_out(mutant: Mutant, workshop: Workshop, checks: Sequence[Check] | None = None) -> Trial:
    """Plants it, sees that a sunny day still is one, and stops at the first check that objects.

    A check that falls over, runs out of time or cannot be tried here has caught nothing.
    """
    mutant.plant(workshop.folder)
    fine = workshop.run(SUNNY)
    if fine.code != HELD or str(workshop.folder) not in fine.output:
        said = (fine.output.strip() or fine.last_words)[-200:]
        return Trial(mutant.name, "", unfit=f"not even a sunny day is fine: {said}")
    notes: list[str] = []
    for check in checks_of(mutant) if checks is None else checks:
        ended = workshop.run(check)
        caught, note = judge(check, ended)
        if caught:
            return Trial(mutant.name, caught, tuple(notes))
        if note:
            notes.append(f"{check.name}: {note}")
    return Trial(mutant.name, "", tuple(notes))


def judge(check: Check, ended: Ended) -> tuple[str, str]:
    """(who caught it, why it could not be judged); both empty where the check found nothing."""
    if ended.code is None:
        return "", f"ran out of {check.bound_s:.0f} s"
    if check.is_suite:
        failed = _FAILED.findall(ended.output)
        if ended.code == FOUND and failed:
            return failed[0], ""
        return "", "" if ended.code == HELD else f"pytest ended with {ended.code}"
    try:
        verdict = read_verdict(ended.output)
    except ValueError:
        return "", f"fell over ({ended.code}): {ended.last_words[-160:]}"
    if ended.code == CANNOT or verdict.held is None:
        return "", f"cannot be tried here: {verdict.why}"
    if verdict.held or not verdict.found:
        return "", ""
    return f"{check.name}: {verdict.found[0].what[:WHAT_MAX]}", ""
