# SPDX-License-Identifier: Apache-2.0
"""A credit that holds the screen, and the ways out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.record import Paper, State
from agent.ports import PrintEnd
from tests.fakes.counter import issuing
from tests.screens.browser import Shop, shop
from tests.screens.scenes import (
    MANAGER,
    PIN,
    SCENES,
    TIGHT,
    TYPED,
    current,
    failed,
    no_room,
    send,
    unproved,
    untold,
    voucher,
    waiting,
)


async def with_manager(house: Shop) -> None:
    await house.counter.approvals.add_manager(MANAGER, PIN)


HELD = [name for name, scene in SCENES.items() if scene.state in ("held", "confirming", "owed")]


@pytest.mark.parametrize("name", HELD)
async def test_no_form_is_reachable_and_no_end_is_offered_while_it_holds(
    tmp_path: Path, name: str
) -> None:
    scene = SCENES[name]
    async with shop(tmp_path, [issuing(**scene.register)], press_s=0.05) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        await scene.prepare(house, browser)
        count = len(await house.counter.records())
        for path in ("/screen/03", "/screen"):
            page = await browser.get(path)
            assert page.state == scene.state
            assert not page.offers("/issue")
            assert not page.offers("/next")
        record = await current(house)
        ending = f"/screen/03/credits/{record.key}/next"
        page = await browser.ask("POST", ending, {"form": form.fields["form"]})
        assert page.state == scene.state
        page = await browser.send(form, **{**TYPED, "amount": "1.00"})
        assert page.state == scene.state
        assert len(await house.counter.records()) == count
        assert not (await current(house)).heard


@pytest.mark.parametrize("name", ["no-room", "paper-unproved", "paper-failed", "waiting"])
async def test_save_for_later_serves_the_next_customer_and_comes_back(
    tmp_path: Path, name: str
) -> None:
    scene = SCENES[name]
    async with shop(tmp_path, [issuing(**scene.register)], press_s=0.05) as house:
        browser = await house.paired()
        await scene.prepare(house, browser)
        page = await browser.get("/screen/03")
        page = await browser.send(page.form("/save"))
        assert page.state == "ready"
        assert "1 saved" in page.text
        listed = await browser.get("/screen/03/waiting")
        page = await browser.send(listed.form("/open"))
        assert (page.state, page.reason) == ("held", scene.reason)
        assert not (await house.counter.only()).heard


async def test_a_saved_credit_that_was_confirmed_meanwhile_is_opened_and_ended(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, [issuing(**TIGHT)]) as house:
        browser = await house.paired()
        await no_room(house, browser)
        page = await browser.get("/screen/03")
        await browser.send(page.form("/save"))
        house.counter.platform.down = False
        await house.counter.forwarder.forward((await house.counter.only()).key, 5.0)
        assert (await browser.get("/screen/03")).state == "ready"
        listed = await browser.get("/screen/03/waiting")
        assert "CONFIRMED" in listed.text
        page = await browser.send(listed.form("/open"))
        assert page.state == "confirmed"
        page = await browser.send(page.form("/next"))
        assert page.state == "ready"
        assert "saved" not in page.text


async def test_a_saved_credit_is_not_opened_over_another_one(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await unproved(house, browser)
        page = await browser.get("/screen/03")
        await browser.send(page.form("/save"))
        await send(browser, amount="12.00")
        await house.counter.settled()
        listed = await browser.get("/screen/03/waiting")
        page = await browser.send(listed.form("/open"))
        assert page.state == "voucher"
        assert "USD 12.00" in page.text
        assert "end or save the credit on the screen first" in page.text


async def test_after_a_restart_the_newest_is_back_and_the_others_are_saved(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        for amount in ("11.00", "12.00", "13.00"):
            house.counter.press.ends.append(PrintEnd(Paper.SENT))
            house.counter.platform.down = True
            page = await send(browser, amount=amount)
            await house.counter.settled()
            page = await browser.get("/screen/03")
            await browser.send(page.form("/save"))
        async with house.restarted(browser) as again:
            page = await again.get("/screen/03")
            assert page.state == "held"
            assert "USD 13.00" in page.text
            assert "2 saved" in page.text
            page = await again.send(page.form("/save"))
            assert page.state == "ready"
            assert "3 saved" in page.text


async def test_paper_that_came_out_is_a_voucher(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await unproved(house, browser)
        page = await browser.get("/screen/03")
        assert "Did the voucher for USD 48.50 come out of the printer?" in page.text
        page = await browser.send(page.form("/came-out"), answer="yes")
        assert page.state == "voucher"
        record = await house.counter.only()
        assert (record.paper, record.promised) == (Paper.PRINTED, True)


async def test_paper_that_did_not_come_out_is_printed_again(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await unproved(house, browser)
        page = await browser.get("/screen/03")
        page = await browser.send(page.form("/came-out"), answer="no")
        assert (page.state, page.reason) == ("held", "paper-failed")
        page = await browser.send(page.form("/reprint"))
        assert page.state == "voucher"
        jobs = await house.counter.journal.prints((await house.counter.only()).key)
        assert [(job.copy, job.by) for job in jobs] == [(1, "agent"), (2, "Ana")]


async def test_a_receipt_that_did_not_come_out_is_printed_again_or_left(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        house.counter.press.ends.append(PrintEnd(Paper.FAILED, "paper-out"))
        await send(browser)
        await house.counter.settled()
        page = await browser.get("/screen/03")
        assert (page.state, page.offers("/next")) == ("confirmed", True)
        assert "its receipt did not come out" in page.text
        page = await browser.send(page.form("/reprint"))
        assert page.state == "confirmed"
        assert not page.offers("/reprint")


async def test_a_reprint_over_the_amount_asks_for_the_manager(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(reprint_over=1000)]) as house:
        await with_manager(house)
        browser = await house.paired()
        await failed(house, browser)
        page = await browser.get("/screen/03")
        again = await browser.send(page.form("/reprint"), manager="", pin="")
        assert again.state == "held"
        assert "a manager has to approve" in again.text
        page = await browser.send(page.form("/reprint"), manager=MANAGER, pin=PIN)
        assert page.state == "voucher"


async def test_a_manager_lets_the_paper_out(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(**TIGHT)]) as house:
        await with_manager(house)
        browser = await house.paired()
        await no_room(house, browser)
        page = await browser.get("/screen/03")
        wrong = await browser.send(page.form("/let-out"), manager=MANAGER, pin="1111")
        assert (wrong.state, wrong.reason) == ("held", "no-room")
        assert "the PIN is wrong" in wrong.text
        assert house.counter.press.out_of == []
        page = await browser.send(page.form("/let-out"), manager=MANAGER, pin=PIN)
        assert page.state == "voucher"
        assert "the PIN is wrong" not in page.text
        assert (await house.counter.only()).paper_approved_by == MANAGER


async def test_a_locked_manager_lets_nothing_out(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(**TIGHT)]) as house:
        await with_manager(house)
        browser = await house.paired()
        await no_room(house, browser)
        page = await browser.get("/screen/03")
        for _ in range(5):
            await browser.send(page.form("/let-out"), manager=MANAGER, pin="1111")
        page = await browser.send(page.form("/let-out"), manager=MANAGER, pin=PIN)
        assert page.state == "held"
        assert "locked" in page.text
        assert house.counter.press.out_of == []


async def test_a_screen_that_may_not_approve_is_not_asked_for_a_manager(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(**TIGHT)]) as house:
        browser = await house.paired(scopes=("issue", "read"))
        await no_room(house, browser)
        page = await browser.get("/screen/03")
        assert page.offers("/save")
        assert not page.offers("/let-out")
        assert not page.offers("/owed")
        key = (await house.counter.only()).key
        form = page.form("/save")
        for act in ("let-out", "owed", "void", "has-code"):
            seen = await browser.ask("POST", f"/screen/03/credits/{key}/{act}", form.fields)
            assert seen.status == 403


async def test_what_nobody_was_told_of_is_asked_again_under_its_own_name(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(budget_s=5.0)], press_s=1.0) as house:
        browser = await house.paired()
        await untold(house, browser)
        page = await browser.get("/screen/03")
        assert (page.state, page.reason) == ("held", "untold")
        page = await browser.send(page.form("/again"))
        assert page.state == "confirmed"
        assert len(await house.counter.records()) == 1


async def test_what_nobody_was_told_of_is_withdrawn(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(budget_s=5.0)], press_s=0.05) as house:
        browser = await house.paired()
        await untold(house, browser)
        page = await browser.get("/screen/03")
        page = await browser.send(page.form("/withdraw"))
        assert page.state == "refused"
        assert (await house.counter.only()).state is State.WITHDRAWN
        assert (await browser.send(page.form("/next"))).state == "ready"


async def test_a_credit_without_a_word_can_be_put_aside_and_confirms_by_itself(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, [issuing(budget_s=30.0)], press_s=0.05) as house:
        browser = await house.paired()
        await waiting(house, browser)
        page = await browser.get("/screen/03")
        assert "ASK A MANAGER" in page.text
        assert "nothing is confirmed yet" in page.text
        house.counter.platform.released.set()
        await house.counter.forwarder.forward((await house.counter.only()).key, 5.0)
        assert (await browser.get("/screen/03")).state in ("confirmed", "held")


async def test_a_button_of_a_tab_left_behind_acts_on_its_own_credit_alone(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await voucher(house, browser)
        old = (await browser.get("/screen/03")).form("/next")
        await browser.send(old)
        await send(browser, amount="20.00")
        await house.counter.settled()
        page = await browser.send(old)
        assert page.state == "voucher"
        assert "USD 20.00" in page.text
        assert [record.heard for record in await house.counter.records()] == [True, False]


async def test_what_can_no_longer_be_done_is_said_so(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await unproved(house, browser)
        page = await browser.get("/screen/03")
        house.counter.platform.down = False
        await house.counter.closing.write_off((await house.counter.only()).key, "Mia", "lost")
        await house.counter.settled()
        page = await browser.send(
            page.form("/reprint") if page.offers("/reprint") else page.form("/came-out"),
            answer="yes",
        )
        assert page.status == 200
        assert page.state in ("refused", "held")
