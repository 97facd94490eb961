# SPDX-License-Identifier: Apache-2.0
"""`countermark journal verify|export|salvage|acknowledge`: about the file itself, with the agent
running or dead."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.commands.exits import Exit
from agent.commands.frame import Output, loaded
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("verify", help=say("help.action.verify"))
    export = actions.add_parser("export", help=say("help.action.export"))
    export.add_argument("--out", default="-", help=say("help.option.out"))
    actions.add_parser("salvage", help=say("help.action.salvage"))
    acknowledge = actions.add_parser("acknowledge", help=say("help.action.acknowledge"))
    acknowledge.add_argument("--by", required=True, help=say("help.option.by"))


def run(arguments: argparse.Namespace) -> int:
    from agent.daemon.parts import journal_dir

    folder = journal_dir(loaded(arguments).settings.agent.state_dir)
    output = Output(arguments.json)
    if arguments.action == "export":
        return _export(folder, arguments.out, output)
    if arguments.action == "salvage":
        return _salvage(folder, output)
    if arguments.action == "acknowledge":
        return _acknowledge(folder, arguments.by, output)
    return _verify(folder, output)


def _verify(folder: Path, output: Output) -> int:
    from agent.journal import verify_journal

    def progress(done: int, total: int) -> None:
        output.progress(say("journal.progress", done=done, total=total))

    found = verify_journal(folder, progress=progress)
    output.progress("")
    findings = [
        {"event": each.seq, "what": each.damage.value, "key": each.key, "detail": each.detail}
        for each in found.findings
    ]
    counted = {"events": found.events, "credits": found.records, "anchors": found.anchors}
    output.document({**counted, "sound": found.sound, "findings": findings})
    for each in found.findings:
        what = " ".join(part for part in (each.damage.value, each.key, each.detail) if part)
        output.line(say("journal.damaged", event=each.seq, what=what))
    if not found.sound:
        return Exit.DAMAGED
    output.line(say("journal.whole", events=found.events, credits=found.records))
    return say_salvaged(folder, output)


def say_salvaged(folder: Path, output: Output) -> int:
    """74 while nobody has acknowledged what a salvage could not read."""
    from agent.journal import salvaged

    found = salvaged(folder)
    if found is None:
        return Exit.DONE
    output.line(say("journal.salvaged", at=found.at, kept=found.credits, lost=found.credits_lost))
    output.line(
        say("journal.salvaged.files", aside=found.aside, list=found.lost, folder=str(folder))
    )
    if found.doubts:
        output.line(say("journal.salvaged.doubts"))
    output.line(say("journal.salvaged.next"))
    return Exit.DAMAGED


def _salvage(folder: Path, output: Output) -> int:
    """Only notes it: the agent, which alone writes the journal, salvages when it starts."""
    from agent.journal import note_damage

    if not folder.exists():
        output.line(say("check.no-journal"))
        return Exit.NEGATIVE
    note_damage(folder, "asked")
    output.document({"noted": True})
    output.line(say("journal.noted"))
    return Exit.DONE


def _acknowledge(folder: Path, by: str, output: Output) -> int:
    from agent.journal import acknowledge

    kept = acknowledge(folder, by)
    output.document({"kept": None if kept is None else kept.name})
    if kept is None:
        output.line(say("journal.nothing-to-acknowledge"))
        return Exit.NEGATIVE
    output.line(say("journal.acknowledged", by=by, file=kept.name))
    return Exit.DONE


def _export(folder: Path, out: str, output: Output) -> int:
    from agent.journal import export_journal

    lines = 0
    if out == "-":
        for line in export_journal(folder):
            sys.stdout.write(line + "\n")
        return Exit.DONE
    try:
        with open(out, "x", encoding="utf-8") as file:
            for line in export_journal(folder):
                file.write(line + "\n")
                lines += 1
    except FileExistsError:
        print(say("journal.exists", file=out), file=sys.stderr)
        return Exit.USAGE
    output.document({"lines": lines, "file": out})
    output.line(say("journal.exported", lines=lines, file=out))
    return Exit.DONE
