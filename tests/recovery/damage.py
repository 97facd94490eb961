# SPDX-License-Identifier: Apache-2.0
"""Spoils a journal in every way that a disk can, opens it again, and looks for lost money.

After each: every till sends again all that it ever sent, and nothing of it may become a second
credit; every record that is not named as lost must be as it was; the chain must hold, whole or
in a new segment that says what is missing.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.domain.faults import (
    AliasConflict,
    ApprovalRequired,
    CannotJournal,
    Fault,
    JournalDamaged,
    RecordLost,
)
from agent.domain.record import CreditRecord
from agent.journal import InlineJournal, advancing, opening, reading, verify_journal
from agent.journal.damage import note_damage, salvaged
from agent.journal.pages import Pages
from agent.ports import Opened
from tests.journal.building import SEAL_KEY
from tests.recovery.sound import PAGE, Ground, Told, damage, trees

HOWS: Final = ("zeros", "noise", "bit")
ROUNDS: Final = 4
LOG_HEAD: Final = 32
FRAME: Final = 24 + PAGE
Spoil = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to spoil a journal's folder."""

    name: str
    spoil: Spoil


@dataclass(slots=True)
class Tried:
    """What became of it. `wrong`: sentences; empty where it held."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def ways(ground: Ground, seed: int) -> Iterator[Way]:
    """The root and one page below of every tree, three ways each; and what spoils more."""
    dice = random.Random(seed)
    file = ground.folder / "journal.db"
    pages = Pages(file.read_bytes())
    for name, root in sorted(trees(file).items()):
        below = [number for number, _ in pages.tree(root) if number != root]
        chosen = {"root": root} | ({"below": dice.choice(below)} if below else {})
        for where, page in chosen.items():
            for how in HOWS:
                yield Way(f"{name} {where} {how} page {page}", _page(page, how))
    for number in range(6):
        first = dice.randrange(2, pages.count)
        yield Way(f"zeros from page {first} on, {number + 2} pages", _run(first, number + 2))
    for part in (0.05, 0.35, 0.65, 0.95):
        yield Way(f"cut at {part:.0%}", _cut(part))
    yield Way("cut in the middle of a page", _cut(0.5, 1_234))
    yield Way("empty", _cut(0.0))
    yield Way("gone", lambda folder: (folder / "journal.db").unlink())


def log_ways(ground: Ground, seed: int) -> Iterator[Way]:
    """What spoils the log of a journal that was killed: a frame of it, its head, all of it."""
    dice = random.Random(seed)
    size = (ground.folder / "journal.db-wal").stat().st_size
    frames = (size - LOG_HEAD) // FRAME
    for how in ("body", "head", "both"):
        for place in (0.02, 0.3, 0.6, 0.9, dice.random()):
            number = int(frames * place)
            yield Way(f"log: {how} of frame {number} of {frames}", _frame(number, how))
    yield Way("log: its head", _log_bytes(0, LOG_HEAD))
    yield Way("log: all of it", _log_bytes(0, size))
    yield Way("log and file: the same page", _both(dice.randrange(2, frames)))


def _frame(number: int, how: str) -> Spoil:
    at = LOG_HEAD + number * FRAME
    first, size = {"body": (24, PAGE), "head": (0, 24), "both": (0, FRAME)}[how]
    return _log_bytes(at + first, size)


def _log_bytes(at: int, size: int) -> Spoil:
    def spoil(folder: Path) -> None:
        with open(folder / "journal.db-wal", "r+b") as raw:
            raw.seek(at)
            raw.write(b"\x5a" * size)

    return spoil


def _both(number: int) -> Spoil:
    def spoil(folder: Path) -> None:
        _frame(number, "body")(folder)
        damage(folder / "journal.db", 3 + number % 40, "noise")

    return spoil


def _page(number: int, how: str) -> Spoil:
    return lambda folder: damage(folder / "journal.db", number, how)


def _run(first: int, count: int) -> Spoil:
    def spoil(folder: Path) -> None:
        for number in range(first, first + count):
            damage(folder / "journal.db", number, "zeros")

    return spoil


def _cut(part: float, beside: int = 0) -> Spoil:
    def spoil(folder: Path) -> None:
        file = folder / "journal.db"
        size = file.stat().st_size
        with open(file, "r+b") as raw:
            raw.truncate(int(size * part) // PAGE * PAGE + beside)

    return spoil


def attempt(ground: Ground, way: Way, folder: Path) -> Tried:
    """A fresh copy, spoilt, opened and used. `folder` is left as it ends, to be looked at."""
    shutil.rmtree(folder, ignore_errors=True)
    ground.copy(folder)
    way.spoil(folder)
    tried = Tried()
    try:
        _use(ground, folder, tried)
        _look_into(folder)
        _use(ground, folder, tried)
        _judge(ground, folder, tried)
    except (Fault, sqlite3.Error, ValueError) as error:
        tried.wrong.append(f"{type(error).__name__}: {error}")
    tried.counts["salvaged"] = int(salvaged(folder) is not None)
    return tried


def _look_into(folder: Path) -> None:
    """What store IT does who suspects a disk: verify, and where that finds anything, salvage."""
    try:
        sound = verify_journal(folder, seal_key=SEAL_KEY).sound
    except (JournalDamaged, CannotJournal):
        sound = False
    if not sound:
        note_damage(folder, "verify")


def _use(ground: Ground, folder: Path, tried: Tried) -> None:
    """Every till sends all of it again; a journal that breaks is started anew, as a daemon is."""
    for _ in range(ROUNDS):
        journal = ground.bench.inline(folder)
        try:
            for told in ground.told:
                _send_again(ground, journal, told, tried)
                if journal.core.broken:
                    break
            else:
                return
        finally:
            journal.close()
    tried.wrong.append("it breaks however often it is started")


def _send_again(ground: Ground, journal: InlineJournal, told: Told, tried: Tried) -> None:
    again = ground.again(told)
    bench = ground.bench
    (result,) = journal.core.run(
        [lambda store: opening.open_credit(store, again, bench.admit(again), bench.begin)]
    )
    match result.fault:
        case None:
            assert isinstance(result.value, Opened)
            if result.value.fresh:
                tried.wrong.append(f"{told.record.key} was given a second time")
            elif result.value.decision.record.key != told.record.key:
                tried.wrong.append(f"{told.record.key} was taken for another")
        case RecordLost() | ApprovalRequired() | AliasConflict() as fault:
            tried.counts[fault.code] += 1
        case CannotJournal() | JournalDamaged():
            pass  # told to nobody: the till asks again
        case fault:
            tried.wrong.append(f"{told.record.key} met {fault}")


def _judge(ground: Ground, folder: Path, tried: Tried) -> None:
    """Nothing changed in silence, and the chain says so."""
    found = verify_journal(folder, seal_key=SEAL_KEY)
    tried.wrong += [f"verify: {each}" for each in found.findings[:3]]
    journal = ground.bench.inline(folder)
    try:
        store = journal.core.store
        lost = {row["key"] for row in store.connection.execute("SELECT key FROM lost")}
        doubts = store.connection.execute("SELECT count(*) FROM doubts").fetchone()[0]
        salvage = salvaged(folder)
        for told in ground.told:
            stands = reading.get(store, told.record.key)
            if stands is None:
                tried.counts["lost"] += 1
                if told.record.key.text not in lost and not doubts:
                    tried.wrong.append(f"{told.record.key} is gone, and nobody says so")
                continue
            tried.counts["kept"] += 1
            tried.wrong += _compared(told, stands)
            if salvage is not None and not (stands.is_settled or stands.shared):
                tried.wrong.append(f"{told.record.key} was saved, and is sent without a look")
            token = advancing.token(store, told.record.key)
            if token is not None and token != told.token:
                tried.wrong.append(f"{told.record.key} has another token")
        if lost and (salvage is None or salvage.credits_lost < len(lost)):
            tried.wrong.append("the report names fewer lost than there are")
    finally:
        journal.close()


def _compared(told: Told, stands: CreditRecord) -> Iterator[str]:
    was = told.record
    same = (was.code, was.request.amount, was.request.place, was.request.pos, was.opened) == (
        stands.code,
        stands.request.amount,
        stands.request.place,
        stands.request.pos,
        stands.opened,
    )
    if not same:
        yield f"{was.key} is another credit now"
    for flag in ("perhaps_sent", "promised", "shared"):
        if getattr(was, flag) and not getattr(stands, flag):
            yield f"{was.key} is not {flag} any more"
    if was.is_settled and was.state is not stands.state:
        yield f"{was.key} was {was.state} and is {stands.state}"


def all_pages(file: Path) -> int:
    """How many pages the file has."""
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])
