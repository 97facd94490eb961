# SPDX-License-Identifier: Apache-2.0
"""Plays the scenes: each puts the stage into its own state first, and each step checks itself.

A step that did not happen as told says so; nothing is shown as done that was not seen to be.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.commands.demo.chaos import Chaos
from agent.commands.demo.scenery import ALICE, EMAIL, TYPO
from agent.commands.demo.scenes import Scene, Step
from agent.commands.demo.settling import drain, in_review, ready
from agent.commands.demo.stage import Stage, Today
from agent.commands.demo.tillbook import Sale
from agent.domain.money import Money
from agent.sandbox import Fault
from agent.words import money_text, say

PAPER_S: Final = 10.0
SENDING_S: Final = 5.0
_ALICE: Final = {"email": EMAIL}
Values = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Told:
    """What a step found: whether it held, the values of its sentence, and what was found."""

    held: bool
    values: Values = field(default_factory=dict)
    found: str = ""


class Tour:
    """The scenes' deeds on one stage. Blocking; one at a time."""

    def __init__(self, stage: Stage, chaos: Chaos) -> None:
        self._stage = stage
        self._chaos = chaos
        self._sale: Sale | None = None

    def enter(self, scene: Scene) -> bool:
        """Faults off, printer fine, agent alive in the scene's ring, and what waited drained."""
        self._stage.today = None
        self._sale = None
        return ready(self._stage, scene.ring)

    def play(self, scene: Scene, step: Step) -> str:
        """Does the step; its sentence, or what went wrong with it."""
        deed: Callable[[], Told] = getattr(self, f"_{scene.name}_{step.name}")
        told = deed()
        if not told.held:
            return say("stage.not-held", found=told.found)
        return say(scene.step_id(step), "en_US", **told.values)

    def _today_give(self) -> Told:
        sale = self._stage.sell(_usd(2500), _ALICE)
        noted = self._stage.books.last_observed() or ""
        held = self._stage.today is not None and sale.key is None and "would" in noted
        return Told(held, {"amount": money_text(sale.amount)}, _seen(sale))

    def _today_night(self) -> Told:
        today = self._stage.today
        if today is None:
            return Told(False, found="no sale")
        before = self._balance()
        self._stage.today = Today(today.amount, today.transaction, night_passed=True)
        held = self._balance() == before  # the feed was the store's own, and it lost the event
        return Told(held, {"amount": money_text(today.amount)}, str(before))

    def _confirmed_give(self) -> Told:
        before = self._balance()
        begun = time.monotonic()
        sale = self._stage.sell(_usd(4850), _ALICE)
        took_ms = round((time.monotonic() - begun) * 1000)
        held = sale.word == "confirmed" and self._balance() - before == sale.amount.minor
        values: Values = {"milliseconds": took_ms, "amount": money_text(sale.amount)}
        return Told(held, values, _seen(sale))

    def _offline_pull(self) -> Told:
        self._stage.pull()
        return Told(any(fault["name"] == Fault.DOWN for fault in self._stage.sandbox.faults()))

    def _offline_give(self) -> Told:
        begun = time.monotonic()
        sale = self._stage.sell(_usd(2000), _ALICE)
        took_ms = round((time.monotonic() - begun) * 1000)
        papers = self._stage.feed.wait_for(sale.key, timeout_s=PAPER_S)
        eyes = self._stage.feed.eyes
        read = not eyes or [(sale.key, sale.amount)] == [(p.qr_key, p.qr_amount) for p in papers]
        held = sale.word == "voucher" and len(papers) == 1 and read
        values: Values = {
            "milliseconds": took_ms,
            "amount": money_text(sale.amount),
            "read": say("stage.qr-read" if eyes else "stage.qr-unread"),
        }
        return Told(held, values, _seen(sale))

    def _copies_give(self) -> Told:
        self._stage.pull()
        self._sale = sale = self._stage.sell(_usd(1500), _ALICE)
        return Told(sale.word == "voucher", {"amount": money_text(sale.amount)}, _seen(sale))

    def _copies_reprint(self) -> Told:
        sale = self._now()
        for _ in range(3):
            sale = self._stage.reprint(sale)
        papers = self._stage.feed.wait_for(sale.key, count=4, timeout_s=PAPER_S)
        copies = [
            number for number in (2, 3, 4) if any(each.shows(f"COPY {number}") for each in papers)
        ]
        same = len({(each.qr_key, each.qr_amount) for each in papers}) == 1
        return Told(copies == [2, 3, 4] and same, found=f"{copies} {_seen(sale)}")

    def _copies_plug(self) -> Told:
        self._stage.plug()
        sale = self._now()
        how = drain(self._stage)
        sale = self._stage.look(sale)
        cards = self._cards(sale)
        held = how is not None and cards == 1 and sale.word == "confirmed"
        return Told(held, {"cards": cards, "how": how or ""}, _seen(sale))

    def _wrong_give(self) -> Told:
        stage = self._stage
        stage.switch(Fault.WRONG_AMOUNT, on=True, ledger="wrong", times=1)
        self._sale = sale = stage.sell(_usd(4000), _ALICE)
        stage.switch(Fault.WRONG_AMOUNT, on=False)
        held = sale.word == "ask-a-manager" and sale.state == "review" and not sale.told
        values = {"word": _title(sale), "amount": money_text(sale.amount)}
        return Told(held, values, _seen(sale))

    def _wrong_settle(self) -> Told:
        wrong = self._now()
        self._stage.desk_void(str(wrong.key), "the platform holds another amount")
        dead = self._cards(wrong) == 0 and self._stage.look(wrong).state == "voided"
        sale = self._stage.sell(wrong.amount, _ALICE)
        held = dead and sale.word == "confirmed"
        return Told(held, {"amount": money_text(sale.amount)}, _seen(sale))

    def _lost_give(self) -> Told:
        stage = self._stage
        paths = ["POST /v1/credits"]
        stage.switch(Fault.ANSWER_LOST_AFTER_COMMIT, on=True, times=1, paths=paths)
        self._sale = sale = stage.sell(_usd(3300), _ALICE)
        asked = [
            each
            for each in stage.sandbox.requests()
            if each["path"] == "/v1/credits" and each["key"] == sale.key
        ]
        one_key = len({each["idempotency_key"] for each in asked}) == 1
        twice = [each["answered"] is not None for each in asked] == [False, True]
        held = sale.word == "confirmed" and one_key and twice
        return Told(held, {"amount": money_text(sale.amount)}, _seen(sale))

    def _lost_again(self) -> Told:
        before = self._now()
        sale = self._stage.again(before)
        replayed = bool(self._stage.book.calls()[-1]["replayed"])
        cards = self._cards(sale)
        held = sale.key == before.key and replayed and cards == 1
        return Told(held, {"cards": cards}, _seen(sale))

    def _typo_give(self) -> Told:
        self._sale = sale = self._stage.sell(_usd(1800), {"email": TYPO})
        held = sale.word == "voucher" and sale.state == "review" and self._cards(sale) == 0
        return Told(held, {"amount": money_text(sale.amount)}, _seen(sale))

    def _typo_link(self) -> Told:
        before = self._balance()
        sale = self._now()
        self._stage.desk(str(sale.key), "link", customer_id=ALICE["customer_id"])
        drain(self._stage)
        sale = self._stage.look(sale)
        held = sale.word == "confirmed" and self._until_balance(before + sale.amount.minor)
        return Told(held, {"amount": money_text(sale.amount)}, _seen(sale))

    def _limit_give(self) -> Told:
        self._stage.pull()
        self._sale = sale = self._stage.sell(_usd(25_000), _ALICE)
        held = sale.word == "ask-a-manager" and sale.latest.get("manager") == "no-room"
        values = {"word": _title(sale), "amount": money_text(sale.amount)}
        return Told(held, values, _seen(sale))

    def _limit_approve(self) -> Told:
        sale = self._stage.approve(self._now())
        return Told(sale.word == "voucher", {"amount": money_text(sale.amount)}, _seen(sale))

    def _killed_kill(self) -> Told:
        """The platform is slow, so that the kill comes in the middle of the send."""
        stage = self._stage
        paths = ["POST /v1/credits"]
        stage.switch(Fault.SLOW, on=True, ms=1500, paths=paths)
        click = threading.Thread(target=lambda: stage.sell(_usd(6110), _ALICE))
        click.start()
        sending = self._stage.until(lambda: "sending" in self._states(), SENDING_S)
        stage.kill()
        click.join(SENDING_S)
        stage.switch(Fault.SLOW, on=False)
        self._sale = stage.book.sales()[-1]
        return Told(sending and stage.unanswered, found=_seen(self._sale))

    def _killed_start(self) -> Told:
        took_s = self._stage.start()
        sale = self._stage.again(self._now())
        drain(self._stage)
        sale = self._stage.look(sale)
        cards = self._cards(sale)
        held = sale.word == "confirmed" and cards == 1
        values: Values = {
            "milliseconds": round(took_s * 1000),
            "word": _title(sale),
            "cards": cards,
        }
        return Told(held, values, _seen(sale))

    def _drain_give(self) -> Told:
        self._stage.pull()
        sales = [self._stage.sell(_usd(minor), _ALICE) for minor in (1200, 2350, 995)]
        for sale in sales:
            self._stage.feed.wait_for(sale.key, timeout_s=PAPER_S)
        total = _usd(sum(sale.amount.minor for sale in sales))
        held = all(sale.word == "voucher" for sale in sales)
        return Told(held, {"amount": money_text(total)}, " ".join(map(_seen, sales)))

    def _drain_plug(self) -> Told:
        last = self._stage.feed.last_number
        self._stage.plug()
        begun = time.monotonic()
        how = drain(self._stage)
        seconds = f"{time.monotonic() - begun:.1f}"
        count = self._stage.books.count()
        held = how is not None and count.holds and self._stage.feed.last_number == last
        return Told(held, {"how": how or "", "seconds": seconds}, in_review(self._stage))

    def _chaos_run(self) -> Told:
        proof = self._chaos.run()
        return Told(proof.held, {"proof": proof.line}, proof.line)

    def _now(self) -> Sale:
        """The scene's own sale as it stands; the till's last one where there is none."""
        book = self._stage.book
        sales = book.sales()
        if self._sale is not None:
            return self._stage.look(book.sale(self._sale.name))
        if not sales:
            raise ValueError(say("stage.no-sale"))
        return self._stage.look(sales[-1])

    def _cards(self, sale: Sale) -> int:
        ledger = self._stage.sandbox.ledger()
        return sum(card["enabled"] and card["key"] == sale.key for card in ledger)

    def _states(self) -> set[str]:
        return {entry.line.state.value for entry in self._stage.books.journal()}

    def _balance(self) -> int:
        account = self._stage.sandbox.account(ALICE["customer_id"])
        return sum(each["minor"] for each in account["balances"])

    def _until_balance(self, wanted: int) -> bool:
        return self._stage.until(lambda: self._balance() == wanted, SENDING_S)


def _usd(minor: int) -> Money:
    return Money(minor, "USD")


def _title(sale: Sale) -> str:
    return str(sale.latest.get("title", ""))


def _seen(sale: Sale) -> str:
    """What was found instead, for a step that did not hold."""
    return f"{sale.key} {sale.state} {sale.word} {sale.latest.get('code', '')}".strip()
