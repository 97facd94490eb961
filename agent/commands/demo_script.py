# SPDX-License-Identifier: Apache-2.0
"""`countermark demo-script`: plays the main job with real processes and checks every line."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from agent.commands.exits import Exit
from agent.commands.frame import Output
from agent.words import say


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", type=Path, default=None, help=say("help.option.keep"))


def run(arguments: argparse.Namespace) -> int:
    if arguments.keep is not None:
        folder: Path = arguments.keep.resolve()
        folder.mkdir(parents=True, exist_ok=False)
        return _play(folder, arguments.json)
    with tempfile.TemporaryDirectory(prefix="countermark-demo-") as name:
        return _play(Path(name), arguments.json)


def _play(folder: Path, as_json: bool) -> int:
    from agent.commands.demo.cast import StageFailed
    from agent.commands.demo.story import Stage, play, set_up
    from agent.commands.demo.teller import Teller

    teller = Teller(as_json)
    stage: Stage | None = None
    try:
        stage = set_up(folder, teller)
        play(stage)
    except (StageFailed, OSError, ValueError, KeyError) as error:
        teller.check(False, "demo.broken", why=f"{type(error).__name__}: {error}"[:600])
    finally:
        if stage is not None:
            stage.close()
    output = Output(as_json)
    output.document({"lines": teller.lines, "failures": teller.failures})
    output.line("")
    failed = teller.failures
    output.line(say("demo.failed", count=failed) if failed else say("demo.held"))
    return Exit.NEGATIVE if failed else Exit.DONE
