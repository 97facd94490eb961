# SPDX-License-Identifier: Apache-2.0
"""What a run says at its end: verdicts read strictly, figures added up, the page of figures."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pytest

from tests.prove import page, plan
from tests.prove.__main__ import PAGE, code_of
from tests.prove.piece import Outcome, Piece
from tests.prove.plan import PARTS
from tests.prove.tables import Summary, lines, ranges_of
from tests.prove.verdict import CANNOT, FOUND, HELD, Found, Verdict, added, read_verdict


def test_a_verdict_is_its_last_line_and_reads_back() -> None:
    verdict = Verdict(
        "crash",
        False,
        {"cycles": 3, "slowest_s_max": 1.5},
        (Found("I1: lost", "python again"),),
        told=(("a", "b"),),
    )
    assert read_verdict(f"some\nlines\n{verdict.line()}\n\n") == verdict


@pytest.mark.parametrize("output", ["", "all fine\n", "[]\n", '{"figures": {}}\n'])
def test_anything_else_is_no_verdict(output: str) -> None:
    with pytest.raises(ValueError):
        read_verdict(output)


def test_figures_add_up_but_for_the_greatest() -> None:
    many = [{"seeds": 5, "s_max": 3}, {"seeds": 6, "s_max": 2, "more": 1}]
    assert added(many) == {"seeds": 11, "s_max": 3, "more": 1}


def test_figures_in_tables_of_their_own_are_taken_apart() -> None:
    said = '{"held": true, "figures": {"faults": {"reset": 3, "slow": 1}}}'
    assert read_verdict(said).figures == {"faults.reset": 3, "faults.slow": 1}


def summary(*verdicts: Verdict, pieces: int | None = None) -> Summary:
    outcomes = tuple(
        Outcome(plan.simulation(at * 10 + 1, at * 10 + 10), verdict, 2.0)
        for at, verdict in enumerate(verdicts)
    )
    return Summary(plan.part("simulation"), outcomes, pieces or len(outcomes))


def test_a_part_held_only_when_every_piece_did() -> None:
    held = Verdict("simulation", True, {"seeds": 10})
    assert summary(held, held).held
    assert not summary(held, pieces=2).held
    assert not summary(held, Verdict("simulation", None, why="no fuse")).held
    assert "1 of 2 pieces" in summary(held, pieces=2).word


def test_the_exit_code_is_that_of_the_worst_piece() -> None:
    held = Verdict("simulation", True)
    unable = Verdict("simulation", None, why="no fuse")
    broken = Verdict("simulation", False, {}, (Found("I3", "again"),))
    assert code_of([summary(held)]) == HELD
    assert code_of([summary(held, unable)]) == CANNOT
    assert code_of([summary(held, unable), summary(broken)]) == FOUND


def test_the_table_names_figures_seeds_and_what_was_found() -> None:
    held = Verdict("simulation", True, {"credits": 1000})
    broken = Verdict("simulation", False, {"credits": 500}, (Found("I3: two cards", "again 7"),))
    text = "\n".join(lines([summary(held, held, broken)]))
    assert "2,500" in text
    assert "seeds 1-20" in text
    assert "FOUND: I3: two cards" in text
    assert "again: again 7" in text


def test_the_figures_of_two_proofs_of_a_part_are_not_mixed() -> None:
    outcomes = (
        Outcome(plan.kill(5, 1), Verdict("kill", True, {"cycles": 5}), 1.0),
        Outcome(plan.power(7, 1), Verdict("power", True, {"cycles": 7}), 1.0),
        Outcome(plan.unsynced(9), Verdict("power", False, {"cycles": 9, "lost": 4}), 1.0),
    )
    said = list(lines([Summary(plan.part("crash"), outcomes, 3)]))
    assert [line.split()[-1] for line in said if "cycles" in line and ": " in line[:20]] == [
        "5",
        "7",
    ]
    assert any("as it must" in line and "lost 4" in line for line in said)


def test_faults_that_bit_are_told_in_a_few_lines() -> None:
    figures = {"seeds": 3, **{f"fault_reset_{number}": 7 for number in range(30)}}
    said = list(lines([summary(Verdict("simulation", True, figures))]))
    assert sum("reset" in line for line in said) < 10
    assert "reset 29 7" in " ".join(said)
    assert all(len(line) <= 100 for line in said)


def test_mutants_are_told_with_their_catchers() -> None:
    row = (("a-bug", "I3", "something is wrong", "simulation 1-4: I3"),)
    outcome = Outcome(plan.mutant("a-bug"), Verdict("mutants", True, {}, told=row), 1.0)
    text = "\n".join(lines([Summary(plan.part("mutants"), (outcome,), 1)]))
    assert "a-bug  I3  simulation 1-4: I3" in text


def test_seed_ranges_are_joined_and_leave_out_what_did_not_hold() -> None:
    held, broken = Verdict("simulation", True), Verdict("simulation", False)
    spans = [(1, 50, held), (51, 100, held), (101, 150, broken), (151, 200, held)]
    outcomes = [Outcome(plan.simulation(a, b), verdict, 1) for a, b, verdict in spans]
    assert ranges_of(outcomes) == "1-100, 151-200"


def test_the_page_keeps_what_was_written_by_hand() -> None:
    before = f"# Proof\n\nby hand\n\n{page.BEGIN}\nold\n{page.END}\n\nby hand too\n"
    told = page.block(
        [summary(Verdict("simulation", True, {"seeds": 10}))],
        {"commit": "abc1234"},
        datetime.date(2026, 11, 21),
    )
    after = page.written(before, told)
    assert after.startswith("# Proof\n\nby hand\n\n")
    assert after.endswith("\n\nby hand too\n")
    assert "2026-11-21: commit abc1234. Everything held." in after
    assert "old" not in after
    assert page.written(after, told) == after
    with pytest.raises(ValueError, match="marks"):
        page.written("# Proof\n", told)


def test_the_real_page_has_its_marks() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page.written(text, "figures").count(page.BEGIN) == 1


def names(part: str) -> Sequence[str]:
    return (f"{part}-one", f"{part}-two")


def test_the_whole_proof_has_the_figures_that_were_set() -> None:
    seeds = plan.whole("simulation", names)
    assert ranges_of([Outcome(each, Verdict("s", True), 1) for each in seeds]) == "1-12000"
    crash = plan.whole("crash", names)

    def cycles(kind: str) -> int:
        found = [each.arguments for each in crash if not each.must_find and kind in each.arguments]
        return sum(int(each[each.index("--cycles") + 1]) for each in found)

    assert (cycles("power"), cycles("kill")) == (2000, 500)
    assert sum(each.must_find for each in crash) == 1


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_piece_has_a_name_of_its_own_and_a_bound(part: plan.Part) -> None:
    for pieces in (plan.whole(part.name, names), plan.sliced(part.name, names, 7_000_000)):
        assert pieces
        assert len({each.file_name for each in pieces}) == len(pieces)
        assert all(each.bound_s > each.expected_s > 0 for each in pieces)


def test_a_run_that_is_stopped_half_way_is_half_way_in_every_part() -> None:
    parts = [plan.whole(part.name, names) for part in PARTS]
    pieces = plan.abreast(parts)
    assert len(pieces) == sum(len(each) for each in parts)
    half = pieces[: len(pieces) // 2]
    for part, all_of_it in zip(PARTS, parts, strict=True):
        assert abs(sum(each.part == part.name for each in half) - len(all_of_it) / 2) <= 2


def test_an_unknown_part_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no part is called weather"):
        plan.part("weather")


def test_what_a_developer_types_again_is_one_command() -> None:
    piece = Piece("x", "x", ("-m", "tests.simulation", "--seeds", "7"), 1)
    assert piece.again == "python -m tests.simulation --seeds 7"
