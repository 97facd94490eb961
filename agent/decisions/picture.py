# SPDX-License-Identifier: Apache-2.0
"""The picture of states and the list of their changes, made from the transition table.

Pure text: nothing here is read or written. docs/states.md holds what `page_with` makes between
its markers, and a test compares the two, so that the picture can never lag behind the table.
"""

from __future__ import annotations

from typing import Final

from agent.decisions.transitions import ROWS
from agent.domain.record import SETTLED, State

BEGIN: Final = "<!-- made from agent/decisions/transitions.py: begin -->"
END: Final = "<!-- made from agent/decisions/transitions.py: end -->"


def page_with(page: str) -> str:
    """`page` with everything between its two markers made anew. ValueError without markers."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("a page of states holds the two markers, one after the other")
    return f"{head}{BEGIN}\n\n{picture()}\n\n{table()}\n\n{END}{tail}"


def picture() -> str:
    """A Mermaid state diagram in a fence; one arrow for each pair of states, stays left out."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for row in ROWS:
        if row.source is not row.target:
            events = arrows.setdefault((row.source, row.target), [])
            if row.event not in events:
                events.append(row.event)
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> received"]
    lines += [
        f"    {source} --> {target}: {', '.join(events)}"
        for (source, target), events in arrows.items()
    ]
    lines += [f"    {state} --> [*]" for state in State if state in SETTLED]
    return "\n".join([*lines, "```"])


def table() -> str:
    """Every row, in the order of the table, as Markdown; rows that stay share one line."""
    lines = ["| event | case | from | to |", "|---|---|---|---|"]
    stays: dict[tuple[str, str], list[str]] = {}
    moves: list[tuple[str, str, str, str]] = []
    for row in ROWS:
        if row.source is row.target:
            stays.setdefault((row.event, row.case), []).append(row.source.value)
        else:
            moves.append((row.event, row.case, row.source.value, row.target.value))
    kept = [(event, case, ", ".join(states), "the same") for (event, case), states in stays.items()]
    order = list(dict.fromkeys(row.event for row in ROWS))
    every = sorted([*moves, *kept], key=lambda line: order.index(line[0]))
    return "\n".join([*lines, *(f"| {' | '.join(line)} |" for line in every)])
