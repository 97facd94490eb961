# SPDX-License-Identifier: Apache-2.0
"""The end of a run as text: figures, seed ranges, who caught which mutant, what was not tried."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.prove.course import shown_s
from tests.prove.piece import Outcome
from tests.prove.plan import Part
from tests.prove.verdict import added

FAULT: Final = "fault_"
"""How the figures of misfortunes begin that bit: many, and told in a few lines."""
WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """One part at the end of a run: what became of its pieces, of so many."""

    part: Part
    outcomes: tuple[Outcome, ...]
    pieces: int

    @property
    def held(self) -> bool:
        """All of it was tried, and nothing was found."""
        whole = len(self.outcomes) == self.pieces > 0
        return whole and all(each.held for each in self.outcomes)

    @property
    def found(self) -> int:
        return sum(each.held is False for each in self.outcomes)

    @property
    def untried(self) -> int:
        return sum(each.held is None for each in self.outcomes)

    @property
    def word(self) -> str:
        if self.found:
            return f"FOUND SOMETHING in {self.found} of {self.pieces} pieces"
        if self.held:
            return "held"
        if not self.outcomes:
            return "not run with these sources"
        done = sum(each.held is True for each in self.outcomes)
        return f"held as far as it was tried: {done} of {self.pieces} pieces"


def lines(summaries: Sequence[Summary]) -> Iterator[str]:
    """Everything, for a terminal and for the page of figures."""
    for each in summaries:
        yield from _part(each)
        yield ""


def _part(summary: Summary) -> Iterator[str]:
    took_s = sum(each.took_s for each in summary.outcomes)
    yield f"{summary.part.name}: {summary.word} ({shown_s(took_s)} of one process)"
    yield f"  {summary.part.promises}"
    yield from _figures(summary)
    for each in summary.outcomes:
        if each.piece.must_find and each.held:
            told = ", ".join(
                f"{name.replace('_', ' ')} {shown_number(value)}"
                for name, value in each.verdict.figures.items()
            )
            yield f"  and, as it must, with {each.piece.name} it fails: {told}"
    ranges = ranges_of(summary.outcomes)
    if ranges:
        yield f"  seeds {ranges}"
    yield from _told(summary)
    for each in summary.outcomes:
        for found in each.found:
            yield f"  FOUND: {found.what}"
            yield f"         again: {found.again}"
    for why in sorted({each.verdict.why for each in summary.outcomes if each.held is None}):
        yield f"  could not be tried here: {why}"


def _figures(summary: Summary) -> Iterator[str]:
    """Added up for each proof of the part: a cycle that is killed is none that loses power."""
    counted = [each for each in summary.outcomes if not each.piece.must_find]
    for proof in dict.fromkeys(each.verdict.proof for each in counted):
        figures = added(each.verdict.figures for each in counted if each.verdict.proof == proof)
        before = "" if proof == summary.part.name else f"{proof}: "
        bitten = [
            f"{name.removeprefix(FAULT).replace('_', ' ')} {shown_number(value)}"
            for name, value in figures.items()
            if name.startswith(FAULT)
        ]
        for name in (name for name in figures if not name.startswith(FAULT)):
            label = f"{before}{name.replace('_', ' ')}"
            yield f"  {label:<46} {shown_number(figures[name]):>14}"
        if bitten:
            yield from textwrap.wrap(
                f"faults that bit: {', '.join(bitten)}",
                WIDTH,
                initial_indent="  ",
                subsequent_indent="    ",
            )


def _told(summary: Summary) -> Iterator[str]:
    rows = [row for each in summary.outcomes for row in each.verdict.told]
    if not rows:
        return
    yield "  mutant (what it breaks) and the check that caught it:"
    width = max(len(row[0]) for row in rows)
    for row in rows:
        yield f"    {row[0]:<{width}}  {row[1]:<3} {row[-1]}"


def ranges_of(outcomes: Sequence[Outcome]) -> str:
    """The seed ranges of the pieces that held, joined: `1-10000`. A vendor's do not count."""
    spans: list[tuple[int, int]] = []
    for each in outcomes:
        arguments = each.piece.arguments
        if each.held and "--seeds" in arguments and "--profile" not in arguments:
            begin, _, end = arguments[arguments.index("--seeds") + 1].partition("-")
            spans.append((int(begin), int(end or begin)))
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return ", ".join(f"{first}-{last}" for first, last in joined)


def shown_number(value: float) -> str:
    """With commas; a fraction with what matters of it."""
    if value != int(value):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{int(value):,}"
