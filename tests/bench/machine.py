# SPDX-License-Identifier: Apache-2.0
"""On what was measured: commit, cores, interpreter, SQLite, kernel. No path and no host name."""

from __future__ import annotations

import os
import platform
import resource
import sqlite3
import subprocess
from pathlib import Path

from tests.bench.report import Cell

ROOT = Path(__file__).resolve().parent.parent.parent


def machine() -> dict[str, Cell]:
    """What a reader needs in order to compare."""
    return {
        "commit": _commit(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "kernel": platform.release(),
        "page_bytes": resource.getpagesize(),
    }


def _commit() -> str:
    """The commit, with a plus where the tree differs from it; "-" where there is no git."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "-"


def _git(*arguments: str) -> str:
    told = subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return told.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
