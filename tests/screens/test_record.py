# SPDX-License-Identifier: Apache-2.0
"""The page of one credit: found, voided with a manager, printed again; and the lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.record import State
from agent.flows.register import Ring
from tests.fakes.counter import OTHER_PLACE, PLACE, issuing
from tests.screens.browser import Browser, Seen, Shop, shop
from tests.screens.scenes import MANAGER, PIN, confirmed, failed, send, unproved, voucher

WHY = {"operator": "Ana", "reason": "bought by mistake"}


async def page_of(house: Shop, browser: Browser) -> Seen:
    return await browser.get(f"/screen/03/credits/{(await house.counter.only()).key}")


async def test_a_credit_is_voided_with_a_manager(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        await confirmed(house, browser)
        page = await page_of(house, browser)
        assert "Pay nothing out until it says VOIDED." in page.text
        wrong = await browser.send(page.form("/void"), **WHY, manager=MANAGER, pin="1111")
        assert wrong.state == "confirmed"
        assert "the PIN is wrong" in wrong.text
        done = await browser.send(page.form("/void"), **WHY, manager=MANAGER, pin=PIN)
        record = await house.counter.only()
        assert record.state is State.VOIDED
        assert record.void is not None
        assert (record.void.by, record.void.reason) == ("Ana with Mia", "bought by mistake")
        assert done.state == "refused"
        assert "was cancelled" in done.text
        assert not done.offers("/void")
        assert house.counter.issued() == {}


async def test_while_the_platform_is_silent_it_is_voiding_and_nothing_is_paid_out(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        await confirmed(house, browser)
        house.counter.platform.down = True
        page = await page_of(house, browser)
        page = await browser.send(page.form("/void"), **WHY, manager=MANAGER, pin=PIN)
        assert (page.state, page.reason) == ("held", "voiding")
        assert "Pay nothing out for it until it says VOIDED." in page.text


async def test_a_void_without_a_reason_or_with_a_card_number_is_not_done(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        await confirmed(house, browser)
        page = await page_of(house, browser)
        for reason in ("", "4111 1111 1111 1111", "x" * 41):
            seen = await browser.send(
                page.form("/void"), operator="Ana", reason=reason, manager=MANAGER, pin=PIN
            )
            assert "reason is wrong" in seen.text
            assert "4111" not in seen.html
        assert (await house.counter.only()).state is State.CONFIRMED


async def test_another_copy_is_printed_from_its_page(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await voucher(house, browser)
        page = await page_of(house, browser)
        page = await browser.send(page.form("/reprint"), operator="Bo", reason="torn")
        await house.counter.settled()
        jobs = await house.counter.journal.prints((await house.counter.only()).key)
        assert [(job.copy, job.by, job.reason) for job in jobs][1] == (2, "Bo", "torn")
        assert "Copy 2" in (await page_of(house, browser)).text


async def test_its_page_shows_what_it_is_and_never_the_code_or_the_customer(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        house.counter.platform.add_customer("email", "ann@example.com", "cus_1")
        await send(browser, kind="email", customer="Ann@Example.com", receipt="R-7", pos="T7")
        record = await house.counter.only()
        page = await page_of(house, browser)
        for part in (
            "USD 48.50",
            "Ana",
            "Return",
            "R-7",
            "T7",
            record.code.last_four,
            record.key.text,
        ):
            assert part in page.text
        assert "a***@e***" in page.text
        assert "ann@example.com" not in page.html
        assert record.code.grouped() not in page.html


async def test_the_ways_out_are_on_its_page_too_for_a_credit_of_another_caller(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        till, screen = await house.paired(), await house.paired()
        await failed(house, till)
        page = await page_of(house, screen)
        assert (page.state, page.reason) == ("held", "paper-failed")
        page = await screen.send(page.form("/owed"), manager=MANAGER, pin=PIN)
        assert page.state == "owed"
        page = await screen.send(page.form("/has-code"), answer="yes")
        assert page.state == "voucher"
        assert (await screen.get("/screen/03")).state == "ready"
        assert (await till.get("/screen/03")).state == "voucher"


async def test_what_waits_is_listed_with_its_sum_and_age(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await unproved(house, browser)
        house.counter.clock.advance(14 * 60)
        page = await browser.get("/screen/03/waiting")
        assert "1 waiting, USD 48.50, oldest 14 min" in page.text
        assert "Offline" in page.text or "Online" in page.text
        assert "ASK A MANAGER" in page.text


async def test_a_credit_is_found_by_last_four_by_till_number_and_by_key(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(PLACE), issuing(OTHER_PLACE)]) as house:
        browser = await house.paired()
        await send(browser, pos="T77")
        record = await house.counter.only()
        for text in (
            record.code.last_four.lower(),
            "t77",
            record.key.text,
            record.key.text.lower(),
        ):
            page = await browser.seek(text)
            assert record.key.text in page.text
        nothing = await browser.seek("<script>")
        assert "No credit fits" in nothing.text
        assert "<script>" not in nothing.html
        card = await browser.seek("4111111111111111")
        assert "4111" not in card.html
        other = await house.paired(registers=("04",))
        assert "No credit fits" in (await other.seek(record.key.text, "04")).text
        assert (await other.get(f"/screen/04/credits/{record.key}")).status == 404


async def test_a_register_that_only_watches_says_so_on_every_page(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(ring=Ring.OBSERVE)]) as house:
        browser = await house.paired()
        for path in ("", "/waiting"):
            assert "This register only watches" in (await browser.get(f"/screen/03{path}")).text
        page = await send(browser)
        assert page.state == "trouble"
        assert await house.counter.records() == []


@pytest.mark.parametrize(
    "path", ["", "/waiting", "/waiting?find=T000001", "/credits/0421-03-1763600000000-AAAAAAAA"]
)
async def test_a_journal_that_says_nothing_is_told_in_time(tmp_path: Path, path: str) -> None:
    async with shop(tmp_path, look_up_s=0.1) as house:
        browser = await house.paired()
        house.counter.journal.reads.clear()
        page = await browser.get(f"/screen/03{path}")
        assert (page.status, page.state) == (503, "fault")
        house.counter.journal.reads.set()
        assert (await browser.get("/screen/03")).status == 200
