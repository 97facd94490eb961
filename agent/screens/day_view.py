# SPDX-License-Identifier: Apache-2.0
"""From what the journal says of a day to what its page shows. Pure: time and zone come in."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.decisions.answer import answer, held_reason
from agent.domain.day import Act, Bounded, Day, DaySum, PersonAct
from agent.domain.money import Money
from agent.domain.record import OPEN, Answer, CreditRecord, State
from agent.ports import QueueTotals
from agent.screens.day_sums import (
    OPERATORS_MAX,
    Balance,
    OperatorRow,
    Stand,
    Tally,
    balances,
    operators,
    stand_of,
    tally_of,
)
from agent.words import ENGLISH, money_text, say, state_words, told


@dataclass(frozen=True, slots=True)
class Row:
    """A credit in a list. `date`: its business date where that is another day's."""

    path: str
    time: str
    date: str
    amount: str
    last_four: str
    operator: str
    word: str
    sentence: str
    next_step: str
    needs_person: bool
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ActRow:
    """What somebody did. `path`: of the credit, empty where there is none."""

    time: str
    by: str
    sentence: str
    reason: str
    path: str = ""
    amount: str = ""
    last_four: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class DayView:
    """Everything that the page shows, as text and in order."""

    date: str
    previous: str
    following: str | None
    at: str
    empty: bool
    need_person: int
    settled: bool
    waiting: Tally
    oldest: str
    waiting_rows: tuple[Row, ...]
    waiting_cut: bool
    other_days: Tally
    saved_rows: tuple[Row, ...]
    on_paper: Tally
    paper_rows: tuple[Row, ...]
    paper_cut: bool
    owed: tuple[ActRow, ...]
    undone: tuple[tuple[str, Tally], ...]
    undone_rows: tuple[Row, ...]
    undone_cut: bool
    voiding: bool
    acts: tuple[ActRow, ...]
    acts_cut: bool
    operators: tuple[OperatorRow, ...]
    operators_cut: bool
    balances: tuple[Balance, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What a day is looked at from: where its credits' pages are, the zone, the clock, who asks.

    `saved`: what this screen has put aside and not ended; `queue`: all that waits now.
    """

    home: str
    zone: datetime.tzinfo
    now_ms: int
    queue: QueueTotals
    saved: Sequence[CreditRecord] = ()
    language: str = ENGLISH


def day_view(day: Day, around: Around) -> DayView:
    """The page of a day."""
    today = local(around.now_ms, around.zone).date()
    saved = [each for each in around.saved if each.request.pos.business_date == day.date]
    waiting = tally_of(day.sums, Stand.WAITING)
    on_paper = tally_of(day.sums, Stand.ON_PAPER)
    voiding = tally_of(day.sums, Stand.VOIDING)
    paper_rows = _rows(day.promised, day, around)
    waiting_rows = _rows(day.waiting, day, around)
    by_operator = operators(day.sums)
    acts = tuple(_act_row(each, around) for each in day.acts)
    owed = tuple(
        row for row, each in zip(acts, day.acts, strict=True) if each.act is Act.CODE_SHOWN
    )
    return DayView(
        date=day.date.isoformat(),
        previous=(day.date - datetime.timedelta(days=1)).isoformat(),
        following=(
            (day.date + datetime.timedelta(days=1)).isoformat() if day.date < today else None
        ),
        at=local(around.now_ms, around.zone).strftime("%Y-%m-%d %H:%M %Z"),
        empty=not (day.sums or day.acts or day.undone.records or saved),
        need_person=sum(row.needs_person for row in (*waiting_rows, *paper_rows)),
        settled=waiting.count + on_paper.count + voiding.count == 0,
        waiting=waiting,
        oldest=_oldest(day.sums, around.zone),
        waiting_rows=waiting_rows,
        waiting_cut=day.waiting.truncated,
        other_days=_other_days(day.sums, around.queue),
        saved_rows=tuple(_row(each, day, around) for each in saved),
        on_paper=on_paper,
        paper_rows=tuple(sorted(paper_rows, key=lambda row: not row.needs_person)),
        paper_cut=day.promised.truncated,
        owed=owed,
        undone=_undone(day.undone_sums, around.language),
        undone_rows=tuple(_undone_row(each, day, around) for each in day.undone.records),
        undone_cut=day.undone.truncated,
        voiding=any(each.state is State.VOIDING for each in day.undone_sums),
        acts=acts,
        acts_cut=day.acts_truncated,
        operators=by_operator[:OPERATORS_MAX],
        operators_cut=len(by_operator) > OPERATORS_MAX,
        balances=balances(day),
    )


def local(at_ms: int, zone: datetime.tzinfo) -> datetime.datetime:
    """A moment by the store's clock."""
    return datetime.datetime.fromtimestamp(at_ms / 1000, zone)


def hours_of(date: datetime.date, zone: datetime.tzinfo) -> tuple[int, int]:
    """From midnight to midnight in the store's zone, in UTC milliseconds; 23 or 25 hours too."""
    midnights = (
        datetime.datetime.combine(day, datetime.time(), zone)
        for day in (date, date + datetime.timedelta(days=1))
    )
    first, last = (int(each.timestamp()) * 1000 for each in midnights)
    return first, last


def _oldest(sums: Iterable[DaySum], zone: datetime.tzinfo) -> str:
    waiting = [
        each.oldest_ms for each in sums if stand_of(each.state, each.promised) is Stand.WAITING
    ]
    return f"{local(min(waiting), zone):%Y-%m-%d %H:%M}" if waiting else ""


def _other_days(sums: Iterable[DaySum], queue: QueueTotals) -> Tally:
    """What is open at this register and was not asked for on this day."""
    here = Tally.of((each.count, each.amount) for each in sums if each.state in OPEN)
    rest = {
        currency: minor - here.minor.get(currency, 0)
        for currency, minor in queue.minor_by_currency.items()
    }
    count = max(queue.count - here.count, 0)
    return Tally(count, {name: minor for name, minor in rest.items() if minor > 0})


def _rows(found: Bounded, day: Day, around: Around) -> tuple[Row, ...]:
    return tuple(_row(each, day, around) for each in found.records)


def _row(record: CreditRecord, day: Day, around: Around) -> Row:
    word, amount = answer(record), money_text(record.request.amount)
    if word is None:
        words = state_words(record.state, amount, around.language)
    else:
        words = told(record, word, held_reason(record), around.language)
    business_date = record.request.pos.business_date
    opened = local(record.opened.wall_ms, around.zone)
    return Row(
        path=_path(around, str(record.key)),
        time=f"{opened:%H:%M}",
        date="" if business_date == day.date else business_date.isoformat(),
        amount=amount,
        last_four=record.code.last_four,
        operator=record.request.operator,
        word=words.title,
        sentence=words.sentence,
        next_step=words.next_step,
        needs_person=word is Answer.ASK_A_MANAGER or record.state is State.RECEIVED,
    )


def _undone_row(record: CreditRecord, day: Day, around: Around) -> Row:
    """By where it stands, with who asked for it and why."""
    row = _row(record, day, around)
    words = state_words(record.state, row.amount, around.language)
    at_ms = record.changed_ms if record.settled_ms is None else record.settled_ms
    return Row(
        path=row.path,
        time=f"{local(at_ms, around.zone):%H:%M}",
        date=row.date,
        amount=row.amount,
        last_four=row.last_four,
        operator=row.operator,
        word=words.title,
        sentence=words.sentence,
        next_step=words.next_step,
        needs_person=False,
        by="" if record.void is None else record.void.by,
        reason="" if record.void is None else record.void.reason,
    )


def _act_row(act: PersonAct, around: Around) -> ActRow:
    said, values = act_words(act)
    row = ActRow(
        time=f"{local(act.at_ms, around.zone):%H:%M}",
        by=act.by,
        sentence=say(said, around.language, **values),
        reason=act.reason,
    )
    if act.key is None or act.amount is None or act.state is None:
        return row
    return ActRow(
        time=row.time,
        by=row.by,
        sentence=row.sentence,
        reason=row.reason,
        path=_path(around, str(act.key)),
        amount=money_text(act.amount),
        last_four=act.last_four,
        word=state_words(act.state, money_text(act.amount), around.language).title,
    )


def act_words(act: PersonAct) -> tuple[str, dict[str, str]]:
    """The id of the sentence for what somebody did, and the values that it takes."""
    match act.act:
        case Act.PAPER_AFFIRMED:
            return f"day.act.paper-affirmed.{'yes' if act.came_out else 'no'}", {}
        case Act.REPRINT_ASKED if act.approved_by is not None:
            return "day.act.reprint-asked.approved", {"manager": act.approved_by}
        case Act.VOID_ASKED if act.writes_off:
            return "day.act.write-off", {}
        case _:
            return f"day.act.{act.act.value}", {}


def _path(around: Around, key: str) -> str:
    return f"{around.home}/credits/{key}"


def _undone(sums: Iterable[DaySum], language: str) -> tuple[tuple[str, Tally], ...]:
    by_state: dict[State, list[tuple[int, Money]]] = {}
    for each in sums:
        by_state.setdefault(each.state, []).append((each.count, each.amount))
    order = (State.VOIDING, State.VOIDED, State.WITHDRAWN)
    return tuple(
        (state_words(state, "", language).title, Tally.of(by_state[state]))
        for state in order
        if state in by_state
    )
