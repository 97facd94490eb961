# SPDX-License-Identifier: Apache-2.0
"""The close-of-day page in a real Chromium: every look, without scripts, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Opened
from tests.browser.looks import LOOKS, Look, axe_violations, looked_over, scrolls_sideways
from tests.browser.register import issue, register
from tests.browser.threaded import Served, served
from tests.screens.test_day import DAY, a_busy_day

MM = 96 / 25.4
"""CSS pixels."""
SLIP = Look("slip", round(72 * MM), 1000)
"""What a paper of 80 mm prints."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A register on which a day has passed."""
    folder = tmp_path_factory.mktemp("house")
    with served(folder, brand="Corner & Sons", heartbeat_s=1.0) as house:
        house.run(lambda: a_busy_day(house.house))
        yield house


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_the_day_has_nothing_wrong_in_any_look(opened: Opened, day: Served, look: Look) -> None:
    with opened(look, cookies=day.cookies) as page:
        page.goto(day.house.url + DAY)
        assert page.locator("main").get_attribute("data-state") == "day"
        assert looked_over(page) == []
        page.goto(f"{day.house.url}{DAY}?date=2026-11-10")
        assert looked_over(page) == []
        page.goto(f"{day.house.url}{DAY}?print=1")
        assert looked_over(page) == []


def test_days_are_walked_through_and_a_credit_is_opened_without_scripts(
    opened: Opened, day: Served
) -> None:
    with opened(cookies=day.cookies, java_script_enabled=False) as page:
        page.goto(day.house.url + DAY)
        page.get_by_role("link", name="Previous day").click()
        assert page.locator("h1").inner_text() == "Close of day 2026-11-17"
        page.get_by_role("link", name="Next day").click()
        assert page.locator("h1").inner_text() == "Close of day 2026-11-18"
        page.get_by_label("Business date").fill("2026-11-10")
        page.get_by_role("button", name="Show").click()
        assert page.get_by_text("Nothing happened on this day.").is_visible()
        page.goto(day.house.url + DAY)
        page.get_by_role("link", name="Print").click()
        assert page.get_by_text("Print this page with the browser's own command").is_visible()
        assert not page.get_by_role("navigation", name="Pages").is_visible()


def test_the_print_link_opens_the_browsers_dialogue(opened: Opened, day: Served) -> None:
    with opened(cookies=day.cookies) as page:
        page.add_init_script("window.print = () => { document.title = 'printed' }")
        page.goto(day.house.url + DAY)
        page.get_by_role("link", name="Print").click()
        page.wait_for_function("document.title === 'printed'")
        assert "print=1" not in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_black_on_white_with_a_head_and_without_navigation(
    opened: Opened, day: Served, scheme: str
) -> None:
    look = Look("a4", round(186 * MM), 1000, scheme="dark" if scheme == "dark" else "light")
    with opened(look, cookies=day.cookies) as page:
        page.goto(day.house.url + DAY)
        page.emulate_media(media="print")
        assert page.get_by_text("Corner & Sons Store 0421, register 03").is_visible()
        assert page.get_by_text(re.compile("^Business date 2026-11-18. Printed 20")).is_visible()
        for gone in ("#strip", ".days", "#lost"):
            assert not page.locator(gone).is_visible()
        colours = page.evaluate(
            """() => [...document.querySelectorAll('body, main, main *')]
            .filter(each => each.checkVisibility())
            .flatMap(each => {
                const style = getComputedStyle(each);
                return [`ink ${style.color}`, `ground ${style.backgroundColor}`];
            })"""
        )
        assert set(colours) <= {
            "ink rgb(0, 0, 0)",
            "ground rgb(255, 255, 255)",
            "ground rgba(0, 0, 0, 0)",
        }
        assert axe_violations(page) == []


@pytest.mark.parametrize(
    ("width", "height", "sheets"),
    [("210mm", "297mm", 3), ("8.5in", "11in", 3), ("80mm", "297mm", 8)],
)
def test_it_comes_out_on_every_paper(
    opened: Opened, day: Served, width: str, height: str, sheets: int
) -> None:
    with opened(cookies=day.cookies) as page:
        page.goto(day.house.url + DAY)
        data = page.pdf(width=width, height=height, prefer_css_page_size=False)
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) <= sheets


def test_a_slip_of_80_mm_is_read_without_cutting_a_line(opened: Opened, day: Served) -> None:
    with opened(SLIP, cookies=day.cookies) as page:
        page.goto(day.house.url + DAY)
        page.emulate_media(media="print")
        assert not scrolls_sideways(page)
        cut = page.evaluate(
            """() => [...document.querySelectorAll('main *')]
            .filter(each => each.checkVisibility() && !each.closest('thead, .unseen'))
            .filter(each => each.getBoundingClientRect().right > window.innerWidth + 0.5)
            .map(each => each.outerHTML.slice(0, 120))"""
        )
        assert cut == []


@pytest.mark.slow
def test_a_real_registers_day_adds_up_after_a_kill(opened: Opened, tmp_path: Path) -> None:
    with register(tmp_path) as here, opened() as page:
        here.pair(page)
        issue(page, "48.50")
        page.locator("main[data-state=confirmed]").wait_for()
        page.get_by_role("button", name="Next customer").click()
        here.platform(down=True)
        page.locator("main[data-state=ready]").wait_for()
        issue(page, "20.00")
        page.locator("main[data-state=voucher]").wait_for()
        page.goto("about:blank")  # so that nobody complains of a dead agent
        here.kill()
        here.start()
        page.goto(f"{here.main}/day")
        totals = page.locator(".totals").inner_text()
        lines = [re.sub(r"\s+", " ", line) for line in totals.splitlines()]
        assert "Issued 2 USD 68.50" in lines
        assert "of it confirmed 1 USD 48.50" in lines
        assert "of it on paper 1 USD 20.00" in lines
        assert "Difference 0 USD 0.00" in lines
