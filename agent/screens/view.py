# SPDX-License-Identifier: Apache-2.0
"""From records to what is shown: pure, and tested by tables. One machine of states; their ids
stand in the page (`data-state`), in the style sheet and in the tests."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.decisions.answer import answer, held_reason
from agent.domain.money import Money
from agent.domain.record import Answer, CreditRecord, Paper, PaperKind, State
from agent.ports import QueueTotals
from agent.screens.desk import Mode
from agent.screens.exits import FINAL, Exit
from agent.words import ENGLISH, message_ids, money_text, say, told

WORD_STATES: Final = {
    Answer.CONFIRMED: "confirmed",
    Answer.VOUCHER: "voucher",
    Answer.PENDING: "pending",
    Answer.REFUSED: "refused",
    Answer.ASK_A_MANAGER: "held",
}
ICONS: Final = {
    "ready": "pen",
    "confirming": "dots",
    "confirmed": "tick",
    "voucher": "ticket",
    "pending": "clock",
    "refused": "cross",
    "held": "hand",
    "question": "question",
    "approval": "key",
    "owed": "camera",
    "trouble": "warning",
}
LOUD: Final = frozenset({"held", "refused", "trouble", "owed"})
"""States that are told at once, whatever is being read aloud."""
ASKING_MS: Final = 1_000
CHECKING_MS: Final = 4_000
STALLED_MS: Final = 20_000
"""A credit that has no word after this long will not get one while somebody waits."""
PRINTING_MS: Final = 45_000
UNTOLD: Final = "untold"
WAITING: Final = "waiting"


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands in the middle of the page. `id` changes only when what is shown does, so that
    nothing is redrawn under somebody's fingers. `phase` 0 to 2: how long it has been asked;
    `stamp`: the content that a question is about; `remarks`: what else is told beside it."""

    state: str
    title: str
    sentence: str = ""
    next_step: str = ""
    to_say: str = ""
    reason: str | None = None
    phase: int = 0
    record: CreditRecord | None = None
    exits: tuple[Exit, ...] = ()
    name: str = ""
    stamp: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def loud(self) -> bool:
        return self.state in LOUD

    @property
    def announced(self) -> str:
        """What a screen reader says when the state changes."""
        return " ".join(part for part in (self.title, self.sentence) if part)

    @property
    def subject(self) -> str:
        """What it is about: a credit's key, the content of a form, or an empty form's name."""
        return self.stamp or self.name if self.record is None else self.record.key.text

    @property
    def id(self) -> str:
        if self.record is None and not self.remarks:
            return f"{self.state}-{self.subject}-{self.phase}"
        shown = (
            self.subject,
            self.title,
            self.sentence,
            self.next_step,
            self.reason or "",
            *self.exits,
            *self.remarks,
        )
        digest = hashlib.sha256("\n".join(shown).encode()).hexdigest()[:16]
        return f"{self.state}-{digest}-{self.phase}"


@dataclass(frozen=True, slots=True)
class Strip:
    """The line above every page, in words."""

    place: str
    brand: str
    link_up: bool
    link: str
    heard: str
    waiting: str
    waiting_count: int
    saved: str
    saved_count: int
    elsewhere: str
    printer: str
    printer_good: bool
    observing: bool
    notice: str = ""


def scene_of_record(
    record: CreditRecord, now_ms: int, since_ms: int | None = None, language: str = ENGLISH
) -> Scene:
    """The state of a credit on the screen, without its exits. `since_ms`: since when somebody
    waits for its word; None for its opening."""
    word = answer(record)
    amount = money_text(record.request.amount)
    if word is None:
        reason = stalled(record, now_ms, record.opened.wall_ms if since_ms is None else since_ms)
        said = told(record, None, None, language)
        if reason is None:
            return confirming(now_ms - record.opened.wall_ms, record, language)
        if reason == UNTOLD:
            words = "state.received"
            return Scene(
                "held",
                say("answer.ask-a-manager.title", language),
                say(f"{words}.sentence", language, amount=amount),
                say("screen.untold.next", language),
                _to_say(amount, "say.wait", language=language),
                UNTOLD,
                record=record,
            )
        return Scene(
            "held",
            say("answer.ask-a-manager.title", language),
            said.sentence,
            say("screen.waiting.next", language),
            _to_say(amount, "say.wait", language=language),
            WAITING,
            record=record,
        )
    held = held_reason(record)
    said = told(record, word, held, language)
    state = WORD_STATES[word]
    return Scene(
        state,
        said.title,
        said.sentence,
        said.next_step,
        _to_say(amount, *_say_ids(record, state), language=language),
        None if held is None else held.value,
        record=record,
    )


def confirming(asked_ms: int, record: CreditRecord | None, language: str = ENGLISH) -> Scene:
    """On its way. `asked_ms`: how long already."""
    phase = 0 if asked_ms < ASKING_MS else 1 if asked_ms < CHECKING_MS else 2
    return Scene(
        "confirming",
        say("answer.waiting.title", language),
        say(f"screen.confirming.{phase}", language),
        phase=phase,
        record=record,
    )


def scene_of_form(mode: Mode, name: str, stamp: str, language: str = ENGLISH) -> Scene:
    """What stands where no credit does. `stamp`: of what was typed; a form that is still being
    filled in is the same one whatever stands in it."""
    title = say(f"screen.{mode.value}.title", language)
    return Scene(mode.value, title, name=name, stamp="" if mode is Mode.READY else stamp)


def owed(record: CreditRecord, language: str = ENGLISH) -> Scene:
    """The code itself, for a manager who asked for it."""
    amount = money_text(record.request.amount)
    return Scene(
        "owed",
        say("screen.owed.title", language),
        say("screen.owed.sentence", language, amount=amount),
        say("screen.owed.next", language),
        _to_say(amount, "say.owed", language=language),
        record=record,
    )


def stalled(record: CreditRecord, now_ms: int, since_ms: int) -> str | None:
    """Why a credit without a word will not get one by waiting; None where it still may.

    Not counted from its last change: each attempt is one, and somebody waits through them all.
    """
    age_ms = now_ms - since_ms
    if record.state is State.RECEIVED:
        return UNTOLD if age_ms > STALLED_MS else None
    patience_ms = PRINTING_MS if record.paper is Paper.QUEUED else STALLED_MS
    return WAITING if age_ms > patience_ms else None


def is_final(record: CreditRecord) -> bool:
    """Whether its word lets the next customer come."""
    return answer(record) in FINAL


def _say_ids(record: CreditRecord, state: str) -> Sequence[str]:
    """Ids of a sentence for the shopper, the most exact first."""
    ids = [f"say.{state}"]
    held = held_reason(record)
    if held is not None:
        ids.insert(0, f"say.held.{held.value}")
    if state == "voucher" and record.paper_kind is PaperKind.IDENTITY:
        ids.insert(0, "say.voucher.identity")
    if state == "confirmed" and record.promised:
        ids.insert(0, "say.confirmed.promised")
    if state == "refused" and record.state in (State.WITHDRAWN, State.VOIDED):
        ids.insert(0, "say.refused.undone")
    return ids


def _to_say(amount: str, *ids: str, language: str) -> str:
    known = message_ids(language)
    found = next((each for each in ids if each in known), None)
    return "" if found is None else say(found, language, amount=amount)


def waiting_words(totals: QueueTotals, now_ms: int, language: str = ENGLISH) -> str:
    """How many wait with their sums and the oldest's age."""
    if not totals.count:
        return say("screen.strip.nothing-waits", language)
    sums = " + ".join(
        money_text(Money(minor, currency))
        for currency, minor in sorted(totals.minor_by_currency.items())
    )
    oldest = now_ms if totals.oldest_opened_ms is None else totals.oldest_opened_ms
    age = age_words(now_ms - oldest, language)
    return say("screen.strip.waiting", language, count=totals.count, sums=sums, age=age)


def age_words(age_ms: int, language: str = ENGLISH) -> str:
    """ "under 1 min", "14 min", "3 h", "2 days"; never less than it is by more than one unit."""
    minutes = max(age_ms, 0) // 60_000
    if minutes < 1:
        return say("screen.age.now", language)
    if minutes < 120:
        return say("screen.age.minutes", language, count=minutes)
    if minutes < 48 * 60:
        return say("screen.age.hours", language, count=minutes // 60)
    return say("screen.age.days", language, count=minutes // (24 * 60))


def time_words(at_ms: int, now_ms: int, zone: datetime.tzinfo) -> str:
    """ "14:03", or with its day where that is another one."""
    at = datetime.datetime.fromtimestamp(at_ms / 1000, zone)
    now = datetime.datetime.fromtimestamp(now_ms / 1000, zone)
    return at.strftime("%H:%M" if at.date() == now.date() else "%Y-%m-%d %H:%M")


def printer_words(code: str, language: str = ENGLISH) -> str:
    """How the printer is; a code without words reads as unknown."""
    known = f"screen.printer.{code}"
    return say(known if known in message_ids(language) else "screen.printer.unknown", language)
