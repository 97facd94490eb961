# SPDX-License-Identifier: Apache-2.0
"""Every planted bug still applies to the product as it is, and says what it breaks."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.mutants.battery import ALWAYS, LAST, NAMED
from tests.mutants.mutant import Change, Mutant, Outgrown, mutants, named
from tests.mutants.trying import checks_of
from tests.mutants.workshop import ROOT
from tests.prove.plan import SLICE_MUTANTS

EVERY: Final = mutants()
LEAST: Final = 20
"""Issue 4, point 2."""


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_a_mutant_applies_to_the_product_and_still_reads_as_python(mutant: Mutant) -> None:
    texts: dict[str, str] = {}
    for change in mutant.changes:
        text = texts.get(change.file) or (ROOT / change.file).read_text(encoding="utf-8")
        texts[change.file] = change.made_in(text)
    for file, text in texts.items():
        assert file.startswith(("agent/", "hardware/")), "a mutant lives in the product"
        assert ast.parse(text).body


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_a_mutant_names_checks_that_are_there(mutant: Mutant) -> None:
    checks = list(checks_of(mutant))
    assert len(checks) == len(mutant.proofs + mutant.suites) + len(ALWAYS + LAST)
    for path in mutant.suites:
        file, _, test = path.partition("::")
        assert (ROOT / file).is_file(), path
        assert re.search(rf"def {test}\b" if test else "def test_", (ROOT / file).read_text())


def test_there_are_enough_of_them_and_every_invariant_has_its_own() -> None:
    assert len(EVERY) >= LEAST
    assert {mutant.breaks for mutant in EVERY} == {f"I{number}" for number in range(1, 10)}


def test_the_slice_names_mutants_that_are_there() -> None:
    assert {named(name, EVERY).name for name in SLICE_MUTANTS} == set(SLICE_MUTANTS)
    with pytest.raises(ValueError, match="no mutant is called"):
        named("a-bug-of-nobody", EVERY)


def test_a_text_that_does_not_stand_exactly_once_is_an_error() -> None:
    change = Change("agent/x.py", "one", "two")
    assert change.made_in("just one\n") == "just two\n"
    for text in ("not here\n", "one and one\n"):
        with pytest.raises(Outgrown, match="agent/x"):
            change.made_in(text)


@pytest.mark.parametrize(
    ("field", "row"),
    [
        ("dashes", 'name = "Plain"'),
        ("sentence", 'wrong = "too short"'),
        ("invariant", 'breaks = "I0"'),
        ("changes nothing", "change = []"),
        ("no field", 'because = "typed wrongly"'),
    ],
)
def test_a_row_that_says_too_little_is_refused(tmp_path: Path, field: str, row: str) -> None:
    good = {
        "name": 'name = "a-bug"',
        "wrong": 'wrong = "It does what it must not."',
        "breaks": 'breaks = "I3"',
        "change": 'change = [{ file = "a.py", old = "1", new = "2" }]',
    }
    (tmp_path / "a.toml").write_text("[[mutant]]\n" + "\n".join(good.values()))
    assert mutants(tmp_path)[0].name == "a-bug"
    good[row.split(" ")[0]] = row
    (tmp_path / "a.toml").write_text("[[mutant]]\n" + "\n".join(good.values()))
    with pytest.raises(ValueError, match=field):
        mutants(tmp_path)


def test_two_mutants_of_one_name_are_refused(tmp_path: Path) -> None:
    row = (
        '[[mutant]]\nname = "a-bug"\nwrong = "It does what it must not."\nbreaks = "I3"\n'
        'change = [{ file = "a.py", old = "1", new = "2" }]\n'
    )
    (tmp_path / "a.toml").write_text(row * 2)
    with pytest.raises(ValueError, match="two mutants are called a-bug"):
        mutants(tmp_path)


def test_dear_checks_run_only_where_they_are_named() -> None:
    assert not {check.name for check in ALWAYS} & set(NAMED)
    assert all(check.bound_s > 0 for check in (*ALWAYS, *LAST, *NAMED.values()))
