# SPDX-License-Identifier: Apache-2.0
"""Looks at this host that change nothing: keys, journal, printers, clock, disk, adapters, agent.

Each returns findings for `check` and `doctor`. The road to the platform is `reach`'s.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.commands.client import AgentClient, AgentRefused, AgentUnreachable
from agent.commands.findings import Finding, Grade
from agent.domain.faults import Fault, SettingsWrong
from agent.settings import credentials
from agent.settings.explain import ways
from agent.settings.model import Settings
from agent.words import explain, say

if TYPE_CHECKING:
    from agent.platforms.catalog import Catalog

PRINTER_S: Final = 3.0
ROOM_WRONG: Final = 50 * 1024 * 1024
ROOM_WEAK: Final = 500 * 1024 * 1024
"""Free bytes under which the journal will soon refuse new credits, or a log could fill the rest."""
OURS: Final = "countermark"


def registers(settings: Settings) -> list[Finding]:
    """Which platform the credits of each register go to."""
    return [
        Finding(
            say("check.register", register=register),
            Grade.OK,
            say("check.register.way", platform=platform, said=said),
        )
        for register, platform, said in ways(settings)
    ]


def credential(settings: Settings, environment: Mapping[str, str]) -> Finding:
    """The platform's credential file: there, not empty, and for us alone."""
    what, section = say("check.credential"), settings.platform_here
    folder = settings.agent.credentials_dir
    file = str(folder / section.credential)
    try:
        if credentials.read(section.credential, folder, environment) is None:
            seen = say("check.credential.none", file=file)
            return Finding(what, Grade.WRONG, seen, say("check.credential.none.todo", file=file))
    except SettingsWrong as fault:
        seen = f"{fault.values['file']} {fault.values['problem']}"
        return Finding(what, Grade.WRONG, seen, say("check.credential.mode.todo", file=file))
    except (OSError, UnicodeDecodeError) as fault:
        seen = say("check.credential.unreadable", file=file, why=type(fault).__name__)
        return Finding(what, Grade.WRONG, seen, say("check.credential.unreadable.todo"))
    found = credentials.find(section.credential, folder, environment)
    return Finding(what, Grade.OK, str(found))


def signing_key(settings: Settings) -> Finding:
    from agent.daemon.parts import is_enrolled, signing_file
    from agent.signing import public_of

    what = say("check.key")
    found = public_of(signing_file(settings.agent.state_dir))
    if found is None:
        return Finding(what, Grade.SKIPPED, say("keys.none"))
    if not is_enrolled(settings, found.raw):
        return Finding(what, Grade.WRONG, say("check.not-enrolled"))
    return Finding(what, Grade.OK, found.id.hex())


def journal(settings: Settings) -> Finding:
    """Reads the whole journal beside the agent."""
    from agent.daemon.parts import journal_dir
    from agent.journal import salvaged, verify_journal

    what = say("check.journal")
    folder = journal_dir(settings.agent.state_dir)
    if not folder.exists():
        return Finding(what, Grade.SKIPPED, say("check.no-journal"))
    found = verify_journal(folder)
    if not found.sound:
        first = found.findings[0]
        seen = say("journal.damaged", event=first.seq, what=first.damage.value)
        return Finding(what, Grade.WRONG, seen, say("check.journal.damaged.todo"))
    lost = salvaged(folder)
    if lost is not None:
        seen = say("journal.salvaged", at=lost.at, kept=lost.credits, lost=lost.credits_lost)
        return Finding(what, Grade.WRONG, seen, say("journal.salvaged.next"))
    seen = say("journal.whole", events=found.events, credits=found.records)
    return Finding(what, Grade.OK, seen)


async def printers(settings: Settings) -> list[Finding]:
    from agent.daemon.parts import routes

    findings = []
    try:
        found = routes(settings)
    except SettingsWrong as fault:
        what = say("check.printer", printer="-")
        return [Finding(what, Grade.WRONG, str(fault.values["problem"]))]
    asked: set[str] = set()
    for route in found.values():
        printer = route.printer
        if printer.name in asked:
            continue
        asked.add(printer.name)
        status = await printer.status(PRINTER_S)
        what = say("check.printer", printer=printer.name)
        seen = say("status.printer.fault", fault=status.stopper or "-")
        if status.silent:
            seen = say("status.printer.silent")
        grade = Grade.OK if status.ready else Grade.WRONG
        findings.append(Finding(what, grade, "" if status.ready else seen))
        await printer.close()
    return findings


def clock() -> Finding:
    """Whether somebody keeps this machine's clock right."""
    from agent.daemon.world import SystemClock

    what = say("check.clock")
    if SystemClock().now().trusted:
        return Finding(what, Grade.OK)
    return Finding(
        what, Grade.WEAK, say("check.clock.untrusted"), say("check.clock.untrusted.todo")
    )


def room(settings: Settings) -> Finding:
    """Whether the journal's disk has room."""
    what, folder = say("check.room"), _nearest(settings.agent.state_dir)
    try:
        found = os.statvfs(folder)
    except OSError as fault:
        seen = say("check.room.unreadable", folder=str(folder), why=type(fault).__name__)
        return Finding(what, Grade.WEAK, seen)
    free = found.f_bavail * found.f_frsize
    seen = say("check.room.seen", mib=free // 1024 // 1024, folder=str(folder))
    if free >= ROOM_WEAK:
        return Finding(what, Grade.OK, seen)
    grade = Grade.WEAK if free >= ROOM_WRONG else Grade.WRONG
    return Finding(what, grade, seen, say("check.room.todo"))


def _nearest(folder: Path) -> Path:
    """The folder, or what there is of the way to it."""
    return next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))


def adapters(settings: Settings, catalog: Catalog) -> Iterator[Finding]:
    """Every installed platform: whose it is, and whether it loads."""
    used = settings.platform_here.name
    broken = {each.name: each.why for each in catalog.broken()}
    for name in catalog.names:
        what = say("check.adapter", name=name)
        distribution = catalog.distribution(name)
        seen = say("check.adapter.ours")
        if distribution.partition(" ")[0] != OURS:
            seen = say("check.adapter.foreign", distribution=distribution or "-")
        if name not in broken:
            yield Finding(what, Grade.OK, seen)
            continue
        grade = Grade.WRONG if name == used else Grade.WEAK
        todo = say("check.adapter.broken.todo", name=name, distribution=distribution or "-")
        yield Finding(what, grade, f"{seen} {broken[name]}", todo)
    if used not in catalog.names:
        what = say("check.adapter", name=used)
        yield Finding(what, Grade.WRONG, say("check.adapter.none"), say("check.adapter.none.todo"))


def agent(settings: Settings) -> list[Finding]:
    """Whether the agent runs and answers, and what it complains of itself."""
    what, socket = say("check.agent"), settings.agent.run_dir / "api.sock"
    try:
        status = AgentClient(socket, timeout_s=5.0).get("/v1/status")
    except AgentUnreachable as fault:
        seen = say("status.not-running", address=str(fault))
        return [Finding(what, Grade.WRONG, seen, say("status.not-running.next"))]
    except AgentRefused as fault:
        seen = str(fault.problem.get("detail") or fault.status)
        return [Finding(what, Grade.WRONG, seen, str(fault.problem.get("hint") or ""))]
    found = [Finding(what, Grade.OK, say("check.agent.seen", version=status["version"]))]
    found.extend(Finding(what, Grade.WEAK, each) for each in status["trouble"])
    return found


def guarded_journal(settings: Settings) -> Finding:
    """As `journal`, with a journal that cannot even be read as a finding."""
    try:
        return journal(settings)
    except Fault as fault:
        words = explain(fault)
        return Finding(say("check.journal"), Grade.WRONG, words.sentence, words.hint)
