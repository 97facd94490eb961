# SPDX-License-Identifier: Apache-2.0
"""A process that has imported the agent and forks one daemon after the other.

    python -m tests.crash.nursery

Each line on standard input starts a daemon (settings, plan, log, address to tell READY to) or
asks for the end of one; each is answered by a line. A daemon is a process as any other, with the
real `serve` in it; only its imports are paid once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from agent.commands.frame import guarded, loaded
from agent.commands.lean import lean_imports
from agent.commands.run import exit_code
from tests.crash.tripwire import Plan, Tripwire

with lean_imports():
    from agent.daemon.run import serve


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        said = json.loads(line)
        answer = {"code": _ended(said["wait"])} if "wait" in said else {"pid": _born(said)}
        print(json.dumps(answer), flush=True)


def _ended(pid: int) -> int:
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _born(said: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        log = os.open(said["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        plan = Plan(**said["plan"])
        if plan.file_max:
            resource.setrlimit(resource.RLIMIT_FSIZE, (plan.file_max, plan.file_max))
        code = run(Path(said["settings"]), plan, said["notify"])
    finally:
        os._exit(code)


def run(settings: Path, plan: Plan, notify: str) -> int:
    """The daemon, as `countermark run` has it, behind a tripwire."""

    def command(arguments: argparse.Namespace) -> int:
        wire = Tripwire(plan)
        environment = {**os.environ, "NOTIFY_SOCKET": notify}
        open_with = wire.open_journal
        return exit_code(asyncio.run(serve(loaded(arguments).settings, environment, open_with)))

    return guarded(command, argparse.Namespace(settings=settings, json=False))


if __name__ == "__main__":
    main()
