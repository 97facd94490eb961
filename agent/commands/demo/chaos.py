# SPDX-License-Identifier: Apache-2.0
"""Everything at once for a while, and then the proof: the books are counted when all is at rest.

The clicks go through a few hands at a time; faults, jams and kills come in between. Afterwards
everything is mended, the cashier asks again for what has no word, the queue drains, and the tour's
manager settles what waits for a person. A difference is shown, written down, and never hidden.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

from agent.commands.demo.counter import Count
from agent.commands.demo.dice import Calm, Click, Deed, Jam, Kill, Throw, deeds
from agent.commands.demo.scenery import EMAIL, TYPO
from agent.commands.demo.settling import Settled, drain, mend, settle
from agent.commands.demo.stage import Stage, customer_of
from agent.commands.demo.tillbook import Sale
from agent.domain.money import Money
from agent.words import money_text, say

HANDS: Final = 3
WAITING_MAX: Final = 12
"""Clicks that wait for a hand; while so many wait, the dice rest."""
ROUNDS: Final = 4
JOIN_S: Final = 60.0
DRAIN_S: Final = 15.0
DIFFERENCE_FILE: Final = "difference.json"


@dataclass(slots=True)
class Tally:
    """What was done so far."""

    seed: int = 0
    seconds: float = 0.0
    left_s: int = 0
    clicks: int = 0
    kills: int = 0
    faults: int = 0
    mending: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """The end: whether it holds, the line that proves it, and what the manager did."""

    held: bool
    line: str
    more: str = ""
    found: list[str] = field(default_factory=list)


class Chaos:
    """One run at a time, on one stage."""

    def __init__(self, stage: Stage, seed: Callable[[], int], seconds: float) -> None:
        self._stage = stage
        self._seed = seed
        self.seconds = seconds
        self.tally: Tally | None = None
        self.proof: Proof | None = None
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ends the throwing; what follows still mends and counts."""
        self._stop.set()

    def run(self) -> Proof:
        """Chaos, rest and proof. Raises OSError where the stage itself is gone."""
        self._stop.clear()
        self.proof = None
        self.tally = Tally(seed=self._seed(), seconds=self.seconds)
        try:
            with ThreadPoolExecutor(HANDS, thread_name_prefix="hands") as hands:
                self._throw(self.tally, hands)
                self.tally.mending = True
                mend(self._stage)
            settled = self._rest()
            self.proof = self._prove(self.tally, settled)
        finally:
            self.tally = None
        return self.proof

    def _throw(self, tally: Tally, hands: ThreadPoolExecutor) -> None:
        ends = time.monotonic() + self.seconds
        busy: set[Future[None]] = set()
        for pause_s, deed in deeds(tally.seed):
            left_s = ends - time.monotonic()
            tally.left_s = max(round(left_s), 0)
            if left_s <= 0 or self._stop.wait(min(pause_s, left_s)):
                break
            busy = {each for each in busy if not each.done()}
            if isinstance(deed, Click):
                if len(busy) < WAITING_MAX:
                    tally.clicks += 1
                    busy.add(hands.submit(self._click, deed))
            else:
                self._do(tally, deed)
        wait(busy, JOIN_S)

    def _do(self, tally: Tally, deed: Deed) -> None:
        stage = self._stage
        match deed:
            case Throw(fault, options):
                tally.faults += 1
                stage.sandbox.switch(fault.value, **dict(options))
            case Calm(printer=True):
                stage.mend_printer()
            case Calm():
                stage.sandbox.mend()
            case Jam(switch, value):
                stage.printer.set(switch, value)
            case Kill(dead_s):
                tally.kills += 1
                stage.kill()
                self._stop.wait(dead_s)
                stage.start()
            case Click():
                raise ValueError("a click is for the hands")

    def _click(self, click: Click) -> None:
        stage = self._stage
        customer = customer_of(click.customer, EMAIL, TYPO)
        amount = Money(click.minor, "USD")
        known = [sale for sale in stage.book.sales() if sale.key is not None]
        sale = known[click.pick % len(known)] if known else None
        match click.what, sale:
            case "again", Sale() as old:
                stage.again(old)
            case "reprint", Sale() as old:
                stage.reprint(old)
            case "void", Sale() as old:
                stage.void(old)
            case "twice", _:
                stage.twice(amount, customer)
            case _:
                stage.sell(amount, customer)

    def _rest(self) -> Settled:
        """The cashier asks again, the queue drains, the manager settles; until nothing moves."""
        total = Settled()
        for _ in range(ROUNDS):
            if self._stage.closing.is_set():
                break
            self._ask_again()
            drain(self._stage, by_itself_s=2.0, timeout_s=DRAIN_S)
            settled = settle(self._stage)
            total.linked += settled.linked
            total.voided += settled.voided
            total.withdrawn += settled.withdrawn
            if settled == Settled() and not self._unheard():
                break
        for sale in self._stage.book.sales():
            if not sale.is_over:
                self._stage.look(sale)
        return total

    def _unheard(self) -> list[Sale]:
        return [sale for sale in self._stage.book.sales() if sale.wants_word]

    def _ask_again(self) -> None:
        with ThreadPoolExecutor(HANDS, thread_name_prefix="hands") as hands:
            for sale in self._unheard():
                hands.submit(self._stage.again, sale)

    def _prove(self, tally: Tally, settled: Settled) -> Proof:
        stage = self._stage
        counted = stage.books.count()
        code, verified = stage.agent.command("journal", "verify")
        events = int(verified.get("events", 0))
        if not counted.holds or code != 0:
            return self._broken(tally, counted, verified.get("findings", []))
        line = say(
            "stage.chaos.proof",
            issued=counted.credits,
            amount=money_text(counted.issued),
            cards=counted.cards,
            paper=counted.on_paper.decimal(),
            waiting=counted.waiting.decimal(),
            difference=counted.difference.decimal(),
            events=events,
        )
        more = say(
            "stage.chaos.settled",
            clicks=tally.clicks,
            kills=tally.kills,
            faults=tally.faults,
            linked=settled.linked,
            voided=settled.voided,
        )
        return Proof(True, line, more)

    def _broken(self, tally: Tally, counted: Count, findings: list[object]) -> Proof:
        """Loud, and kept: the next start puts these files aside instead of emptying them."""
        found = [f"{each.key} {each.why} {each.by}" for each in counted.oddities]
        found += [str(each) for each in findings]
        document = {
            "seed": tally.seed,
            "seconds": tally.seconds,
            "difference": counted.difference.decimal(),
            "found": found,
        }
        text = json.dumps(document, indent=2) + "\n"
        (self._stage.folder / DIFFERENCE_FILE).write_text(text, encoding="utf-8")
        line = say(
            "stage.chaos.broken",
            difference=counted.difference.decimal(),
            found="; ".join(found)[:400],
            seed=tally.seed,
        )
        return Proof(False, line, found=found)
