# SPDX-License-Identifier: Apache-2.0
"""Every state of the cashier's page at every size, in light, dark and forced colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import Opened
from tests.browser.looks import LOOKS, looked_over
from tests.browser.threaded import Served, served
from tests.fakes.counter import issuing
from tests.screens.scenes import SCENES, confirmed, current, send, unproved

pytestmark = pytest.mark.slow
BRAND = "Corner & Sons"
CONTRAST_MIN = 7.0
TYPE_MIN = 20


def in_every_look(page: Page) -> list[str]:
    """What is wrong with the page, by look."""
    found = []
    for look in LOOKS:
        page.set_viewport_size(ViewportSize(width=look.width, height=look.height))
        page.emulate_media(color_scheme=look.scheme, forced_colors=look.forced_colors)
        found += [f"{look.name}: {each}" for each in [*looked_over(page), *unreadable(page)]]
    return found


def unreadable(page: Page) -> list[str]:
    """Type under 20 px, and words of a status with less contrast than 7:1."""
    found: list[str] = page.evaluate(
        """([least, contrast]) => {
        const light = (text) => {
            const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map((each) => {
                const part = each / 255;
                return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ground = (each) => {
            for (let node = each; node; node = node.parentElement) {
                const colour = getComputedStyle(node).backgroundColor;
                if (!/, 0\\)$/.test(colour)) return colour;
            }
            return "rgb(255, 255, 255)";
        };
        const wrong = [];
        for (const each of document.querySelectorAll("main *, header *")) {
            const own = [...each.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
            if (!own || !each.checkVisibility() || each.closest(".unseen, svg")) continue;
            const style = getComputedStyle(each);
            if (parseFloat(style.fontSize) < least) wrong.push("small type: " + each.outerHTML);
            if (!each.closest(".word, .problem, .facts, .banner")) continue;
            const [one, two] = [light(style.color), light(ground(each))];
            const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
            if (ratio < contrast) wrong.push("pale " + ratio.toFixed(1) + ": " + each.outerHTML);
        }
        return wrong.map((each) => each.slice(0, 160));
    }""",
        [TYPE_MIN, CONTRAST_MIN],
    )
    return found


@pytest.mark.parametrize("name", SCENES)
def test_a_state_has_nothing_wrong_in_any_look(opened: Opened, tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    with served(tmp_path, issuing(**scene.register), press_s=0.05, brand=BRAND) as here:
        here.run(lambda: scene.prepare(here.house, here.browser))
        with opened(cookies=here.cookies) as page:
            page.goto(here.main)
            main = page.locator("main")
            assert main.get_attribute("data-state") == scene.state
            assert main.locator("h1").is_visible()
            assert main.locator(".word svg[aria-hidden=true]").is_visible()
            assert in_every_look(page) == []


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Served]:
    """A voucher in hand, and a credit saved for later."""
    with served(tmp_path, press_s=0.05, brand=BRAND) as here:

        async def begin() -> None:
            await unproved(here.house, here.browser)
            page = await here.browser.get("/screen/03")
            await here.browser.send(page.form("/save"))
            await send(here.browser, amount="12.00")
            await here.house.counter.settled()

        here.run(begin)
        yield here


def test_lists_and_the_page_of_a_credit_have_nothing_wrong(opened: Opened, busy: Served) -> None:
    key = busy.run(lambda: current(busy.house)).key
    with opened(cookies=busy.cookies) as page:
        for path in (f"/credits/{key}", "/waiting"):
            page.goto(busy.main + path)
            assert in_every_look(page) == []
        page.locator("#q").fill("nothing")
        page.locator("form[role=search] button").click()
        page.locator("#found").wait_for()
        assert in_every_look(page) == []


def test_entrance_and_faults_have_nothing_wrong(opened: Opened, tmp_path: Path) -> None:
    with served(tmp_path, press_s=0.05) as here:
        with opened() as page:
            page.goto(here.main)
            assert page.locator("main").get_attribute("data-state") == "unpaired"
            assert in_every_look(page) == []
            page.get_by_label("Six digits").fill("000000")
            page.get_by_role("button", name="Pair").click()
            assert in_every_look(page) == []
        with opened(cookies=here.cookies) as page:
            page.goto(f"{here.house.url}/screen/99")
            assert page.locator("main").get_attribute("data-state") == "fault"
            assert in_every_look(page) == []


def test_a_lost_agent_has_nothing_wrong_but_itself(opened: Opened, tmp_path: Path) -> None:
    with served(tmp_path, press_s=0.05) as here:
        here.run(lambda: confirmed(here.house, here.browser))
        with opened(cookies=here.cookies) as page:
            script = {"body": "", "content_type": "text/javascript"}
            page.route("**/screen.js", lambda route: route.fulfill(**script))
            page.goto(here.main)
            page.evaluate("document.body.classList.add('lost')")
            page.evaluate("document.getElementById('lost').hidden = false")
            assert page.locator("main").is_hidden()
            assert page.get_by_text("Do not issue credit.").is_visible()
            assert in_every_look(page) == []
