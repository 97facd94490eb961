# SPDX-License-Identifier: Apache-2.0
"""Compiles requirements/*.in to *.txt: newest versions, every platform and Python, with hashes.

The compiler (uv) lives in a throw-away environment and never touches `.venv`. It is told which
index and which certificates this machine's pip uses, and writes neither down: the locked files
name versions and hashes only, so they serve any index that has the same files. Further indexes of
pip's are left out: one that keeps only this machine's own wheels would take the hashes of all
other platforms out of the files (measured: source archives and other Pythons were gone).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--upgrade",
    "--quiet",
)


def main() -> int:
    """run first: the others take run.txt as their bounds."""
    with tempfile.TemporaryDirectory(prefix="countermark-lock-") as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = str(Path(folder) / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        environment = as_pip_is_told(python)
        for name in ("run", "demo", "dev"):
            command = [python, "-m", "uv", "pip", "compile", *OPTIONS, f"{name}.in"]
            subprocess.run(
                [*command, "--output-file", f"{name}.txt"],
                cwd=REQUIREMENTS,
                env=environment,
                check=True,
            )
            print(f"requirements/{name}.txt compiled")
    return 0


def as_pip_is_told(python: str) -> dict[str, str]:
    """The environment for uv, from `pip config list` (files first, then PIP_... variables)."""
    said = subprocess.run(
        [python, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    options: dict[str, str] = {}
    for line in sorted(said.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        options[name.rpartition(".")[2]] = value.strip("'\"")
    environment = dict(os.environ)
    for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        if options.get(option):
            environment.setdefault(variable, options[option])
    return environment


if __name__ == "__main__":
    sys.exit(main())
