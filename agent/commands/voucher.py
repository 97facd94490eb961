# SPDX-License-Identifier: Apache-2.0
"""`countermark voucher show|verify|reprint`: what a slip of paper is worth, by the agent's word."""

from __future__ import annotations

import argparse
from typing import Any

from agent.commands.client import AgentRefused, segment
from agent.commands.exits import Exit
from agent.commands.frame import Output, client
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name in ("show", "verify"):
        one = actions.add_parser(name, help=say(f"help.action.{name}"))
        one.add_argument("text", help=say("help.argument.text"))
    reprint = actions.add_parser("reprint", help=say("help.action.reprint"))
    reprint.add_argument("key", help=say("help.argument.key"))
    reprint.add_argument("--by", required=True, help=say("help.option.by"))
    reprint.add_argument("--reason", required=True, help=say("help.option.reason"))


def run(arguments: argparse.Namespace) -> int:
    output = Output(arguments.json)
    if arguments.action == "reprint":
        body = {"operator": arguments.by, "reason": arguments.reason}
        record = client(arguments).post(f"/v1/credits/{segment(arguments.key)}/prints", body)
        output.document(record)
        output.line(say("voucher.reprint", copy=record["copies"], key=record["key"]))
        return Exit.DONE
    try:
        found = client(arguments).post("/v1/admin/vouchers/verify", {"text": arguments.text})
    except AgentRefused as refused:
        if refused.problem.get("code") != "voucher-invalid":
            raise
        output.document({"valid": False, **refused.problem})
        output.line(str(refused.problem.get("detail")))
        return Exit.NEGATIVE
    output.document({"valid": True, **found})
    for line in _lines(found):
        output.line(line)
    return Exit.DONE


def _lines(found: dict[str, Any]) -> list[str]:
    record = found["credit"]
    expires = found["expires_on"]
    lines = [say("voucher.valid", amount=found["amount"]["text"], key=found["key"])]
    lines.append(say("voucher.claim-by", date=expires) if expires else say("voucher.no-expiry"))
    if found["identity"]:
        lines.append(say("voucher.identity"))
    if record:
        lines.append(say("voucher.state", state=record["state"]))
    else:
        lines.append(say("voucher.not-here"))
    return lines
