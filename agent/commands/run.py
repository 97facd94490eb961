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
        from agent.daemon.run import JOURNAL_BROKEN, serve

    why = asyncio.run(serve(settings.settings, os.environ))
    if why is None:
        return Exit.DONE
    return Exit.DAMAGED if why == JOURNAL_BROKEN else Exit.NEGATIVE
