# SPDX-License-Identifier: Apache-2.0
"""The documents tell the truth about the tree: links lead somewhere, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
MAKE = re.compile(r"(?:^    |`)make ([a-z-]+)", re.M)
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def find_dead_links(text: str, page: Path) -> list[str]:
    """Relative links of a page whose file or folder is not there."""
    return [
        f"{page.name}: {target}"
        for target in LINK.findall(text)
        if not (page.parent / target).exists()
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert find_dead_links(page.read_text(encoding="utf-8"), page) == []


def test_a_dead_link_is_found() -> None:
    page = ROOT / "README.md"
    assert find_dead_links("[a](docs/none.md) [b](LICENSE) [c](https://x.example)", page) == [
        "README.md: docs/none.md"
    ]


def test_the_readme_names_only_targets_that_make_has() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    more = re.search(r"^demo demo-script:", (ROOT / "Makefile").read_text(), re.M)
    assert more is not None
    named = set(MAKE.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert named
    assert named <= targets | {"demo", "demo-script"}


def test_the_tour_names_things_that_exist() -> None:
    """Every dotted or called name in the tour stands in the source."""
    tour = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("agent", "hardware")
        for path in (ROOT / folder).rglob("*.py")
    )
    names = {name.split(".")[-1] for name in re.findall(r"`([A-Za-z_][\w.]*)`", tour)}
    assert len(names) > 20
    missing = [name for name in sorted(names) if not re.search(rf"\b{re.escape(name)}\b", source)]
    assert missing == []
