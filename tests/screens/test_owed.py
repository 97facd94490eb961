# SPDX-License-Identifier: Apache-2.0
"""Paper owed: the code is cash, shown to whom a manager's PIN was typed, and to nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.record import ManagerReason, Paper
from tests.fakes.counter import issuing
from tests.screens.browser import Shop, shop
from tests.screens.scenes import MANAGER, PIN, TIGHT, Prepare, failed, no_room, owed, unproved


async def picture(house: Shop) -> str:
    record = await house.counter.only()
    return f"/screen/03/credits/{record.key}/paper.svg"


async def test_the_code_is_shown_after_the_pin_and_after_the_journal_knows(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        page = await browser.get("/screen/03")
        record = await house.counter.only()
        assert page.state == "owed"
        assert record.code.grouped() in page.text
        assert (record.shared, record.promised, record.paper) == (True, True, Paper.SENT)
        assert record.paper_approved_by == MANAGER
        drawn = await browser.get(await picture(house))
        assert drawn.headers["Content-Type"].startswith("image/svg+xml")
        assert drawn.headers["Cache-Control"] == "no-store"
        assert (await browser.get("/screen/03")).state == "owed"


async def test_without_the_pin_nothing_is_shown_and_nothing_has_left(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        await failed(house, browser)
        page = await browser.get("/screen/03")
        page = await browser.send(page.form("/owed"), manager=MANAGER, pin="9999")
        record = await house.counter.only()
        assert page.state == "held"
        assert "the PIN is wrong" in page.text
        assert record.code.reveal()[:8] not in page.html
        assert record.code.grouped() not in page.html
        assert not record.shared
        assert (await browser.get(await picture(house))).status == 404


async def test_another_screen_and_the_time_close_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        record = await house.counter.only()
        other = await house.paired()
        for path in ("/screen/03", f"/screen/03/credits/{record.key}", "/screen/03/waiting"):
            assert record.code.grouped() not in (await other.get(path)).html
        assert (await other.get(await picture(house))).status == 404
        house.counter.clock.advance(121)
        page = await browser.get("/screen/03")
        assert (page.state, page.reason) == ("held", ManagerReason.PAPER_UNPROVED.value)
        assert record.code.grouped() not in page.html
        assert (await browser.get(await picture(house))).status == 404


async def test_it_is_never_in_a_list_and_never_after_a_restart(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        record = await house.counter.only()
        for page in (
            await browser.get("/screen/03/waiting"),
            await browser.seek(f"{record.code.last_four}x"),
            await browser.seek(record.code.last_four),
        ):
            if page.state == "owed":  # the credit's own page, under the grant
                continue
            assert record.code.grouped() not in page.html
            assert record.code.reveal() not in page.html
        async with house.restarted(browser) as again:
            page = await again.get("/screen/03")
            assert page.state == "held"
            page = await again.send(page.form("/owed"), manager=MANAGER, pin=PIN)
            assert page.state == "owed"
            assert record.code.grouped() in page.text


@pytest.mark.parametrize(("said", "state"), [("yes", "voucher"), ("no", "held")])
async def test_a_person_says_whether_the_customer_has_it(
    tmp_path: Path, said: str, state: str
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        page = await browser.get("/screen/03")
        page = await browser.send(page.form("/has-code"), answer=said)
        record = await house.counter.only()
        assert page.state == state
        assert record.code.grouped() not in page.html
        assert (record.paper is Paper.PRINTED) is (said == "yes")
        assert record.promised


async def test_too_late_a_yes_is_no_yes(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await owed(house, browser)
        form = (await browser.get("/screen/03")).form("/has-code")
        house.counter.clock.advance(121)
        assert (await browser.send(form, answer="yes")).state == "held"
        assert (await house.counter.only()).paper is Paper.SENT


@pytest.mark.parametrize("how", [no_room, unproved, failed])
async def test_it_is_an_exit_wherever_paper_may_be_promised(tmp_path: Path, how: Prepare) -> None:
    async with shop(tmp_path, [issuing(**TIGHT)] if how is no_room else []) as house:
        browser = await house.paired()
        await how(house, browser)
        assert (await browser.get("/screen/03")).offers("/owed")


async def test_a_register_that_is_not_enrolled_owes_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(enrolled=False)]) as house:
        browser = await house.paired()
        await no_room(house, browser)
        assert not (await browser.get("/screen/03")).offers("/owed")
