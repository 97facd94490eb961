# SPDX-License-Identifier: Apache-2.0
"""The page of the sandbox lists its faults, options and paths, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from agent.sandbox.faults import KINDS, Fault
from agent.sandbox.storefront import Storefront

DOCS = Path(__file__).parents[2] / "docs" / "platforms"
PAGE = (DOCS / "sandbox.md").read_text(encoding="utf-8")


def rows() -> dict[str, list[str]]:
    """The faults' table: name, then its cells."""
    lines = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): row[1:] for row in lines if len(row) == 5}


def test_the_table_names_every_fault_and_no_other() -> None:
    assert set(rows()) == {fault.value for fault in Fault}


def test_every_option_stands_with_its_default() -> None:
    for fault, kind in KINDS.items():
        cell = rows()[fault.value][1]
        assert set(re.findall(r"`([a-z_]+)` \(", cell)) == set(kind.options), fault
        for option, default in kind.options.items():
            shown = str(default).lower()
            assert re.search(rf"`{option}` \(`?{shown}", cell), (fault, option)


def test_every_path_of_the_storefront_is_listed() -> None:
    routes = Storefront.routes(Storefront.__new__(Storefront))
    served = {f"{route.method} {route.path}" for route in routes}
    assert set(re.findall(r"^\| `([A-Z]+ /sandbox/[^`]+)`", PAGE, re.MULTILINE)) == served


def test_every_path_of_the_contract_is_listed_on_its_page() -> None:
    from tests.platforms.contract_schema import CONTRACT

    page = (DOCS / "rest.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z]+ /v1/[^`?]+)", page, re.MULTILINE))
    served = {
        f"{method.upper()} {path}"
        for path, methods in CONTRACT["paths"].items()
        for method in methods
    }
    assert listed == served
