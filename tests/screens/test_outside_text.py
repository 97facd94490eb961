# SPDX-License-Identifier: Apache-2.0
"""Text from outside stays text on every page: names, reasons, numbers, brands, and the platform."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import agent.screens
from agent.domain.event import VoidAsked
from agent.domain.record import VoidRequest
from agent.flows.pairing import Offer
from agent.words import message_ids
from tests.fakes.counter import issuing
from tests.screens.browser import Seen, shop
from tests.screens.scenes import MANAGER, PIN, TYPED, send, unproved

EVIL = "<script>alert(1)</script>\"'&{{7*7}}"
NO_WORDS = r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|&\w+;|[a-z-]+=\"[^\"]*\"|autofocus"
"""What a template holds besides sentences: comments, tags of both kinds, entities, attributes."""
SCREENS = Path(agent.screens.__file__).parent


def check_harmless(page: Seen) -> None:
    """Nothing of it became markup or was computed."""
    assert "<script>alert" not in page.html
    assert "49" not in page.text.replace("1795", "")
    assert page.tags.count("script") == page.html.count('<script type="module"')
    assert 'value="<' not in page.html


async def test_outside_text_is_escaped_wherever_it_stands(tmp_path: Path) -> None:
    registers = [issuing(reprint_over=1)]
    async with shop(tmp_path, registers, brand=EVIL, grant_s=60.0) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        typed = {**TYPED, "operator": EVIL[:40], "reason": "other", "reason_other": EVIL[:40]}
        wrong = await send(browser, **{**typed, "amount": EVIL, "customer": EVIL, "pos": EVIL})
        check_harmless(wrong)
        page = await browser.get("/screen/03")
        house.counter.press.ends.append(house.sent())
        house.counter.platform.down = True
        await browser.send(page.form("/issue"), **typed, pos="", customer="", receipt=EVIL[:40])
        await house.counter.settled()
        key = (await house.counter.only()).key
        await house.counter.steps.advance(key, VoidAsked(VoidRequest(EVIL, EVIL)))
        for path in ("", "/waiting", f"/credits/{key}", "/day"):
            page = await browser.get(f"/screen/03{path}")
            assert page.status == 200
            check_harmless(page)
        check_harmless(await browser.seek(EVIL[:40]))
        assert "<script>alert(1)" in (await browser.get(f"/screen/03/credits/{key}")).text


async def test_a_pairing_of_an_evil_name_and_an_evil_path_are_harmless(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = house.browser()
        code = house.server.pairings.offer(
            Offer(EVIL[:40], frozenset({"issue", "read"}), frozenset({"03"}), 10_000)
        )
        page = await browser.get("/screen")
        await browser.send(page.form("/pair"), code=code.digits)
        await unproved(house, browser)
        for path in (f"/screen/{quote(EVIL)}", f"/screen/03/credits/{quote(EVIL, safe='')}"):
            page = await browser.get(path)
            assert page.status in (400, 404)
            check_harmless(page)
        check_harmless(await browser.get("/screen/03"))


def test_no_template_lets_text_through_and_no_sentence_stands_in_one() -> None:
    for path in (SCREENS / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), path.name
        assert "autoescape" not in text, path.name
        plain = re.sub(NO_WORDS, " ", text, flags=re.S)
        assert re.findall(r"[A-Za-z]{3,}", plain) == [], path.name


def test_every_sentence_of_the_pages_is_used() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("", "templates")
        for path in (SCREENS / folder).iterdir()
        if path.suffix in (".py", ".html")
    )
    built = re.findall(r'f?"(screen\.[a-z.-]+\.)[{"]', source)
    unused = [
        name
        for name in sorted(message_ids())
        if name.startswith("screen.") and name not in source and not name.startswith(tuple(built))
    ]
    assert [name for name in unused if name not in MODES] == []


MODES = frozenset(f"screen.{mode}.title" for mode in ("ready", "question", "approval", "trouble"))
