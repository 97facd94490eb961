# SPDX-License-Identifier: Apache-2.0
"""`countermark sandbox`: a gift-card platform to practise on, with its own durable ledger."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import signal
from pathlib import Path

from agent.commands.exits import Exit
from agent.commands.frame import Output
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8742, help=say("help.option.port"))
    parser.add_argument(
        "--ledger", type=Path, default=Path("sandbox.db"), help=say("help.option.ledger")
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        default=Path("sandbox-token"),
        help=say("help.option.token-file"),
    )


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_serve(arguments))


async def _serve(arguments: argparse.Namespace) -> int:
    from agent.sandbox import start_sandbox

    token = _token(arguments.token_file)
    running = await start_sandbox(arguments.ledger, "127.0.0.1", arguments.port, token)
    try:
        output = Output(arguments.json)
        if arguments.json:
            print(json.dumps({"url": running.url, "control": running.control_url}), flush=True)
        output.line(say("sandbox.serving", address=running.url, ledger=str(arguments.ledger)))
        output.line(say("sandbox.control", address=running.control_url))
        output.line(say("sandbox.token", file=str(arguments.token_file)))
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, stopped.set)
        await stopped.wait()
    finally:
        await running.aclose()
    return Exit.DONE


def _token(file: Path) -> str:
    """The token in the file; a new one, readable by us alone, where there is none."""
    if file.exists():
        return file.read_text(encoding="utf-8").strip()
    token = secrets.token_urlsafe(32)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(token + "\n")
    return token
