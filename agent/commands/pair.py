# SPDX-License-Identifier: Apache-2.0
"""`countermark pair code|list|revoke`: which tills may call the local API."""

from __future__ import annotations

import argparse
import time

from agent.commands.exits import Exit
from agent.commands.frame import Output, client
from agent.words import say

SCOPES = ("issue", "read", "void", "approve", "admin")
POLL_S = 0.5


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    code = actions.add_parser("code", help=say("help.action.code"))
    code.add_argument("name", help=say("help.option.name"))
    code.add_argument(
        "--register", action="append", required=True, help=say("help.option.register")
    )
    code.add_argument("--scope", action="append", choices=SCOPES, help=say("help.option.scope"))
    code.add_argument("--timeout", type=float, default=10.0, help=say("help.option.timeout"))
    code.add_argument(
        "--printing", choices=("agent", "pos"), default="agent", help=say("help.option.printing")
    )
    code.add_argument("--wait", action="store_true", help=say("help.option.wait"))
    actions.add_parser("list", help=say("help.action.list"))
    revoke = actions.add_parser("revoke", help=say("help.action.revoke"))
    revoke.add_argument("id")


def run(arguments: argparse.Namespace) -> int:
    if arguments.action == "list":
        return _list(arguments)
    if arguments.action == "revoke":
        revoked = client(arguments).delete(f"/v1/admin/pairings/{arguments.id}")
        output = Output(arguments.json)
        output.document(revoked)
        output.line(say("pair.revoked", name=arguments.id))
        return Exit.DONE
    return _code(arguments)


def _list(arguments: argparse.Namespace) -> int:
    pairings = client(arguments).get("/v1/admin/pairings")["pairings"]
    output = Output(arguments.json)
    output.document({"pairings": pairings})
    if not pairings:
        output.line(say("pair.none"))
    for each in pairings:
        registers = ", ".join(each["registers"])
        output.line(
            say(
                "pair.listed",
                id=each["id"],
                name=each["name"],
                registers=registers,
                since=each["created_at"],
            )
        )
    return Exit.DONE


def _code(arguments: argparse.Namespace) -> int:
    agent = client(arguments)
    output = Output(arguments.json)
    before = {each["id"] for each in agent.get("/v1/admin/pairings")["pairings"]}
    made = agent.post(
        "/v1/admin/pairing-codes",
        {
            "name": arguments.name,
            "registers": arguments.register,
            "scopes": arguments.scope or ["issue", "read"],
            "timeout_ms": round(arguments.timeout * 1000),
            "printing": arguments.printing,
        },
    )
    output.document(made)
    output.line(say("pair.code", code=made["code"], minutes=2))
    if not arguments.wait:
        return Exit.DONE
    output.line(say("pair.waiting"))
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        for each in agent.get("/v1/admin/pairings")["pairings"]:
            if each["id"] not in before:
                registers = ", ".join(each["registers"])
                output.line(say("pair.done", name=each["name"], registers=registers))
                output.line(say("pair.untested"))
                return Exit.DONE
        time.sleep(POLL_S)
    output.line(say("pair.code-gone"))
    return Exit.NEGATIVE
