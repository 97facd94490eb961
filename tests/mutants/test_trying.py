# SPDX-License-Identifier: Apache-2.0
"""A mutant meets checks in a copy of a tree: caught, surviving, and judged by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.battery import Check
from tests.mutants.mutant import Change, Mutant
from tests.mutants.trying import judge, try_out
from tests.mutants.workshop import Workshop, workshop
from tests.prove.children import Children, Ended
from tests.prove.verdict import Found, Verdict

SUMS = "def added(a, b):\n    return a + b\n"
SUNNY = (
    "import agent.sums\nassert agent.sums.added(2, 0) == 2\nprint('fine', agent.sums.__file__)\n"
)
CHECK = (
    "import sys\n"
    "from agent.sums import added\n"
    "right = 'true' if added(2, 2) == 4 else 'false'\n"
    'found = \'\' if right == \'true\' else \'{"what": "I2: a wrong sum", "again": "x"}\'\n'
    'print(\'{"held": %s, "found": [%s]}\' % (right, found))\n'
    "sys.exit(right == 'false')\n"
)
BLIND = Check("blind", ("-c", "print('{\"held\": true}')"), 60)
ADDS = Check("sums", ("-c", CHECK), 60)
FALLS = Check("falls", ("-c", "raise SystemExit('no such thing')"), 60)


def mutant(new: str) -> Mutant:
    change = Change("agent/sums.py", "a + b", new)
    return Mutant("a-sum-is-wrong", "Adding two numbers gives another one.", "I2", (change,))


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Workshop]:
    """A copy of a product of one function, with a sunny day of its own."""
    root = tmp_path / "small"
    for name in ("agent", "tests/mutants"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").touch()
    (root / "tests" / "__init__.py").touch()
    (root / "agent" / "sums.py").write_text(SUMS)
    (root / "tests" / "mutants" / "sunny.py").write_text(SUNNY)
    children = Children()
    with workshop(children, root) as found:
        yield found
    children.stop()
    assert (root / "agent" / "sums.py").read_text() == SUMS, "the tree itself was touched"
    assert not found.folder.exists()


def test_the_first_check_that_objects_catches_it(copy: Workshop) -> None:
    trial = try_out(mutant("a - b"), copy, (BLIND, ADDS, FALLS))
    assert (trial.caught_by, trial.notes) == ("sums: I2: a wrong sum", ())


def test_what_no_check_sees_survives(copy: Workshop) -> None:
    trial = try_out(mutant("a - b"), copy, (BLIND,))
    assert (trial.caught_by, trial.notes) == ("", ())


def test_a_check_that_falls_over_has_caught_nothing(copy: Workshop) -> None:
    trial = try_out(mutant("a - b"), copy, (FALLS,))
    assert trial.caught_by == ""
    assert "no such thing" in trial.notes[0]


def test_a_mutant_that_spoils_a_sunny_day_proves_nothing(copy: Workshop) -> None:
    trial = try_out(mutant("a - b - 1"), copy, (ADDS,))
    assert (trial.caught_by, trial.notes) == ("", ())
    assert "not even a sunny day" in trial.unfit


def test_time_that_ran_out_has_caught_nothing() -> None:
    caught, why = judge(ADDS, Ended(None, "", "", 60.0))
    assert (caught, why) == ("", "ran out of 60 s")


def test_a_suite_is_named_by_its_first_failing_test() -> None:
    suite = Check("tests/x.py", (), 60, is_suite=True)
    output = "F\nFAILED tests/x.py::test_one - assert 1\nFAILED tests/x.py::test_two\n"
    assert judge(suite, Ended(1, output, "", 1.0)) == ("tests/x.py::test_one", "")
    assert judge(suite, Ended(0, "", "", 1.0)) == ("", "")
    assert judge(suite, Ended(4, "", "", 1.0)) == ("", "pytest ended with 4")


def test_a_proof_is_named_by_what_it_found() -> None:
    found = Verdict("simulation", False, {}, (Found("I3: two cards", "again"),))
    assert judge(BLIND, Ended(1, found.line(), "", 1.0)) == ("blind: I3: two cards", "")
    unable = Verdict("crash", None, why="install fuse3")
    assert judge(BLIND, Ended(75, unable.line(), "", 1.0))[1] == (
        "cannot be tried here: install fuse3"
    )
