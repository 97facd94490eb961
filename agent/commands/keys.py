# SPDX-License-Identifier: Apache-2.0
"""`countermark keys show`: the public half of this register's signing key, for verifiers."""

from __future__ import annotations

import argparse

from agent.commands.exits import Exit
from agent.commands.frame import Output, loaded
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("show", help=say("help.keys"))


def run(arguments: argparse.Namespace) -> int:
    from agent.daemon.parts import is_enrolled, signing_file
    from agent.signing import public_of

    settings = loaded(arguments).settings
    output = Output(arguments.json)
    found = public_of(signing_file(settings.agent.state_dir))
    if found is None:
        output.document({"public": None})
        output.line(say("keys.none"))
        return Exit.NEGATIVE
    enrolled = is_enrolled(settings, found.raw)
    trusted = len(settings.voucher.trusted_keys)
    output.document({"public": found.text, "id": found.id.hex(), "enrolled": enrolled})
    output.line(say("keys.own", key=found.text))
    output.line(say("keys.id", id=found.id.hex()))
    output.line(say("keys.trusted", count=trusted))
    return Exit.DONE
