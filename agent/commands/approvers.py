# SPDX-License-Identifier: Apache-2.0
"""`countermark approvers add|list|remove`: who may approve; PINs are asked for, never arguments."""

from __future__ import annotations

import argparse
import getpass
import sys

from agent.commands.client import segment
from agent.commands.exits import Exit
from agent.commands.frame import Output, client
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help=say("help.action.list"))
    for name in ("add", "remove"):
        one = actions.add_parser(name, help=say(f"help.action.{name}"))
        one.add_argument("name", help=say("help.argument.manager"))


def run(arguments: argparse.Namespace) -> int:
    output = Output(arguments.json)
    agent = client(arguments)
    if arguments.action == "list":
        managers = agent.get("/v1/admin/managers")["managers"]
        output.document({"managers": managers})
        if not managers:
            output.line(say("managers.none"))
        for each in managers:
            output.line(say("managers.line", name=each["name"]))
        return Exit.DONE
    if arguments.action == "remove":
        output.document(agent.delete(f"/v1/admin/managers/{segment(arguments.name)}"))
        output.line(say("managers.removed", name=arguments.name))
        return Exit.DONE
    pin = _new_pin(arguments.name, output)
    if pin is None:
        return Exit.USAGE
    output.document(agent.post("/v1/admin/managers", {"name": arguments.name, "pin": pin}))
    output.line(say("managers.added", name=arguments.name))
    return Exit.DONE


def _new_pin(name: str, output: Output) -> str | None:
    """From the terminal, twice; from a pipe, one line."""
    if sys.stdin.isatty():
        pin = getpass.getpass(say("managers.pin", name=name))
        if getpass.getpass(say("managers.pin-again")) != pin:
            output.line(say("managers.pin-differs"))
            return None
    else:
        pin = sys.stdin.readline().strip()
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
        output.line(say("managers.pin-form"))
        return None
    return pin
