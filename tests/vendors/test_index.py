# SPDX-License-Identifier: Apache-2.0
"""The table of docs/platforms/README.md says what the adapters say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.platforms.abilities import as_table
from agent.platforms.adapter import Adapter
from agent.platforms.orders import OrdersAdapter
from agent.platforms.rest import platform as rest
from tests.simulation.profiles import named

PAGE = Path(__file__).resolve().parents[2] / "docs" / "platforms" / "README.md"
VENDORS = ("rest", "shopify", "square", "saleor", "voucherify", "bigcommerce", "adyen")


def adapter_of(name: str) -> Adapter:
    """With the settings that its page begins with."""
    if name == "rest":
        return rest({"url": "https://credit.example"}).adapter
    return named(name).plugin().adapter


def row_of(name: str) -> list[str]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    (line,) = (each for each in lines if each.startswith(f"| [`{name}`]({name}.md)"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("name", VENDORS)
def test_the_page_says_what_a_platform_can_do(name: str) -> None:
    adapter = adapter_of(name)
    said = as_table(adapter.abilities)
    refunds = adapter.refunds_to if isinstance(adapter, OrdersAdapter) else frozenset()
    project = name == "voucherify"
    assert row_of(name)[1:] == [
        said["unique_codes"],
        said["native_key"],
        said["exact_lookup"],
        said["settling"],
        said["instruments"],
        ", ".join(sorted(refunds)) or "none",
        "the project's" if project else said["currencies"],
    ]


def test_every_platform_has_its_page() -> None:
    pages = {each.stem for each in PAGE.parent.glob("*.md")}
    assert set(VENDORS) <= pages
