# SPDX-License-Identifier: Apache-2.0
"""The whole stage as one JSON value for the page: every text is finished here, as plain text.

The page only puts it where it belongs. What cannot be read is said, never shown as zero.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from agent.commands.demo.cast import Json
from agent.commands.demo.counter import Count
from agent.commands.demo.papers import Paper
from agent.commands.demo.scenery import ALICE, CURRENCY
from agent.commands.demo.stage import Stage
from agent.commands.demo.switches import NETWORK, SWITCHES
from agent.commands.demo.tillbook import Sale
from agent.domain.money import Money
from agent.words import money_text, say

PAPERS_SHOWN: Final = 6
CREDITS_SHOWN: Final = 6
CALLS_SHOWN: Final = 6
_NO_NUMBER: Final = "–"


def picture(stage: Stage) -> Json:
    """Till, papers, phone, wires and counter as they are now; takes some tens of milliseconds."""
    faults = _tried(stage.sandbox.faults)
    on = {str(fault["name"]) for fault in faults or []}
    return {
        "counter": counter_picture(stage),
        "till": till_picture(stage),
        "papers": [_paper(each) for each in reversed(stage.feed.papers()[-PAPERS_SHOWN:])],
        "printer": printer_picture(stage),
        "phone": phone_picture(stage),
        "network": _network(down=NETWORK.value in on),
        "agent": _agent(stage),
        "faults": {fault.value: fault.value in on for fault in SWITCHES},
        "wire": wire_picture(stage),
        "gone": gone(stage),
    }


def counter_picture(stage: Stage) -> Json:
    try:
        counted = stage.books.count()
    except (OSError, ValueError) as error:
        sums = dict.fromkeys(("issued", "platform", "paper", "waiting", "difference"), _NO_NUMBER)
        trouble = say("stage.counter.unread", why=str(error)[:200])
        few = dict.fromkeys(("credits", "cards", "papers"), "")
        return {**sums, **few, "holds": False, "trouble": trouble}
    return {
        "issued": money_text(counted.issued),
        "platform": money_text(counted.on_platform),
        "paper": money_text(counted.on_paper),
        "waiting": money_text(counted.waiting),
        "difference": counted.difference.decimal(),
        "credits": say("stage.counter.credits", count=counted.credits),
        "cards": say("stage.counter.cards", count=counted.cards),
        "papers": say("stage.counter.papers", count=counted.papers),
        "holds": counted.holds,
        "trouble": _oddities(counted),
    }


def till_picture(stage: Stage) -> Json:
    """The agent's own word, sentence and next step, for the till's last sale."""
    last = stage.book.last
    sale = None if last is None else stage.book.sale(last)
    if sale is None:
        return _screen("idle", *_words("stage.till.idle"), "")
    if stage.unanswered:
        next_step = say("stage.till.no-answer.next")
        return _screen("no-answer", *_words("stage.till.no-answer"), next_step)
    if not sale.latest:
        return _screen("asking", *_words("stage.till.asking"), "")
    if sale.key is None and sale.latest.get("code") == "observing":
        return _as_today(stage, sale)
    latest = sale.latest
    if "answer" not in latest:
        texts = [str(latest.get(part, "")) for part in ("title", "detail", "hint")]
        return _screen("problem", *texts)
    kind = str(latest["answer"] or "waiting")
    shown = _screen(kind, latest["title"], latest["message"], latest["next"])
    paper = say("stage.till.paper", paper=latest["paper"], copies=latest["copies"])
    return {
        **shown,
        "key": say("stage.till.key", key=latest["key"]),
        "paper": paper if latest["copies"] else "",
        "shopper": _to_the_shopper(sale),
    }


def printer_picture(stage: Stage) -> Json:
    switches = _tried(stage.printer.switches) or {}
    out = any(switches.get(name) for name in ("paper_out", "cover_open", "error", "offline"))
    return {"out": out, "text": say("stage.paper.trouble" if out else "stage.paper.fine")}


def phone_picture(stage: Stage) -> Json:
    """What the shopper sees, and what the store's own feed made of it."""
    today = stage.today
    ticket = feed = ""
    lost = today is not None and today.night_passed
    if today is not None:
        amount = money_text(today.amount)
        ticket = say("stage.ticket", amount=amount) if lost else ""
        feed = say("stage.feed.lost" if lost else "stage.feed.waiting", amount=amount)
    told = {"ticket": ticket, "feed": feed or say("stage.feed.none"), "lost": lost}
    account = _tried(lambda: stage.sandbox.account(ALICE["customer_id"]))
    if account is None:
        return {**told, "balance": say("stage.phone.gone"), "credits": []}
    balances = [_money(each) for each in account["balances"]] or [Money(0, CURRENCY)]
    listed = [_credit(each) for each in reversed(account["credits"][-CREDITS_SHOWN:])]
    return {**told, "balance": money_text(balances[0]), "credits": listed}


def wire_picture(stage: Stage) -> Json:
    """The last calls of the till, and what the platform received, newest first."""
    calls = stage.book.calls()[-CALLS_SHOWN:]
    received = [each for each in _tried(stage.sandbox.requests) or [] if _is_effect(each)]
    return {
        "till": [_call(each) for each in reversed(calls)],
        "platform": [_received(each) for each in reversed(received[-CALLS_SHOWN:])],
    }


def gone(stage: Stage) -> str:
    """Which process ended by itself, and what it said last."""
    for name, process in stage.processes():
        if process.is_alive or (name == "agent" and stage.killed) or stage.closing.is_set():
            continue
        why = process.last_words() or _NO_NUMBER
        if name == "agent":
            return say("stage.gone.agent", why=why)
        return say("stage.gone", name=name, why=why)
    return ""


def _oddities(counted: Count) -> str:
    return " ".join(
        say(f"stage.counter.{each.why}", key=each.key, amount=str(each.by))
        for each in counted.oddities[:3]
    )


def _words(message_id: str) -> tuple[str, str]:
    return say(message_id), say(f"{message_id}.sentence")


def _screen(kind: str, title: str, message: str, next_step: str) -> Json:
    texts = {"title": title, "message": message, "next": next_step}
    return {"kind": kind, **texts, "key": "", "paper": "", "shopper": ""}


def _as_today(stage: Stage, sale: Sale) -> Json:
    amount = money_text(sale.amount)
    observed = json.loads(stage.books.last_observed() or "{}")
    noted = ""
    if observed.get("would") in ("issue", "voucher"):
        noted = say(f"stage.till.noted.{observed['would']}", amount=str(observed.get("amount")))
    return _screen(
        "today",
        say("stage.till.today"),
        say("stage.till.today.sentence", amount=amount),
        say("stage.till.today.next", noted=noted),
    )


def _to_the_shopper(sale: Sale) -> str:
    """The sentences that stand on the paper, for the cashier to say aloud."""
    kind, word = sale.latest.get("paper_kind"), sale.word
    owner = "account" if "email" in (sale.body.get("customer") or {}) else "bearer"
    ids: tuple[str, ...]
    match word, kind:
        case "voucher", "voucher":
            ids = ("paper.offline.why", f"paper.offline.{owner}")
        case "voucher", "identity":
            ids = ("paper.identity.why", "paper.identity.hosted")
        case "confirmed", "voucher":
            ids = (f"paper.confirmed.{owner}",)
        case "confirmed", _:
            ids = (f"paper.receipt.{owner}",)
        case _:
            return ""
    sentence = " ".join(say(each) for each in ids)
    return say("stage.till.shopper", sentence=sentence)


def _paper(paper: Paper) -> Json:
    text = " / ".join(line.strip() for line in paper.lines if line.strip(" -"))
    amount = paper.qr_amount
    return {
        "number": say("stage.paper.number", number=paper.number),
        "src": f"/papers/{paper.number}.svg",
        "alt": text[:300],
        "qr": "" if amount is None else say("stage.paper.qr", amount=money_text(amount)),
    }


def _network(*, down: bool) -> Json:
    return {"down": down, "text": say("stage.network.down" if down else "stage.network.up")}


def _agent(stage: Stage) -> Json:
    alive = stage.agent_answers
    text = say("stage.agent.up", ring=stage.ring) if alive else say("stage.agent.down")
    return {"dead": not alive, "text": text}


def _credit(credit: Mapping[str, Any]) -> Json:
    text = say(
        "stage.phone.credit" if credit["enabled"] else "stage.phone.dead",
        amount=money_text(_money(credit["initial"])),
        last_four=str(credit["code"])[-4:],
    )
    return {"text": text}


def _money(amount: Mapping[str, Any]) -> Money:
    return Money(amount["minor"], amount["currency"])


def _is_effect(request: Mapping[str, Any]) -> bool:
    return request["method"] == "POST" and request["idempotency_key"] is not None


def _call(call: Mapping[str, Any]) -> Json:
    if call["status"] is None:
        status = say("stage.wire.broken")
    else:
        word, took = str(call["word"] or _NO_NUMBER), int(call["took_ms"])
        status = say("stage.wire.status", status=call["status"], word=word, milliseconds=took)
    return {
        "call": call["call"],
        "key": "" if call["name"] is None else say("stage.wire.key", key=call["name"]),
        "status": status + (f", {say('stage.wire.replayed')}" if call["replayed"] else ""),
    }


def _received(request: Mapping[str, Any]) -> Json:
    done, told = request["executed"], request["answered"]
    executed = "stage.wire.not-executed" if done is None else "stage.wire.executed"
    answered = "stage.wire.unanswered" if told is None else "stage.wire.answered"
    amount = request["amount"]
    return {
        "call": f"{request['method']} {request['path']}",
        "key": say("stage.wire.key", key=request["idempotency_key"]),
        "status": ", ".join(
            [
                *([] if amount is None else [money_text(_money(amount))]),
                say(executed, **({} if done is None else {"status": done})),
                say(answered, **({} if told is None else {"status": told})),
            ]
        ),
    }


def _tried(read: Any) -> Any:
    """What was read, or None while that process does not answer."""
    try:
        return read()
    except (OSError, ValueError):
        return None
