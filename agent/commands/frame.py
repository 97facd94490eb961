# SPDX-License-Identifier: Apache-2.0
"""What every command shares: reading settings, finding the agent, printing, ending."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.commands.client import AgentClient, AgentRefused, AgentUnreachable
from agent.commands.exits import Exit
from agent.domain.faults import (
    BadRequest,
    Fault,
    JournalFault,
    JournalLocked,
    SettingsWrong,
    Unavailable,
)
from agent.settings.load import DEFAULT_FILE, Loaded, load
from agent.words import explain, say

Command = Callable[[argparse.Namespace], int]


class Output:
    """Lines for people, or one JSON document for programs; never both."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def line(self, text: str) -> None:
        if not self.as_json:
            print(text, flush=True)

    def document(self, value: Any) -> None:
        if self.as_json:
            print(json.dumps(value, indent=2, default=str), flush=True)

    def progress(self, text: str) -> None:
        """On a terminal's standard error only, over itself."""
        if not self.as_json and sys.stderr.isatty():
            print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)


def guarded(command: Command, arguments: argparse.Namespace) -> int:
    """Runs a command and turns every expected fault into a sentence and an exit code."""
    try:
        return command(arguments)
    except AgentUnreachable as error:
        _complain(
            arguments,
            {"code": "agent-unreachable", "detail": str(error)},
            say("status.not-running", address=str(error)),
            say("status.not-running.next"),
        )
        return Exit.UNREACHABLE
    except AgentRefused as refused:
        problem = refused.problem
        _complain(
            arguments,
            problem,
            str(problem.get("detail") or problem.get("title") or refused.status),
            str(problem.get("hint") or ""),
        )
        return Exit.LATER if refused.status in (429, 503) else Exit.NEGATIVE
    except Fault as fault:
        words = explain(fault)
        document = {"code": fault.code, **fault.values}
        _complain(arguments, document, _sentence(fault, words.sentence), words.hint)
        return _exit_code(fault)
    except KeyboardInterrupt:
        _complain(arguments, {"code": "aborted"}, say("command.aborted"), "")
        return Exit.NEGATIVE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.NEGATIVE


def loaded(arguments: argparse.Namespace) -> Loaded:
    """The settings of this command; raises `SettingsWrong`."""
    return load(settings_file(arguments), os.environ)


def settings_file(arguments: argparse.Namespace) -> Path:
    """`--settings`, else COUNTERMARK_SETTINGS, else the house's own place."""
    if arguments.settings is not None:
        return Path(arguments.settings)
    return Path(os.environ.get("COUNTERMARK_SETTINGS", str(DEFAULT_FILE)))


def client(arguments: argparse.Namespace) -> AgentClient:
    """The agent that runs with these settings."""
    return AgentClient(loaded(arguments).settings.agent.run_dir / "api.sock")


def _complain(
    arguments: argparse.Namespace, document: dict[str, Any], sentence: str, hint: str
) -> None:
    if arguments.json:
        print(json.dumps({"error": document}, indent=2, default=str))
        return
    print(f"countermark: {sentence}", file=sys.stderr)
    if hint:
        print(say("command.next", hint=hint), file=sys.stderr)


def _sentence(fault: Fault, sentence: str) -> str:
    if isinstance(fault, SettingsWrong):
        return f"{fault.values['file']}: {fault.values['key']} {fault.values['problem']}"
    return sentence


def _exit_code(fault: Fault) -> int:
    match fault:
        case SettingsWrong():
            return Exit.SETTINGS
        case JournalLocked():
            return Exit.LATER
        case JournalFault():
            return Exit.DAMAGED
        case Unavailable():
            return Exit.LATER
        case BadRequest():
            return Exit.NEGATIVE
        case _:
            return Exit.NEGATIVE
