# SPDX-License-Identifier: Apache-2.0
"""The close-of-day page behind its real door, read without scripts."""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

import pytest

from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.day import DAY_LIST_MAX
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.domain.outcome import Matched
from agent.domain.record import CreditRecord, Paper, VoidRequest
from agent.flows.issue import Order
from agent.ports import PrintEnd
from tests.fakes.counter import PLACE, Counter
from tests.screens.browser import Shop, shop

TODAY = datetime.date(2026, 11, 18)
DAY = "/screen/03/day"
MARKUP = "<script>x</script>"
CUSTOMER = CustomerReference(CustomerKind.EMAIL, "ana.secret@shop.example")


async def issued(
    counter: Counter,
    minor: int,
    operator: str = "Ana",
    date: datetime.date = TODAY,
    caller: str = "till",
) -> CreditRecord:
    """A credit as a till asks for it, with its paper's end known."""
    number = f"T{counter.chance.below(10**9)}"
    request = CreditRequest(
        place=PLACE,
        amount=Money(minor, "USD"),
        operator=operator,
        reason="return",
        pos=PosTransaction(date, number),
        occurred_at_ms=counter.clock.now().wall_ms,
        customer=CUSTOMER,
        distinct=True,
    )
    aliases = (CallerAlias(caller, str(PLACE), number), PosAlias(PLACE, date, number, "1"))
    record, _ = await counter.issue.issue(Order(request, aliases, caller, 0.5))
    await counter.settled()
    found = await counter.journal.get(record.key)
    assert found is not None
    return found


async def a_busy_day(house: Shop) -> dict[str, CreditRecord]:
    """One credit of each kind that a day may end with."""
    counter = house.counter
    counter.platform.customers["email", CUSTOMER.value] = [Matched("c-1")]
    made = {"confirmed": await issued(counter, 1_000)}
    made["voided"] = await issued(counter, 700, "Ben")
    made["voided"] = await counter.closing.void(
        made["voided"].key, VoidRequest("Ben with Eva", MARKUP)
    )
    counter.platform.down = True
    made["paper"] = await issued(counter, 2_000, "Ben")
    counter.press.ends.append(PrintEnd(Paper.FAILED, "paper-out"))
    made["owed"] = await issued(counter, 1_500)
    await counter.papers.show(made["owed"].key, "Eva")
    counter.press.ends.append(PrintEnd(Paper.FAILED, "paper-out"))
    made["waiting"] = await issued(counter, 400, MARKUP)
    return made


async def test_a_day_without_credits_says_so_and_leads_to_the_day_before(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        page = await browser.get(f"{DAY}?date=2026-11-10")
        assert (page.status, page.state) == (200, "day")
        assert "Nothing happened on this day." in page.text
        assert f"{DAY}?date=2026-11-09" in page.links
        assert f"{DAY}?date=2026-11-11" in page.links
        assert f"{DAY}?date=2026-11-10&print=1" in page.links


async def test_today_is_the_stores_day_and_has_no_next(tmp_path: Path) -> None:
    async with shop(tmp_path, zone=zoneinfo.ZoneInfo("Pacific/Kiritimati")) as house:
        page = await (await house.paired()).get(DAY)
        assert "Close of day 2026-11-19" in page.text
        assert f"{DAY}?date=2026-11-18" in page.links
        assert f"{DAY}?date=2026-11-20" not in page.links


async def test_a_busy_day_is_told_in_sections_that_add_up(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        made = await a_busy_day(house)
        page = await (await house.paired()).get(DAY)
        assert page.status == 200
        assert "2 on paper, USD 35.00, promised and not confirmed" in page.text
        assert "1 waiting, USD 4.00" in page.text
        assert "Codes shown on a screen in place of paper: 1" in page.text
        assert "1 VOIDED, USD 7.00" in page.text
        assert "had the code shown on the screen: paper owed" in page.text
        assert "Issued 3 USD 45.00 of it confirmed 1 USD 10.00 of it on paper 2 USD 35.00" in (
            page.text
        )
        assert "Difference 0 USD 0.00" in page.text
        for name in ("paper", "owed", "waiting", "voided"):
            assert f"/screen/03/credits/{made[name].key}" in page.links
        assert f"/screen/03/credits/{made['confirmed'].key}" not in page.links


async def test_no_customer_no_code_and_no_markup_of_others_is_on_the_page(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        made = await a_busy_day(house)
        page = await (await house.paired()).get(DAY)
        assert CUSTOMER.value not in page.html
        for record in made.values():
            assert record.code.reveal() not in page.html
            assert record.code.grouped() not in page.html
        assert MARKUP in page.text
        assert MARKUP not in page.html


async def test_looking_at_a_day_changes_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        await a_busy_day(house)
        browser = await house.paired()
        commits, before = house.counter.disk.commits, await house.counter.records()
        for path in (DAY, f"{DAY}?date=2026-11-17", f"{DAY}?print=1"):
            assert (await browser.get(path)).status == 200
        assert house.counter.disk.commits == commits
        assert await house.counter.records() == before


async def test_what_this_screen_saved_is_listed_until_it_is_ended(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        (pairing,) = await house.counter.journal.pairings()
        for _ in range(2):
            await issued(house.counter, 1_000, caller=pairing.id)
        page = await browser.get(DAY)
        assert "1 put aside at this screen." in page.text
        other = await house.paired()
        assert "put aside" not in (await other.get(DAY)).text


async def test_what_waits_from_other_days_is_said_on_every_day(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        house.counter.platform.down = True
        await issued(house.counter, 900, date=TODAY - datetime.timedelta(days=3))
        page = await (await house.paired()).get(f"{DAY}?date=2026-11-10")
        assert "From other days: 1 not settled, USD 9.00." in page.text
        assert "Nothing happened on this day." in page.text


async def test_the_sheet_for_paper_has_no_navigation_and_says_how_to_print(tmp_path: Path) -> None:
    async with shop(tmp_path, brand="Corner & Sons") as house:
        page = await (await house.paired()).get(f"{DAY}?print=1")
        assert "Corner & Sons Store 0421, register 03" in page.text
        assert "Business date 2026-11-18. Printed 2026-11-18" in page.text
        assert "Print this page with the browser's own command" in page.text
        assert "header" not in page.tags
        assert page.links == [f"{DAY}?date=2026-11-18"]


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "20261118", "1999-12-31", "3000-01-01", "2026-W47-3"]
)
async def test_anything_but_a_date_is_refused_as_a_page(tmp_path: Path, text: str) -> None:
    async with shop(tmp_path) as house:
        page = await (await house.paired()).get(f"{DAY}?date={text}")
        assert (page.status, page.state) == (400, "fault")
        assert "2025-11-20" in page.text


async def test_a_day_is_shown_only_to_a_screen_of_this_register(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        assert (await house.browser().get(DAY)).state == "unpaired"
        elsewhere = await house.paired(registers=("04",))
        assert (await elsewhere.get(DAY)).status == 403


async def test_a_journal_that_does_not_answer_is_said_and_not_waited_for(tmp_path: Path) -> None:
    async with shop(tmp_path, running_clock=True, look_up_s=0.05) as house:
        browser = await house.paired()
        await a_busy_day(house)
        page = await browser.get(DAY)
        assert page.status == 200
        house.counter.journal.reads.clear()
        page = await browser.get(DAY)
        assert (page.status, page.state) == (503, "fault")


async def test_a_long_list_is_cut_and_says_so_while_its_sum_counts_all(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        house.counter.platform.down = True
        for _ in range(DAY_LIST_MAX + 1):
            await issued(house.counter, 10)
        page = await (await house.paired()).get(DAY)
        assert f"The list shows the first {DAY_LIST_MAX}." in page.text
        assert f"{DAY_LIST_MAX + 1} on paper, USD 20.10" in page.text
        opened = [link for link in page.links if "/credits/" in link]
        assert len(opened) == DAY_LIST_MAX
