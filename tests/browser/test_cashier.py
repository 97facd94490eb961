# SPDX-License-Identifier: Apache-2.0
"""The cashier's page in a real Chromium against a real agent, platform and printer."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Opened
from tests.browser.register import (
    LIMITS,
    MANAGER,
    PIN,
    RealRegister,
    fill,
    issue,
    register,
    wait_for,
)

pytestmark = pytest.mark.slow
UPDATES = 20
LARGE = itertools.count(41)
"""Amounts over what the register may promise; each once, or the page would ask about it."""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegister]:
    with register(tmp_path_factory.mktemp("register"), LIMITS) as made:
        yield made


@pytest.fixture
def cards_before(real: RealRegister) -> int:
    """How many cards the platform has, once it answers and nothing waits any more."""
    real.calm()
    return len(real.cards())


def in_hold(real: RealRegister, page: Page) -> None:
    """No answer, and more than the register may promise."""
    real.pair(page)
    real.platform(down=True)
    issue(page, f"{next(LARGE)}.00")
    wait_for(page, "held")


def out_of_hold(real: RealRegister, page: Page) -> None:
    """Ends what a test left standing: the platform comes back and confirms."""
    real.calm()
    wait_for(page, "confirmed")
    page.get_by_role("button", name="Next customer").click()
    wait_for(page, "ready")


def test_a_credit_is_confirmed_and_the_next_customer_comes(
    opened: Opened, real: RealRegister, cards_before: int
) -> None:
    with opened() as page:
        real.pair(page)
        issue(page, "12,50")
        wait_for(page, "confirmed")
        assert page.title() == "CONFIRMED"
        assert page.get_by_role("status").inner_text().startswith("CONFIRMED")
        expect(page.locator(".amount")).to_have_text("USD 12.50")
        page.reload()
        wait_for(page, "confirmed")
        page.get_by_role("button", name="Next customer").click()
        wait_for(page, "ready")
        assert page.get_by_label("Your name or number").input_value() == "Ana"
        assert page.evaluate("document.activeElement.id") == "amount"
        assert len(real.cards()) == cards_before + 1


def test_two_clicks_and_an_enter_are_one_credit(
    opened: Opened, real: RealRegister, cards_before: int
) -> None:
    with opened() as page:
        real.pair(page)
        fill(page, "7.77")
        button = page.get_by_role("button", name="Issue the credit")
        page.evaluate(
            """() => {
                const form = document.querySelector('form.card');
                const button = form.querySelector('.primary');
                button.click(); button.click(); form.requestSubmit(button);
            }"""
        )
        wait_for(page, "confirmed")
        expect(button).to_have_count(0)
        page.get_by_role("button", name="Next customer").click()
        wait_for(page, "ready")
        assert len(real.cards()) == cards_before + 1
        page.get_by_label("Amount in USD").fill("6.66")
        page.get_by_label("Customer gave nothing").check()
        page.get_by_label("Amount in USD").press("Enter")
        wait_for(page, "confirmed")
        page.get_by_role("button", name="Next customer").click()
        assert len(real.cards()) == cards_before + 2


def test_without_scripts_the_whole_main_path_is_there(
    opened: Opened, real: RealRegister, cards_before: int
) -> None:
    with opened(java_script_enabled=False) as page:
        real.pair(page)
        issue(page, "9.10")
        wait_for(page, "confirmed")
        page.get_by_role("button", name="Next customer").click()
        wait_for(page, "ready")
        page.get_by_label("Amount in USD").fill("4x")
        page.get_by_role("button", name="Issue the credit").click()
        assert (
            "Type it, or choose" in page.locator("main").inner_text()
            or page.locator("#wrong-amount").is_visible()
        )
        assert page.get_by_label("Amount in USD").input_value() == "4x"
        real.platform(down=True)
        issue(page, "9.20")
        wait_for(page, "voucher")
        page.get_by_role("button", name="Next customer").click()
        issue(page, f"{next(LARGE)}.00")
        wait_for(page, "held")
        page.get_by_label("Manager's name").first.fill(MANAGER)
        page.get_by_label("Manager's PIN").first.fill(PIN)
        page.get_by_role("button", name="Let the voucher out").click()
        wait_for(page, "voucher")
        page.get_by_role("button", name="Next customer").click()
        wait_for(page, "ready")
        assert len(real.credits()) >= 3
        real.platform(down=False)
        assert len(real.cards()) >= cards_before + 1


def test_hold_survives_reload_escape_back_and_a_second_tab(
    opened: Opened, real: RealRegister, cards_before: int
) -> None:
    del cards_before
    with opened() as page:
        in_hold(real, page)
        page.reload()
        wait_for(page, "held")
        for _ in range(3):
            page.keyboard.press("Escape")
        wait_for(page, "held")
        page.go_back()
        wait_for(page, "held")
        page.go_forward()
        wait_for(page, "held")
        page.goto(f"{real.main}/waiting")
        page.get_by_role("link", name="Register").click()
        wait_for(page, "held")
        second = page.context.new_page()
        second.goto(real.main)
        wait_for(second, "held")
        assert second.get_by_role("button", name="Issue the credit").count() == 0
        second.close()
        out_of_hold(real, page)


def test_what_is_being_typed_survives_a_restart_of_the_agent_and_is_issued_once(
    browser: Browser, real: RealRegister, cards_before: int
) -> None:
    context = browser.new_context()
    page = context.new_page()
    try:
        real.pair(page)
        fill(page, "33.00")
        real.kill()
        page.locator("#lost").wait_for(state="visible", timeout=15_000)
        real.start()
        page.locator("#lost").wait_for(state="hidden", timeout=20_000)
        expect(page.get_by_label("Amount in USD")).to_have_value("33.00")
        page.get_by_role("button", name="Issue the credit").click()
        wait_for(page, "confirmed")
        assert len(real.cards()) == cards_before + 1
        page.get_by_role("button", name="Next customer").click()
        wait_for(page, "ready")
    finally:
        context.close()


def test_hold_survives_a_kill_of_the_agent_and_the_page_says_so_meanwhile(
    browser: Browser, real: RealRegister, cards_before: int
) -> None:
    del cards_before
    context = browser.new_context()
    page = context.new_page()
    try:
        in_hold(real, page)
        real.kill()
        page.locator("#lost").wait_for(state="visible", timeout=15_000)
        assert page.locator("main").is_hidden()
        expect(page.locator("#lost")).to_contain_text("Do not issue credit.")
        expect(page.get_by_role("alert")).to_contain_text("Register helper stopped")
        real.start()
        page.locator("#lost").wait_for(state="hidden", timeout=20_000)
        wait_for(page, "held")
        page.reload()
        wait_for(page, "held")
        out_of_hold(real, page)
    finally:
        context.close()


def test_twenty_live_updates_leave_the_caret_and_the_text_alone(
    opened: Opened, real: RealRegister, cards_before: int
) -> None:
    del cards_before
    with opened() as page:
        real.pair(page)
        real.platform(down=True)
        amount = page.get_by_label("Amount in USD")
        amount.press_sequentially("1234")
        page.evaluate("document.getElementById('amount').setSelectionRange(2, 2)")
        page.evaluate("window.mine = document.getElementById('amount')")
        strip = page.locator("#strip")
        for number in range(UPDATES):
            before = waiting_count(page)
            real.daemon.post(number)
            expect(strip).not_to_contain_text(f"{before} waiting")
            there = page.evaluate(
                """() => [document.activeElement === window.mine, window.mine.isConnected,
                          window.mine.value, window.mine.selectionStart]"""
            )
            assert there == [True, True, "1234", 2]
        page.keyboard.type(".5")
        assert amount.input_value() == "12.534"
        real.platform(down=False)


def waiting_count(page: Page) -> int:
    found = re.search(r"(\d+) waiting", page.locator("#strip").inner_text())
    return int(found[1]) if found else 0


def test_a_slow_platform_is_told_step_by_step_and_ends_in_a_voucher(
    opened: Opened, real: RealRegister, cards_before: int
) -> None:
    del cards_before
    with opened() as page:
        real.pair(page)
        real.hang(True)
        issue(page, "3.10")
        wait_for(page, "confirming")
        expect(page.locator("main")).to_contain_text("Asking the card system")
        expect(page.locator(".bar")).to_be_visible()
        wait_for(page, "voucher")
        real.hang(False)
        page.get_by_role("button", name="Next customer").click()
        wait_for(page, "ready")


def test_with_too_many_pages_open_one_more_lives_on_by_asking(
    browser: Browser, real: RealRegister, cards_before: int
) -> None:
    del cards_before
    context = browser.new_context()
    try:
        page = context.new_page()
        real.pair(page)
        page.route("**/live", lambda route: route.fulfill(status=503))
        page.reload()
        wait_for(page, "ready")
        strip = page.locator("#strip")
        before = waiting_count(page)
        real.platform(down=True)
        real.daemon.post(400)
        expect(strip).to_contain_text(f"{before + 1} waiting", timeout=15_000)
        assert page.locator("#lost").is_hidden()
    finally:
        context.close()


def test_paper_owed_is_a_picture_that_only_a_pin_opens(
    opened: Opened, real: RealRegister, cards_before: int
) -> None:
    del cards_before
    real.printer.set("paper_out", True)
    with opened() as page:
        real.pair(page)
        real.platform(down=True)
        issue(page, "3.30")
        wait_for(page, "held")
        assert page.locator("main").get_attribute("data-reason") == "paper-failed"
        expect(page.locator("#strip")).to_contain_text("paper out")
        show_code(page)
        wait_for(page, "owed")
        code = page.locator(".code").inner_text()
        assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", code)
        picture = page.locator(".owed img")
        assert picture.evaluate("each => each.decode().then(() => each.naturalWidth > 100)")
        page.reload()
        wait_for(page, "owed")
        page.get_by_role("button", name="Not yet").click()
        wait_for(page, "held")
        assert code not in page.content()
        real.printer.set("paper_out", False)
        show_code(page)
        wait_for(page, "owed")
        page.get_by_role("button", name="The customer has it").click()
        wait_for(page, "voucher")
        assert code not in page.content()
        page.get_by_role("button", name="Next customer").click()
        wait_for(page, "ready")


def show_code(page: Page) -> None:
    page.get_by_text("Paper owed: a manager shows the code").click()
    owed = page.locator("form[action$='/owed']")
    owed.get_by_label("Manager's name").fill(MANAGER)
    owed.get_by_label("Manager's PIN").fill(PIN)
    page.get_by_role("button", name="Show the code").click()
