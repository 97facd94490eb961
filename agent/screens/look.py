# SPDX-License-Identifier: Apache-2.0
"""Gathers what a page shows: the journal's answers, the desk's memory, the link and the printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from agent.decisions.answer import answer
from agent.domain.customer import CustomerPolicy
from agent.domain.exposure import Exposure
from agent.domain.faults import Fault
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, Paper
from agent.flows.register import Ring
from agent.screens import view
from agent.screens.desk import Asking, Notice
from agent.screens.elsewhere import elsewhere
from agent.screens.exits import ways_out
from agent.screens.form import FIELDS, KINDS, REASONS, example
from agent.screens.owed import grant_of, left_s
from agent.screens.site import Visit
from agent.screens.view import Scene, Strip
from agent.words import explain, link_notice, say

UNHEARD_MAX: Final = 50
"""Saved credits that are counted and listed; far more than a counter bears."""
UNHEARD_READ: Final = UNHEARD_MAX + 2
"""One more than is counted, and the one on the screen."""


async def unheard(visit: Visit) -> Sequence[CreditRecord]:
    """What this screen asked for here, or took up from another, and has not ended; newest first."""
    journal = visit.doors.steps.journal
    asked = journal.unheard_of(visit.session.caller, visit.place, UNHEARD_READ)
    return [*await visit.read(_brought(visit)), *await visit.read(asked)]


async def _brought(visit: Visit) -> list[CreditRecord]:
    """Taken up from another screen; one that is ended meanwhile is forgotten."""
    found: list[CreditRecord] = []
    for key in sorted(visit.desk.brought):
        record = await visit.doors.steps.journal.get(IdempotencyKey(key))
        if record is None or record.heard:
            visit.desk.brought.discard(key)
        else:
            found.append(record)
    return found


async def current(visit: Visit) -> tuple[CreditRecord | None, list[CreditRecord]]:
    """The credit on the screen, and the saved ones."""
    found = await unheard(visit)
    return visit.desk.arrange(found, whole=len(found) < UNHEARD_READ)


async def strip_of(visit: Visit, saved: Sequence[CreditRecord] | None = None) -> Strip:
    """The line above every page."""
    steps, language = visit.doors.steps, visit.options.language
    if saved is None:
        _, saved = await current(visit)
    totals = await visit.read(steps.journal.totals(visit.place))
    others = len(await elsewhere(visit))
    now_ms = visit.now_ms()
    link, heard_ms = steps.link, steps.link.last_heard_ms
    heard = say("screen.strip.never-heard", language)
    if heard_ms is not None:
        at = view.time_words(heard_ms, now_ms, visit.options.zone)
        heard = say("screen.strip.heard", language, time=at)
    printer = visit.doors.printer(visit.register)
    return Strip(
        place=say(
            "screen.strip.place", language, store=visit.place.store, register=visit.place.register
        ),
        brand=visit.options.brand,
        link_up=link.is_up,
        link=say("screen.strip.online" if link.is_up else "screen.strip.offline", language),
        heard=heard,
        waiting=view.waiting_words(totals, now_ms, language),
        waiting_count=totals.count,
        saved=_saved_words(len(saved), language),
        saved_count=len(saved),
        elsewhere=say("screen.strip.elsewhere", language, count=others) if others else "",
        printer=view.printer_words(printer, language),
        printer_good=printer in ("ready", "unknown"),
        observing=visit.register.ring is Ring.OBSERVE,
        notice="" if link.is_up else link_notice(link.last_why, language),
    )


async def scene_of(visit: Visit, record: CreditRecord | None) -> Scene:
    """What stands in the middle, with what is told beside it."""
    scene = await _scene_of(visit, record)
    wrong, notice = visit.desk.wrong, _notice_for(visit, record)
    remarks = [] if notice is None else [notice.sentence, notice.hint]
    if wrong is not None and record is None:
        remarks += [wrong.field, wrong.sentence]
    return replace(scene, remarks=tuple(remarks))


async def record_scene(visit: Visit, record: CreditRecord) -> Scene:
    """A credit's own state, with its exits."""
    since_ms = await _since_ms(visit, record)
    language = visit.options.language
    scene = view.scene_of_record(record, visit.now_ms(), since_ms, language)
    return with_exits(visit, scene)


async def _scene_of(visit: Visit, record: CreditRecord | None) -> Scene:
    desk, language = visit.desk, visit.options.language
    if record is None:
        if desk.asking is not None:
            return view.confirming(_asked_ms(visit, desk.asking), None, language)
        return view.scene_of_form(desk.mode, desk.name, desk.stamp, language)
    if grant_of(visit, record) is not None:
        return view.owed(record, language)
    if desk.asking is not None and answer(record) is None:
        return view.confirming(_asked_ms(visit, desk.asking), record, language)
    return await record_scene(visit, record)


async def _since_ms(visit: Visit, record: CreditRecord) -> int:
    """Since when somebody waits for a word: the opening, or a paper that was asked for later."""
    since_ms = record.opened.wall_ms
    if record.paper is not Paper.QUEUED or answer(record) is not None:
        return since_ms
    prints = await visit.read(visit.doors.steps.journal.prints(record.key))
    return max((job.queued_ms for job in prints), default=since_ms)


def with_exits(visit: Visit, scene: Scene) -> Scene:
    """The scene with the buttons that lead out of it."""
    if scene.record is None or scene.state == "confirming":
        return scene
    at = visit.doors.steps.circumstances(visit.place, Exposure())
    exits = ways_out(scene.record, at, visit.session.pairing.scopes, scene.reason)
    return replace(scene, exits=exits)


def _asked_ms(visit: Visit, asking: Asking) -> int:
    return int((visit.now_s() - asking.since_s) * 1000)


def drawn(visit: Visit, scene: Scene) -> dict[str, Any]:
    """What the templates of the middle take."""
    desk, language = visit.desk, visit.options.language
    notice = _notice_for(visit, scene.record)
    register, fault = visit.register, desk.fault
    currency = register.currency
    words = None if fault is None else explain(fault, language)
    other = None if fault is None else fault.values.get("key")
    return {
        "scene": scene,
        "notice": notice,
        "fields": {**dict.fromkeys(FIELDS, ""), **desk.fields},
        "wrong": desk.wrong,
        "operator": desk.operator,
        "trouble": words,
        "other": other,
        "asked": _asked_amount(desk.fault, desk.fields, currency),
        "currency": currency,
        "example": example(currency),
        "asks_customer": register.policy is not CustomerPolicy.ANONYMOUS,
        "kinds": KINDS,
        "reasons": REASONS,
        "reprint_over": register.reprint_over,
        "origin": "home",
        "left_s": left_s(visit),
    }


def _notice_for(visit: Visit, record: CreditRecord | None) -> Notice | None:
    notice, key = visit.desk.notice, None if record is None else record.key.text
    return notice if notice is not None and notice.key == key else None


def _saved_words(count: int, language: str) -> str:
    more = "+" if count > UNHEARD_MAX else ""
    return say("screen.strip.saved", language, count=f"{min(count, UNHEARD_MAX)}{more}")


def _asked_amount(fault: Fault | None, fields: Mapping[str, str], currency: str) -> str:
    """The amount that a question is about."""
    if fault is not None and "amount" in fault.values:
        return str(fault.values["amount"])
    return f"{currency} {fields.get('amount', '')}"
