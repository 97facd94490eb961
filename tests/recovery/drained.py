# SPDX-License-Identifier: Apache-2.0
"""A register is damaged in the middle of its work, salvaged, asked everything again, and drained.

The real flows over the real `rest` adapter and a sandbox on a socket: at the end the platform's
own ledger must hold at most one card for each credit that was ever given, and never another
amount.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.decisions.limits import Limits
from agent.domain import faults
from agent.domain.faults import ApprovalRequired, Conflict
from agent.domain.record import CreditRecord, State
from agent.flows.issue import Order
from agent.journal.damage import salvaged
from agent.journal.pages import Pages
from agent.sandbox.faults import Fault
from tests.flows.stage import ALICE, Stage, stage
from tests.recovery.sound import damage, trees

CREDITS: Final = 24
TREES: Final = ("credits", "aliases", "events", "effects", "personal")


@dataclass(slots=True)
class Drained:
    """`credits`: that were sent again; `wrong`: sentences."""

    credits: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Round:
    """One journal, spoilt once: what its tills ask for, and what the first run was told."""

    folder: Path
    tree: str
    orders: list[Order] = field(default_factory=list)
    told: list[CreditRecord] = field(default_factory=list)


def drain(folder: Path, seed: int, only: tuple[str, ...] = TREES) -> Drained:
    """Once for each tree of `only`, at a page that the seed picks."""
    found = Drained()
    dice = random.Random(f"drain {seed}")
    for tree in only:
        played = _Round(folder / tree, tree)
        asyncio.run(_before(played, dice))
        _spoil(played, dice)
        asyncio.run(_after(played, found))
        shutil.rmtree(played.folder)
    return found


async def _before(played: _Round, dice: random.Random) -> None:
    """Some are confirmed, some never heard an answer, some are on paper."""
    played.folder.mkdir(parents=True)
    async with stage(played.folder, limits=Limits(10**6, 10**9, 10**9, 72, 50)) as here:
        for number in range(CREDITS):
            lost = dice.random() < 0.4
            await here.sandbox.switch(Fault.ANSWER_LOST_AFTER_COMMIT, on=lost)
            request = here.request(2_000 + number, ALICE if number % 5 == 0 else None)
            order = here.order(request)
            played.orders.append(order)
            record, _ = await here.house.issue.issue(order)
            played.told.append(record)


def _spoil(played: _Round, dice: random.Random) -> None:
    file = played.folder / "journal" / "journal.db"
    root = trees(file)[played.tree]
    pages = [number for number, _ in Pages(file.read_bytes()).tree(root)]
    damage(file, dice.choice(pages), "zeros")


async def _after(played: _Round, found: Drained) -> None:
    """The daemon starts until it stands, every till asks again, and the queue drains."""
    for _ in range(3):
        async with stage(played.folder, limits=Limits(10**6, 10**9, 10**9, 72, 50)) as here:
            await here.house.recovery.at_start()
            again = await _ask_again(played, here, found)
            if here.journal.core.broken:
                continue
            await _settle_all(here)
            _judge(played, here, again, found)
            return
    found.wrong.append(f"{played.tree}: it breaks however often it is started")


async def _ask_again(played: _Round, here: Stage, found: Drained) -> dict[str, CreditRecord]:
    answered: dict[str, CreditRecord] = {}
    for order, was in zip(played.orders, played.told, strict=True):
        found.credits += 1
        try:
            record, fresh = await here.house.issue.issue(order)
        except (Conflict, ApprovalRequired):
            continue
        except faults.Fault:
            if here.journal.core.broken:
                break
            raise
        if fresh:
            found.wrong.append(f"{played.tree}: {was.key} was given a second time")
        answered[was.key.text] = record
    return answered


async def _settle_all(here: Stage) -> None:
    waiting = await here.journal.listed((State.PARKED, State.UNSETTLED), False, 500, None)
    for record in waiting:
        await here.settle(record)


def _judge(played: _Round, here: Stage, again: dict[str, CreditRecord], found: Drained) -> None:
    """The ledger is the platform's own: one card for a credit, of its own amount."""
    cards = here.sandbox.ledger()
    by_amount = Counter(str(card["initial"]) for card in cards)
    keys = {was.key.text for was in played.told}
    for card in cards:
        if card["key"] not in keys:
            found.wrong.append(f"{played.tree}: the platform has a card of nobody's credit")
    doubled = [amount for amount, many in by_amount.items() if many > 1]
    if doubled:
        found.wrong.append(f"{played.tree}: issued twice: {', '.join(doubled)}")
    if salvaged(played.folder / "journal") is None and len(again) < len(played.told):
        found.wrong.append(f"{played.tree}: a credit was refused, and nobody says why")
