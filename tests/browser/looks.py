# SPDX-License-Identifier: Apache-2.0
"""How a page is looked at: every size, light, dark and forced colours; and what must hold there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Literal

from playwright.sync_api import Page

TOUCH_MIN: Final = 48
"""CSS pixels that a finger needs."""
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Look:
    """A viewport in CSS pixels, and the colours that the person asked for."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    forced_colors: Literal["active", "none"] = "none"


_SIZES: Final = (("register", 1280, 800), ("handheld", 360, 640), ("narrow", 320, 568))
LOOKS: Final = tuple(
    look
    for name, width, height in _SIZES
    for look in (
        Look(f"{name}-light", width, height),
        Look(f"{name}-dark", width, height, scheme="dark"),
        Look(f"{name}-forced", width, height, forced_colors="active"),
    )
)
"""1280x800, 360x640 and 320 px, each in light, dark and forced colours."""


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds, one line each. `evaluate` is not stopped by the page's own CSP."""
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(source)
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def too_small(page: Page) -> list[str]:
    """Visible controls under 48 px either way. A radio or tick box may lend its label's size."""
    found: list[str] = page.evaluate(
        """least => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
        .filter(each => each.checkVisibility({visibilityProperty: true, opacityProperty: true}))
        .filter(each => each.type !== 'hidden')
        .filter(each => {
            const label = each.closest('label') || (each.labels && each.labels[0]);
            const lent = ['radio', 'checkbox'].includes(each.type) && label ? label : each;
            const box = lent.getBoundingClientRect();
            return box.width < least - 0.5 || box.height < least - 0.5;
        }).map(each => each.outerHTML.slice(0, 120))""",
        TOUCH_MIN,
    )
    return found


def scrolls_sideways(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wide


def looked_over(page: Page) -> list[str]:
    """Everything that is wrong with how the page looks now; empty where nothing is."""
    wrong = axe_violations(page)
    wrong += [f"under {TOUCH_MIN} px: {each}" for each in too_small(page)]
    if scrolls_sideways(page):
        wrong.append("scrolls sideways")
    return wrong
