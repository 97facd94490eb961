# SPDX-License-Identifier: Apache-2.0
"""`countermark doctor`: everything that is weak or wrong on this host, each with what to do.

It gathers findings and mends nothing. Secrets are looked at and never shown.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from agent.commands import looks
from agent.commands.exits import Exit
from agent.commands.findings import Finding, Grade, documents, tell, worst
from agent.commands.frame import Output, loaded
from agent.commands.reach import Reached, reach
from agent.domain.faults import SettingsWrong
from agent.settings.load import Loaded
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(arguments: argparse.Namespace) -> int:
    found = loaded(arguments)
    output = Output(arguments.json)
    findings = asyncio.run(_gather(found))
    grade = worst(findings)
    output.document({"worst": grade.value, "findings": documents(findings)})
    tell(output, findings)
    if any(f.what == say("check.journal") and f.grade is Grade.WRONG for f in findings):
        return Exit.DAMAGED
    return Exit.NEGATIVE if grade is Grade.WRONG else Exit.DONE


async def _gather(found: Loaded) -> list[Finding]:
    from agent.platforms.catalog import Catalog

    settings = found.settings
    findings = [Finding(say("check.settings"), Grade.OK, _files(found.files))]
    findings.extend(looks.registers(settings))
    findings.append(looks.signing_key(settings))
    findings.append(looks.guarded_journal(settings))
    findings.extend(looks.agent(settings))
    findings.extend(looks.adapters(settings, Catalog()))
    findings.extend((await _reached(found)).findings)
    findings.extend(await looks.printers(settings))
    findings.append(looks.clock())
    findings.append(looks.room(settings))
    return findings


async def _reached(found: Loaded) -> Reached:
    """The way to the platform; options that an adapter refuses are a finding here."""
    try:
        return await reach(found.settings, os.environ)
    except SettingsWrong as fault:
        seen = f"{fault.values['key']}: {fault.values['problem']}"
        wrong = Finding(say("check.platform"), Grade.WRONG, seen)
        return Reached((wrong,), Exit.SETTINGS)


def _files(files: tuple[Path, ...]) -> str:
    return ", ".join(str(each) for each in files)
