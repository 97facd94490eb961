# SPDX-License-Identifier: Apache-2.0
"""A full disk, a disk that cannot be written, and one that fails: what the daemon does then.

Each trial is one register on a disk of its own. New credits are refused before anything is sent
or printed, what was begun still ends, the daemon goes on by itself where it can, and ends and is
started again where a sync has failed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from agent.commands.client import AgentRefused
from tests.crash import books
from tests.crash.ground import Ground, ground
from tests.crash.life import PLAIN, Life, Nursery, nursery
from tests.crash.lossy import LossyDisk, lossy_disk
from tests.crash.report import Report, say
from tests.crash.rooms import FuseRoom, Room, TmpfsRoom
from tests.crash.tills import Book, Refusal, Sale, Tills
from tests.crash.tripwire import Plan

AGAIN: Final = "python -m tests.crash disk"
TILLS: Final = 4
REFUSED_AFTER_MAX: Final = 1_500
"""Credits that may still find room: the log has blocks of its own."""
IN_FLIGHT: Final = 6
SETTLES_IN_LOOKS: Final = 8
FILE_MAX: Final = 1_600 * 1024
ENDS_WITHIN_S: Final = 20.0
BY_ITSELF_S: Final = 15.0
UNSHARE: Final = shutil.which("unshare") or ""
_NAMESPACE: Final = (UNSHARE, "--mount", "--propagation", "private")
EXIT_DAMAGED: Final = 74
EXIT_LATER: Final = 75


def prove(folder: Path, tmpfs: bool, only: str = "") -> Report:
    """All trials, or one; `tmpfs`: this process may mount one."""
    report = Report("disk")
    for number, (name, trial) in enumerate(TRIALS.items()):
        if only in ("", name):
            _tried(report, folder / str(number), name, trial, on_tmpfs=False)
    if tmpfs and not only:
        _tried(report, folder / "tmpfs", "a full disk (tmpfs)", full, on_tmpfs=True)
    return report


def may_mount() -> bool:
    """Whether a real disk of four megabytes can be had: root may, where namespaces are allowed."""
    if os.geteuid() or not UNSHARE:
        return False
    return subprocess.run([*_NAMESPACE, "true"], check=False, capture_output=True).returncode == 0


def in_a_namespace(words: list[str]) -> list[str]:
    """The same command where its mounts are its own."""
    return [*_NAMESPACE, sys.executable, "-m", "tests.crash", *words, "--namespace"]


def _tried(
    report: Report, folder: Path, name: str, trial: Callable[[Trial], None], on_tmpfs: bool
) -> None:
    folder.mkdir()
    with ExitStack() as stack:
        room: Room
        if on_tmpfs:
            room = stack.enter_context(TmpfsRoom(folder / "small"))
        else:
            room = FuseRoom(stack.enter_context(lossy_disk(folder)))
        here = stack.enter_context(ground(folder, room.folder / "state"))
        births = stack.enter_context(nursery(folder))
        one = Trial(name, report, here, room, births)
        trial(one)
        one.rest()
    report.count("trials")
    say(f"disk: {name}: {report.figures}")


class Trial:
    """One register and its disk."""

    def __init__(
        self, name: str, report: Report, here: Ground, room: Room, births: Nursery
    ) -> None:
        self.here = here
        self.room = room
        self.book = Book()
        self.tills = Tills(here.socket, self.book)
        self._name = name
        self._report = report
        self._births = births
        self._lives: list[Life] = []

    @property
    def disk(self) -> LossyDisk:
        assert isinstance(self.room, FuseRoom)
        return self.room.disk

    def start(self, plan: Plan = PLAIN) -> Life:
        life = self._births.born(plan)
        self._lives.append(life)
        return life

    def started(self, plan: Plan = PLAIN) -> Life:
        life = self.start(plan)
        if not life.ready():
            self.wrong(f"it ends at its start: {self.log()}")
        return life

    def issue(self, count: int) -> list[Sale]:
        sales = [self.book.new() for _ in range(count)]
        for sale in sales:
            self.tills.issue(sale)
        return sales

    def wait_for_sending(self, count: int) -> None:
        """Until so many credits are on their way, their bytes on disk and on the wire."""
        for _ in range(int(BY_ITSELF_S * 20)):
            if len(self.tills.get("/v1/credits?state=sending")["credits"]) >= count:
                return
            threading.Event().wait(0.05)
        self.wrong("the credits in flight are not on their way")

    def refusal(self) -> Refusal | None:
        """Asks for new credits until one is refused; None where none is."""
        for _ in range(REFUSED_AFTER_MAX):
            (sale,) = self.issue(1)
            if sale.refused:
                return sale.refused[-1]
        return None

    def needs_refusal(self, sentence: str) -> None:
        """New credits are 503 in the right words, and nothing of them is sent."""
        found = self.refusal()
        if found is None or (found.status, found.code) != (503, "cannot-journal"):
            self.wrong(f"a new credit is not refused: {found}")
        elif sentence not in found.sentence:
            self.wrong(f"refused in other words: {found.sentence}")
        cards = len(self.here.cards())
        self.issue(3)
        if len(self.here.cards()) != cards:
            self.wrong("a refused credit was sent to the platform")
        self._report.count("refused", 4)

    def needs_readiness(self, ready: bool, sentence: str = "") -> None:
        try:
            told: dict[str, Any] = self.tills.get("/readyz")
        except AgentRefused as refused:
            told = refused.problem
        if told.get("ready") is not ready or sentence not in " ".join(told.get("reasons", ())):
            self.wrong(f"/readyz says {told}")

    def goes_on(self) -> None:
        """New credits are confirmed again, without anybody's help."""
        for _ in range(int(BY_ITSELF_S * 10)):
            (sale,) = self.issue(1)
            if sale.words[-1:] == ["confirmed"]:
                return
            threading.Event().wait(0.1)
        self.wrong("it does not go on by itself")

    def ends(self, life: Life, code: int) -> None:
        """The daemon ends by itself, with this exit code."""
        if not life.died(ENDS_WITHIN_S):
            self.wrong("the daemon does not end by itself")
        found = life.end()
        if found != code:
            self.wrong(f"it ended with {found}, not {code}: {self.log()}")

    def says(self, sentence: str) -> None:
        if sentence not in self.log() or "Traceback" in self.log():
            self.wrong(f"it does not say '{sentence}': {self.log()}")

    def rest(self) -> None:
        """All is well again: every till hears its word, and the books agree to the cent."""
        self.room.mend()
        for life in self._lives:
            life.end()
        before = self.book.acknowledged
        rows, cards = books.rows_of(self.here.journal), self.here.cards()
        for finding in books.after_a_crash(self.book, rows, cards):
            self.wrong(finding)
        life = self.started()
        if not self.tills.ask_until_known():
            self.wrong("I8: a till asks and never hears a word")
        if life.stop():
            self.wrong(f"it does not stop in order: {self.log()}")
        journal = self.here.journal
        found = books.at_rest(self.book, books.rows_of(journal), self.here.cards())
        for finding in [*found, *books.chain(journal, self.here.seal_key())]:
            self.wrong(finding)
        self._report.count("acknowledged", before)
        self._report.count("credits", len(self.book.sales))

    def wrong(self, what: str) -> None:
        self._report.wrong(f"{what} ({self._name})", AGAIN)

    def log(self) -> str:
        return (self.here.folder / "agent.log").read_text()[-800:]


def full(trial: Trial) -> None:
    """In flight when the disk fills: settles. New: refused. A restart and a stop: possible."""
    life = trial.started()
    known = trial.issue(10)
    trial.here.switch("hang", on=True)
    asked = [trial.book.new() for _ in range(IN_FLIGHT)]
    waiting = [threading.Thread(target=trial.tills.issue, args=(sale,)) for sale in asked]
    for thread in waiting:
        thread.start()
    trial.wait_for_sending(IN_FLIGHT)
    trial.room.fill()
    trial.here.switch("hang", on=False)
    for thread in waiting:
        thread.join()
    trial.needs_refusal("disk of this register is full")
    trial.needs_readiness(False, "disk of this register is full")
    for sale in asked:
        for _ in range(SETTLES_IN_LOOKS):
            if sale.words[-1:] != ["confirmed"]:
                trial.tills.wait(sale)
        if sale.words[-1:] != ["confirmed"]:
            trial.wrong(f"what was in flight does not settle: {sale.words} {sale.refused}")
    if not trial.tills.issue(known[0]) or known[0].words[-1] != "confirmed":
        trial.wrong("a till that asks again is not answered")
    if not trial.tills.void(known[1]) or not known[1].voided:
        trial.wrong(f"a void does not end: {known[1].states} {known[1].refused}")
    if life.stop():
        trial.wrong(f"it does not stop in order on a full disk: {trial.log()}")
    trial.started()
    trial.needs_refusal("disk of this register is full")
    trial.room.mend()
    trial.goes_on()
    trial.needs_readiness(True)


def failed_sync(trial: Trial) -> None:
    """Told to nobody; the daemon ends, and syncs nothing of it a second time."""
    life = trial.started()
    trial.issue(10)
    trial.disk.fail("fsync", "-wal", times=1)
    trial.needs_refusal("")
    trial.ends(life, EXIT_DAMAGED)
    if trial.disk.seen("failed-fsync") != 1:
        trial.wrong("no sync has failed")
    if trial.disk.seen("fsync-after-failed"):
        trial.wrong("something was synced again after a sync had failed")
    trial.disk.mend()
    trial.started()
    trial.goes_on()


def failed_writes(trial: Trial) -> None:
    """Refused while they fail; the daemon stays, and goes on when they do not."""
    life = trial.started()
    trial.issue(10)
    trial.disk.fail("write", "-wal")
    trial.needs_refusal("disk of this register reports errors")
    trial.needs_readiness(False, "disk of this register reports errors")
    if life.died(0):
        trial.wrong("the daemon ended, and a restart mends no disk")
    trial.disk.mend()
    trial.goes_on()


def read_only(trial: Trial) -> None:
    """The kernel's answer to a failing disk: everything is refused, in words."""
    life = trial.started()
    trial.issue(10)
    trial.disk.read_only()
    trial.needs_refusal("disk of this register")
    life.stop()
    life = trial.start()
    if life.ready():
        trial.wrong("it starts on a disk that cannot be written")
    trial.ends(life, EXIT_LATER)
    trial.says("the disk of this register cannot be written")


def failed_reads(trial: Trial) -> None:
    """A start that cannot read its journal says so, and calls nothing damaged that is not."""
    life = trial.started()
    trial.issue(10)
    life.stop()
    trial.disk.fail("read", "journal.db")
    life = trial.start()
    if life.ready():
        trial.wrong("it starts without reading its journal")
    trial.ends(life, EXIT_LATER)
    trial.says("the disk of this register reports errors")


def file_size(trial: Trial) -> None:
    """`ulimit -f`: the log is begun anew in time, and then new credits are refused."""
    life = trial.started(Plan(file_max=FILE_MAX))
    trial.needs_refusal("disk of this register reports errors")
    if life.died(0):
        trial.wrong("the daemon ended, and a restart mends no limit")
    trial.goes_on()
    if life.stop():
        trial.wrong(f"it does not stop in order: {trial.log()}")


TRIALS: Final[Mapping[str, Callable[[Trial], None]]] = {
    "a full disk": full,
    "a sync that fails": failed_sync,
    "writes that fail": failed_writes,
    "a disk that becomes read-only": read_only,
    "reads that fail": failed_reads,
    "a greatest size of files": file_size,
}
