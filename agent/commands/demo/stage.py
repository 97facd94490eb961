# SPDX-License-Identifier: Apache-2.0
"""The stage of `countermark demo`: platform, printer, agent and till, and what is done on it.

Blocking throughout, with a deadline in every call; one deed at a time is the caller's care. What
the till, the printer and the platform do here are real calls to real processes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.commands.client import AgentRefused, AgentUnreachable
from agent.commands.demo.books import Books
from agent.commands.demo.cast import Agent, Json, Printer, Process, Sandbox, StageFailed
from agent.commands.demo.papers import PaperFeed, print_as_today
from agent.commands.demo.scenery import (
    ALICE,
    CURRENCY,
    MANAGER,
    PIN,
    REGISTER,
    SCREEN,
    enrolment_text,
    settings_text,
)
from agent.commands.demo.switches import NETWORK, OPTIONS
from agent.commands.demo.till import Reply, Till
from agent.commands.demo.tillbook import Sale, TillBook
from agent.domain.money import Money
from agent.sandbox import Fault
from agent.words import say

PER_CREDIT: Final = 20_000
"""Minor units that may be promised on one paper: the demo's limit to be reached."""
WORD_S: Final = 10.0
PAUSE_S: Final = 0.04
POLLED_MAX: Final = 6
_OBSERVE: Final = "observe"
_PRINTER_TROUBLES: Final = ("paper_out", "cover_open", "error", "offline", "mute")


@dataclass(slots=True)
class Today:
    """A credit given as the store does it today, without us."""

    amount: Money
    transaction: str
    night_passed: bool = False


class Stage:
    """Everything between a pressed button and the processes."""

    def __init__(
        self, folder: Path, sandbox: Sandbox, printer: Printer, agent: Agent, ring: str
    ) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.printer = printer
        self.agent = agent
        self.book = TillBook()
        self.till = Till(agent.port, self.book.note)
        self.books = Books(folder, sandbox, self.book)
        self.feed = PaperFeed(printer)
        self.ring = ring
        self.killed = False
        self.unanswered = False
        self.today: Today | None = None
        self.stuck: set[str] = set()
        self.closing = threading.Event()
        self._one_process = threading.Lock()
        self._polled = 0

    def close(self) -> None:
        """Ends every process, the agent first; may be called after any of them died.

        A deed that is still at work ends by itself: nothing is started any more.
        """
        self.closing.set()
        with self._one_process:
            if self.agent.process is not None:
                self.agent.process.stop()
        self.feed.close()
        self.printer.process.stop()
        self.sandbox.process.stop()
        self.agent.clean()

    def processes(self) -> list[tuple[str, Process]]:
        found = [("platform", self.sandbox.process), ("printer", self.printer.process)]
        if self.agent.process is not None:
            found.append(("agent", self.agent.process))
        return found

    # The till.

    def sell(self, amount: Money, customer: Json | None = None) -> Sale:
        """A new credit, until its word is known or the line broke."""
        body = self.till.sale(amount.decimal(), customer)
        sale = self.book.open(body)
        return self._ask(sale, lambda: self.till.issue(body))

    def again(self, sale: Sale) -> Sale:
        """The same sale under the same key."""
        return self._ask(sale, lambda: self.till.issue(sale.body))

    def twice(self, amount: Money, customer: Json | None = None) -> list[Reply]:
        """A double click: two calls in flight; the sale is the book's last."""
        body = self.till.sale(amount.decimal(), customer)
        sale = self.book.open(body)
        replies = self.till.issue_twice_at_once(body)
        self.unanswered = not replies
        for reply in replies:
            self.book.heard(sale.name, reply)
        self._until_word(self.book.sale(sale.name))
        return replies

    def reprint(self, sale: Sale) -> Sale:
        return self._ask(sale, lambda: self.till.reprint(_key(sale)))

    def void(self, sale: Sale) -> Sale:
        self.book.void_asked(sale.name)
        return self._ask(sale, lambda: self.till.void(_key(sale)))

    def approve(self, sale: Sale) -> Sale:
        """The manager lets the voucher out with the PIN."""
        return self._ask(sale, lambda: self.till.approve_paper(_key(sale), MANAGER, PIN))

    def look(self, sale: Sale) -> Sale:
        """The sale as the agent tells it now; unchanged where it cannot be asked."""
        if sale.key is None:
            return sale
        try:
            return self.book.heard(sale.name, self.till.look(sale.key))
        except (OSError, ValueError):
            return sale

    def poll(self) -> None:
        """What a till does between customers: it looks at what was not settled when it asked."""
        if not self.agent_answers:
            return
        waiting = [sale for sale in self.book.sales() if sale.key and not sale.is_over]
        if waiting:
            self._polled = (self._polled + POLLED_MAX) % len(waiting)
            waiting = (waiting + waiting)[self._polled :][: min(POLLED_MAX, len(waiting))]
        last = self.book.last
        if last is not None and last not in [sale.name for sale in waiting]:
            waiting.append(self.book.sale(last))
        for sale in waiting:
            self.look(sale)

    def _ask(self, sale: Sale, ask: Callable[[], Reply]) -> Sale:
        try:
            reply = ask()
        except (OSError, ValueError):
            self.unanswered = True
            return self.book.sale(sale.name)
        self.unanswered = False
        if reply.status == 503 and reply.body.get("code") == "observing":
            self._as_today(sale)
        heard = self.book.heard(sale.name, reply)
        return self._until_word(heard)

    def _until_word(self, sale: Sale) -> Sale:
        """The same sale once its word is known: paper may still be on its way."""
        ends = time.monotonic() + WORD_S
        while sale.key is not None and sale.word is None and time.monotonic() < ends:
            if self.closing.is_set():
                break
            try:
                sale = self.book.heard(sale.name, self.till.look(sale.key, wait_s=2))
            except (OSError, ValueError):
                break
        return self.book.sale(sale.name)

    def _as_today(self, sale: Sale) -> None:
        """An observing register issued nothing: the POS goes on as it always did."""
        self.today = Today(sale.amount, str(sale.body["pos"]["transaction"]))
        print_as_today(self.printer.port, sale.amount, self.today.transaction)

    # Network, printer and processes.

    def switch(self, fault: Fault, on: bool, **options: Any) -> None:
        """One fault of the platform, with the page's own options."""
        if on:
            self.sandbox.switch(fault.value, **{**OPTIONS.get(fault, {}), **options})
        else:
            self.sandbox.switch(fault.value, on=False)

    def pull(self) -> None:
        self.switch(NETWORK, on=True)

    def plug(self) -> None:
        self.switch(NETWORK, on=False)

    def paper_out(self) -> None:
        self.printer.set("paper_out", True)

    def mend_printer(self) -> None:
        for trouble in _PRINTER_TROUBLES:
            self.printer.set(trouble, False)
        self.printer.set("drop_after", None)

    @property
    def agent_answers(self) -> bool:
        process = self.agent.process
        return process is not None and process.is_alive and not self.killed

    def kill(self) -> None:
        """kill -9: no last words, no clean-up."""
        with self._one_process:
            self.killed = True
            self.agent.kill()

    def start(self) -> float:
        """The agent again, where it is dead; the seconds until its first answer."""
        with self._one_process:
            if self.agent_answers:
                return 0.0
            if self.closing.is_set():
                raise StageFailed("the demo ends")
            took_s = self.agent.start()
            self.killed = False
            return took_s

    def screen(self) -> str:
        """Where the cashier's page is, and the code that pairs a browser with it."""
        code, made = self.agent.command("pair", "screen", SCREEN, "--register", REGISTER)
        if code != 0:
            raise StageFailed(f"the page could not be paired: {made}")
        address = f"http://127.0.0.1:{self.agent.port}/screen"
        return say("stage.screen.open", address=address, code=made["code"])

    def set_ring(self, ring: str) -> None:
        """Writes the ring into the settings file and starts the agent anew, as store IT does."""
        if ring == self.ring:
            return
        self._write_settings(ring)
        self.restart()

    def restart(self) -> None:
        with self._one_process:
            if self.agent_answers:
                self.agent.stop()
            self.killed = True
        self.start()

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Whether it became true in time; ends early when the demo does."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not self.closing.is_set():
            if true():
                return True
            time.sleep(PAUSE_S)
        return true()

    def _write_settings(self, ring: str) -> None:
        agent = self.agent
        text = settings_text(
            self.folder,
            agent.run_dir,
            self.sandbox.url,
            self.printer.port,
            agent.port,
            ring,
            PER_CREDIT,
        )
        agent.settings.write_text(text, encoding="utf-8")
        self.ring = ring

    # The desk.

    def link_up(self) -> bool:
        """Whether the agent believes that the platform answers."""
        return bool(self.agent.desk().get("/v1/status")["link"]["up"])

    def desk(self, key: str, verb: str, **more: Any) -> Json | None:
        """A manager's word about a credit that waits; None where the agent says no."""
        body = {"by": MANAGER, **more}
        try:
            found: Json = self.agent.desk().post(f"/v1/admin/queue/{key}/{verb}", body)
        except (AgentRefused, AgentUnreachable):
            return None
        sale = self.book.by_key(key)
        if sale is not None:
            self.look(sale)
        return found

    def desk_void(self, key: str, reason: str) -> Json | None:
        sale = self.book.by_key(key)
        if sale is not None:
            self.book.void_asked(sale.name)
        return self.desk(key, "void", reason=reason)


def set_up(folder: Path) -> Stage:
    """Platform, printer and agent; the register enrolled, a manager named, the till paired.

    Raises StageFailed and OSError; what had started is ended then.
    """
    for name in ("credentials", "conf.d"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    started: list[Process] = []
    try:
        sandbox = Sandbox(folder)
        started.append(sandbox.process)
        sandbox.add_customer(ALICE)
        printer = Printer(folder)
        started.append(printer.process)
    except BaseException:
        for process in reversed(started):
            process.stop()
        raise
    stage = Stage(folder, sandbox, printer, Agent(folder), _OBSERVE)
    try:
        _open_store(stage)
    except BaseException:
        stage.close()
        raise
    return stage


def _open_store(stage: Stage) -> None:
    agent = stage.agent
    stage._write_settings(_OBSERVE)
    agent.start()
    _, keys = agent.command("keys", "show")
    enrolled = stage.folder / "conf.d" / "enrolled.toml"
    enrolled.write_text(enrolment_text(keys["public"]), encoding="utf-8")
    stage.restart()
    desk = agent.desk()
    try:
        desk.post("/v1/admin/limits/lift", {"by": MANAGER})
        desk.post("/v1/admin/managers", {"name": MANAGER, "pin": PIN})
        made = desk.post(
            "/v1/admin/pairing-codes",
            {
                "name": "demo till",
                "registers": [REGISTER],
                "scopes": ["issue", "read", "void", "approve"],
                "timeout_ms": 10_000,
            },
        )
        pairing = stage.till.pair(made["code"])
        stage.book.caller = pairing
        desk.post(f"/v1/admin/pairings/{pairing}", {"tested": True})
    except (AgentRefused, AgentUnreachable, ValueError) as error:
        raise StageFailed(f"the till could not be paired: {error}") from error


def customer_of(choice: str, email: str, typo: str) -> Json:
    """The customer of a body, by the choice at the till: alice, typo, or a walk-in."""
    match choice:
        case "alice":
            return {"email": email}
        case "typo":
            return {"email": typo}
        case _:
            return {"skipped": True}


def money(text: str) -> Money:
    """What was typed as an amount. Raises ValueError for what is none."""
    amount = Money.parse(text.strip(), CURRENCY)
    if not amount.positive:
        raise ValueError("an amount above zero is wanted")
    return amount


def _key(sale: Sale) -> str:
    if sale.key is None:
        raise ValueError("this sale has no credit yet")
    return sale.key
