# SPDX-License-Identifier: Apache-2.0
"""`countermark demo`: sets the stage, serves the page on loopback, and ends all of it in order."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.commands.exits import Exit
from agent.commands.frame import Output
from agent.words import say

if TYPE_CHECKING:
    from agent.commands.demo.stage import Stage

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHAOS_S: Final = 60.0
CHAOS_MAX_S: Final = 3600.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help=say("help.option.port"))
    parser.add_argument(
        "--folder", type=Path, default=Path(".demo"), help=say("help.option.demo-folder")
    )
    parser.add_argument(
        "--chaos-seconds", type=_seconds, default=CHAOS_S, help=say("help.option.chaos-seconds")
    )
    parser.add_argument("--seed", type=int, default=None, help=say("help.option.seed"))


def run(arguments: argparse.Namespace) -> int:
    from agent.commands.demo.folder import FolderBusy, FolderTaken, demo_folder
    from agent.commands.demo.server import listen

    folder = str(arguments.folder)
    for each in _ENDINGS:
        signal.signal(each, signal.default_int_handler)  # also while the stage is being set
    try:
        listening = listen(arguments.port)
    except (OSError, OverflowError) as error:
        return _no(say("stage.port-taken", port=arguments.port, why=_why(error)))
    with ExitStack() as held:
        held.enter_context(listening)
        try:
            made = held.enter_context(demo_folder(arguments.folder))
        except FolderTaken:
            return _no(say("stage.folder-taken", folder=folder))
        except FolderBusy:
            return _no(say("stage.folder-busy", folder=folder))
        except OSError as error:
            return _no(say("stage.folder-unusable", folder=folder, why=_why(error)))
        return _play(arguments, made, listening)


def _play(arguments: argparse.Namespace, folder: Path, listening: socket.socket) -> int:
    from agent.commands.demo.cast import StageFailed
    from agent.commands.demo.stage import set_up

    output = Output(arguments.json)
    output.line(say("stage.setting", folder=str(folder)))
    try:
        stage = set_up(folder)
    except (StageFailed, OSError, ValueError, KeyError) as error:
        return _no(say("stage.not-up", why=_why(error)))
    try:
        asyncio.run(_serve(arguments, stage, listening, output))
    finally:
        stage.close()
    output.line(say("stage.ended"))
    return Exit.DONE


async def _serve(
    arguments: argparse.Namespace, stage: Stage, listening: socket.socket, output: Output
) -> None:
    from agent.commands.demo.chaos import Chaos
    from agent.commands.demo.director import Director
    from agent.commands.demo.guard import Guard
    from agent.commands.demo.server import Server

    stopped = asyncio.Event()
    for each in _ENDINGS:
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    seed = arguments.seed

    def drawn() -> int:
        return secrets.randbelow(10**6) if seed is None else int(seed)

    port: int = listening.getsockname()[1]
    director = Director(stage, Chaos(stage, drawn, arguments.chaos_seconds))
    guard = Guard(port, secrets.token_urlsafe(24))
    server = Server(stage, director, guard, arguments.chaos_seconds)
    directing = asyncio.create_task(director.run())
    try:
        await server.serve(listening)
        address = f"http://127.0.0.1:{port}/"
        output.document({"address": address})
        output.line(say("stage.address", address=address))
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait({stopping, directing}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
    finally:
        await server.close()
        await asyncio.to_thread(stage.close)
        await director.close()
        directing.cancel()
        await asyncio.gather(directing, return_exceptions=True)
    if not stopped.is_set():
        directing.result()  # it never ends by itself: show why it did


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= CHAOS_MAX_S:
        raise argparse.ArgumentTypeError(f"1 to {CHAOS_MAX_S:g}")
    return seconds


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def _no(sentence: str) -> int:
    print(f"countermark: {sentence}", file=sys.stderr)
    return Exit.NEGATIVE
