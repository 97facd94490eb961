# SPDX-License-Identifier: Apache-2.0
"""How each state of the main page comes about: one function for each, by what people do."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent.decisions.limits import Limits
from agent.domain.credit import CreditRequest, Instrument, PosTransaction
from agent.domain.event import Restarted
from agent.domain.idempotency import CallerAlias
from agent.domain.money import Money
from agent.domain.record import CreditRecord, Paper, VoidRequest
from agent.flows.issue import Issue, Order
from agent.flows.register import Ring
from agent.flows.talk import Talk
from agent.ports import PrintEnd
from tests.fakes.counter import PLACE
from tests.fakes.platform import Fail
from tests.screens.browser import Browser, Seen, Shop

MANAGER, PIN = "Mia", "2468"
TYPED = {"amount": "48.50", "operator": "Ana", "kind": "none", "reason": "return"}
Prepare = Callable[[Shop, Browser], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Scene:
    """`state` and `reason` as the page tells them; `register`: how the register is set up."""

    state: str
    prepare: Prepare
    reason: str | None = None
    register: Mapping[str, Any] = field(default_factory=dict)


async def send(browser: Browser, **changes: str) -> Seen:
    """The form of the main page, filled in and sent."""
    page = await browser.get("/screen/03")
    return await browser.send(page.form("/issue"), **{**TYPED, **changes})


async def current(house: Shop) -> CreditRecord:
    """The newest record there is."""
    return (await house.counter.records())[-1]


async def ready(house: Shop, browser: Browser) -> None:
    del house, browser


async def wrong(house: Shop, browser: Browser) -> None:
    del house
    await send(browser, amount="4x", receipt="R-1001", pos="77")


async def confirming(house: Shop, browser: Browser) -> None:
    house.counter.platform.fails.append(Fail("hang", "issue"))
    await send(browser)


async def still_confirming(house: Shop, browser: Browser) -> None:
    await confirming(house, browser)
    house.counter.clock.advance(5)


async def confirmed(house: Shop, browser: Browser) -> None:
    del house
    await send(browser)


async def voucher(house: Shop, browser: Browser) -> None:
    house.counter.platform.down = True
    await send(browser)
    await house.counter.settled()


async def voucher_confirmed(house: Shop, browser: Browser) -> None:
    await voucher(house, browser)
    house.counter.platform.down = False
    await house.counter.forwarder.forward((await current(house)).key, 5.0)


async def identity(house: Shop, browser: Browser) -> None:
    page = await send(browser, kind="email", customer="no address")
    form = page.form("/issue")
    await browser.send(form, as_is="1")
    await house.counter.settled()


async def refused(house: Shop, browser: Browser) -> None:
    house.counter.platform.fails.append(Fail("refused", "issue"))
    await send(browser)


async def pending(house: Shop, browser: Browser) -> None:
    """A slip without value: the page issues cards alone, but its pairing may do more."""
    house.counter.platform.down = True
    (pairing,) = await house.counter.journal.pairings()
    now_ms = house.counter.clock.now().wall_ms
    request = CreditRequest(
        PLACE,
        Money(4850, "USD"),
        "Ana",
        "return",
        PosTransaction(datetime.date(2026, 11, 18), "P1"),
        now_ms,
        instrument=Instrument.ACCOUNT,
    )
    alias = CallerAlias(pairing.id, str(PLACE), "pending-1")
    await _with_accounts(house).issue(Order(request, (alias,), pairing.id, 1.0))
    await house.counter.settled()


async def no_room(house: Shop, browser: Browser) -> None:
    house.counter.platform.down = True
    await send(browser)


async def unproved(house: Shop, browser: Browser) -> None:
    house.counter.press.ends.append(PrintEnd(Paper.SENT))
    await voucher(house, browser)


async def failed(house: Shop, browser: Browser) -> None:
    house.counter.press.ends.append(PrintEnd(Paper.FAILED, "paper-out"))
    house.printers["03"] = "paper-out"
    await voucher(house, browser)


async def review(house: Shop, browser: Browser) -> None:
    """The first customer of this identifier is nobody, and that came out too late."""
    house.counter.press.ends.append(PrintEnd(Paper.FAILED, "paper-out"))
    await send(browser, kind="email", customer="ann@example.com")
    await house.counter.settled()


async def voiding(house: Shop, browser: Browser) -> None:
    await unproved(house, browser)
    asked = VoidRequest(f"Ana with {MANAGER}", "customer left")
    await house.counter.closing.void((await current(house)).key, asked)


async def untold(house: Shop, browser: Browser) -> None:
    """The register was cut off before anybody was told."""
    house.counter.platform.fails.append(Fail("hang", "resolve"))
    house.counter.platform.add_customer("email", "ann@example.com", "cus_1")
    await send(browser, kind="email", customer="ann@example.com")
    await _cut_off(house)


async def waiting(house: Shop, browser: Browser) -> None:
    house.counter.platform.fails.append(Fail("hang", "issue"))
    await send(browser)
    await _cut_off(house)
    await house.counter.steps.advance((await current(house)).key, Restarted())
    house.counter.clock.advance(60)


async def wrong_pin(house: Shop, browser: Browser) -> None:
    await house.counter.approvals.add_manager(MANAGER, PIN)
    await no_room(house, browser)
    page = await browser.get("/screen/03")
    await browser.send(page.form("/let-out"), manager=MANAGER, pin="0000")


async def owed(house: Shop, browser: Browser) -> None:
    await house.counter.approvals.add_manager(MANAGER, PIN)
    await failed(house, browser)
    page = await browser.get("/screen/03")
    await browser.send(page.form("/owed"), manager=MANAGER, pin=PIN)


async def question(house: Shop, browser: Browser) -> None:
    del house
    page = await send(browser)
    await browser.send(page.form("/next"))
    await send(browser)


async def approval(house: Shop, browser: Browser) -> None:
    del house
    await send(browser)


async def trouble(house: Shop, browser: Browser) -> None:
    page = await browser.get("/screen/03")
    house.counter.disk.full = True
    await browser.send(page.form("/issue"), **TYPED)


async def observing(house: Shop, browser: Browser) -> None:
    del house
    await send(browser)


def _with_accounts(house: Shop) -> Issue:
    """The counter of a platform that keeps account credits, too."""
    counter = house.counter
    abilities = replace(counter.steps.abilities, instruments=frozenset(Instrument))
    steps = replace(counter.steps, abilities=abilities)
    talk = Talk(counter.platform, counter.journal, counter.link, counter.clock)
    return Issue(steps, talk, counter.forwarder, counter.turns, counter.spawn)


async def _cut_off(house: Shop) -> None:
    """What a kill does to the tasks: they are gone, and whatever the journal has stays."""
    house.counter.cut_off()
    await asyncio.sleep(0)
    house.counter.clock.advance(60)


TIGHT: Mapping[str, Any] = {"limits": Limits(per_credit=100)}
SLOW: Mapping[str, Any] = {"budget_s": 30.0}
SCENES: Mapping[str, Scene] = {
    "ready": Scene("ready", ready),
    "wrong": Scene("ready", wrong),
    "confirming": Scene("confirming", confirming, register=SLOW),
    "still-confirming": Scene("confirming", still_confirming, register=SLOW),
    "confirmed": Scene("confirmed", confirmed),
    "voucher": Scene("voucher", voucher),
    "voucher-confirmed": Scene("confirmed", voucher_confirmed),
    "identity": Scene("voucher", identity),
    "pending": Scene("pending", pending),
    "refused": Scene("refused", refused),
    "no-room": Scene("held", no_room, "no-room", TIGHT),
    "not-enrolled": Scene("held", no_room, "not-enrolled", {"enrolled": False}),
    "paper-unproved": Scene("held", unproved, "paper-unproved"),
    "paper-failed": Scene("held", failed, "paper-failed"),
    "review": Scene("held", review, "paper-failed"),
    "voiding": Scene("held", voiding, "voiding"),
    "untold": Scene("held", untold, "untold", SLOW),
    "waiting": Scene("held", waiting, "waiting", SLOW),
    "wrong-pin": Scene("held", wrong_pin, "no-room", TIGHT),
    "owed": Scene("owed", owed),
    "question": Scene("question", question),
    "approval": Scene("approval", approval, register={"approval_over": 1000}),
    "trouble": Scene("trouble", trouble),
    "observing": Scene("trouble", observing, register={"ring": Ring.OBSERVE}),
}
