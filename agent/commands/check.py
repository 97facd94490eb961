# SPDX-License-Identifier: Apache-2.0
"""`countermark check`: settings, credential, keys, journal, platform, printers and clock.

With `--platform` the way to the platform step by step; with `--other-writers` the credits there
that are not ours. Changes nothing: no journal is made, nothing is printed, nothing is issued.
"""

from __future__ import annotations

import argparse
import asyncio
import os

from agent.commands import looks
from agent.commands.exits import Exit
from agent.commands.findings import Finding, Grade, documents, tell, worst
from agent.commands.frame import Output, loaded
from agent.commands.reach import Reached, reach
from agent.settings.explain import ways
from agent.settings.model import Settings
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--platform", action="store_true", help=say("help.option.platform"))
    which.add_argument(
        "--other-writers", action="store_true", help=say("help.option.other-writers")
    )
    parser.add_argument("--days", type=_count, default=7, help=say("help.option.days"))
    parser.add_argument("--page", type=_count, default=1, help=say("help.option.page"))


def run(arguments: argparse.Namespace) -> int:
    settings = loaded(arguments).settings
    output = Output(arguments.json)
    if arguments.platform:
        return _platform_only(settings, output)
    if arguments.other_writers:
        from agent.commands.other_writers import run as other_writers

        return other_writers(settings, output, arguments.days, arguments.page)
    reached = asyncio.run(_reached(settings))
    findings = asyncio.run(_look(settings, reached))
    output.document({"findings": documents(findings)})
    tell(output, findings)
    return _exit(findings, reached)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 3650:
        raise ValueError("1 to 3650")
    return number


def _platform_only(settings: Settings, output: Output) -> int:
    reached = asyncio.run(_reached(settings))
    section, said = settings.platform_of(settings.store.number)
    output.document(
        {
            "platform": section.name,
            "url": section.url,
            "by": said,
            "registers": [register for register, _, _ in ways(settings)],
            "findings": documents(reached.findings),
        }
    )
    tell(output, reached.findings)
    return reached.exit


async def _reached(settings: Settings) -> Reached:
    return await reach(settings, os.environ)


async def _look(settings: Settings, reached: Reached) -> list[Finding]:
    findings = [Finding(say("check.settings"), Grade.OK)]
    findings.extend(looks.registers(settings))
    findings.append(looks.signing_key(settings))
    findings.append(looks.journal(settings))
    findings.append(_summary(settings, reached))
    findings.extend(await looks.printers(settings))
    findings.append(looks.clock())
    return findings


def _summary(settings: Settings, reached: Reached) -> Finding:
    """The whole way to the platform in one line: the first that is worst."""
    what, grade = say("check.platform"), worst(reached.findings)
    if grade is Grade.OK:
        return Finding(what, grade, settings.platform_here.url)
    first = next(each for each in reached.findings if each.grade is grade)
    return Finding(what, grade, f"{first.what}: {first.seen}", say("check.platform.todo"))


def _exit(findings: list[Finding], reached: Reached) -> int:
    wrong = [each.what for each in findings if each.grade is Grade.WRONG]
    if not wrong:
        return Exit.DONE
    if say("check.journal") in wrong:
        return Exit.DAMAGED
    return reached.exit if wrong == [say("check.platform")] else Exit.NEGATIVE
