# SPDX-License-Identifier: Apache-2.0
"""The demo's page in a real browser: the whole tour clicked through, and every look of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from agent.commands.demo.scenes import SCENES
from agent.words import say
from tests.browser.conftest import Opened
from tests.browser.looks import LOOKS, Look, looked_over
from tests.commands.demo.running import Demo, running_demo

DEED_MS = 60_000
NOT_HELD = say("stage.not-held", found="")
REGISTER = LOOKS[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("stage") / "demo"
    with running_demo(folder, "--chaos-seconds", "4", "--seed", "7") as running:
        yield running


def at_rest(page: Page) -> None:
    """Waits until the last button's deed has ended."""
    rests = page.locator('[data-act="next"][aria-disabled="false"]')
    expect(rests).to_have_count(1, timeout=DEED_MS)


def stage(page: Page, demo: Demo) -> None:
    page.goto(demo.address)
    page.wait_for_selector("html[data-ready]")
    at_rest(page)


def holds(page: Page) -> bool:
    """Counter at 0.00, no alarm, and nothing that did not happen as told."""
    difference = page.locator('[data-text="counter.difference"]').inner_text()
    said = page.locator('[data-text="tour.said"]').inner_text()
    alarm = page.locator('[role="alert"]').inner_text().strip()
    assert (difference, alarm) == ("0.00", ""), said
    assert NOT_HELD not in said, said
    return True


@pytest.mark.slow
def test_the_whole_tour_is_clicked_through_with_the_counter_at_zero(
    opened: Opened, demo: Demo
) -> None:
    with opened(REGISTER) as page:
        stage(page, demo)
        page.locator('[data-act="next"]').focus()
        titles = []
        for number, scene in enumerate(SCENES):
            for _ in range(1 + len(scene.steps)):
                page.keyboard.press("Enter")
                at_rest(page)
                assert holds(page)
            titles.append(page.locator("#tour-title").inner_text().strip())
            assert page.locator("#scene").input_value() == str(number)
        assert len(set(titles)) == len(SCENES)
        proof = page.locator('[data-text="chaos.text"]').inner_text()
        assert "difference 0.00; journal verified" in proof
        assert page.locator('[data-text="counter.paper"]').inner_text() == "USD 0.00"
        assert page.evaluate("document.activeElement.dataset.act") == "next"


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_the_page_is_right_in_every_look(opened: Opened, demo: Demo, look: Look) -> None:
    demo.do("mend")
    demo.do("scene", number=2)
    demo.do("next")
    demo.do("next")
    with opened(look) as page:
        stage(page, demo)
        page.locator("#faults summary").click()
        page.locator("#wire summary").click()
        page.wait_for_selector(".roll img")
        assert looked_over(page) == []


@pytest.mark.slow
def test_counter_and_panes_stand_without_scrolling_on_a_register(
    opened: Opened, demo: Demo
) -> None:
    with opened(REGISTER) as page:
        stage(page, demo)
        for part in (".counter", ".tour", ".till", ".paper", ".phone", ".break"):
            box = page.locator(f"{part}").first.bounding_box()
            assert box is not None
            assert box["y"] >= 0, part
            assert box["y"] + box["height"] <= REGISTER.height, part


@pytest.mark.slow
def test_what_a_stranger_typed_is_shown_as_text_and_sells_nothing(
    opened: Opened, demo: Demo
) -> None:
    with opened(REGISTER) as page:
        stage(page, demo)
        before = page.locator('[data-text="counter.credits"]').inner_text()
        page.locator("#amount").fill("<b>1</b>")
        page.locator('[data-act="issue"]').click()
        expect(page.locator('[role="alert"]')).to_contain_text("no amount")
        at_rest(page)
        assert page.locator('[data-text="counter.credits"]').inner_text() == before


@pytest.mark.slow
def test_free_play_sells_prints_and_shows_it_on_the_phone(opened: Opened, demo: Demo) -> None:
    demo.do("scene", number=1)
    with opened(REGISTER) as page:
        stage(page, demo)
        page.locator("#amount").fill("12.34")
        page.locator('[data-act="issue"]').click()
        at_rest(page)
        expect(page.locator(".screen .word")).to_have_text("CONFIRMED")
        expect(page.locator(".handset li").first).to_contain_text("USD 12.34")
        expect(page.locator(".roll img").first).to_have_attribute("alt", re.compile(r"12\.34"))
        fault = page.locator('[data-fault="throttled"]')
        page.locator("#faults summary").click()
        fault.check()
        at_rest(page)
        assert demo.state()["faults"]["throttled"] is True
        page.locator('[data-act="mend"]').click()
        at_rest(page)
        expect(fault).not_to_be_checked()
