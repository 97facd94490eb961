# SPDX-License-Identifier: Apache-2.0
"""The command line: finds the command, and imports no other."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from agent import __version__
from agent.words import say

COMMANDS: Final = (
    "run",
    "sandbox",
    "check",
    "doctor",
    "config",
    "status",
    "pair",
    "pos-test",
    "approvers",
    "queue",
    "voucher",
    "journal",
    "keys",
    "demo",
    "demo-script",
)


def parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """All commands by name; only `chosen` gets its own options."""
    top = argparse.ArgumentParser(prog="countermark", description=say("help.countermark"))
    top.add_argument("--version", action="version", version=f"countermark {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        text = say(f"help.{name}")
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--json", action="store_true", help=say("help.option.json"))
        one.add_argument("--settings", type=Path, default=None, help=say("help.option.settings"))
        if name == chosen:
            _module(name).configure(one)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit codes are those of `agent.commands.exits`."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in words if not word.startswith("-")), None)
    arguments = parser(chosen if chosen in COMMANDS else None).parse_args(words)
    from agent.commands.frame import guarded

    return guarded(_module(arguments.command).run, arguments)


def _module(name: str) -> ModuleType:
    return import_module(f"agent.commands.{name.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
