# SPDX-License-Identifier: Apache-2.0
"""The vendor's test told good tills from bad ones: each fails where it is bad, and nowhere else."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from agent.commands.conformance.between import Between
from agent.commands.conformance.ground import Ground, Pace
from agent.commands.conformance.play import Plan, Result, play
from agent.commands.conformance.register import Kind, trial_register
from agent.commands.conformance.report import verdict
from agent.commands.conformance.steps import PAIR, STEPS
from agent.commands.pos_test import STEPS as NAMED
from agent.words import template
from tests.commands.model_till import Habits, ModelTill

PACE = Pace(patience_s=5.0, quiet_s=0.7)
AT_ONCE = 8

BAD: dict[str, tuple[str, str, str, Habits]] = {
    "new-key-after-503": ("agent", "retry", "new-key", Habits(new_key_after_503=True)),
    "too-early": ("agent", "retry", "too-early", Habits(comes_back_too_early=True)),
    "new-key-after-hang-up": ("agent", "hang-up", "new-key", Habits(new_key_after_hang_up=True)),
    "new-body": ("agent", "hang-up", "other-body", Habits(new_body_after_hang_up=True)),
    "gives-up": ("agent", "hang-up", "gave-up", Habits(gives_up_after_hang_up=True)),
    "504-is-issued": (
        "agent",
        "open-504",
        "taken-as-issued",
        Habits(screen={"open-504": False}),
    ),
    "202-is-issued": (
        "agent",
        "open-202",
        "taken-as-issued",
        Habits(screen={"open-202": False}),
    ),
    "504-and-no-more": ("agent", "open-504", "not-asked-again", Habits(takes_as_issued=504)),
    "202-and-no-more": ("agent", "open-202", "not-asked-again", Habits(takes_as_issued=202)),
    "new-key-after-conflict": (
        "agent",
        "conflict",
        "invented",
        Habits(new_key_after_conflict=True),
    ),
    "always-distinct": ("agent", "looks-like", "always-distinct", Habits(always_distinct=True)),
    "no-distinct": ("agent", "looks-like", "no-distinct", Habits(gives_up_after_looks_like=True)),
    "other-key-for-distinct": (
        "agent",
        "looks-like",
        "new-key",
        Habits(another_key_for_distinct=True),
    ),
    "cashier-not-asked": (
        "agent",
        "looks-like",
        "cashier-not-asked",
        Habits(screen={"looks-like": False}),
    ),
    "no-manager": ("agent", "approval", "no-approval", Habits(knows_no_manager=True)),
    "approval-forgotten": ("agent", "approval", "not-repeated", Habits(forgets_the_approval=True)),
    "approved-another": (
        "agent",
        "approval",
        "other-body",
        Habits(other_body_after_approval=True),
    ),
    "no-report": ("pos", "prints", "no-report", Habits(never_reports_paper=True)),
    "other-job": ("pos", "prints", "other-report", Habits(reports_another_job=True)),
    "no-paper": ("pos", "prints", "paper-missing", Habits(screen={"prints": False})),
}
"""By name: who prints, the step that it fails, why, and what it does."""
GOOD = {"good": ("agent", Habits()), "good-and-prints": ("pos", Habits())}


async def run_of(folder: Path, habits: Habits, plan: Plan) -> list[Result]:
    """One whole test of one till."""
    till = ModelTill(habits)
    async with trial_register(folder, Kind()) as register:
        line = Between(register.port, time.monotonic)
        await line.start(0)
        try:
            ground = Ground(register, line, till.ask, PACE, plan.printing)
            return await play(ground, plan, till)
        finally:
            await till.close()
            await line.close()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Result]]:
    """All tills, a few at once: most of a test is waiting."""
    tills = {name: (printing, habits) for name, (printing, _, _, habits) in BAD.items()} | GOOD

    folders = {name: tmp_path_factory.mktemp(name) for name in tills}

    async def every() -> dict[str, list[Result]]:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> list[Result]:
            printing, habits = tills[name]
            async with room:
                return await run_of(folders[name], habits, Plan(name, printing))

        found = await asyncio.gather(*(one(name) for name in tills))
        return dict(zip(tills, found, strict=True))

    return asyncio.run(every())


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD)
def test_a_good_till_passes_every_step(runs: dict[str, list[Result]], name: str) -> None:
    results = {each.step: each.result for each in runs[name]}
    skipped = {"prints"} if GOOD[name][0] == "agent" else set()
    assert results == {
        step: "skipped" if step in skipped else "passed"
        for step in (PAIR, *(each.name for each in STEPS))
    }, runs[name]
    assert verdict(runs[name]) == "passed"


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_a_bad_till_fails_at_exactly_its_step(runs: dict[str, list[Result]], name: str) -> None:
    _, step, what, _ = BAD[name]
    failed = {each.step: each for each in runs[name] if each.result == "failed"}
    assert set(failed) == {step}, runs[name]
    said = template(f"pos-test.bad.{what}").partition("{")[0]
    assert failed[step].seen.startswith(said), failed[step]
    assert failed[step].advice
    assert verdict(runs[name]) == "failed"


def test_the_command_names_the_steps_there_are() -> None:
    assert tuple(each.name for each in STEPS) == NAMED
