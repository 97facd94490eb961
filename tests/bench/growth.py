# SPDX-License-Identifier: Apache-2.0
"""The journal with nothing in it, with 100,000 records and with a million: finished, or waiting.

The rows are copies of one real credit's, made by SQL: keys, codes and aliases differ, hashes are
random. What is measured does not look at them; `verify` would call such a file damaged.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Final

from agent.domain.event import BudgetEnded, Event
from agent.journal import advancing, open_inline, opening
from tests.bench.callers import by_tasks
from tests.bench.contenders import Ours
from tests.bench.credits import SEAL_KEY, Till
from tests.bench.report import Bar, Part, Table
from tests.bench.samples import Cycles

FIRST: Final = 50_000_000
"""Numbers of the credits that are measured begin here, so that no amount stands already."""
ROUNDS: Final = 8
_DAY_MS: Final = 86_400_000


async def measure(folder: Path, quick: bool) -> Part:
    """Opens each file once to time it, then all of them side by side, in rounds."""
    part = Part("growth")
    large = 100_000 if quick else 1_000_000
    sizes = (0, 10_000 if quick else 100_000, large)
    files = {f"{rows:,} {sort}": (sort, rows) for sort in ("finished", "waiting") for rows in sizes}
    del files["0 waiting"]
    opening = Table("Growth: opening the journal", ("rows", "fill s", "file MB", "open ms"))
    part.tables.append(opening)
    opened_ms: dict[str, float] = {}
    for name, (sort, rows) in files.items():
        began = time.perf_counter()
        place = folder / name.replace(" ", "-")
        fill(place, rows, finished=sort == "finished")
        filled_s = time.perf_counter() - began
        opened_ms[name] = min([await _opened_ms(place) for _ in range(3)])
        size_mb = (place / "journal.db").stat().st_size / 1e6
        opening.add(name, round(filled_s), round(size_mb), opened_ms[name])
    found: dict[int, Mapping[str, Cycles]] = {}
    for callers, each in ((1, 60 if quick else 120), (32, 320 if quick else 640)):
        found[callers] = await _course(folder, list(files), callers, each)
        part.tables.append(_table(callers, found[callers]))
    empty, last = "0 finished", (f"{large:,} finished", f"{large:,} waiting")
    for name in last:
        one, many = found[1], found[32]
        p50 = one[name].enqueue.p50_ms / one[empty].enqueue.p50_ms
        rate = many[name].enqueue.per_second / many[empty].enqueue.per_second
        part.bars += [
            Bar(f"{name}: opening", opened_ms[name], 50.0, "ms"),
            Bar(f"{name}: one caller, enqueue p50 over an empty journal's", p50, 1.2),
            Bar(f"{name}: 32 callers, cycles/s over an empty journal's", rate, 0.5, least=True),
        ]
    return part


async def _opened_ms(folder: Path) -> float:
    began = time.perf_counter()
    ours = await Ours.open(folder, range(0))
    took = time.perf_counter() - began
    await ours.aclose()
    return took * 1000


async def _course(folder: Path, names: list[str], callers: int, each: int) -> Mapping[str, Cycles]:
    total = each * (ROUNDS + 1)
    first = FIRST + callers * 1_000_000
    found = {name: Cycles() for name in names}
    async with AsyncExitStack() as stack:
        journals = {}
        for name in names:
            ours = await Ours.open(folder / name.replace(" ", "-"), range(first, first + total))
            stack.push_async_callback(ours.aclose)
            journals[name] = ours
        for turn in range(ROUNDS + 1):
            for name, ours in journals.items():
                numbers = range(turn * each, (turn + 1) * each)
                await by_tasks(ours, numbers, callers, found[name])
            if turn == 0:  # to warm up
                found = {name: Cycles() for name in names}
    return found


def _table(callers: int, found: Mapping[str, Cycles]) -> Table:
    table = Table(
        f"Growth: {callers} caller{'s' if callers > 1 else ''}",
        ("rows", "enqueue p50 ms", "p99 ms", "of empty", "finish p50 ms", "cycles/s", "of empty"),
    )
    empty = next(iter(found.values()))
    for name, cycles in found.items():
        table.add(
            name,
            cycles.enqueue.p50_ms,
            cycles.enqueue.p99_ms,
            cycles.enqueue.p50_ms / empty.enqueue.p50_ms,
            cycles.finish.p50_ms,
            cycles.enqueue.per_second,
            cycles.enqueue.per_second / empty.enqueue.per_second,
        )
    return table


def fill(folder: Path, rows: int, *, finished: bool) -> None:
    """A journal with so many records: confirmed and heard, or waiting since an outage."""
    till = Till()
    journal = open_inline(
        folder, seal_key=SEAL_KEY, machine=b"bench", clock_ms=till.clock_ms, chance=till.chance
    )
    draft = till.draft(FIRST - 1)
    run = journal.core.run

    def one(event: Event) -> None:
        (result,) = run(
            [lambda at: advancing.advance(at, draft.record.key, event, till.step(event))]
        )
        assert result.fault is None

    (opened,) = run([lambda at: opening.open_credit(at, draft, till.admit(draft), till.begin)])
    assert opened.fault is None
    one(till.confirmed(draft.record) if finished else BudgetEnded())
    journal.close()
    if rows:
        with closing(sqlite3.connect(folder / "journal.db", isolation_level=None)) as connection:
            _multiply(connection, rows, finished)


def _multiply(connection: sqlite3.Connection, rows: int, finished: bool) -> None:
    """Copies the one credit. Indexes go while rows come, and are made again over all of them."""
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN EXCLUSIVE")
    made = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in made:
        connection.execute(f"DROP INDEX {name}")
    connection.create_function("alias", 1, _alias, deterministic=True)
    connection.execute(
        "CREATE TEMP TABLE copies AS WITH RECURSIVE n (i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "SELECT i, printf('0421-03-%013d-%08d', 1700000000000 + i, i) AS key FROM n",
        (rows,),
    )
    age_ms = 30 * _DAY_MS if finished else _DAY_MS
    _copy(
        connection,
        "credits",
        {
            "id": "c.i + 10",
            "key": "c.key",
            "code_hash": "randomblob(32)",
            "amount_minor": "1000 + c.i % 40000",
            "pos_number": "printf('T%07d', c.i)",
            "opened_ms": f"s.opened_ms - {age_ms} + c.i * 20",
            "heard": "1",
        },
    )
    for many in (1, 2):
        connection.execute(
            "INSERT INTO aliases SELECT alias(c.i * 2 + ?), c.key FROM copies c ORDER BY 1",
            (many,),
        )
    _copy(connection, "effects", {"key": "c.key"})
    _copy_events(connection)
    if not finished:  # what is finished was told long ago, and its letters are gone
        _copy(connection, "outbox", {"seq": "s.seq + c.i * 2", "event_seq": "c.i"})
        connection.execute("UPDATE sequences SET last = (SELECT max(seq) FROM outbox)")
    for _, sql in made:
        connection.execute(sql)
    connection.execute("DELETE FROM spool")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")


def _copy(connection: sqlite3.Connection, table: str, other: Mapping[str, str]) -> None:
    """Every row of `table` once for each copy; `other`: the columns that differ, as SQL."""
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(other.get(name, f"s.{name}") for name in names)
    connection.execute(f"CREATE TEMP TABLE was AS SELECT * FROM {table}")
    connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM copies c, was s"
    )
    connection.execute("DROP TABLE was")


def _copy_events(connection: sqlite3.Connection) -> None:
    """Behind the real ones, of which the anchors tell."""
    last = connection.execute("SELECT max(seq) FROM events").fetchone()[0]
    connection.execute("CREATE TEMP TABLE was AS SELECT * FROM events WHERE key IS NOT NULL")
    connection.execute(
        "INSERT INTO events SELECT ? + row_number() OVER (ORDER BY c.i, s.seq), c.key, s.kind, "
        "s.at_ms, s.source, s.target, s.revision, s.details, s.digest, s.commitment, "
        "randomblob(32) FROM copies c, was s",
        (last,),
    )
    connection.execute("DROP TABLE was")


def _alias(number: int) -> bytes:
    """Spread like a hash, and never the same for two."""
    return (number * 0x9E3779B97F4A7C15 % (1 << 64)).to_bytes(8, "big") + bytes(24)
