# SPDX-License-Identifier: Apache-2.0
"""The story: a credit confirmed, a dead platform, retries, a lost answer, a kill -9, and the sum.

Each act leaves its credits behind; the last one counts them all on both sides.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent.commands.demo.cast import Agent, Printer, Sandbox
from agent.commands.demo.eyes import NoEyes, read_qr
from agent.commands.demo.scenery import (
    ALICE,
    BUDGET_S,
    CURRENCY,
    enrolment_text,
    settings_text,
)
from agent.commands.demo.teller import Teller
from agent.commands.demo.till import Reply, Till
from agent.domain.money import Money
from agent.domain.voucher import VoucherToken

DRAIN_S: Final = 20.0


@dataclass(slots=True)
class Stage:
    """Who plays, and what was promised so far (key to minor units)."""

    folder: Path
    teller: Teller
    sandbox: Sandbox
    printer: Printer
    agent: Agent
    till: Till
    issued: dict[str, int] = field(default_factory=dict)
    vouchers: dict[str, VoucherToken] = field(default_factory=dict)

    def close(self) -> None:
        """Ends every process, the agent first."""
        if self.agent.process is not None:
            self.agent.stop()
        self.sandbox.process.stop()
        self.printer.process.stop()
        self.agent.clean()

    def note(self, reply: Reply) -> None:
        """What this answer adds to the sum of promised credits: each key once."""
        if "amount" in reply.body:
            self.issued[reply.key] = reply.body["amount"]["minor"]


def set_up(folder: Path, teller: Teller) -> Stage:
    """Starts platform, printer and agent; enrols the register and pairs the till."""
    teller.heading("demo.act.start")
    for name in ("credentials", "run", "conf.d"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    sandbox = Sandbox(folder)
    sandbox.add_customer(ALICE)
    printer = Printer(folder)
    agent = Agent(folder)
    agent.settings.write_text(
        settings_text(folder, agent.run_dir, sandbox.url, printer.port, agent.port),
        encoding="utf-8",
    )
    took_s = agent.start()
    teller.check(True, "demo.started", milliseconds=round(took_s * 1000))
    _, keys = agent.command("keys", "show")
    enrolled = folder / "conf.d" / "enrolled.toml"
    enrolled.write_text(enrolment_text(keys["public"]), encoding="utf-8")
    stopped = agent.stop()
    agent.start()
    teller.check(stopped == 0, "demo.enrolled", found=f"exit {stopped}", key=keys["id"])
    till = Till(agent.port)
    code, shown = agent.command("pair", "code", "demo till", "--register", "03", "--timeout", "10")
    if teller.check(code == 0, "demo.pairing-code", found=str(shown)):
        till.pair(shown["code"])
    return Stage(folder, teller, sandbox, printer, agent, till)


def play(stage: Stage) -> None:
    """All acts, in order."""
    confirmed(stage)
    platform_off(stage)
    double_click(stage)
    platform_on(stage)
    answer_lost(stage)
    hung(stage)
    killed(stage)
    handed_back(stage)
    the_sum(stage)


def confirmed(stage: Stage) -> None:
    """The platform answers, the receipt is printed, the shopper's account shows it."""
    tell, till = stage.teller, stage.till
    tell.heading("demo.act.confirmed")
    reply = till.issue(till.sale("48.50", {"email": "Alice@Example.com "}))
    stage.note(reply)
    good = reply.status == 200 and reply.answer == "confirmed"
    tell.check(good, "demo.confirmed", str(reply), milliseconds=round(reply.took_s * 1000))
    paper = stage.printer.next_paper()
    text = _text(paper)
    tell.check("48.50" in text and "CONFIRMED" in text.upper(), "demo.receipt", text)
    account = stage.sandbox.account("cus_alice")
    tell.check(_balance(account) == 4850, "demo.account", str(account))


def platform_off(stage: Stage) -> None:
    """No platform: the voucher comes out and its QR reads back."""
    tell, till = stage.teller, stage.till
    tell.heading("demo.act.off")
    stage.sandbox.switch("down")
    body = till.sale("20.00", {"email": "alice@example.com"})
    reply = _with_word(stage, till.issue(body))
    stage.note(reply)
    tell.check(
        reply.status != 200 and reply.answer == "voucher",
        "demo.voucher",
        str(reply),
        milliseconds=round(reply.took_s * 1000),
    )
    _read_voucher(stage, reply, stage.printer.next_paper())
    again = till.issue(body)
    tell.check(again.key == reply.key, "demo.shopper-retries", str(again))
    tell.check(_no_more_paper(stage), "demo.no-second-paper")


def double_click(stage: Stage) -> None:
    """Two clicks at once, still offline: one key, one paper."""
    tell, till = stage.teller, stage.till
    tell.heading("demo.act.double")
    replies = till.issue_twice_at_once(till.sale("12.00"))
    keys = {reply.key for reply in replies}
    tell.check(len(keys) == 1 and len(replies) == 2, "demo.one-key", str(replies))
    reply = _with_word(stage, replies[0])
    stage.note(reply)
    _read_voucher(stage, reply, stage.printer.next_paper())
    tell.check(_no_more_paper(stage), "demo.no-second-paper")


def platform_on(stage: Stage) -> None:
    """The queue drains by itself, and nothing is printed for it."""
    tell = stage.teller
    tell.heading("demo.act.on")
    _, before = stage.agent.command("queue", "list")
    waiting = before.get("count")
    tell.check(waiting == len(stage.vouchers), "demo.waiting", str(before), count=waiting or 0)
    stage.sandbox.switch("down", on=False)
    begun = time.monotonic()
    drained = _drained(stage)
    took = round(time.monotonic() - begun, 1)
    tell.check(drained, "demo.drained", _queue(stage), seconds=str(took))
    tell.check(_no_more_paper(stage), "demo.drain-prints-nothing")
    for key, token in stage.vouchers.items():
        card = _card(stage, key)
        same = card is not None and card["code"] == token.code.reveal()
        tell.check(same, "demo.paper-is-card", str(key), last_four=token.code.last_four)


def answer_lost(stage: Stage) -> None:
    """The platform commits and the answer is lost: asked again under one key, one credit."""
    tell, till = stage.teller, stage.till
    tell.heading("demo.act.lost")
    stage.sandbox.switch("answer_lost_after_commit", times=1, paths=["POST /v1/credits"])
    reply = till.issue(till.sale("33.00"))
    stage.note(reply)
    good = reply.status == 200 and reply.answer == "confirmed"
    tell.check(good, "demo.lost-then-confirmed", str(reply))
    tell.check(_cards_of(stage, reply.key) == 1, "demo.one-credit")
    stage.printer.next_paper()


def hung(stage: Stage) -> None:
    """The platform takes the request and says nothing: the cashier waits no longer than that."""
    tell, till = stage.teller, stage.till
    tell.heading("demo.act.hung")
    stage.sandbox.switch("hang")
    reply = till.issue(till.sale("7.25"))
    waited = reply.took_s
    tell.check(
        waited <= BUDGET_S + 0.1,
        "demo.within-budget",
        str(reply),
        seconds=f"{waited:.2f}",
        budget=f"{BUDGET_S:.1f}",
    )
    reply = _with_word(stage, reply)
    stage.note(reply)
    tell.check(reply.answer == "voucher", "demo.voucher-when-hung", str(reply))
    _read_voucher(stage, reply, stage.printer.next_paper())
    stage.sandbox.switch("hang", on=False)
    tell.check(_drained(stage), "demo.drained-again", _queue(stage))


def killed(stage: Stage) -> None:
    """kill -9 in the middle of a send; the till asks again and there is still one credit."""
    tell, till, agent = stage.teller, stage.till, stage.agent
    tell.heading("demo.act.killed")
    body = till.sale("61.10")
    stage.sandbox.switch("slow", ms=1500, paths=["POST /v1/credits"])
    lost: list[str] = []

    def ask() -> None:
        try:
            till.issue(body)
        except (OSError, ValueError) as error:
            lost.append(type(error).__name__)

    click = threading.Thread(target=ask)
    click.start()
    _until(lambda: _sending(stage) > 0, 5.0)
    agent.kill()
    click.join()
    tell.check(lost != [], "demo.killed")
    stage.sandbox.switch("slow", on=False)
    took_s = agent.start()
    tell.check(True, "demo.back", milliseconds=round(took_s * 1000))
    reply = _with_word(stage, till.issue(body))
    stage.note(reply)
    good = reply.answer in ("confirmed", "voucher")
    tell.check(good, "demo.retry-after-kill", str(reply), word=reply.answer)
    tell.check(_drained(stage), "demo.drained-again", _queue(stage))
    tell.check(_cards_of(stage, reply.key) == 1, "demo.one-credit")
    stage.printer.next_paper(2.0)


def handed_back(stage: Stage) -> None:
    """A voucher handed back is worth nothing only when its code is dead on the platform."""
    tell, till = stage.teller, stage.till
    tell.heading("demo.act.void")
    stage.sandbox.switch("down")
    reply = _with_word(stage, till.issue(till.sale("5.00")))
    _read_voucher(stage, reply, stage.printer.next_paper())
    words = ("queue", "settle", reply.key, "--void", "--by", "bea", "--reason", "changed mind")
    _, document = stage.agent.command("voucher", "show", stage.vouchers[reply.key].text())
    tell.check(bool(document.get("valid")), "demo.voucher-genuine", str(document))
    code, voiding = stage.agent.command(*words)
    tell.check(code == 0 and voiding.get("state") == "voiding", "demo.voiding", str(voiding))
    stage.sandbox.switch("down", on=False)
    gone = _until(lambda: till.look(reply.key).body.get("state") == "voided", DRAIN_S)
    tell.check(gone, "demo.voided", str(till.look(reply.key)))
    card = _card(stage, reply.key)
    dead = card is not None and not card["enabled"]
    tell.check(dead, "demo.code-dead", str(card))
    stage.vouchers.pop(reply.key, None)


def the_sum(stage: Stage) -> None:
    """Both sides counted: issued = confirmed + on paper, one credit each."""
    tell = stage.teller
    tell.heading("demo.act.sum")
    cards = [card for card in stage.sandbox.ledger() if card["enabled"]]
    keys = [str(card["key"]) for card in cards]
    tell.check(len(keys) == len(set(keys)), "demo.one-credit-each", str(keys))
    issued = sum(stage.issued.values())
    on_platform = sum(card["initial"]["minor"] for card in cards)
    on_paper = 0
    for key, minor in stage.issued.items():
        if stage.till.look(key).body.get("state") != "confirmed":
            on_paper += minor
    difference = Money(issued - on_platform - on_paper, CURRENCY)
    tell.check(
        difference.minor == 0 and set(keys) <= set(stage.issued),
        "demo.sum",
        str(keys),
        issued=str(Money(issued, CURRENCY)),
        confirmed=str(Money(on_platform, CURRENCY)),
        paper=str(Money(on_paper, CURRENCY)),
        difference=difference.decimal(),
    )
    code, verified = stage.agent.command("journal", "verify")
    tell.check(code == 0, "demo.journal-whole", str(verified), events=verified.get("events", 0))


def _read_voucher(stage: Stage, reply: Reply, paper: dict[str, Any] | None) -> None:
    tell = stage.teller
    try:
        text = read_qr(paper) if paper is not None else None
    except NoEyes:
        tell.check(False, "demo.no-eyes")
        return
    if text is None:
        tell.check(False, "demo.qr-unread", _text(paper))
        return
    token = VoucherToken.from_text(text)
    stage.vouchers[reply.key] = token
    right = token.key.text == reply.key and token.amount.minor == reply.body["amount"]["minor"]
    tell.check(right, "demo.qr", text, amount=str(token.amount), host=text.split("/V/")[0])


def _with_word(stage: Stage, reply: Reply) -> Reply:
    """The same credit once its word is known: paper may still be on its way."""
    ends = time.monotonic() + 10
    latest = reply
    while latest.body.get("answer") is None and time.monotonic() < ends:
        latest = stage.till.look(reply.key, wait_s=2)
    return Reply(reply.status, latest.body, reply.took_s)


def _drained(stage: Stage) -> bool:
    return _until(lambda: _waiting(stage) == 0, DRAIN_S)


def _waiting(stage: Stage) -> int:
    count: int = stage.agent.queue()["count"]
    return count


def _sending(stage: Stage) -> int:
    count: int = stage.agent.queue()["by_state"].get("sending", 0)
    return count


def _queue(stage: Stage) -> str:
    return str(stage.agent.command("queue", "list")[1])


def _until(true: Any, seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.03)
    return bool(true())


def _no_more_paper(stage: Stage) -> bool:
    return stage.printer.next_paper(0.3) is None


def _card(stage: Stage, key: str) -> dict[str, Any] | None:
    return next((card for card in stage.sandbox.ledger() if card["key"] == key), None)


def _cards_of(stage: Stage, key: str) -> int:
    return sum(card["key"] == key for card in stage.sandbox.ledger())


def _text(paper: dict[str, Any] | None) -> str:
    return "\n".join(paper["lines"]) if paper else "(no paper)"


def _balance(account: dict[str, Any]) -> int:
    return sum(each["minor"] for each in account.get("balances", []))
