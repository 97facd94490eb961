# SPDX-License-Identifier: Apache-2.0
"""No question walks through a table: SQLite's own plans say so, for every statement asked."""

from __future__ import annotations

import re

from agent.domain.event import Heard
from agent.domain.place import Place
from agent.domain.record import Paper, State
from agent.journal import advancing, limits, reading, upkeep
from agent.journal.store import Operation
from tests.journal.building import PLACE, Bench

ALLOWED = re.compile(
    r"SCAN credits USING (COVERING )?INDEX credits_(open|unheard)\b|SCAN CONSTANT ROW|SCAN meta"
)
"""Walks over partial indexes that hold open or unheard records only."""


async def plans(bench: Bench, questions: list[Operation[object]]) -> list[str]:
    """How SQLite goes about each statement of each question, on a journal with statistics."""
    found: list[str] = []
    async with bench.inline() as journal:
        for number in range(30):
            record = await bench.confirmed(journal, bench.draft(1_000 + number))
            await bench.advance(journal, record, Heard())
        await bench.on_paper(journal)
        store = journal.core.store
        asked: list[str] = []
        store.connection.set_trace_callback(asked.append)
        for question in questions:
            question(store)
        store.connection.set_trace_callback(None)
        for sql in asked:
            steps = store.connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            found.extend(f"{step['detail']} <- {sql}" for step in steps)
    return found


def scans(steps: list[str]) -> list[str]:
    return [
        step
        for step in steps
        if step.startswith("SCAN") and not ALLOWED.match(step) and "CO-ROUTINE" not in step
    ]


async def test_every_question_of_the_counter_uses_an_index() -> None:
    bench = Bench()
    record = bench.draft().record
    other = Place("0421", "04")
    steps = await plans(
        bench,
        [
            lambda store: reading.get(store, record.key),
            lambda store: reading.by_code(store, record.code),
            lambda store: reading.by_aliases(store, (bytes(32), b"x")),
            lambda store: list(reading.Alike(store, record, ())),
            lambda store: reading.due(store, bench.now_ms, 10),
            reading.next_due_ms,
            reading.unfinished,
            lambda store: reading.listed(store, (State.PARKED, State.REVIEW), False, 9, None),
            lambda store: reading.listed(store, (), True, 9, record.key.text),
            lambda store: reading.listed(store, (State.CONFIRMED,), True, 9, None),
            lambda store: reading.totals(store, None),
            lambda store: reading.totals(store, PLACE),
            lambda store: advancing.prints(store, record.key),
            lambda store: advancing.waiting_prints(store, (Paper.QUEUED, Paper.SENT)),
            lambda store: advancing.waiting_prints(store, (Paper.QUEUED,), "03"),
            lambda store: advancing.token(store, record.key),
            lambda store: limits.exposure(store, other, "USD", record),
            lambda store: upkeep.erase_secrets(store, 1),
        ],
    )
    assert len(steps) > 15
    assert scans(steps) == []


async def test_no_step_of_a_credit_walks_through_a_table() -> None:
    bench = Bench()
    found: list[str] = []
    async with bench.inline() as journal:
        connection = journal.core.store.connection
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        record = await bench.on_paper(journal)
        await bench.advance(journal, record, Heard())
        connection.set_trace_callback(None)
        for sql in asked:
            if sql.startswith(("SELECT", "UPDATE", "DELETE")):
                steps = connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
                found.extend(f"{step['detail']} <- {sql}" for step in steps)
    assert found
    walks = [
        step for step in scans(found) if not step.startswith("SCAN events <- SELECT seq, hash")
    ]
    assert walks == []
