# SPDX-License-Identifier: Apache-2.0
"""`countermark status`: the agent, its link, its queue and its printers in a few lines."""

from __future__ import annotations

import argparse
from typing import Any

from agent.commands.exits import Exit
from agent.commands.frame import Output, client, loaded
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(arguments: argparse.Namespace) -> int:
    from agent.commands.journal import say_salvaged
    from agent.daemon.parts import journal_dir

    status = client(arguments).get("/v1/status")
    output = Output(arguments.json)
    output.document(status)
    for line in lines(status):
        output.line(line)
    damaged = say_salvaged(journal_dir(loaded(arguments).settings.agent.state_dir), output)
    if damaged:
        return damaged
    return Exit.DONE if status["link"]["up"] else Exit.NEGATIVE


def lines(status: dict[str, Any]) -> list[str]:
    """The status document as sentences."""
    found = [say("status.running", since=status["started_at"], version=status["version"])]
    link = status["link"]
    if link["up"]:
        found.append(say("status.link.up"))
    else:
        found.append(say("status.link.down", since=link["last_heard_at"] or "-"))
    for register in status["registers"]:
        printer = register["printer"]["name"] or "-"
        found.append(
            say("status.register", register=register["id"], ring=register["ring"], printer=printer)
        )
        waiting = register["waiting"]
        oldest = waiting["oldest_age_s"]
        since = "-" if oldest is None else say("status.age", minutes=oldest // 60)
        found.extend("  " + line for line in queue_lines(waiting, since))
    found.extend(status["trouble"])
    return found


def queue_lines(waiting: dict[str, Any], since: str) -> list[str]:
    """What waits, as one or two sentences."""
    if not waiting["count"]:
        return [say("status.queue.empty")]
    amounts = ", ".join(each["text"] for each in waiting["amounts"])
    found = [say("status.queue", count=waiting["count"], amounts=amounts, since=since)]
    if waiting["on_paper"]:
        found.append(say("status.on-paper", count=waiting["on_paper"]))
    return found
