# SPDX-License-Identifier: Apache-2.0
"""`countermark run`: the agent itself, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os

from agent.commands.exits import Exit
from agent.commands.frame import loaded
from agent.commands.lean import lean_imports


def configure(parser: argparse.ArgumentParser) -> None:
    """No options of its own: everything stands in the settings."""


def run(arguments: argparse.Namespace) -> int:
    settings = loaded(arguments)
    with lean_imports():
        from agent.daemon.run import serve

    return exit_code(asyncio.run(serve(settings.settings, os.environ)))


def exit_code(why: str | None) -> int:
    """`why` the agent ended by itself, as `serve` returns it."""
    from agent.daemon.run import JOURNAL_BROKEN, JOURNAL_SALVAGED

    if why is None:
        return Exit.DONE
    return Exit.DAMAGED if why in (JOURNAL_BROKEN, JOURNAL_SALVAGED) else Exit.NEGATIVE
