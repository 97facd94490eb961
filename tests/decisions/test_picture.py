# SPDX-License-Identifier: Apache-2.0
"""docs/states.md shows the table of states as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.decisions.picture import BEGIN, END, page_with, picture, table
from agent.decisions.transitions import ROWS
from agent.domain.record import State

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_page_of_states_is_made_from_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page_with(page) == page


def test_the_page_says_a_sentence_for_each_state() -> None:
    page = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0]
    for state in State:
        assert f"\n| {state} | " in page


def test_the_picture_has_one_arrow_for_each_change_of_state() -> None:
    arrows = [line.partition(":")[0].split(" --> ") for line in picture().splitlines()[3:]]
    drawn = [(line[0].strip(), line[1]) for line in arrows if len(line) == 2 and "[*]" not in line]
    changes = {(row.source.value, row.target.value) for row in ROWS if row.source is not row.target}
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == changes


def test_the_list_holds_every_row() -> None:
    lines = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in table().splitlines()[2:]
    ]
    for row in ROWS:
        found = [
            line
            for line in lines
            if line[:2] == (row.event, row.case) and row.source.value in line[2].split(", ")
        ]
        assert [line[3] for line in found] == [
            row.target.value if row.target is not row.source else "the same"
        ]


def test_only_what_stands_between_the_markers_is_made_anew() -> None:
    page = page_with(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert page.startswith(f"before\n{BEGIN}\n")
    assert page.endswith(f"{END}\nafter\n")
    assert "old" not in page
    assert page_with(page) == page


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}{BEGIN}"])
def test_a_page_without_its_markers_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="markers"):
        page_with(page)
