# SPDX-License-Identifier: Apache-2.0
"""Every cent, once, in some whole worlds: fixed ones, and fresh ones where they are asked for.

COUNTERMARK_WORLDS=1000-1020 plays those seeds. `python -m tests.simulation` plays any number.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation import faults
from tests.simulation.actors.table import ACTS
from tests.simulation.run import Verdict, judge
from tests.simulation.thousands import reconnect

FIXED = (1, 2, 3)
SMALL, MANY = 30, 60
ROOT = Path(__file__).parents[2]
BITES_AS = {
    "outage": "outage_up",
    "platform_faults": "throttled",
    "crash_at_a_point": "crash_after_commit",
    "printer_trouble": "printer_held",
}
"""Faults that bite under other names, with one of these."""


def fresh() -> list[int]:
    first, _, last = os.environ.get("COUNTERMARK_WORLDS", "").partition("-")
    return list(range(int(first), int(last or first) + 1)) if first else []


def told(verdict: Verdict, sales: int) -> str:
    again = f"python -m tests.simulation --seed {verdict.seed} --credits {sales} --verbose"
    return "\n".join((*verdict.violations, f"again: {again}"))


@pytest.mark.parametrize("seed", [*FIXED, *fresh()])
def test_every_cent_once_in_this_world(seed: int) -> None:
    verdict = judge(seed, SMALL)
    assert verdict.figures["credits"] > SMALL // 2
    assert not verdict.violations, told(verdict, SMALL)


def test_the_same_seed_is_the_same_world() -> None:
    first, second = judge(5, 12), judge(5, 12)
    assert first.trace == second.trace
    assert first.figures == second.figures
    assert judge(6, 12).trace != first.trace


@pytest.mark.slow
def test_the_same_seed_is_the_same_world_in_another_process() -> None:
    """The command starts itself anew with fixed hashes, whatever it was started with."""
    command = [sys.executable, "-m", "tests.simulation", "--seed", "7", "--credits", "12"]
    traces = []
    for hashes in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        done = subprocess.run(
            [*command, "--verbose"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert json.loads(done.stdout.splitlines()[-1])["held"] is True, done.stderr
        traces += [line for line in done.stderr.splitlines() if line.startswith("trace ")]
    assert len(traces) == 2
    assert traces[0] == traces[1]


@pytest.mark.slow
def test_every_misfortune_bites_somewhere() -> None:
    bitten: Counter[str] = Counter()
    for seed in range(1, 43):
        verdict = judge(seed, MANY)
        assert not verdict.violations, told(verdict, MANY)
        bitten += verdict.bitten
    names = {BITES_AS.get(each.name, each.name) for each in faults.FAULTS}
    assert names - set(bitten) == set()


def test_every_act_with_a_fault_names_one_of_the_table() -> None:
    known = {each.name for each in faults.FAULTS}
    assert {act.fault for act in ACTS if act.fault is not None} <= known
    assert len({act.name for act in ACTS}) == len(ACTS)


@pytest.mark.slow
def test_many_registers_come_back_behind_one_limit_and_nothing_doubles() -> None:
    returned = reconnect(seed=1, registers=40)
    assert returned.violations == []
    assert returned.figures["throttled"] > 0
