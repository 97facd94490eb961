# SPDX-License-Identifier: Apache-2.0
"""The command line of this folder's proofs.

    python -m tests.crash kill  --cycles 20 --seed 3
    python -m tests.crash power --cycles 50 --seed 3 [--synchronous NORMAL]
    python -m tests.crash disk

Lines for people on standard error; the last line of standard output is one JSON object.
Exit 0: held, 1: something was found, 75: cannot be tried on this machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.crash import full, killing, power
from tests.crash.ground import scratch
from tests.crash.lossy import wanting
from tests.crash.report import cannot


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("proof", choices=("kill", "power", "disk"))
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL", "OFF"), default="FULL")
    parser.add_argument("--only", choices=sorted(killing.NAMED), default="")
    parser.add_argument("--namespace", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    lacking = wanting()
    if lacking is not None and arguments.proof in ("power", "disk"):
        return cannot(arguments.proof, lacking)
    if arguments.proof == "disk" and not arguments.namespace and full.may_mount():
        return subprocess.run(full.in_a_namespace(words), check=False).returncode
    with scratch() as folder:
        if arguments.proof == "disk":
            return full.prove(folder, arguments.namespace).end()
        if arguments.proof == "kill":
            kill = killing.Kill(arguments.cycles, arguments.seed, arguments.only)
            return killing.prove(kill, folder).end()
        synchronous = "" if arguments.synchronous == "FULL" else arguments.synchronous
        run = power.Power(arguments.cycles, arguments.seed, synchronous)
        return power.prove(run, folder).end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
