# SPDX-License-Identifier: Apache-2.0
"""`countermark check`: settings, credential, keys, journal, platform, printers and clock.

Changes nothing: no journal is made, nothing is printed, the platform is only asked a look-up.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from dataclasses import dataclass

from agent.commands.exits import Exit
from agent.commands.frame import Output, loaded
from agent.domain.faults import PlatformUnavailable, SettingsWrong
from agent.settings import credentials
from agent.settings.model import Settings
from agent.words import say

PLATFORM_S = 5.0
PRINTER_S = 3.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is good (None: not asked), and what was seen."""

    what: str
    good: bool | None
    seen: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(arguments: argparse.Namespace) -> int:
    settings = loaded(arguments).settings
    output = Output(arguments.json)
    findings = asyncio.run(_look(settings))
    output.document(
        {"findings": [{"what": f.what, "good": f.good, "seen": f.seen} for f in findings]}
    )
    for each in findings:
        mark = "check.skipped" if each.good is None else "check.good" if each.good else "check.bad"
        output.line(f"{say(mark):10} {each.what}" + (f": {each.seen}" if each.seen else ""))
    bad = [each for each in findings if each.good is False]
    output.line(say("check.some-bad", count=len(bad)) if bad else say("check.all-good"))
    if not bad:
        return Exit.DONE
    platform, journal = say("check.platform"), say("check.journal")
    if any(each.what == journal for each in bad):
        return Exit.DAMAGED
    return Exit.UNREACHABLE if all(each.what == platform for each in bad) else Exit.NEGATIVE


async def _look(settings: Settings) -> list[Finding]:
    findings = [Finding(say("check.settings"), True)]
    findings.append(_key(settings))
    findings.append(_journal(settings))
    findings.append(await _platform(settings))
    findings.extend(await _printers(settings))
    findings.append(_clock())
    return findings


def _key(settings: Settings) -> Finding:
    from agent.daemon.parts import is_enrolled, signing_file
    from agent.signing import public_of

    what = say("check.key")
    found = public_of(signing_file(settings.agent.state_dir))
    if found is None:
        return Finding(what, None, say("keys.none"))
    if not is_enrolled(settings, found.raw):
        return Finding(what, False, say("check.not-enrolled"))
    return Finding(what, True, found.id.hex())


def _journal(settings: Settings) -> Finding:
    from agent.daemon.parts import journal_dir
    from agent.journal import salvaged, verify_journal

    what = say("check.journal")
    folder = journal_dir(settings.agent.state_dir)
    if not folder.exists():
        return Finding(what, None, say("check.no-journal"))
    found = verify_journal(folder)
    if not found.sound:
        first = found.findings[0]
        seen = say("journal.damaged", event=first.seq, what=first.damage.value)
        return Finding(what, False, seen)
    lost = salvaged(folder)
    if lost is not None:
        seen = say("journal.salvaged", at=lost.at, kept=lost.credits, lost=lost.credits_lost)
        return Finding(what, False, seen)
    return Finding(what, True, say("journal.whole", events=found.events, credits=found.records))


async def _platform(settings: Settings) -> Finding:
    """A look-up that changes nothing: the list of credits since now."""
    from agent.daemon.parts import plugin, secret_reader
    from agent.platforms.catalog import open_platform

    what = say("check.platform")
    section, agent = settings.platform, settings.agent
    if credentials.read(section.credential, agent.credentials_dir, os.environ) is None:
        file = str(agent.credentials_dir / section.credential)
        return Finding(what, False, say("run.no-credential", file=file))
    reader = secret_reader(settings, os.environ)
    async with open_platform(plugin(section), reader) as platform:
        deadline = time.monotonic() + PLATFORM_S
        try:
            async for _ in platform.list_since(time.time_ns() // 1_000_000, deadline):
                break
        except PlatformUnavailable as fault:
            return Finding(what, False, str(fault.values["why"]))
    return Finding(what, True, section.url)


async def _printers(settings: Settings) -> list[Finding]:
    from agent.daemon.parts import routes

    findings = []
    try:
        found = routes(settings)
    except SettingsWrong as fault:
        return [Finding(say("check.printer", printer="-"), False, str(fault.values["problem"]))]
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
        findings.append(Finding(what, status.ready, "" if status.ready else seen))
        await printer.close()
    return findings


def _clock() -> Finding:
    from agent.daemon.world import SystemClock

    trusted = SystemClock().now().trusted
    return Finding(say("check.clock"), True, "" if trusted else say("check.clock.untrusted"))
