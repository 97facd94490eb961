# SPDX-License-Identifier: Apache-2.0
"""`countermark config show|schema`: the settings in force with their origins, or the schema."""

from __future__ import annotations

import argparse

from agent.commands.exits import Exit
from agent.commands.frame import Output, loaded
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("show", help=say("help.config"))
    actions.add_parser("schema", help=say("help.action.schema"))


def run(arguments: argparse.Namespace) -> int:
    from agent.settings import explain

    if arguments.action == "schema":
        Output(True).document(explain.schema())
        return Exit.DONE
    settings = loaded(arguments)
    output = Output(arguments.json)
    values = list(explain.effective(settings))
    output.document({key: {"value": value, "origin": origin} for key, value, origin in values})
    for file in settings.files:
        output.line("# " + say("config.file", file=str(file)))
    for key, value, origin in values:
        output.line(f"{key} = {value}  # {origin}")
    return Exit.DONE
