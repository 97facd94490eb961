# SPDX-License-Identifier: Apache-2.0
"""The page of one credit: what it is, its papers, and what can still be done to it."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from agent.decisions.answer import told_paper
from agent.domain.customer import CustomerReference, Forgotten, Malformed
from agent.domain.exposure import Exposure
from agent.domain.record import CreditRecord
from agent.screens import view
from agent.screens.elsewhere import is_ours
from agent.screens.exits import Exit, may_be_owed, may_be_reprinted, may_be_voided
from agent.screens.form import REASONS
from agent.screens.look import drawn, record_scene
from agent.screens.owed import grant_of
from agent.screens.site import Visit
from agent.screens.view import Scene, time_words
from agent.words import money_text, paper_words, say, state_words

_ELSEWHERE = frozenset({Exit.NEXT, Exit.SAVE, Exit.VOID})
"""Exits of the main page alone, or with a form of their own here."""


async def show(visit: Visit) -> web.StreamResponse:
    """GET .../credits/{key}."""
    record = await visit.record()
    scene = await _scene(visit, record)
    context = drawn(visit, scene)
    notice = visit.desk.notice
    if notice is not None and notice.key == record.key.text:
        context["notice"] = notice
    at = visit.doors.steps.circumstances(visit.place, Exposure())
    may_issue = visit.session.may("issue")
    context |= {
        "origin": "credit",
        "facts": _facts(visit, record),
        "prints": await _prints(visit, record),
        "may_void": visit.session.may("void") and may_be_voided(record, at),
        "may_reprint": may_issue and may_be_reprinted(record, at),
        "may_open": may_issue and not record.heard and await is_ours(visit, record),
        "may_owe": visit.session.may("approve") and may_be_owed(record, at),
    }
    return await visit.page("record.html", record=record, **context)


async def _scene(visit: Visit, record: CreditRecord) -> Scene:
    if grant_of(visit, record) is not None:
        return view.owed(record, visit.options.language)
    scene = await record_scene(visit, record)
    exits = tuple(each for each in scene.exits if each not in _ELSEWHERE)
    return replace(scene, exits=exits)


def _facts(visit: Visit, record: CreditRecord) -> list[tuple[str, str]]:
    """Names and values, in the order in which they are read."""
    language, request = visit.options.language, record.request
    amount = money_text(request.amount)
    found = [
        ("state", state_words(record.state, amount, language).title),
        ("amount", amount),
        ("code", record.code.last_four),
        ("opened", time_words(record.opened.wall_ms, visit.now_ms(), visit.options.zone)),
        ("operator", request.operator),
        ("reason", _reason(request.reason, language)),
        ("customer", _customer(record, language)),
        ("pos", request.pos.number),
        ("receipt", request.original_sale or ""),
        ("paper", paper_words(told_paper(record), language).title),
        ("key", record.key.text),
    ]
    if record.void is not None:
        said = say("screen.record.void.by", language, by=record.void.by, reason=record.void.reason)
        found.append(("void", said))
    return [(say(f"screen.record.{name}", language), value) for name, value in found if value]


def _reason(reason: str, language: str) -> str:
    """One of the form's own in words; what a person or another till wrote as it is."""
    return say(f"screen.reason.{reason}", language) if reason in REASONS else reason


def _customer(record: CreditRecord, language: str) -> str:
    match record.request.customer:
        case CustomerReference() as known:
            kind = say(f"screen.form.customer.{known.kind.value}", language)
            return f"{kind} {known.masked()}"
        case Malformed():
            return say("screen.record.customer.malformed", language)
        case Forgotten():
            return say("screen.record.customer.forgotten", language)
        case _:
            return say("screen.record.customer.none", language)


async def _prints(visit: Visit, record: CreditRecord) -> list[str]:
    language = visit.options.language
    return [
        say(
            "screen.record.print",
            language,
            copy=job.copy,
            time=time_words(job.queued_ms, visit.now_ms(), visit.options.zone),
            state=paper_words(job.state, language).title,
        )
        for job in await visit.read(visit.doors.steps.journal.prints(record.key))
    ]
