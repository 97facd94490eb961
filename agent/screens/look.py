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
from agent.domain.record import CreditRecord
from agent.flows.register import Ring
from agent.screens import view
from agent.screens.desk import Asking
from agent.screens.exits import ways_out
from agent.screens.form import FIELDS, KINDS, REASONS, example
from agent.screens.site import Visit
from agent.screens.view import Scene, Strip
from agent.words import explain, say

UNHEARD_MAX: Final = 50
"""Credits that one screen may have saved; far more than a counter bears."""


async def unheard(visit: Visit) -> Sequence[CreditRecord]:
    """What this screen asked for here and has not ended, newest first."""
    journal = visit.doors.steps.journal
    asked = journal.unheard_of(visit.session.caller, visit.place, UNHEARD_MAX)
    return await visit.read(asked)


async def current(visit: Visit) -> tuple[CreditRecord | None, list[CreditRecord]]:
    """The credit on the screen, and the saved ones."""
    return visit.desk.arrange(await unheard(visit))


async def strip_of(visit: Visit, saved: Sequence[CreditRecord] | None = None) -> Strip:
    """The line above every page."""
    steps, language = visit.doors.steps, visit.options.language
    if saved is None:
        _, saved = await current(visit)
    totals = await visit.read(steps.journal.totals(visit.place))
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
        saved=say("screen.strip.saved", language, count=len(saved)),
        saved_count=len(saved),
        printer=view.printer_words(printer, language),
        printer_good=printer in ("ready", "unknown"),
        observing=visit.register.ring is Ring.OBSERVE,
    )


def scene_of(visit: Visit, record: CreditRecord | None, with_code: bool = True) -> Scene:
    """What stands in the middle. `with_code`: the code may be shown where a manager's PIN is
    fresh; a stream never carries it."""
    desk, language = visit.desk, visit.options.language
    if record is None:
        if desk.asking is not None:
            return view.confirming(_asked_ms(visit, desk.asking), None, language)
        return view.scene_of_form(desk.mode, desk.name, language)
    if with_code and desk.granted(record.key.text, visit.now_s()) is not None:
        return view.owed(record, language)
    if desk.asking is not None and answer(record) is None:
        return view.confirming(_asked_ms(visit, desk.asking), record, language)
    return with_exits(visit, view.scene_of_record(record, visit.now_ms(), language=language))


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
    key = None if scene.record is None else scene.record.key.text
    notice = desk.notice if desk.notice is not None and desk.notice.key == key else None
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
    }


def _asked_amount(fault: Fault | None, fields: Mapping[str, str], currency: str) -> str:
    """The amount that a question is about."""
    if fault is not None and "amount" in fault.values:
        return str(fault.values["amount"])
    return f"{currency} {fields.get('amount', '')}"
