# SPDX-License-Identifier: Apache-2.0
"""The page of figures: what stands between the marks in docs/proof.md is written by a run, and
everything around it by hand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.prove.tables import Summary, lines

BEGIN: Final = "<!-- figures: written by make prove -->"
END: Final = "<!-- end of figures -->"


def block(summaries: Sequence[Summary], machine: Mapping[str, object], today: datetime.date) -> str:
    """The figures as Markdown, with date, commit and machine."""
    here = ", ".join(f"{name} {value}" for name, value in machine.items())
    whole = all(each.held for each in summaries)
    state = "Everything held." if whole else "Not everything is done; each part says how far."
    told = "\n".join(lines(summaries)).rstrip()
    return f"{today.isoformat()}: {here}. {state}\n\n```text\n{told}\n```"


def written(page: str, figures: str) -> str:
    """The page with other figures; raises ValueError where a mark is missing."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("docs/proof.md has lost its marks")
    return f"{head}{BEGIN}\n\n{figures}\n\n{END}{tail}"


def write(path: Path, figures: str) -> None:
    path.write_text(written(path.read_text(encoding="utf-8"), figures), encoding="utf-8")
