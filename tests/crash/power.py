# SPDX-License-Identifier: Apache-2.0
"""Power loss: the daemon on a disk that forgets what was not synced, cycle after cycle.

A chapter is one register's life of several cycles: work until some hundred credits are
acknowledged, a cut at a moment that the seed draws, the power back, a start on what is left, and
a look at the books. Then the tills ask again for whatever they do not know, the daemon stops in
order, and everything must agree to the cent.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.crash import books
from tests.crash.ground import Ground, ground
from tests.crash.life import Life, Nursery, nursery
from tests.crash.lossy import LossyDisk, lossy_disk
from tests.crash.report import Report, say
from tests.crash.tills import Book, Tills
from tests.crash.tripwire import Plan

CYCLES_PER_CHAPTER: Final = 20
ACKNOWLEDGED_PER_CYCLE: Final = 120
TOO_MUCH: Final = 4
"""Times as many, and the cut that was drawn is no longer waited for."""
TILLS: Final = 8
DIES_WITHIN_S: Final = 20.0
WAIT_S: Final = 0.05
STARTS_MAX: Final = 3
TIGHT_ROOM: Final = 128 * 1024 * 1024
"""So little room makes the write-ahead log short, and checkpoints frequent."""


class When(StrEnum):
    """Where in its life the power leaves the daemon."""

    WORK = "work"
    CHECKPOINT = "checkpoint"
    """While the log is moved into the file: the cut counts writes of the file alone."""
    START = "start"
    MIGRATION = "migration"
    STOP = "stop"


_CHANCES: Final = {
    When.WORK: 60,
    When.CHECKPOINT: 20,
    When.START: 10,
    When.MIGRATION: 3,
    When.STOP: 7,
}


@dataclass(frozen=True, slots=True)
class Power:
    """A run: so many cycles from this seed; `synchronous`: how SQLite syncs, empty as it should."""

    cycles: int
    seed: int
    synchronous: str = ""
    acknowledged: int = ACKNOWLEDGED_PER_CYCLE

    def again(self) -> str:
        more = f" --synchronous {self.synchronous}" if self.synchronous else ""
        return f"python -m tests.crash power --cycles {self.cycles} --seed {self.seed}{more}"


def prove(power: Power, folder: Path) -> Report:
    """Runs it in a scratch folder; findings and figures."""
    report = Report("power")
    with lossy_disk(folder) as disk, nursery(folder) as births:
        for number, first in enumerate(range(0, power.cycles, CYCLES_PER_CHAPTER)):
            cycles = min(CYCLES_PER_CHAPTER, power.cycles - first)
            seed = power.seed * 1_000_003 + number
            disk.empty()
            (folder / "s.db").unlink(missing_ok=True)
            with ground(folder, disk.folder / "state") as here:
                chapter = Chapter(power, here, disk, births, random.Random(seed), report)
                chapter.run(cycles)
            say(f"power: {report.figures}")
            if not report.held:
                break
    return report


class Chapter:
    """One journal, from its making to its rest."""

    def __init__(
        self,
        power: Power,
        here: Ground,
        disk: LossyDisk,
        births: Nursery,
        chance: random.Random,
        report: Report,
    ) -> None:
        self._power = power
        self._here = here
        self._disk = disk
        self._births = births
        self._chance = chance
        self._report = report
        self._book = Book()
        self._tills = Tills(here.socket, self._book)
        self._next_version = False

    def run(self, cycles: int) -> None:
        if self._chance.random() < 0.5:
            self._disk.fill(TIGHT_ROOM)
        life = self._started()
        for _ in range(cycles):
            when = self._drawn()
            life = self._cycle(when, life)
            if not self._report.held:
                break
            self._report.count("cycles")
            self._report.count(f"cycles_{when}")
        self._report.count("acknowledged", self._book.acknowledged)
        if self._report.held:
            self._rest(life)
        life.end()
        self._disk.mend()

    def _drawn(self) -> When:
        return self._chance.choices(list(_CHANCES), list(_CHANCES.values()))[0]

    def _cycle(self, when: When, life: Life) -> Life:
        """Works, loses the power, and is started again."""
        after = self._chance.randint(1, 150)
        if when is When.CHECKPOINT:
            self._disk.arm(after, life.pid, "/journal.db")

        def enough() -> None:
            if when is When.WORK:
                self._disk.arm(after, life.pid)
            elif when is not When.CHECKPOINT:
                life.kill()

        def too_much() -> None:
            if when is When.CHECKPOINT:  # there was none, or a short one
                self._disk.arm(1, life.pid)

        if when is When.STOP:
            self._work(life, lambda: self._stop(life), too_much)
        else:
            self._work(life, enough, too_much)
        life.end()
        self._power_back()
        if when is When.MIGRATION:
            self._next_version = True
        if when in (When.START, When.MIGRATION):
            self._cut_starts(400 if when is When.MIGRATION else 60)
        self._look()
        return self._started()

    def _work(self, life: Life, enough: Callable[[], None], too_much: Callable[[], None]) -> None:
        """The tills ask until nobody answers; the two are called on the way, once each."""
        begun = self._book.acknowledged
        passed = {
            begun + self._power.acknowledged: threading.Event(),
            begun + TOO_MUCH * self._power.acknowledged: threading.Event(),
        }

        def one() -> bool:
            answered = self._tills.issue(self._book.new())
            count = self._book.acknowledged
            for bound, event in passed.items():
                if count >= bound:
                    event.set()
            return answered

        working = self._tills.work(TILLS, one)
        for event, then in zip(passed.values(), (enough, too_much), strict=True):
            while not event.wait(WAIT_S) and not life.died(0):
                continue
            if not life.died(0):
                then()
            if life.died(DIES_WITHIN_S if then is too_much else 0.5):
                break
        if not life.died(DIES_WITHIN_S):
            self._wrong("the daemon outlived its power")
            life.kill()
        for thread in working:
            thread.join()

    def _stop(self, life: Life) -> None:
        self._disk.arm(self._chance.randint(1, 40), life.pid)
        life.terminate()

    def _power_back(self) -> None:
        """What is left after the cut; where the daemon was killed alone, nothing is lost."""
        self._disk.restore(self._chance.getrandbits(32))

    def _cut_starts(self, within: int) -> None:
        """Starts that lose their power on the way; the last of them may come through."""
        for _ in range(self._chance.randint(1, STARTS_MAX)):
            life = self._born()
            self._disk.arm(self._chance.randint(1, within), life.pid)
            ready = life.ready()
            life.end()
            self._power_back()
            self._report.count("starts_cut", int(not ready))

    def _born(self) -> Life:
        return self._births.born(
            Plan(synchronous=self._power.synchronous, next_version=self._next_version)
        )

    def _started(self) -> Life:
        life = self._born()
        if not life.ready():
            self._wrong(f"I8: the daemon ends at its start with {life.end()}: {self._log()}")
        return life

    def _look(self) -> None:
        if self._report.held:
            cards, rows = self._here.cards(), books.rows_of(self._here.journal)
            found = books.after_a_crash(self._book, rows, cards)
            self._report.count("lost", sum(finding.startswith("I1") for finding in found))
            for finding in found:
                self._wrong(finding)

    def _rest(self, life: Life) -> None:
        """Every till asks until it knows; then an orderly stop, and the books to the cent."""
        if not self._tills.ask_until_known():
            self._wrong("I8: a till asks and asks, and never hears a word")
        code = life.stop()
        if code:
            self._wrong(f"the daemon did not stop in order: {code}: {self._log()}")
        journal = self._here.journal
        for finding in books.at_rest(self._book, books.rows_of(journal), self._here.cards()):
            self._wrong(finding)
        for finding in books.chain(journal, self._here.seal_key()):
            self._wrong(finding)
        self._report.count("credits", len(self._book.sales))

    def _wrong(self, what: str) -> None:
        self._report.wrong(what, self._power.again())

    def _log(self) -> str:
        return (self._here.folder / "agent.log").read_text()[-500:]
