# SPDX-License-Identifier: Apache-2.0
"""Makes `.venv` what the locked requirement files say, and does nothing when it already is.

`environment.py run` is enough for a register, `environment.py demo` adds what reads the demo's
papers, `environment.py dev` what tests and checks need. Each step leaves a stamp, the checksum of
all that it was made from, so a second call is a file comparison. Two calls at once wait for one
another.

Runs on the bare interpreter (standard library only). It never asks for a package by name: what
is installed stands with its hash in requirements/*.txt, and the project itself is linked in
without looking anything up.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

Step = Callable[[], None]

ROOT = Path(__file__).resolve().parent.parent
BASE = Path(sys.executable).resolve()
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKED = ("install", "--quiet", "--no-input", "--only-binary=:all:", "--require-hashes", "-r")
LINKED = ("install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "-e", ".")


def main(arguments: list[str]) -> int:
    """`run`, `demo` or `dev`; 0 when it stands, 1 with the installer's words when not."""
    if arguments not in (["run"], ["demo"], ["dev"]):
        print("usage: environment.py run|demo|dev", file=sys.stderr)
        return 2
    with open(ROOT / ".ci" / "environment.py", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            stand(arguments[0])
        except subprocess.CalledProcessError as fault:
            print(fault.stdout, file=sys.stderr)
            print(
                "The environment could not be made; the lines above say why. It needs the"
                " package index of this machine's pip configuration, once.",
                file=sys.stderr,
            )
            return 1
    return 0


def stand(level: str) -> None:
    """Each step whose stamp differs is done again, in order."""
    here = f"{ROOT}\n{BASE}\n{sys.version}\n"
    step("made", here, "making .venv", make)
    step("run", here + text("run.txt"), "installing what the agent needs", install("run.txt"))
    if level == "demo":
        step("demo", here + text("demo.txt"), "installing the demo's eyes", install("demo.txt"))
    if level == "dev":
        step("dev", here + text("dev.txt"), "installing tests and tools", install("dev.txt"))
    project = (ROOT / "pyproject.toml").read_text()
    step("project", here + project, "linking countermark", lambda: pip(*LINKED))


def step(name: str, made_from: str, doing: str, work: Step) -> None:
    """`work` runs unless its stamp says that it was done from the very same text."""
    stamp = VENV / f"countermark-{name}.stamp"
    wanted = hashlib.sha256(made_from.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    begun = time.monotonic()
    print(f"{doing} (Python {sys.version.split()[0]}) ...", end=" ", flush=True)
    work()
    stamp.write_text(wanted)
    print(f"{time.monotonic() - begun:.0f} s", flush=True)


def text(name: str) -> str:
    """The locked file as it stands."""
    return (ROOT / "requirements" / name).read_text()


def make() -> None:
    """A fresh `.venv`: one of another place or interpreter is of no use."""
    shutil.rmtree(VENV, ignore_errors=True)
    call(str(BASE), "-m", "venv", str(VENV))


def install(name: str) -> Step:
    """The step that brings in one locked file."""
    return lambda: pip(*LOCKED, str(ROOT / "requirements" / name))


def pip(*arguments: str) -> None:
    """The environment's own pip; it reads this machine's pip configuration by itself."""
    call(str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments)


def call(*command: str) -> None:
    """Silent when all is well; the output travels with the fault."""
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
