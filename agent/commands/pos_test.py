# SPDX-License-Identifier: Apache-2.0
"""`countermark pos-test`: plays a vendor's integration through what goes wrong; marks a pairing.

The run needs no agent, no platform and no settings: it starts a register of its own. `mark` shows
the report of a passed run to the agent of this host.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent import __version__
from agent.commands.client import AgentClient
from agent.commands.exits import Exit
from agent.commands.frame import Output, client
from agent.words import say

if TYPE_CHECKING:
    from agent.commands.conformance.register import Kind

STEPS: Final = (
    "confirmed",
    "retry",
    "hang-up",
    "open-504",
    "open-202",
    "conflict",
    "looks-like",
    "approval",
    "prints",
)
"""As `conformance.steps` has them; said here so that a help text need not import an agent."""


def configure(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("--name", default="unnamed till", help=say("help.option.name"))
    option("--pos-version", default="-", help=say("help.option.pos-version"))
    option(
        "--printing", choices=("agent", "pos"), default="agent", help=say("help.option.printing")
    )
    option("--register", default="03", help=say("help.option.test-register"))
    option("--currency", default="USD", help=say("help.option.currency"))
    option("--origin", action="append", default=[], help=say("help.option.origin"))
    option("--port", type=int, default=0, help=say("help.option.port"))
    option("--only", action="append", choices=STEPS, default=[], help=say("help.option.only"))
    option("--without-approvals", action="store_true", help=say("help.option.without-approvals"))
    option("--patience", type=float, default=180.0, help=say("help.option.patience"))
    option("--quiet", type=float, default=5.0, help=say("help.option.quiet"))
    option("--answers", type=Path, default=None, help=say("help.option.answers"))
    option("--report", type=Path, default=None, help=say("help.option.report"))
    option("--pairing", default=None, help=say("help.option.pairing"))
    actions = parser.add_subparsers(dest="action", required=False, metavar="ACTION")
    mark = actions.add_parser("mark", help=say("help.action.mark"))
    mark.add_argument("--pairing", required=True, help=say("help.option.pairing"))
    mark.add_argument("--report", type=Path, required=True, help=say("help.option.report-shown"))


def run(arguments: argparse.Namespace) -> int:
    if arguments.action == "mark":
        return _mark(arguments)
    from agent.commands.lean import lean_imports

    with lean_imports():
        from agent.commands.conformance.register import Kind
        from agent.commands.conformance.telling import read_answers
    try:
        given = read_answers(arguments.answers.read_text("utf-8")) if arguments.answers else {}
        kind = Kind(arguments.register, arguments.currency, tuple(arguments.origin))
    except (OSError, ValueError) as error:
        return _usage(say("pos-test.options-wrong", why=str(error)))
    # What would lose the report is said before the hour, not after it.
    file = arguments.report or _default_report()
    for each in (file, file.with_suffix(".txt")):
        if each.exists():
            return _usage(say("journal.exists", file=str(each)))
    if not os.access(file.parent, os.W_OK):
        return _usage(say("pos-test.no-folder", folder=str(file.parent)))
    if arguments.pairing is not None and _pairing(client(arguments), arguments.pairing) is None:
        return _no_pairing(arguments)
    try:
        report = asyncio.run(_play(arguments, kind, given))
    except OSError as error:
        return _usage(say("pos-test.options-wrong", why=str(error)))
    _write(file, report)
    _end(arguments, report, file)
    if report["result"] != "passed":
        return Exit.NEGATIVE
    if arguments.pairing is not None:
        return _marked(arguments, report)
    return Exit.DONE


async def _play(
    arguments: argparse.Namespace, kind: Kind, given: dict[str, bool]
) -> dict[str, Any]:
    from agent.commands.conformance.between import Between
    from agent.commands.conformance.ground import Ground, Pace
    from agent.commands.conformance.play import Plan, play
    from agent.commands.conformance.register import trial_register
    from agent.commands.conformance.report import Subject, made
    from agent.commands.conformance.telling import Answers, Spoken

    begun = datetime.datetime.now(datetime.UTC)
    spoken = Spoken(arguments.json)
    with tempfile.TemporaryDirectory(prefix="countermark-pos-test-") as name:
        async with trial_register(Path(name), kind) as register:
            line = Between(register.port, time.monotonic)
            line.told = spoken.saw
            await line.start(arguments.port)
            try:
                ask = Answers(spoken, given).ask
                pace = Pace(arguments.patience, arguments.quiet)
                ground = Ground(register, line, ask, pace, arguments.printing)
                without = ("approval",) if arguments.without_approvals else ()
                plan = Plan(arguments.name, arguments.printing, arguments.only, without)
                results = await play(ground, plan, spoken)
            finally:
                await line.close()
    subject = Subject(arguments.name, arguments.pos_version, ground.printing, __version__)
    return made(subject, results, begun, datetime.datetime.now(datetime.UTC))


def _end(arguments: argparse.Namespace, report: dict[str, Any], file: Path) -> None:
    if arguments.json:
        print(json.dumps({"report": report, "file": str(file)}), flush=True)
        return
    print(f"\n{say('pos-test.end.' + report['result'])}", flush=True)
    print(say("pos-test.kept", file=str(file)), flush=True)


def _write(file: Path, report: dict[str, Any]) -> None:
    from agent.commands.conformance.report import text_of

    file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    file.with_suffix(".txt").write_text(text_of(report), encoding="utf-8")


def _mark(arguments: argparse.Namespace) -> int:
    from agent.commands.conformance.report import ReportRefused, read

    try:
        report = read(arguments.report)
    except ReportRefused as refused:
        return _refused(arguments, refused.why, refused.sentence())
    return _marked(arguments, report)


def _marked(arguments: argparse.Namespace, report: dict[str, Any]) -> int:
    """Marks the pairing where the report allows it."""
    from agent.commands.conformance.report import ReportRefused, check

    agent = client(arguments)
    pairing = _pairing(agent, arguments.pairing)
    if pairing is None:
        return _no_pairing(arguments)
    version = str(agent.get("/v1/status")["version"])
    try:
        check(report, pairing, version, datetime.datetime.now(datetime.UTC))
    except ReportRefused as refused:
        return _refused(arguments, refused.why, refused.sentence())
    agent.post(f"/v1/admin/pairings/{pairing['id']}", {"tested": True})
    output = Output(arguments.json)
    output.document({"pairing": pairing["id"], "tested": True, "digest": report["digest"]})
    output.line(say("pos-test.marked", name=pairing["name"], tested=_tested(report)))
    return Exit.DONE


def _pairing(agent: AgentClient, pairing_id: str) -> dict[str, Any] | None:
    """The pairing at this host's agent, or None."""
    for each in agent.get("/v1/admin/pairings")["pairings"]:
        if each["id"] == pairing_id:
            found: dict[str, Any] = each
            return found
    return None


def _no_pairing(arguments: argparse.Namespace) -> int:
    sentence = say("pos-test.no-pairing", id=arguments.pairing)
    return _refused(arguments, "no-pairing", sentence)


def _tested(report: dict[str, Any]) -> str:
    integration = report["integration"]
    return f"{integration['name']} {integration['version']}"


def _refused(arguments: argparse.Namespace, why: str, sentence: str) -> int:
    output = Output(arguments.json)
    output.document({"tested": False, "why": why, "detail": sentence})
    if not arguments.json:
        print(f"countermark: {sentence}", file=sys.stderr)
    return Exit.NEGATIVE


def _usage(sentence: str) -> int:
    print(f"countermark: {sentence}", file=sys.stderr)
    return Exit.USAGE


def _default_report() -> Path:
    now = datetime.datetime.now(datetime.UTC)
    return Path(f"pos-test-{now:%Y%m%d-%H%M%S}.json")
