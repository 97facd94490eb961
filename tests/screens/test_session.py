# SPDX-License-Identifier: Apache-2.0
"""Pairing a browser, its cookie, its forms, and what the pages answer to strangers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import agent.screens
from agent.screens.pages import PAGES
from agent.screens.session import form_token
from tests.fakes.counter import OTHER_PLACE, PLACE, issuing
from tests.screens.browser import Browser, Seen, Shop, shop
from tests.screens.scenes import TYPED, send

STATIC = Path(agent.screens.__file__).parent / "static"


async def test_a_browser_is_paired_by_six_digits_and_led_to_its_register(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = house.browser()
        page = await browser.get("/screen/03")
        assert (page.status, page.state) == (200, "unpaired")
        paired = await browser.send_only(page.form("/pair"), code=house.offer())
        cookie = paired.headers["Set-Cookie"]
        name, _, rest = cookie.partition("=")
        assert name == f"__Host-countermark-{house.server.port}"
        for part in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age="):
            assert part in rest
        assert "Domain" not in rest
        page = await browser.get("/screen")
        assert (page.status, page.state) == (200, "ready")


async def test_wrong_digits_are_said_so_and_count_as_at_the_api(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = house.browser()
        digits = house.offer()
        wrong = f"{(int(digits) + 1) % 10**6:06d}"
        page = await browser.get("/screen")
        for _ in range(5):
            page = await browser.send(page.form("/pair"), code=wrong)
            assert (page.status, page.state) == (403, "unpaired")
            assert "Nothing was issued" in page.text or "pairing" in page.text.lower()
        page = await browser.send(page.form("/pair"), code=digits)
        assert page.status == 403
        assert browser.cookies == {}


async def test_a_revoked_screen_is_back_at_the_digits_with_a_sentence(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        (pairing,) = await house.counter.journal.pairings()
        page = await browser.get("/screen/03")
        await house.server.pairings.revoke(pairing.id)
        gone = await browser.send(page.form("/issue"), **TYPED)
        assert gone.state == "unpaired"
        assert "not paired any more" in gone.text
        assert await house.counter.records() == []


async def test_a_screen_of_several_registers_chooses_and_of_another_is_refused(
    tmp_path: Path,
) -> None:
    registers = [issuing(PLACE), issuing(OTHER_PLACE)]
    async with shop(tmp_path, registers) as house:
        both = await (await house.paired(registers=("03", "04"))).get("/screen")
        assert both.state == "registers"
        assert {"/screen/03", "/screen/04"} <= set(both.links)
        one = await house.paired(registers=("03",))
        for path in ("/screen/04", "/screen/04/waiting", "/screen/04/live"):
            refused = await one.get(path)
            assert (refused.status, refused.state) == (403, "fault")
        unknown = await one.get("/screen/zz")
        assert (unknown.status, unknown.state) == (400, "fault")


@pytest.mark.parametrize("token", ["", "0" * 64, "Ä"])
async def test_a_form_that_was_not_drawn_for_this_browser_does_nothing(
    tmp_path: Path, token: str
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        page = await browser.get("/screen/03")
        refused = await browser.send(page.form("/issue"), **TYPED, form=token)
        assert (refused.status, refused.state) == (403, "fault")
        assert "out of date" in refused.text
        assert await house.counter.records() == []


async def test_another_browsers_form_does_nothing_here(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        page = await (await house.paired()).get("/screen/03")
        other = await house.paired()
        assert (await other.send(page.form("/issue"), **TYPED)).status == 403
        assert await house.counter.records() == []


async def test_a_form_from_another_site_is_stopped_at_the_gate(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
            seen = await browser.ask("POST", form.action, {**form.fields, **TYPED}, headers)
            assert seen.status == 403
        seen = await browser.ask("POST", form.action, form.fields, {"Host": "evil.example"})
        assert seen.status == 421
        assert await house.counter.records() == []


def test_the_token_of_forms_survives_a_restart_and_does_not_tell_the_cookie() -> None:
    assert form_token("abc") == form_token("abc") != form_token("abd")
    assert form_token("abc") != hashlib.sha256(b"abc").hexdigest()


async def test_a_pairing_without_a_scope_cannot_press_the_button(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        reader = await house.paired(scopes=("read",))
        refused = await send(reader)
        assert (refused.status, refused.state) == (403, "fault")
        assert await house.counter.records() == []


async def every_page(house: Shop) -> list[Seen]:
    browser: Browser = await house.paired()
    await send(browser)
    record = await house.counter.only()
    paths = ("", "/waiting", f"/credits/{record.key}", "/nothing", "/credits/x")
    pages = [await browser.get(f"/screen/03{path}") for path in paths]
    return [await house.browser().get("/screen"), await browser.seek("x"), *pages]


async def test_every_page_carries_the_headers_that_keep_it_to_itself(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        for page in await every_page(house):
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert page.headers["Cache-Control"] == "no-store"
            assert page.headers["Referrer-Policy"] == "same-origin"
            policy = page.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self';")
            assert "unsafe" not in policy
            assert "<style" not in page.html
            assert " style=" not in page.html
            assert " onclick" not in page.html


async def test_asking_for_a_page_changes_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        await every_page(house)
        before = await house.counter.records()
        browser = await house.paired()
        commits = house.counter.disk.commits
        for page in PAGES:
            if page.method == "POST":
                path = page.path.replace("{register}", "03").replace("{key}", before[0].key.text)
                assert (await browser.get(path)).status < 500
        assert await house.counter.records() == before
        assert house.counter.disk.commits == commits


async def test_a_mistake_of_ours_is_a_page_too(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await house.counter.journal.aclose()
        broken = await browser.get("/screen/03")
        assert broken.status in (500, 503)
        assert broken.state == "fault"
        assert "problem" not in broken.headers["Content-Type"]


async def test_static_files_are_kept_for_ever_under_their_version(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        page = await house.browser().get("/screen")
        (css,) = [
            part.split('"')[0]
            for part in page.html.split('href="')
            if part.startswith("/screen/s") and ".css" in part.split('"')[0]
        ]
        found = await house.browser().get(css)
        assert found.headers["Content-Type"] == "text/css; charset=utf-8"
        assert "immutable" in found.headers["Cache-Control"]
        old = await house.browser().get("/screen/static/old/screen.css")
        assert old.headers["Cache-Control"] == "no-store"
        for name in ("idiomorph.LICENSE", "..%2fpages.py", "pages.py"):
            assert (await house.browser().get(f"/screen/static/x/{name}")).status == 404


def test_the_vendored_script_is_the_one_that_was_read() -> None:
    told, name = (STATIC / "idiomorph.sha256").read_text().split()
    assert name == "idiomorph.esm.js"
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == told
    assert told.startswith("e1e2c7db")
    assert "Zero-Clause BSD" in (STATIC / "idiomorph.LICENSE").read_text()
