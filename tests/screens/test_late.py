# SPDX-License-Identifier: Apache-2.0
"""Buttons that are pressed late, and commits that come late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.domain.record import Paper, State, VoidRequest
from tests.fakes.counter import issuing
from tests.screens.browser import Browser, Seen, Shop, shop
from tests.screens.scenes import MANAGER, PIN, TYPED, confirmed, failed, owed, send, voucher
from tests.screens.test_live import opened

DEADLINE_S = 6.0
Press = Callable[[Shop, Browser], Coroutine[Any, Any, Seen]]


class Broken(str):
    """A printer's code that no page can be drawn with."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        raise ValueError(spec)


async def voided(house: Shop) -> None:
    """From another screen."""
    house.counter.platform.down = False
    key = (await house.counter.only()).key
    await house.counter.closing.void(key, VoidRequest("Dora", "mistake"))
    await house.counter.settled()
    await house.counter.forwarder.forward(key, 5.0)


async def test_the_code_of_a_voided_credit_is_gone_and_cannot_be_affirmed(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        shown = await browser.get("/screen/03")
        await voided(house)
        record = await house.counter.only()
        assert record.state is State.VOIDED
        page = await browser.send(shown.form("/has-code"), answer="yes")
        assert page.state == "refused"
        assert "Nothing was recorded" in page.text
        assert record.code.grouped() not in page.html
        assert (await house.counter.only()).paper is not Paper.PRINTED
        picture = await browser.get(f"/screen/03/credits/{record.key}/paper.svg")
        assert picture.status == 404


async def test_the_code_of_a_credit_in_somebodys_account_is_gone(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        house.counter.platform.add_customer("email", "ann@example.com", "cus_1")
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        house.counter.platform.down = True
        house.counter.press.ends.append(house.sent())
        await send(browser, kind="email", customer="ann@example.com")
        await house.counter.settled()
        page = await browser.get("/screen/03")
        page = await browser.send(page.form("/owed"), manager=MANAGER, pin=PIN)
        assert page.state == "owed"
        house.counter.platform.down = False
        record = await house.counter.only()
        await house.counter.forwarder.forward(record.key, 5.0)
        record = await house.counter.only()
        page = await browser.get("/screen/03")
        assert (record.state, record.linked, page.state) == (State.CONFIRMED, True, "confirmed")


@pytest.mark.parametrize("path", ["", "/credits/{key}", "/credits/{key}/paper.svg"])
async def test_an_answer_with_the_code_asks_again_when_its_time_is_over(
    tmp_path: Path, path: str
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        house.counter.clock.advance(20)
        key = (await house.counter.only()).key
        page = await browser.get(f"/screen/03{path.format(key=key)}")
        told = 'http-equiv="refresh" content="100"' in page.html
        assert told or page.headers.get("Refresh") == "100"


async def test_a_commit_that_hangs_does_not_show_the_code_to_an_empty_counter(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        await failed(house, browser)
        page = await browser.get("/screen/03")
        house.counter.journal.writes.clear()
        async with asyncio.timeout(DEADLINE_S):
            await browser.send_only(page.form("/owed"), manager=MANAGER, pin=PIN)
        house.counter.clock.advance(600)
        house.counter.journal.writes.set()
        await house.counter.settled()
        page = await browser.get("/screen/03")
        assert (await house.counter.only()).shared
        assert page.state == "held"
        assert "The code was not shown" in page.text


async def test_a_late_yes_is_told_and_the_question_speaks_of_the_code(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        shown = await browser.get("/screen/03")
        house.counter.clock.advance(121)
        page = await browser.send(shown.form("/has-code"), answer="yes")
        assert page.state == "held"
        assert "Nothing was recorded" in page.text
        assert "the voucher or a picture of its code?" in page.text
        page = await browser.send(page.form("/came-out"), answer="yes")
        assert page.state == "voucher"


async def test_next_customer_ends_no_word_that_nobody_saw(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await voucher(house, browser)
        seen = await browser.get("/screen/03")
        assert seen.state == "voucher"
        await voided(house)
        page = await browser.send(seen.form("/next"))
        assert page.state == "refused"
        assert "was not ended" in page.text
        assert not (await house.counter.only()).heard
        assert (await browser.send(page.form("/next"))).state == "ready"


async def next_customer(house: Shop, browser: Browser) -> Seen:
    await confirmed(house, browser)
    page = await browser.get("/screen/03")
    house.counter.journal.writes.clear()
    return await browser.send_only(page.form("/next"))


async def code_asked(house: Shop, browser: Browser) -> Seen:
    await house.counter.approvals.add_manager(MANAGER, PIN)
    await failed(house, browser)
    page = await browser.get("/screen/03")
    house.counter.journal.writes.clear()
    return await browser.send_only(page.form("/owed"), manager=MANAGER, pin=PIN)


async def paired_again(house: Shop, browser: Browser) -> Seen:
    page = await house.browser().get("/screen")
    house.counter.journal.writes.clear()
    return await browser.send_only(page.form("/pair"), code=house.offer())


@pytest.mark.parametrize(
    ("press", "status"), [(next_customer, 303), (code_asked, 303), (paired_again, 503)]
)
async def test_every_button_has_a_deadline_while_commits_hang(
    tmp_path: Path, press: Press, status: int
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        async with asyncio.timeout(DEADLINE_S):
            seen = await press(house, browser)
        assert seen.status == status
        house.counter.journal.writes.set()
        await house.counter.settled()


async def test_a_pairing_that_is_kept_too_late_is_ended_again(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        await paired_again(house, house.browser())
        house.counter.journal.writes.set()
        await house.counter.settled()
        (pairing,) = await house.counter.journal.pairings()
        assert pairing.revoked_ms is not None


async def test_a_whole_code_finds_its_credit_and_is_not_shown_again(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await send(browser, **TYPED)
        record = await house.counter.only()
        page = await browser.seek(record.code.grouped().lower())
        assert record.key.text in page.text
        assert record.code.grouped() not in page.html
        slip = record.code.reveal()[:-1] + ("7" if record.code.reveal()[-1] != "7" else "8")
        page = await browser.seek(slip)
        assert "No credit fits" in page.text
        assert slip not in page.html
        assert (await browser.get("/screen/03/find?q=x")).status == 404


async def test_a_stream_that_breaks_inside_is_closed_and_not_left_silent(tmp_path: Path) -> None:
    async with shop(tmp_path, refresh_s=0.1) as house:
        browser = await house.paired()
        async with opened(house, browser) as stream:
            await stream.picture()
            house.printers["03"] = Broken("ready")
            with pytest.raises(aiohttp.ClientError):
                await stream.ended()
        house.printers.clear()
        assert any("internal" in line for line in house.lines)


async def test_a_managers_yes_that_is_kept_too_late_issues_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(approval_over=1000)]) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        page = await send(browser, amount="15.00")
        house.counter.journal.writes.clear()
        async with asyncio.timeout(DEADLINE_S):
            page = await browser.send(page.form("/approval"), manager=MANAGER, pin=PIN)
        assert page.state == "approval"
        house.counter.journal.writes.set()
        await house.counter.settled()
        assert await house.counter.records() == []
        page = await browser.send(page.form("/approval"), manager=MANAGER, pin=PIN)
        assert page.state == "confirmed"
