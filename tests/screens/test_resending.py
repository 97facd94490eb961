# SPDX-License-Identifier: Apache-2.0
"""What is sent twice, too late, or from a tab left behind: never a second credit, never another
amount than somebody saw, and never without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.record import Paper
from agent.ports import PrintEnd
from tests.fakes.counter import issuing
from tests.fakes.platform import Fail
from tests.screens.browser import Browser, Seen, Shop, shop
from tests.screens.scenes import MANAGER, PIN, TYPED, send, trouble, unproved

NOTHING_NEW = "Nothing new was issued"


async def amounts(house: Shop) -> list[str]:
    """What was issued, oldest first."""
    return [str(record.request.amount) for record in await house.counter.records()]


async def replaced(browser: Browser, page: Seen, amount: str) -> Seen:
    """In another tab the form is taken back and sent with another amount."""
    back = page.form("/form") if page.offers("/form") else page.by_button("/form")
    page = await browser.send(back)
    return await browser.send(page.form("/issue"), **{**TYPED, "amount": amount})


async def test_a_pin_approves_the_amount_it_was_typed_under_and_no_other(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(approval_over=1000)]) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        seen = await send(browser, amount="15.00")
        now = await replaced(browser.copy(), seen, "190.00")
        assert (seen.state, now.state) == ("approval", "approval")
        assert seen.view != now.view
        told = await browser.send(seen.form("/approval"), manager=MANAGER, pin=PIN)
        assert told.state == "approval"
        assert NOTHING_NEW in told.text
        assert "USD 190.00" in told.text
        assert await amounts(house) == []
        assert (await browser.send(told.form("/approval"), manager=MANAGER, pin=PIN)).state == (
            "confirmed"
        )
        assert await amounts(house) == ["USD 190.00"]


async def test_a_yes_means_the_question_that_was_read(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        for amount in ("20.00", "199.00"):
            page = await send(browser, amount=amount)
            await browser.send(page.form("/next"))
        seen = await send(browser, amount="20.00")
        now = await replaced(browser.copy(), seen, "199.00")
        assert (seen.state, now.state) == ("question", "question")
        told = await browser.send(seen.form("/distinct"))
        assert (told.state, NOTHING_NEW in told.text) == ("question", True)
        assert await amounts(house) == ["USD 20.00", "USD 199.00"]


async def test_trying_again_means_the_form_that_met_the_trouble(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await trouble(house, browser)
        seen = await browser.get("/screen/03")
        house.counter.disk.full = False
        page = await browser.send(seen.form("/form"))
        await browser.send(page.form("/issue"), **{**TYPED, "amount": "199.00", "pos": "a b"})
        told = await browser.send(seen.form("/issue"), again="1")
        assert (told.state, NOTHING_NEW in told.text) == ("ready", True)
        assert told.form("/issue").fields["amount"] == "199.00"
        assert await amounts(house) == []


async def test_a_yes_pressed_twice_is_one_credit_without_a_complaint(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        page = await send(browser)
        await browser.send(page.form("/next"))
        yes = (await send(browser)).form("/distinct")
        for _ in range(2):
            seen = await browser.send(yes)
            assert (seen.state, NOTHING_NEW in seen.text) == ("confirmed", False)
        await browser.send(seen.form("/next"))
        late = await browser.send(yes)
        assert "this was answered before" in late.text
        assert len(await amounts(house)) == 2


async def test_a_form_sent_again_after_a_restart_is_no_draft_of_a_second_credit(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        await browser.send_only(form, **TYPED)
        house.counter.clock.advance(60)
        async with house.restarted(browser) as again:
            page = await again.send(form, **TYPED)
            assert page.state == "confirmed"
            assert f"{NOTHING_NEW}: this was sent before, at 11:06, for USD 48.50." in page.text
            page = await again.send(page.form("/next"))
            assert page.form("/issue").fields["amount"] == ""
        assert await amounts(house) == ["USD 48.50"]


@pytest.mark.parametrize("ended", [False, True])
async def test_an_old_form_sent_again_behind_another_credit_is_no_draft_either(
    tmp_path: Path, ended: bool
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        page = await browser.send(form, **TYPED)
        await browser.send(page.form("/next"))
        page = await send(browser, amount="7.00")
        if ended:
            await browser.send(page.form("/next"))
            house.counter.clock.advance(86_400)
        page = await browser.send(form, **TYPED)
        assert NOTHING_NEW in page.text
        assert "for USD 48.50" in page.text
        if not ended:
            await browser.send(page.form("/next"))
        page = await browser.get("/screen/03")
        assert page.form("/issue").fields["amount"] == ""
        assert await amounts(house) == ["USD 48.50", "USD 7.00"]


async def test_the_second_of_two_shoppers_in_two_tabs_is_told_and_kept(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        first, second = await browser.get("/screen/03"), await browser.get("/screen/03")
        await browser.send(first.form("/issue"), **{**TYPED, "amount": "10.00"})
        page = await browser.send(second.form("/issue"), **{**TYPED, "amount": "20.00"})
        assert f"{NOTHING_NEW}: the credit on the screen is not finished" in page.text
        page = await browser.send(page.form("/next"))
        kept = page.form("/issue")
        assert kept.fields["amount"] == "20.00"
        assert kept.fields["name"] != first.form("/issue").fields["name"]
        assert (await browser.send(kept)).state == "confirmed"
        assert await amounts(house) == ["USD 10.00", "USD 20.00"]


async def test_a_form_sent_while_another_is_asked_about_is_told_beside_its_word(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, [issuing(budget_s=5.0)], press_s=0.05) as house:
        browser = await house.paired()
        first, second = await browser.get("/screen/03"), await browser.get("/screen/03")
        house.counter.platform.fails.append(Fail("hang", "issue"))
        await browser.send(first.form("/issue"), **{**TYPED, "amount": "10.00"})
        await browser.send(second.form("/issue"), **{**TYPED, "amount": "20.00"})
        house.counter.platform.released.set()
        await house.counter.settled()
        page = await browser.get("/screen/03")
        assert "Your form is kept" in page.text
        page = await browser.send(page.form("/next"))
        assert page.form("/issue").fields["amount"] == "20.00"


async def test_the_second_of_two_equal_shoppers_reads_when_the_first_was_sent(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        first, second = await browser.get("/screen/03"), await browser.get("/screen/03")
        page = await browser.send(first.form("/issue"), **TYPED)
        await browser.send(page.form("/next"))
        page = await browser.send(second.form("/issue"), **TYPED)
        assert f"{NOTHING_NEW}: this was sent before, at 11:06" in page.text
        assert "For another customer, fill in a new form." in page.text


async def test_a_saved_credit_sent_again_by_its_old_form_is_shown(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        house.counter.press.ends.append(PrintEnd(Paper.SENT))
        house.counter.platform.down = True
        form = (await browser.get("/screen/03")).form("/issue")
        await browser.send(form, **TYPED)
        await house.counter.settled()
        page = await browser.get("/screen/03")
        await browser.send(page.form("/save"))
        page = await browser.send(form, **TYPED)
        assert (page.state, NOTHING_NEW in page.text) == ("held", True)
        assert (await house.counter.only()).key.text in page.text


async def test_what_was_not_done_reaches_a_page_that_is_open_already(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await unproved(house, browser)
        page = await browser.get("/screen/03")
        house.counter.journal.writes.clear()
        seen = await browser.send(page.form("/came-out"), answer="yes")
        assert (seen.state, "problem" in seen.html) == ("held", False)
        house.counter.disk.full = True
        house.counter.journal.writes.set()
        await house.counter.settled()
        later = await browser.get("/screen/03")
        assert (later.state, "problem" in later.html) == ("held", True)
        assert later.view != seen.view


async def test_a_stuck_printer_lets_the_cashier_out_however_often_it_is_tried(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, [issuing(budget_s=0.5)], press_s=2.0) as house:
        browser = await house.paired()
        house.counter.platform.down = True
        house.counter.press.free.clear()
        await send(browser)
        record = await house.counter.only()
        for _ in range(2):
            house.counter.clock.advance(30)
            await house.counter.forwarder.forward(record.key, 1.0)
        page = await browser.get("/screen/03")
        house.counter.press.free.set()
        assert (page.state, page.offers("/save")) == ("held", True)


async def test_more_saved_credits_than_are_counted_are_told_as_more(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        house.counter.platform.down = True
        for number in range(53):
            house.counter.press.ends.append(PrintEnd(Paper.SENT))
            await send(browser, amount=f"{number + 1}.00")
            await house.counter.settled()
            page = await browser.get("/screen/03")
            assert page.state == "held"
            page = await browser.send(page.form("/save"))
        assert (page.state, "50+ saved" in page.text) == ("ready", True)
