# SPDX-License-Identifier: Apache-2.0
"""What can happen in a shop in trouble: each act is one step of a walk. None of them judges.

`ACTS` names every act with its weight; `step` takes one. An act that meets a `Fault` met an
answer of the agent's, not a failure.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from agent.domain.faults import Fault
from agent.domain.outcome import Absent
from agent.domain.record import CreditRecord, State, VoidRequest
from agent.domain.voucher import VoucherToken
from agent.sandbox.faults import KINDS
from agent.sandbox.faults import Fault as SandboxFault
from agent.sandbox.ledger import LedgerRefusal
from tests.fakes.platform import MemoryEffects
from tests.flows.chaos import PATIENCE_S, Shop
from tests.flows.chaos_paper import (
    affirm,
    approve_paper,
    on_some,
    pos_takes_paper,
    reprint,
    show_code,
)
from tests.flows.stage import PLACE

OPTIONS: Final[dict[SandboxFault, tuple[dict[str, Any], ...]]] = {
    SandboxFault.SLOW: ({"ms": 10}, {"ms": 5000}),
    SandboxFault.SAVED_500: ({}, {"executed": True}),
    SandboxFault.WRONG_AMOUNT: ({}, {"by": -1}, {"ledger": "wrong"}),
    SandboxFault.EMPTY_200: ({}, {"executed": False}),
    SandboxFault.ACCEPTED_202: ({}, {"executed": False}),
    SandboxFault.REDIRECT_3XX: ({}, {"executed": True, "status": 307}),
    SandboxFault.HTML_200: ({}, {"executed": True}),
    SandboxFault.HALF_CLOSED_BODY: ({}, {"executed": False}),
    SandboxFault.RESET_ON_KEPT_CONNECTION: ({}, {"executed": True}),
    SandboxFault.LOOKUP_LAGGING: ({}, {"calls": 2}, {"seconds": 30}),
    SandboxFault.HANG: ({}, {"executed": True}),
    SandboxFault.UNAVAILABLE_503: ({}, {"executed": True}),
}
SWITCHES: Final[tuple[tuple[str, object], ...]] = (
    ("paper_out", True),
    ("mute", True),
    ("offline", True),
    ("no_process_id", True),
    ("refuse", True),
    ("drop_after", 400),
    ("paper_out_after", 900),
)


async def issue(shop: Shop) -> None:
    intent = shop.intent()
    await shop.act(shop.ask(intent, intent.names[0]))


async def issue_twice_at_once(shop: Shop) -> None:
    intent = shop.intent()
    intent.names.append(f"again-{intent.names[0]}")
    first = shop.spawn(shop.ask(intent, intent.names[0]))
    await asyncio.wait(
        {first, shop.spawn(shop.ask(intent, shop.dice.choice(intent.names)))}, timeout=PATIENCE_S
    )


async def ask_again(shop: Shop) -> None:
    """The same name, or a new name of the same POS line."""
    if not shop.intents:
        return
    intent = shop.dice.choice(shop.intents[-6:])
    if shop.dice.random() < 0.4:
        intent.names.append(f"{intent.names[0]}-{len(intent.names)}")
    await shop.act(shop.ask(intent, shop.dice.choice(intent.names)))


async def switch_fault(shop: Shop) -> None:
    fault = shop.dice.choice(list(SandboxFault))
    options = dict(shop.dice.choice(OPTIONS.get(fault, ({},))))
    if fault is not SandboxFault.DOWN:
        times = shop.dice.choice((1, 1, 2, None))
        if times is not None:
            options["times"] = times
        if KINDS[fault].paths == ("* /v1/*",) and shop.dice.random() < 0.5:
            options["paths"] = [
                shop.dice.choice(
                    (
                        "POST /v1/credits",
                        "POST /v1/credits/disable",
                        "POST /v1/credits/link",
                        "GET /v1/credits/by-key/*",
                    )
                )
            ]
    shop.log.append(f"  {fault} {options}")
    await shop.sandbox.switch(fault, **options)


async def clear_faults(shop: Shop) -> None:
    active = [each.fault for each in shop.sandbox.faults.active()]
    for fault in active if shop.dice.random() < 0.6 else active[:1]:
        await shop.sandbox.switch(fault, on=False)


async def late_ones_arrive(shop: Shop) -> None:
    shop.let_late_ones_arrive()
    await turns(20)


async def printer_trouble(shop: Shop) -> None:
    name, value = shop.dice.choice(SWITCHES)
    shop.log.append(f"  {name}")
    shop.printer.set_switch(name, value)


async def printer_mended(shop: Shop) -> None:
    mend_printer(shop)
    shop.life.house.spools[PLACE.register].wake()


async def printer_holds(shop: Shop) -> None:
    if shop.dice.random() < 0.5:
        shop.printer.hold()
    else:
        shop.printer.release()


async def forward(shop: Shop) -> None:
    forwarder = shop.life.house.forwarder
    await on_some(shop, lambda record: forwarder.forward(record.key, 0.3))


async def sweep(shop: Shop) -> None:
    await shop.act(shop.life.house.recovery.sweep())


async def void(shop: Shop) -> None:
    closing = shop.life.house.closing
    asked = VoidRequest("bea", "changed their mind")

    async def once_or_twice(record: CreditRecord) -> None:
        twice = shop.dice.random() < 0.3
        works = [closing.void(record.key, asked) for _ in range(2 if twice else 1)]
        ended = await asyncio.gather(*works, return_exceptions=True)
        for each in ended:
            if isinstance(each, BaseException) and not isinstance(each, Fault):
                raise each

    await on_some(shop, once_or_twice)


async def platform_refuses(shop: Shop) -> None:
    if shop.dice.random() < 0.5:
        shop.life.platform.refusals = 1
    else:
        shop.life.platform.burn_refusals = 1


async def withdraw(shop: Shop) -> None:
    closing = shop.life.house.closing
    states = (State.RECEIVED, State.PARKED, State.REVIEW)
    await on_some(shop, lambda record: closing.withdraw(record.key, "bea", "typo"), *states)


async def link(shop: Shop) -> None:
    closing = shop.life.house.closing
    who = shop.dice.choice(("cus_alice", "cus_tom", "cus_nobody"))
    await on_some(shop, lambda record: closing.link(record.key, "dora", who), State.REVIEW)


async def confirm(shop: Shop) -> None:
    found = await shop.records(State.REVIEW)
    cards = {str(card["key"]): str(card["id"]) for card in shop.sandbox.ledger()}
    named = [record for record in found if record.key.text in cards]
    if named:
        record = shop.dice.choice(named)
        await shop.act(shop.confirm(record, cards[record.key.text]))


async def write_off(shop: Shop) -> None:
    closing = shop.life.house.closing
    await on_some(shop, lambda record: closing.write_off(record.key, "dora", "lost"), State.REVIEW)


def tokens_out(shop: Shop, known: dict[str, str]) -> list[str]:
    """Tokens whose paper came out, of the printer or of the POS's own. `known`: by grouped code."""
    raw = b"".join(paper.raw for paper in shop.printer.papers)
    return [token for code, token in known.items() if code.encode() in raw] + shop.pos_papers


async def known_tokens(shop: Shop) -> dict[str, str]:
    found = {}
    for record in await shop.records():
        token = await shop.life.journal.token(record.key)
        if token is not None:
            found[record.code.grouped()] = token
    return found


async def claim(shop: Shop) -> None:
    """Another holder of the paper replays it; a careful one looks first."""
    tokens = tokens_out(shop, await known_tokens(shop))
    if not tokens:
        return
    credit = VoucherToken.from_text(shop.dice.choice(tokens)).credit()
    shop.log.append(f"  {credit.key}")
    platform, deadline = shop.life.platform, shop.clock.monotonic_s() + 0.5
    looks, burns = shop.dice.random() < 0.6, shop.dice.random() < 0.15

    async def one() -> None:
        if burns:
            shop.voided_elsewhere.add(credit.key)
            await platform.burn(credit, {}, MemoryEffects(), deadline)
            return
        if looks and not isinstance(await platform.find(credit, deadline), Absent):
            return
        await platform.issue(credit, None, {}, MemoryEffects(), deadline)

    await shop.act(one())


async def spend(shop: Shop) -> None:
    cards = [card for card in shop.sandbox.platform._ledger.listed(0, 0, 1000) if card.enabled]
    if cards:
        card = shop.dice.choice(cards)
        minor = shop.dice.choice((1, card.balance.minor))
        with contextlib.suppress(LedgerRefusal):
            shop.sandbox.platform._ledger.spend(
                card.code, type(card.balance)(minor, card.balance.currency)
            )


async def time_passes(shop: Shop) -> None:
    shop.clock.jump(shop.dice.choice((1, 30, 700, 5000)))


async def disk_full(shop: Shop) -> None:
    shop.full = shop.dice.choice((1, 1, 2, 4))


async def slow_disk(shop: Shop) -> None:
    """Commits hang beyond the caller's time, and then go through."""
    shop.life.journal.gate.clear()
    some = (issue, issue_twice_at_once, ask_again)
    await shop.dice.choice(some)(shop)
    running = set(shop.life.tasks)
    await asyncio.wait(running, timeout=shop.dice.choice((0.0, 0.25)))
    shop.life.journal.gate.set()
    await turns(10)


async def crash(shop: Shop) -> None:
    await turns(shop.dice.randrange(30))
    await _crash(shop)


async def crash_in_flight(shop: Shop) -> None:
    """The process dies before or after its n-th commit from now, in the midst of some act."""
    journal = shop.life.journal
    journal.dies_in = shop.dice.randrange(7)
    journal.dies_committed = shop.dice.random() < 0.5
    shop.log.append(f"  dies in {journal.dies_in} committed={journal.dies_committed}")
    act = shop.dice.choice((issue, issue, issue_twice_at_once, forward, void, claim, reprint))
    work = asyncio.ensure_future(act(shop))
    death = asyncio.ensure_future(journal.died.wait())
    await asyncio.wait({work, death}, timeout=0.4, return_when=asyncio.FIRST_COMPLETED)
    if not death.done():
        await asyncio.wait({death}, timeout=0.1)
    work.cancel()
    death.cancel()
    await asyncio.gather(work, death, return_exceptions=True)
    await _crash(shop)


async def _crash(shop: Shop) -> None:
    await shop.crash(restored=shop.dice.random() < 0.1, reboot=shop.dice.random() < 0.3)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def mend_printer(shop: Shop) -> None:
    for name, value in SWITCHES:
        shop.printer.set_switch(name, False if value is True else None)
    shop.printer.release()


Act = Callable[[Shop], Awaitable[None]]
ACTS: Final[dict[Act, int]] = {
    issue: 26,
    issue_twice_at_once: 8,
    ask_again: 8,
    switch_fault: 14,
    clear_faults: 8,
    late_ones_arrive: 4,
    printer_trouble: 5,
    printer_mended: 4,
    printer_holds: 3,
    forward: 12,
    sweep: 3,
    void: 7,
    platform_refuses: 4,
    withdraw: 3,
    reprint: 4,
    affirm: 5,
    approve_paper: 3,
    show_code: 3,
    pos_takes_paper: 4,
    link: 6,
    confirm: 3,
    write_off: 2,
    claim: 8,
    spend: 3,
    time_passes: 4,
    disk_full: 3,
    slow_disk: 2,
    crash: 4,
    crash_in_flight: 6,
}


async def step(shop: Shop) -> None:
    """One act, drawn by the shop's dice."""
    (act,) = shop.dice.choices(list(ACTS), list(ACTS.values()))
    shop.log.append(getattr(act, "__name__", "?"))
    try:
        await act(shop)
    except Fault as fault:
        shop.log.append(f"  met {fault}")
