# SPDX-License-Identifier: Apache-2.0
"""`countermark pair code|screen|list|revoke`: which tills and screens may call the local API."""

from __future__ import annotations

import argparse
import time

from agent.commands.client import segment
from agent.commands.exits import Exit
from agent.commands.frame import Output, client, loaded
from agent.words import say

SCOPES = ("issue", "read", "void", "approve", "admin")
SCREEN_SCOPES = ("issue", "read", "void", "approve")
SCREEN_TIMEOUT_S = 30.0
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
    screen = actions.add_parser("screen", help=say("help.action.screen"))
    screen.add_argument("name", help=say("help.option.screen"))
    screen.add_argument(
        "--register", action="append", required=True, help=say("help.option.register")
    )
    screen.add_argument("--wait", action="store_true", help=say("help.option.wait"))
    actions.add_parser("list", help=say("help.action.list"))
    revoke = actions.add_parser("revoke", help=say("help.action.revoke"))
    revoke.add_argument("id")


def run(arguments: argparse.Namespace) -> int:
    if arguments.action == "list":
        return _list(arguments)
    if arguments.action == "revoke":
        revoked = client(arguments).delete(f"/v1/admin/pairings/{segment(arguments.id)}")
        output = Output(arguments.json)
        output.document(revoked)
        output.line(say("pair.revoked", name=arguments.id))
        return Exit.DONE
    return _screen(arguments) if arguments.action == "screen" else _code(arguments)


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


def _screen(arguments: argparse.Namespace) -> int:
    """A code for the cashier's page in a browser of this host."""
    port = loaded(arguments).settings.api.port or say("pair.port")
    arguments.scope, arguments.timeout, arguments.printing = (
        SCREEN_SCOPES,
        SCREEN_TIMEOUT_S,
        "agent",
    )
    return _code(arguments, say("pair.screen", address=f"http://127.0.0.1:{port}/screen"))


def _code(arguments: argparse.Namespace, where: str | None = None) -> int:
    """`where`: to do with the digits; None for a till, which has a place of its own for them."""
    agent = client(arguments)
    output = Output(arguments.json)
    before = {each["id"] for each in agent.get("/v1/admin/pairings")["pairings"]}
    made = agent.post(
        "/v1/admin/pairing-codes",
        {
            "name": arguments.name,
            "registers": arguments.register,
            "scopes": list(arguments.scope or ("issue", "read")),
            "timeout_ms": round(arguments.timeout * 1000),
            "printing": arguments.printing,
        },
    )
    output.document(made)
    output.line(say("pair.code", code=made["code"], minutes=2))
    if where is not None:
        output.line(where)
    if not arguments.wait:
        return Exit.DONE
    output.line(say("pair.waiting"))
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        for each in agent.get("/v1/admin/pairings")["pairings"]:
            if each["id"] not in before:
                registers = ", ".join(each["registers"])
                output.line(say("pair.done", name=each["name"], registers=registers))
                if where is None:
                    output.line(say("pair.untested"))
                return Exit.DONE
        time.sleep(POLL_S)
    output.line(say("pair.code-gone"))
    return Exit.NEGATIVE
