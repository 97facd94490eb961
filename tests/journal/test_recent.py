# SPDX-License-Identifier: Apache-2.0
"""The newest credits of a register, and what a caller has not heard the end of."""

from __future__ import annotations

from dataclasses import replace

from agent.domain.event import Heard
from agent.domain.place import Place
from agent.journal import reading
from agent.journal.store import Operation
from tests.journal.building import PLACE, Bench

OTHER = Place("0421", "04")


async def test_the_newest_of_a_register_come_first_and_no_other_registers() -> None:
    bench = Bench()
    async with bench.inline() as journal:
        mine = [await bench.opened(journal) for _ in range(3)]
        await bench.opened(journal, bench.draft(place=OTHER))
        found = await journal.recent(PLACE, 2)
        assert [record.key for record in found] == [mine[2].key, mine[1].key]
        assert len(await journal.recent(OTHER, 9)) == 1
        assert await journal.recent(Place("0421", "05"), 9) == []


async def test_a_caller_is_told_what_it_has_not_heard_the_end_of() -> None:
    bench = Bench()
    async with bench.inline() as journal:
        first, second = [await bench.opened(journal) for _ in range(2)]
        draft = bench.draft()
        other = replace(draft, record=replace(draft.record, caller="somebody else"))
        await bench.opened(journal, other)
        found = await journal.unheard_of(first.caller, PLACE, 9)
        assert [record.key for record in found] == [second.key, first.key]
        await bench.advance(journal, second, Heard())
        found = await journal.unheard_of(first.caller, PLACE, 9)
        assert [record.key for record in found] == [first.key]
        assert await journal.unheard_of(first.caller, OTHER, 9) == []


async def plan(ask: Operation[object]) -> list[str]:
    """SQLite's steps for a question."""
    asked: list[str] = []
    async with Bench().inline() as journal:
        connection = journal.core.store.connection
        connection.set_trace_callback(asked.append)
        await journal.read(ask)
        connection.set_trace_callback(None)
        return [
            step["detail"]
            for sql in asked
            for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        ]


async def test_the_newest_are_read_backwards_from_the_end_and_never_sorted() -> None:
    steps = await plan(lambda store: reading.recent(store, PLACE, 9))
    assert any("rowid>" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step] == []


async def test_what_is_unheard_is_found_among_the_unheard_alone() -> None:
    steps = await plan(lambda store: reading.unheard_of(store, "till", PLACE, 9))
    assert any("unheard" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN")] == []
