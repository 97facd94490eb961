# SPDX-License-Identifier: Apache-2.0
"""The journal's answer to "how was the day at this register": sums, short lists, people's acts.

Sums are made by SQL, in integers, by currency. Every question has an index of its own (the
second migration), and all but one of those hold rare rows only: a credit that nobody touches by
hand costs one entry more.
"""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Mapping
from typing import Final

from agent.domain.day import (
    DAY_LIST_MAX,
    Act,
    Bounded,
    Day,
    DaySum,
    PersonAct,
    Recorded,
)
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import State, VoidKind
from agent.journal.reading import RECORD, records
from agent.journal.store import Store, Value

_SUMS: Final = (
    "SELECT operator, state, promised, currency, count(*) AS many, sum(amount_minor) AS minor, "
    "min(opened_ms) AS oldest "
)
_ALIKE: Final = "GROUP BY operator, state, promised, currency"
_DAY: Final = "store = ? AND register = ? AND pos_date = ? "
# The plus keeps SQLite from walking through all that is open, however long the link was down.
_OPEN: Final = "AND +open = 1 AND state <> 'voiding' "
# The conditions below stand word for word in the indexes: only then does SQLite use them.
_UNDONE: Final = (
    "state IN ('voiding', 'voided', 'withdrawn') AND store = ? AND register = ? "
    "AND coalesce(settled_ms, changed_ms) >= ? AND coalesce(settled_ms, changed_ms) < ? "
)
_BY_PEOPLE: Final = (
    "events.kind IN ('limits-lifted', 'paper-approved', 'code-shown', 'paper-affirmed', "
    "'reprint-asked', 'void-asked', 'person-linked', 'person-confirmed', 'person-withdrew') "
)
_CREDIT: Final = "credits.amount_minor, credits.currency, credits.code_last_four, credits.state "


def day(store: Store, place: Place, date: datetime.date, from_ms: int, until_ms: int) -> Day:
    """Credits of the business date `date`, and what people did from `from_ms` to before
    `until_ms` (UTC milliseconds of that day's midnights in the store's zone)."""
    of_date = (place.store, place.register, date.isoformat())
    of_hours = (place.store, place.register, from_ms, until_ms)
    at_day = "FROM credits INDEXED BY credits_day WHERE " + _DAY
    at_undone = "FROM credits INDEXED BY credits_undone WHERE " + _UNDONE
    acts = sorted(
        [*_acts(store, of_hours), *_approvals(store, of_hours)], key=lambda act: act.at_ms
    )
    return Day(
        place=place,
        date=date,
        sums=_sums(store, at_day, of_date),
        recorded=_recorded(store, of_date),
        waiting=_listed(store, f"{_DAY}{_OPEN}AND promised = 0 ORDER BY id", of_date),
        promised=_listed(store, f"{_DAY}{_OPEN}AND promised = 1 ORDER BY id", of_date),
        undone=_listed(store, f"{_UNDONE}ORDER BY coalesce(settled_ms, changed_ms), id", of_hours),
        undone_sums=_sums(store, at_undone, of_hours),
        acts=tuple(acts[:DAY_LIST_MAX]),
        acts_truncated=len(acts) > DAY_LIST_MAX,
    )


def _sums(store: Store, source: str, values: tuple[Value, ...]) -> tuple[DaySum, ...]:
    rows = store.connection.execute(f"{_SUMS}{source}{_ALIKE}", values)
    return tuple(
        DaySum(
            operator=row["operator"],
            state=State(row["state"]),
            promised=bool(row["promised"]),
            amount=Money(row["minor"], row["currency"]),
            count=row["many"],
            oldest_ms=row["oldest"],
        )
        for row in rows
    )


def _recorded(store: Store, of_date: tuple[Value, ...]) -> tuple[Recorded, ...]:
    """From the first event of each credit, not from its row: a check, not the same sum again."""
    rows = store.connection.execute(
        "SELECT json_extract(events.details, '$.currency') AS currency, count(*) AS many, "  # noqa: S608
        "sum(json_extract(events.details, '$.amount_minor')) AS minor "
        "FROM credits INDEXED BY credits_day "
        "JOIN events INDEXED BY events_key ON events.key = credits.key AND events.source IS NULL "
        f"WHERE {_DAY}GROUP BY 1 ORDER BY 1",
        of_date,
    )
    return tuple(Recorded(row["many"], Money(row["minor"], row["currency"])) for row in rows)


def _listed(store: Store, where: str, values: tuple[Value, ...]) -> Bounded:
    found = records(store, f"{RECORD}WHERE {where} LIMIT ?", (*values, DAY_LIST_MAX + 1))
    return Bounded(tuple(found[:DAY_LIST_MAX]), len(found) > DAY_LIST_MAX)


def _acts(store: Store, of_hours: tuple[Value, ...]) -> list[PersonAct]:
    place, hours = of_hours[:2], of_hours[2:]
    rows = store.connection.execute(
        f"SELECT events.key, events.kind, events.at_ms, events.details, {_CREDIT}"
        "FROM events INDEXED BY events_people LEFT JOIN credits ON credits.key = events.key "
        f"WHERE {_BY_PEOPLE}AND events.at_ms >= ? AND events.at_ms < ? "
        "AND (events.key IS NULL OR (credits.store = ? AND credits.register = ?)) "
        "ORDER BY events.at_ms, events.seq LIMIT ?",
        (*hours, *place, DAY_LIST_MAX + 1),
    )
    return [_act(row, Act(row["kind"]), json.loads(row["details"])) for row in rows]


def _approvals(store: Store, of_hours: tuple[Value, ...]) -> list[PersonAct]:
    """Given before a record, and used by one."""
    place, hours = of_hours[:2], of_hours[2:]
    rows = store.connection.execute(
        "SELECT approvals.used_by AS key, approvals.manager, approvals.given_ms AS at_ms, "
        f"{_CREDIT}FROM approvals INDEXED BY approvals_used "
        "JOIN credits ON credits.key = approvals.used_by "
        "WHERE approvals.used_by IS NOT NULL AND approvals.given_ms >= ? "
        "AND approvals.given_ms < ? AND credits.store = ? AND credits.register = ? "
        "ORDER BY approvals.given_ms LIMIT ?",
        (*hours, *place, DAY_LIST_MAX + 1),
    )
    return [_act(row, Act.APPROVED, {"by": row["manager"]}) for row in rows]


def _act(row: sqlite3.Row, act: Act, said: Mapping[str, str | int]) -> PersonAct:
    key: str | None = row["key"]
    approved_by = said.get("approved_by")
    came_out = said.get("came_out")
    return PersonAct(
        act=act,
        by=str(said.get("by", "")),
        at_ms=row["at_ms"],
        key=None if key is None else IdempotencyKey(key),
        amount=None if key is None else Money(row["amount_minor"], row["currency"]),
        last_four="" if key is None else row["code_last_four"],
        state=None if key is None else State(row["state"]),
        reason=str(said.get("reason", "")),
        approved_by=None if approved_by is None else str(approved_by),
        came_out=None if came_out is None else bool(came_out),
        writes_off=said.get("kind") == VoidKind.WRITE_OFF.value,
    )
