# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at every named point and at random: the real daemon, the real sandbox, a real printer.

One cycle: a scene with several tills, a death at one point, a start, everybody asks again for what
they do not know, an orderly stop, and books that agree to the cent. The journal lives on from
cycle to cycle.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.crash import books
from tests.crash.ground import Ground, ground
from tests.crash.life import PLAIN, Life, Nursery, nursery
from tests.crash.points import POINTS, Moment, Point, Scene
from tests.crash.relay import Relay, relay
from tests.crash.report import Report, say
from tests.crash.tills import Book, Tills
from tests.crash.tokens import token_of
from tests.crash.tripwire import Plan, downgraded

TILLS: Final = 4
ENOUGH: Final = 40
"""Answers after which a point that was not met is given up."""
BUDGET_S: Final = 1.5
DIES_WITHIN_S: Final = 15.0
ROWS_TO_UPGRADE: Final = 300
AWAY: Final = {Scene.OFFLINE: "down", Scene.MUTE: "hang"}
"""What the sandbox does wrong in a scene."""
NAMED: Final = {point.name: point for point in POINTS}


@dataclass(frozen=True, slots=True)
class Kill:
    """A run: so many cycles from this seed, through the points in an order that it draws."""

    cycles: int
    seed: int
    only: str = ""
    """One point's name alone."""

    def again(self) -> str:
        more = f" --only '{self.only}'" if self.only else ""
        return f"python -m tests.crash kill --cycles {self.cycles} --seed {self.seed}{more}"


def prove(kill: Kill, folder: Path) -> Report:
    """Runs it in a scratch folder; findings and figures."""
    report = Report("kill")
    with (
        ground(folder, folder / "state") as here,
        printer() as port,
        relay(int(here.url.rsplit(":", 1)[1])) as platform,
        relay(port) as paper,
        nursery(folder) as births,
    ):
        here.settle(f"http://127.0.0.1:{platform.port}", paper.port, BUDGET_S)
        run = Run(kill, here, platform, paper, births, report)
        for point in drawn_points(kill):
            run.cycle(point)
            if not report.held:
                break
    return report


def drawn_points(kill: Kill) -> list[Point]:
    """Every point once before any comes twice."""
    chance = random.Random(kill.seed)
    drawn: list[Point] = []
    while len(drawn) < kill.cycles:
        points = [NAMED[kill.only]] if kill.only else list(POINTS)
        chance.shuffle(points)
        drawn += points
    return drawn[: kill.cycles]


class Run:
    """A register's life of many deaths."""

    def __init__(
        self,
        kill: Kill,
        here: Ground,
        platform: Relay,
        paper: Relay,
        births: Nursery,
        report: Report,
    ) -> None:
        self._kill = kill
        self._here = here
        self._platform = platform
        self._paper = paper
        self._births = births
        self._report = report
        self._chance = random.Random(f"{kill.seed} cycles")
        self._book = Book()
        self._tills = Tills(here.socket, self._book)
        self._next_version = False

    def cycle(self, point: Point) -> None:
        """One death at the point, and everything after it."""
        nth, seed = self._chance.randint(1, point.nth), self._chance.getrandbits(32)
        known = set(self._book.sales)
        self._before(point)
        life = self._born(Plan(point.moment, point.mark, nth, seed, "", self._next_version))
        self._arm(point, nth, life)
        if life.ready():
            self._play(point, life)
        died = life.died(DIES_WITHIN_S)
        self._platform.spare()
        self._paper.spare()
        life.end()
        for fault in AWAY.values():
            self._here.switch(fault, on=False)
        self._report.count("killed" if died else "unreached")
        if not died:
            self._wrong(f"nothing came to the point: {point.name}")
        self._after(point, known)
        self._report.count("cycles")
        say(f"kill: {point.name}: {len(self._book.sales)} credits, {self._report.figures}")

    def _before(self, point: Point) -> None:
        """The world as the scene wants it."""
        self._next_version = point.scene is Scene.UPGRADE
        if point.scene is Scene.UPGRADE and len(self._book.sales) < ROWS_TO_UPGRADE:
            life = self._born(PLAIN)
            if life.ready():
                self._work(self._issue_one, ROWS_TO_UPGRADE)
            life.stop()
        if point.scene is Scene.RESTART:
            life = self._born(PLAIN)
            if life.ready():
                self._platform.cut(True, self._chance.randint(5, 20), life.kill)
                self._work(self._issue_one, ENOUGH)
            life.end()
        if point.scene in AWAY:
            self._here.switch(AWAY[point.scene], on=True)

    def _arm(self, point: Point, nth: int, life: Life) -> None:
        if point.moment in (Moment.ASKED, Moment.ANSWERED):
            self._platform.cut(point.moment is Moment.ASKED, nth * 2, life.kill)
        if point.moment is Moment.PRINTING:
            self._paper.cut(True, nth + 1, life.kill)

    def _play(self, point: Point, life: Life) -> None:
        match point.scene:
            case Scene.VOIDS:
                self._work(self._issue_and_void, ENOUGH)
            case Scene.CLAIMS:
                self._claims()
            case Scene.STOP:
                self._work(self._issue_one, ENOUGH // 4)
                life.terminate()
            case Scene.UPGRADE | Scene.RESTART:
                life.kill()  # it came through: whatever stands then must stand after it too
            case Scene.COUNTER | Scene.OFFLINE | Scene.MUTE:
                self._work(self._issue_one, ENOUGH)

    def _work(self, one: Callable[[], bool], enough: int) -> None:
        """Tills until the daemon is dead, or so many were answered."""
        bound = self._book.answers + enough

        def until() -> bool:
            return one() and self._book.answers < bound

        for thread in self._tills.work(TILLS, until):
            thread.join()

    def _issue_one(self) -> bool:
        return self._tills.issue(self._book.new())

    def _issue_and_void(self) -> bool:
        sale = self._book.new()
        return self._tills.issue(sale) and self._tills.void(sale)

    def _claims(self) -> None:
        """Vouchers while the platform is away; brought back when it is there again."""
        self._here.switch("down", on=True)
        before = set(self._book.sales)
        self._work(self._issue_one, 4)
        self._here.switch("down", on=False)
        for number in sorted(set(self._book.sales) - before):
            sale = self._book.sales[number]
            token = token_of(self._here, sale.key) if sale.key else None
            if token is not None and not self._tills.claim(sale, token):
                return

    def _after(self, point: Point, known: set[int]) -> None:
        """A start that must succeed, and an end to everything that is open."""
        rows, cards = books.rows_of(self._here.journal), self._here.cards()
        for finding in books.after_a_crash(self._book, rows, cards):
            self._wrong(f"{finding} (killed {point.name})")
        life = self._born(Plan(next_version=self._next_version))
        if not life.ready():
            self._wrong(f"I8: after a death {point.name} it ends at its start: {self._log()}")
            life.end()
            return
        new = [sale for number, sale in self._book.sales.items() if number not in known]
        self._report.count("acknowledged", sum(sale.acknowledged for sale in new))
        if not self._tills.ask_until_known():
            self._wrong(f"I8: a till asks and never hears a word (killed {point.name})")
        code = life.stop()
        if code:
            self._wrong(f"it did not stop in order but with {code} (killed {point.name})")
        journal = self._here.journal
        found = books.at_rest(self._book, books.rows_of(journal), self._here.cards())
        for finding in [*found, *books.chain(journal, self._here.seal_key())]:
            self._wrong(f"{finding} (killed {point.name})")
        downgraded(journal)

    def _born(self, plan: Plan) -> Life:
        return self._births.born(plan)

    def _wrong(self, what: str) -> None:
        self._report.wrong(what, self._kill.again())

    def _log(self) -> str:
        return (self._here.folder / "agent.log").read_text()[-500:]


@contextmanager
def printer() -> Iterator[int]:
    """A printer process on loopback: its port."""
    command = [sys.executable, "-m", "hardware.printers.simulated_control"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    told = json.loads(child.stdout.readline())
    try:
        yield int(told["port"])
    finally:
        child.terminate()
        child.wait(20)
        child.stdout.close()
