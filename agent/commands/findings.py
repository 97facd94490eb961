# SPDX-License-Identifier: Apache-2.0
"""What `check` and `doctor` find: one line each, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.commands.frame import Output
from agent.words import say


class Grade(StrEnum):
    """WEAK: it works, with something to know. SKIPPED: not asked, for something before it fell."""

    OK = "ok"
    WEAK = "weak"
    WRONG = "wrong"
    SKIPPED = "skipped"


_GOOD: Final = {Grade.OK: True, Grade.WEAK: True, Grade.WRONG: False, Grade.SKIPPED: None}
_WORST_FIRST: Final = (Grade.WRONG, Grade.WEAK, Grade.OK)


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at, how it is, what was `seen`, and what is `todo` about it: sentences
    for people, without a secret."""

    what: str
    grade: Grade
    seen: str = ""
    todo: str = ""

    @property
    def good(self) -> bool | None:
        """None where it was not asked."""
        return _GOOD[self.grade]


def worst(findings: Iterable[Finding]) -> Grade:
    """The worst grade among them; what was not asked does not count."""
    grades = {each.grade for each in findings}
    return next((grade for grade in _WORST_FIRST if grade in grades), Grade.OK)


def documents(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """For `--json`."""
    return [
        {
            "what": each.what,
            "good": each.good,
            "grade": each.grade.value,
            "seen": each.seen,
            "todo": each.todo,
        }
        for each in findings
    ]


def tell(output: Output, findings: Sequence[Finding]) -> None:
    """A line for each, with what to do under it, and how many are wrong at the end."""
    for each in findings:
        mark = say(f"check.grade.{each.grade.value}")
        output.line(f"{mark:10} {each.what}" + (f": {each.seen}" if each.seen else ""))
        if each.todo:
            output.line(f"{'':10} " + say("command.next", hint=each.todo))
    wrong = sum(each.grade is Grade.WRONG for each in findings)
    output.line(say("check.some-bad", count=wrong) if wrong else say("check.all-good"))
