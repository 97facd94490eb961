# SPDX-License-Identifier: Apache-2.0
"""The stream of a page: what it brings, how often, and that it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from agent.domain.outcome import AUTH, Absent, Unsent
from tests.screens.browser import Browser, Shop, shop
from tests.screens.scenes import current, owed, send, voucher

WAIT_S = 5.0


@dataclass
class Stream:
    """Events of one page, as a browser reads them."""

    reply: aiohttp.ClientResponse

    async def next(self) -> tuple[str, Any]:
        """The next event's name and data."""
        async with asyncio.timeout(WAIT_S):
            name = (await self.reply.content.readline()).decode().strip()
            data = (await self.reply.content.readline()).decode().strip()
            await self.reply.content.readline()
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def picture(self) -> dict[str, Any]:
        """The next picture; beats are passed over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                name, data = await self.next()
                if name == "view":
                    found: dict[str, Any] = data
                    return found

    async def ended(self) -> bool:
        async with asyncio.timeout(WAIT_S):
            await self.reply.content.read()
        return True


@asynccontextmanager
async def opened(house: Shop, browser: Browser) -> AsyncIterator[Stream]:
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    async with house.session.get(
        f"{browser.url}/screen/03/live", headers={"Cookie": cookie}
    ) as reply:
        yield Stream(reply)


async def test_the_first_picture_is_the_page_as_it_stands(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        page = await browser.get("/screen/03")
        async with opened(house, browser) as stream:
            assert stream.reply.headers["Content-Type"].startswith("text/event-stream")
            assert stream.reply.headers["Cache-Control"] == "no-store"
            picture = await stream.picture()
            assert picture["view"] == page.view
            assert 'data-state="ready"' in picture["main"]
            assert picture["strip"].lstrip().startswith('<header id="strip"')


async def test_a_change_of_this_register_is_pushed_and_the_form_keeps_its_id(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, refresh_s=60.0) as house:
        browser, till = await house.paired(), await house.paired()
        async with opened(house, browser) as stream:
            first = await stream.picture()
            await voucher(house, till)
            last = await stream.picture()
            while "1 waiting" not in last["strip"]:
                last = await stream.picture()
            assert last["view"] == first["view"]


async def test_a_word_that_comes_later_is_pushed(tmp_path: Path) -> None:
    async with shop(tmp_path, refresh_s=60.0) as house:
        browser = await house.paired()
        await voucher(house, browser)
        async with opened(house, browser) as stream:
            assert 'data-state="voucher"' in (await stream.picture())["main"]
            house.counter.platform.down = False
            await house.counter.forwarder.forward((await current(house)).key, 5.0)
            picture = await stream.picture()
            while 'data-state="confirmed"' not in picture["main"]:
                picture = await stream.picture()
            assert "CONFIRMED" in picture["main"]


async def test_what_another_tab_does_is_pushed(tmp_path: Path) -> None:
    async with shop(tmp_path, refresh_s=60.0) as house:
        browser = await house.paired()
        page = await send(browser)
        async with opened(house, browser) as stream:
            assert 'data-state="confirmed"' in (await stream.picture())["main"]
            await browser.send(page.form("/next"))
            picture = await stream.picture()
            while 'data-state="ready"' not in picture["main"]:
                picture = await stream.picture()
            assert picture["view"].startswith("ready-")


async def test_between_pictures_there_are_beats_and_time_alone_brings_a_new_one(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, heartbeat_s=0.02, refresh_s=0.1) as house:
        browser = await house.paired()
        await voucher(house, browser)
        async with opened(house, browser) as stream:
            assert "oldest under 1 min" in (await stream.picture())["strip"]
            assert [(await stream.next())[0] for _ in range(8)] == ["beat"] * 8
            house.counter.clock.advance(14 * 60)
            assert "oldest 14 min" in (await stream.picture())["strip"]


async def test_the_code_is_in_no_stream(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        record = await house.counter.only()
        page = await browser.get("/screen/03")
        async with opened(house, browser) as stream:
            picture = await stream.picture()
            assert (picture["view"], picture["main"]) == (page.view, None)
            for secret in (record.code.reveal(), record.code.grouped()):
                assert secret not in json.dumps(picture)


async def test_more_streams_than_allowed_are_refused_and_a_closed_one_makes_room(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, streams_max=1, heartbeat_s=0.02) as house:
        browser = await house.paired()
        async with opened(house, browser) as stream:
            await stream.picture()
            async with opened(house, browser) as refused:
                assert refused.reply.status == 503
            stream.reply.close()
        async with asyncio.timeout(WAIT_S):
            while True:
                async with opened(house, browser) as again:
                    if again.reply.status == 200:
                        assert (await again.picture())["view"]
                        break


async def test_a_revoked_pairing_ends_its_stream(tmp_path: Path) -> None:
    async with shop(tmp_path, refresh_s=0.05) as house:
        browser = await house.paired()
        (pairing,) = await house.counter.journal.pairings()
        async with opened(house, browser) as stream:
            await stream.picture()
            await house.server.pairings.revoke(pairing.id)
            assert await stream.ended()


async def test_the_streams_end_before_the_server_does(tmp_path: Path) -> None:
    async with shop(tmp_path, heartbeat_s=30.0, refresh_s=30.0) as house:
        browser = await house.paired()
        async with house.restarted(browser) as again, opened(house, again) as stream:
            await stream.picture()
            house.close_screens()
            assert await stream.ended()
            assert (await again.get("/screen/03")).status == 503


async def test_a_journal_that_hangs_makes_no_stream_hang(tmp_path: Path) -> None:
    async with shop(tmp_path, refresh_s=0.05, look_up_s=0.05) as house:
        browser = await house.paired()
        await send(browser)
        async with opened(house, browser) as stream:
            await stream.picture()
            house.counter.journal.reads.clear()
            names = {(await stream.next())[0] for _ in range(4)}
            assert "beat" in names
            house.counter.journal.reads.set()
            house.counter.platform.down = True
            await send(await house.paired(), amount="9.00")
            picture = await stream.picture()
            while "1 waiting" not in picture["strip"]:
                picture = await stream.picture()  # one of before may still be on its way


async def test_a_refused_token_is_told_on_the_open_page_and_taken_back(tmp_path: Path) -> None:
    async with shop(tmp_path, refresh_s=60.0, heartbeat_s=0.05) as house:
        browser = await house.paired()
        async with opened(house, browser) as stream:
            assert "tell store IT" not in (await stream.picture())["strip"]
            house.counter.link.heard(Unsent(AUTH))
            strip = (await stream.picture())["strip"]
            assert "Credits are safe" in strip
            assert "tell store IT" in strip
            house.counter.link.heard(Absent())
            assert "tell store IT" not in (await stream.picture())["strip"]
