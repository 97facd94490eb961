# SPDX-License-Identifier: Apache-2.0
"""What is remembered beside a journal that is damaged, or was.

    damaged.json     it was found damaged: the next start salvages it
    salvaged.json    it was salvaged, and nobody has acknowledged that yet
    salvaged-<time>.json    the same, acknowledged, for ever

These are files of their own, for the journal itself cannot be relied on to say that it is broken.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.journal.seal import sync_folder

DAMAGED_NAME: Final = "damaged.json"
SALVAGED_NAME: Final = "salvaged.json"
DAMAGE_CODES: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a salvage found. `aside`: the damaged file, kept whole; `lost`: the file that lists
    what could not be read; counts of credits and of rows by table; `at`: when, in words."""

    at: str
    where: str
    aside: str
    lost: str
    credits: int
    credits_lost: int
    doubts: int
    events: int
    events_lost: int
    rows: Mapping[str, int]


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is not what it should be."""
    code = getattr(error, "sqlite_errorcode", 0)
    return isinstance(code, int) and code & 0xFF in DAMAGE_CODES


def note_damage(folder: Path, where: str) -> None:
    """Tells the next start, durably. What was noted first stands."""
    if not (folder / DAMAGED_NAME).exists():
        write_note(folder / DAMAGED_NAME, {"where": where})


def noted_damage(folder: Path) -> dict[str, str] | None:
    """What was noted, or None. A note that is itself unreadable still says that there is one."""
    path = folder / DAMAGED_NAME
    if not path.exists():
        return None
    with contextlib.suppress(ValueError, OSError):
        said = json.loads(path.read_bytes())
        if isinstance(said, dict):
            return {str(name): str(value) for name, value in said.items()}
    return {"where": "unknown"}


def forget_damage(folder: Path) -> None:
    """The journal is whole again; returns once that is durable."""
    (folder / DAMAGED_NAME).unlink(missing_ok=True)
    sync_folder(folder)


def keep_salvaged(folder: Path, found: Salvaged) -> None:
    """One that nobody acknowledged yet is kept under its own name beside the new one."""
    path = folder / SALVAGED_NAME
    if path.exists():
        path.rename(_kept(folder))
    write_note(path, asdict(found))


def salvaged(folder: Path) -> Salvaged | None:
    """The salvage that nobody has acknowledged, if there was one."""
    try:
        return Salvaged(**json.loads((folder / SALVAGED_NAME).read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        return Salvaged("", "unknown", "", "", 0, 0, 0, 0, 0, {})


def acknowledge(folder: Path, by: str) -> Path | None:
    """A person has read what was lost. Returns the file that keeps it; None where nothing waits."""
    path = folder / SALVAGED_NAME
    if not path.exists():
        return None
    kept = _kept(folder)
    try:
        said = json.loads(path.read_bytes())
    except ValueError:
        said = {}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_note(kept, {**said, "acknowledged_by": by, "acknowledged_at": now})
    path.unlink()
    sync_folder(folder)
    return kept


def _kept(folder: Path) -> Path:
    return free_name(folder, f"salvaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}", ".json")


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A name that nothing has: nothing is ever written over."""
    path, number = folder / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    return path


def write_note(path: Path, said: Mapping[str, object]) -> None:
    """Whole or not at all, and on disk when it returns."""
    partial = path.with_name(f"{path.name}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, json.dumps(dict(said), sort_keys=True).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    partial.replace(path)
    sync_folder(path.parent)
