# SPDX-License-Identifier: Apache-2.0
"""What one screen began and another ends: a browser that is paired anew is another caller."""

from __future__ import annotations

import datetime
from pathlib import Path

from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.idempotency import CallerAlias
from agent.domain.money import Money
from agent.flows.issue import Order
from agent.flows.pairing import Offer
from tests.fakes.counter import PLACE
from tests.screens.browser import SCOPES, Shop, shop
from tests.screens.scenes import send, unproved


async def test_a_hold_is_listed_after_the_screen_was_paired_anew_and_is_taken_up_there(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        await unproved(house, await house.paired())
        anew = await house.paired()
        page = await anew.get("/screen/03")
        assert page.state == "ready"
        assert "1 saved or open on another screen" in page.text
        page = await anew.get("/screen/03/waiting")
        assert "From another screen" in page.text
        page = await anew.send(page.form("/open"))
        assert (page.state, page.reason) == ("held", "paper-unproved")
        assert "on another screen" not in page.text
        page = await anew.send(page.form("/save"))
        assert (page.state, "1 saved" in page.text) == ("ready", True)
        page = await anew.get("/screen/03/waiting")
        page = await anew.send(page.form("/open"))
        page = await anew.send(page.form("/came-out"), answer="yes")
        assert (await anew.send(page.form("/next"))).state == "ready"
        assert (await house.counter.only()).heard


async def test_a_confirmed_credit_of_a_revoked_screen_is_ended_from_its_own_page(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        await send(await house.paired(), amount="20.00")
        (pairing,) = await house.counter.journal.pairings()
        await house.server.pairings.revoke(pairing.id)
        anew = await house.paired()
        house.counter.clock.advance(30 * 86_400)
        asked = await send(anew, amount="20.00")
        assert asked.state == "question"
        await anew.send(asked.form("/form"))
        key = (await house.counter.only()).key
        page = await anew.get(f"/screen/03/credits/{key}")
        page = await anew.send(page.form("/open"))
        assert page.state == "confirmed"
        assert (await anew.send(page.form("/next"))).state == "ready"
        assert (await house.counter.only()).heard


async def test_a_tills_credit_is_not_ended_by_a_screen(tmp_path: Path) -> None:
    async with shop(tmp_path) as house:
        till = await _till(house)
        now_ms = house.counter.clock.now().wall_ms
        pos = PosTransaction(datetime.date(2026, 11, 18), "T1")
        request = CreditRequest(PLACE, Money(2000, "USD"), "Ana", "return", pos, now_ms)
        alias = CallerAlias(till, str(PLACE), "of-the-till")
        await house.counter.issue.issue(Order(request, (alias,), till, 1.0))
        key = (await house.counter.only()).key
        browser = await house.paired()
        assert "on another screen" not in (await browser.get("/screen/03")).text
        page = await browser.get(f"/screen/03/credits/{key}")
        assert not page.offers("/open")
        token = (await browser.get("/screen/03")).form("/issue").fields["form"]
        for button in ("open", "save", "next"):
            sent = {"form": token, "word": "confirmed"}
            page = await browser.ask("POST", f"/screen/03/credits/{key}/{button}", sent)
            assert page.state == "ready"
        assert not (await house.counter.only()).heard


async def test_the_cookie_lasts_as_long_as_browsers_allow_and_is_given_anew(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as house:
        browser = await house.paired()
        arrived = await browser.get("/screen", follow=False)
        assert arrived.status == 303
        assert f"Max-Age={400 * 86_400}" in arrived.headers["Set-Cookie"]
        assert (await browser.get("/screen/03")).state == "ready"


async def _till(house: Shop) -> str:
    """A till with all that a screen may do; its pairing's id."""
    pairings = house.server.pairings
    code = pairings.offer(Offer("till", frozenset(SCOPES), frozenset({"03"}), 10_000))
    _, pairing = await pairings.redeem(code.digits)
    return pairing.id
