# SPDX-License-Identifier: Apache-2.0
"""`countermark queue list|show|retry|settle|withdraw`: what waits, and how a person ends it."""

from __future__ import annotations

import argparse
from typing import Any

from agent.commands.client import segment
from agent.commands.exits import Exit
from agent.commands.frame import Output, client
from agent.commands.status import queue_lines
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help=say("help.action.list"))
    listed.add_argument("--state", help=say("help.option.state"))
    for name in ("show", "retry", "settle", "withdraw", "affirm"):
        one = actions.add_parser(name, help=say(f"help.action.{name}"))
        one.add_argument("key", help=say("help.argument.key"))
        if name == "settle":
            how = one.add_mutually_exclusive_group(required=True)
            how.add_argument("--link", metavar="CUSTOMER", help=say("help.option.customer"))
            how.add_argument("--confirm", metavar="CARD", help=say("help.option.reference"))
            how.add_argument("--void", action="store_true")
            how.add_argument("--write-off", action="store_true")
        if name == "affirm":
            one.add_argument("--came-out", choices=("yes", "no"), required=True)
        if name in ("settle", "withdraw", "affirm"):
            one.add_argument("--by", required=True, help=say("help.option.by"))
        if name in ("settle", "withdraw"):
            one.add_argument("--reason", required=True, help=say("help.option.reason"))


def run(arguments: argparse.Namespace) -> int:
    output = Output(arguments.json)
    match arguments.action:
        case "list":
            return _list(arguments, output)
        case "show":
            return _show(arguments, output)
        case "retry":
            record = _ask(arguments, "retry", {})
            output.document(record)
            output.line(say("queue.retried", key=arguments.key))
        case "withdraw":
            body = {"by": arguments.by, "reason": arguments.reason}
            output.document(_ask(arguments, "withdraw", body))
            output.line(say("queue.withdrawn", key=arguments.key))
        case "affirm":
            came_out = arguments.came_out == "yes"
            body = {"by": arguments.by, "came_out": came_out}
            record = _ask(arguments, "affirm", body)
            output.document(record)
            output.line(say("queue.settled", key=arguments.key, state=record["state"]))
        case _:
            record = _settle(arguments)
            output.document(record)
            output.line(say("queue.settled", key=arguments.key, state=record["state"]))
    return Exit.DONE


def _list(arguments: argparse.Namespace, output: Output) -> int:
    query = {"state": arguments.state} if arguments.state else {}
    queue = client(arguments).get("/v1/admin/queue", **query)
    output.document(queue)
    for line in queue_lines(queue, queue["oldest_opened_at"] or "-"):
        output.line(line)
    for record in queue["credits"]:
        output.line(_line(record))
    if queue.get("next"):
        output.line(say("queue.more", key=queue["next"]))
    return Exit.DONE


def _show(arguments: argparse.Namespace, output: Output) -> int:
    record = client(arguments).get(f"/v1/admin/queue/{segment(arguments.key)}")
    output.document(record)
    output.line(_line(record))
    for text in (record.get("message"), record.get("next")):
        if text:
            output.line(text)
    reason = record.get("review") or record.get("manager")
    if reason:
        output.line(say("queue.reason", reason=reason))
    return Exit.DONE


def _settle(arguments: argparse.Namespace) -> dict[str, Any]:
    body: dict[str, Any] = {"by": arguments.by, "reason": arguments.reason}
    if arguments.link is not None:
        return _ask(arguments, "link", {**body, "customer_id": arguments.link})
    if arguments.confirm is not None:
        return _ask(arguments, "confirm", {**body, "reference": arguments.confirm})
    return _ask(arguments, "write-off" if arguments.write_off else "void", body)


def _ask(arguments: argparse.Namespace, verb: str, body: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/admin/queue/{segment(arguments.key)}/{verb}"
    answer: dict[str, Any] = client(arguments).post(path, body)
    return answer


def _line(record: dict[str, Any]) -> str:
    return say(
        "queue.line",
        key=record["key"],
        amount=record["amount"]["text"],
        state=record["state"],
        paper=record["paper"],
    )
