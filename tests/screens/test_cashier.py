# SPDX-License-Identifier: Apache-2.0
"""The main page without scripts: from the form to a word, and what keeps it to one credit."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest

from agent.domain.customer import CustomerPolicy, CustomerReference, Malformed, Skipped
from agent.domain.idempotency import PosAlias
from agent.domain.record import Answer, State
from agent.screens.form import SERIAL
from tests.fakes.counter import PLACE, issuing
from tests.fakes.platform import Fail
from tests.screens.browser import shop
from tests.screens.scenes import MANAGER, PIN, TYPED, approval, question, send


async def test_a_credit_is_issued_told_and_ended(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        seen = await send(browser, amount="48,50", receipt="R-1001", pos="T77")
        assert seen.state == "confirmed"
        assert "USD 48.50" in seen.text
        assert "Your credit of USD 48.50 is ready to use." in seen.text
        record = await house.counter.only()
        assert not record.heard
        assert (record.request.pos.number, record.request.original_sale) == ("T77", "R-1001")
        assert record.request.customer == Skipped(knowingly=True)
        seen = await browser.send(seen.form("/next"))
        assert seen.state == "ready"
        assert seen.form("/issue").fields["operator"] == "Ana"
        assert seen.form("/issue").fields["amount"] == ""
        assert (await house.counter.only()).heard


async def test_without_a_till_number_the_page_gives_its_own(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        await browser.send(form, **TYPED)
        record = await house.counter.only()
        assert record.request.pos.number == SERIAL + form.fields["name"]


async def test_two_posts_of_one_form_are_one_credit_however_they_come(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(budget_s=5.0)], press_s=0.05) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        house.counter.platform.fails.append(Fail("hang", "issue"))
        both = await asyncio.gather(*(browser.send(form, **TYPED) for _ in range(4)))
        assert {seen.state for seen in both} == {"confirming"}
        house.counter.platform.released.set()
        late = await browser.send(form, **TYPED)
        assert late.state in ("confirming", "voucher", "confirmed")
        await house.counter.settled()
        assert len(await house.counter.records()) == 1
        assert house.counter.platform.calls.count("issue") <= 2
        assert len(house.counter.issued()) <= 1


async def test_an_old_form_sent_again_shows_the_credit_that_it_made(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        seen = await browser.send(form, **TYPED)
        await browser.send(seen.form("/next"))
        again = await browser.send(form, **TYPED)
        record = await house.counter.only()
        assert again.state == "confirmed"
        assert record.key.text in again.text
        assert (await browser.get("/screen/03")).state == "ready"


async def test_an_old_form_with_other_words_issues_nothing_and_is_kept(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        seen = await browser.send(form, **TYPED)
        await browser.send(seen.form("/next"))
        other = await browser.send(form, **{**TYPED, "amount": "9.00"})
        assert other.state == "ready"
        assert "Nothing new was issued" in other.text
        fresh = other.form("/issue")
        assert fresh.fields["amount"] == "9.00"
        assert fresh.fields["name"] != form.fields["name"]
        assert len(await house.counter.records()) == 1
        assert (await browser.send(fresh)).state == "confirmed"


async def test_a_second_tab_cannot_begin_a_credit_while_one_stands(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        tab = browser.copy()
        old = (await tab.get("/screen/03")).form("/issue")
        house.counter.platform.down = True
        seen = await send(browser)
        assert (await browser.send(seen.form("/next"))).state == "ready"
        seen = await send(browser, amount="20.00")
        held = await tab.send(old, **{**TYPED, "amount": "30.00"})
        assert held.state == "voucher"
        assert "Your form is kept" in held.text
        assert len(await house.counter.records()) == 2
        ready = await tab.send(held.form("/next"))
        assert ready.form("/issue").fields["amount"] == "30.00"
        assert "Your form is kept" not in ready.text


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"amount": "4x"}, "amount", "Type the amount like 48.50."),
        ({"amount": "1.234"}, "amount", "USD has 2 digits"),
        ({"operator": "x" * 41}, "operator", "at most 40"),
        ({"kind": "email", "customer": ""}, "customer", "the customer gave nothing"),
        ({"kind": "phone", "customer": "12"}, "customer", "no phone number"),
        ({"reason": "other"}, "reason_other", "Choose a reason"),
        ({"pos": "a b"}, "pos", "transaction number"),
        ({"receipt": "4111 1111 1111 1111"}, "receipt", "card number"),
    ],
)
async def test_a_field_that_cannot_be_taken_is_named_and_the_rest_is_kept(
    tmp_path: Path, changes: dict[str, str], field: str, said: str
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        seen = await send(browser, **{"pos": "T9", **changes})
        assert (seen.status, seen.state) == (200, "ready")
        assert "Nothing was issued: one field needs a look." in seen.text
        assert said in seen.text
        assert f'id="wrong-{field}"' in seen.html
        assert "4111" not in seen.html
        form = seen.form("/issue")
        kept = {**TYPED, "pos": "T9", **changes}
        for name in set(kept) - {"receipt"}:
            assert form.fields.get(name, "") == kept[name]
        assert await house.counter.records() == []


async def test_no_identifier_and_no_pin_is_in_an_address_or_a_cookie(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(approval_over=100)]) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        typed = {**TYPED, "kind": "email", "customer": "ann@example.com"}
        sent = await browser.send_only(form, **typed)
        page = await browser.get("/screen/03")
        approved = await browser.send_only(page.form("/approval"), manager=MANAGER, pin=PIN)
        for seen in (sent, approved):
            assert seen.headers["Location"] == "/screen/03"
            assert "ann" not in str(browser.cookies)
        assert not any(PIN in line or "ann@" in line for line in house.lines)


async def test_a_malformed_identifier_is_asked_about_once_and_may_go_on(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        seen = await send(browser, kind="email", customer="ann at home")
        form = seen.form("/issue")
        assert any(button.get("name") == "as_is" for button in form.buttons)
        seen = await browser.send(form, as_is="1")
        assert isinstance((await house.counter.only()).request.customer, Malformed)
        await house.counter.settled()
        seen = await browser.get("/screen/03")
        assert seen.state == "voucher"
        assert "Scan it to collect" in seen.text


async def test_a_customer_is_read_into_the_normal_form(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await send(browser, kind="phone", customer="(212) 555-0142")
        customer = (await house.counter.only()).request.customer
        assert isinstance(customer, CustomerReference)
        assert customer.value == "+12125550142"


async def test_an_anonymous_store_does_not_ask_for_a_customer(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(policy=CustomerPolicy.ANONYMOUS)]) as house:
        browser = await house.paired()
        page = await browser.get("/screen/03")
        assert "customer" not in page.form("/issue").fields
        assert (await browser.send(page.form("/issue"), amount="5", operator="Ana")).state == (
            "confirmed"
        )


async def test_what_looks_alike_is_one_question_with_two_answers(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        await question(house, browser)
        page = await browser.get("/screen/03")
        assert "Is this another credit for another return?" in page.text
        assert len(await house.counter.records()) == 1
        back = await browser.send(page.form("/form"))
        assert back.form("/issue").fields["amount"] == "48.50"
        page = await browser.send(back.form("/issue"))
        assert page.state == "question"
        assert (await browser.send(page.form("/distinct"))).state == "confirmed"
        records = await house.counter.records()
        assert [record.request.distinct for record in records] == [False, True]


async def test_a_manager_approves_the_very_form_before_anything_is_recorded(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, [issuing(approval_over=1000)]) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        await approval(house, browser)
        page = await browser.get("/screen/03")
        assert "Nothing was issued yet: USD 48.50 needs a manager's yes." in page.text
        page = await browser.send(page.form("/approval"), manager=MANAGER, pin="0000")
        assert page.state == "approval"
        assert "the PIN is wrong" in page.text
        assert "0000" not in page.html
        assert await house.counter.records() == []
        page = await browser.send(page.form("/approval"), manager=MANAGER, pin=PIN)
        assert page.state == "confirmed"


async def test_five_wrong_pins_lock_and_the_form_is_still_there(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(approval_over=1000)]) as house:
        await house.counter.approvals.add_manager(MANAGER, PIN)
        browser = await house.paired()
        await approval(house, browser)
        page = await browser.get("/screen/03")
        for _ in range(5):
            page = await browser.send(page.form("/approval"), manager=MANAGER, pin="0000")
        page = await browser.send(page.form("/approval"), manager=MANAGER, pin=PIN)
        assert "locked" in page.text
        back = await browser.send(page.by_button("/form"))
        assert back.form("/issue").fields["amount"] == "48.50"
        assert await house.counter.records() == []


async def test_a_full_disk_issues_nothing_and_trying_again_is_the_same_credit(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        house.counter.disk.full = True
        page = await browser.send(form, **TYPED)
        assert page.state == "trouble"
        assert "Nothing was issued" in page.text
        assert house.counter.issued() == {}
        house.counter.disk.full = False
        page = await browser.send(page.form("/issue"), again="1")
        assert page.state == "confirmed"
        assert len(house.counter.issued()) == 1


async def test_clearing_the_form_forgets_what_was_typed(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        page = await send(browser, amount="4x", receipt="R-1")
        name = page.form("/issue").fields["name"]
        page = await browser.send(page.by_button("/clear"))
        assert page.form("/issue").fields["receipt"] == ""
        assert page.form("/issue").fields["name"] != name


async def test_a_till_number_that_another_caller_used_shows_that_credit(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        first, second = await house.paired(), await house.paired()
        await send(first, pos="T5")
        seen = await send(second, pos="T5")
        record = await house.counter.only()
        assert record.key.text in seen.text
        assert (await second.get("/screen/03")).state == "ready"


async def test_a_browser_that_goes_away_cancels_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path, [issuing(budget_s=5.0)], press_s=2.0) as house:
        browser = await house.paired()
        form = (await browser.get("/screen/03")).form("/issue")
        house.counter.platform.fails.append(Fail("hang", "issue"))
        with house.counter.board.stream() as changes:
            asking = asyncio.ensure_future(browser.send(form, **TYPED))
            await changes.get()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        house.counter.platform.released.set()
        await house.counter.settled()
        (record,) = await house.counter.records()
        assert record.state in (State.CONFIRMED, State.UNSETTLED)
        page = await browser.get("/screen/03")
        assert page.state in (Answer.CONFIRMED.value, Answer.VOUCHER.value)


def test_the_pages_own_number_is_one_that_a_till_could_have() -> None:
    date = datetime.date(2026, 11, 18)
    assert PosAlias(PLACE, date, SERIAL + "0" * 16, "1").transaction.startswith(SERIAL)
