# SPDX-License-Identifier: Apache-2.0
"""What waits at this register, what this screen has saved, and a box to find any credit by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from agent.decisions.answer import answer, held_reason
from agent.domain.code import CODE_LENGTH, Code
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import OPEN, CreditRecord
from agent.domain.symbols import tidy
from agent.flows import identifiers
from agent.screens.elsewhere import elsewhere
from agent.screens.look import current
from agent.screens.site import Visit, see_other
from agent.screens.view import age_words, time_words
from agent.words import money_text, say, told

ROWS_MAX: Final = 100
PAGE: Final = 200
PAGES_MAX: Final = 20
RECENT_MAX: Final = 500
"""How many of a register's newest credits are looked through for a number."""


@dataclass(frozen=True, slots=True)
class Row:
    """A credit in a list: never its code, never its customer."""

    key: str
    word: str
    sentence: str
    amount: str
    last_four: str
    pos: str
    at: str
    age: str
    path: str


async def show(visit: Visit) -> web.StreamResponse:
    """GET .../waiting."""
    _, saved = await current(visit)
    waiting, more = await _waiting(visit)
    return await visit.page(
        "waiting.html",
        saved=[row_of(visit, record) for record in reversed(saved)],
        others=[row_of(visit, record) for record in reversed(await elsewhere(visit))],
        waiting=[row_of(visit, record) for record in waiting],
        more=len(waiting) if more else 0,
        sought=None,
        found=(),
        looked_through=RECENT_MAX,
    )


async def find(visit: Visit) -> web.StreamResponse:
    """POST .../find: by the key or the whole code, or among the newest by last four or till
    number. A post, because a code is money: no address and no history has it."""
    text = visit.given("q")[:40]
    sought = text.upper()
    code, words = _hidden(text, visit.options.language)
    known = await _by_key(visit, sought) if code is None else await _by_code(visit, code)
    if known is not None:
        return see_other(visit.path_of(known))
    found = []
    if text and not words:
        recent = await visit.read(visit.doors.steps.journal.recent(visit.place, RECENT_MAX))
        found = [each for each in recent if _fits(each, sought)]
    if len(found) == 1:
        return see_other(visit.path_of(found[0]))
    return await visit.page(
        "waiting.html",
        saved=(),
        others=(),
        waiting=(),
        more=0,
        sought=words or text,
        found=[row_of(visit, record) for record in found[:ROWS_MAX]],
        looked_through=RECENT_MAX,
    )


def row_of(visit: Visit, record: CreditRecord) -> Row:
    language, now_ms = visit.options.language, visit.now_ms()
    said = told(record, answer(record), held_reason(record), language)
    opened_ms = record.opened.wall_ms
    return Row(
        key=record.key.text,
        word=said.title,
        sentence=said.sentence,
        amount=money_text(record.request.amount),
        last_four=record.code.last_four,
        pos=record.request.pos.number,
        at=time_words(opened_ms, now_ms, visit.options.zone),
        age=age_words(now_ms - opened_ms, language),
        path=visit.path_of(record),
    )


async def _waiting(visit: Visit) -> tuple[list[CreditRecord], bool]:
    """The oldest open credits of this register, and whether there are more."""
    found: list[CreditRecord] = []
    after = None
    for _ in range(PAGES_MAX):
        read = await visit.read(visit.doors.steps.journal.listed(sorted(OPEN), False, PAGE, after))
        for record in read:
            after = record.key.text
            if record.request.place == visit.place:
                if len(found) == ROWS_MAX:
                    return found, True
                found.append(record)
        if len(read) < PAGE:
            return found, False
    return found, True


async def _by_key(visit: Visit, text: str) -> CreditRecord | None:
    try:
        record = await visit.read(visit.doors.steps.journal.get(IdempotencyKey(text)))
    except ValueError:
        return None
    return record if record is not None and record.request.place == visit.place else None


async def _by_code(visit: Visit, code: Code) -> CreditRecord | None:
    record = await visit.read(visit.doors.steps.journal.by_code(code))
    return record if record is not None and record.request.place == visit.place else None


def _hidden(text: str, language: str) -> tuple[Code | None, str]:
    """The code that was typed; and what is said in place of a text that must not be shown again:
    a code, one with a slip of the finger, or the number of a card."""
    try:
        code = Code.typed(text)
    except ValueError:
        slip = len(tidy(text)) == CODE_LENGTH or identifiers.holds_card_number(text)
        return None, say("screen.find.hidden", language) if slip else ""
    return code, say("screen.find.code", language, last_four=code.last_four)


def _fits(record: CreditRecord, sought: str) -> bool:
    return sought in (record.code.last_four, record.request.pos.number.upper())
