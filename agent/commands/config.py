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
    ways = list(explain.ways(settings.settings))
    shown = [*values, *((f"way.{register}", to, said) for register, to, said in ways)]
    output.document({key: {"value": value, "origin": origin} for key, value, origin in shown})
    for file in settings.files:
        output.line("# " + say("config.file", file=str(file)))
    for key, value, origin in values:
        output.line(f"{key} = {value}  # {origin}")
    for register, to, said in ways:
        output.line("# " + say("config.way", register=register, platform=to, said=said))
    return Exit.DONE
