# SPDX-License-Identifier: Apache-2.0
"""Secrets from files: systemd's credential folder first, then the one named in the settings.

A value is read when it is needed, never kept in settings, and never shown.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from agent.domain.faults import SettingsWrong

UNSET: Final = "unset"
"""What the shipped unit gives where store IT has not yet put a credential."""
SIZE_MAX: Final = 8192


def find(name: str, folder: Path, environment: Mapping[str, str]) -> Path | None:
    """The file of a credential, or None where there is none."""
    given = environment.get("CREDENTIALS_DIRECTORY")
    for base in ([Path(given)] if given else []) + [folder]:
        file = base / name
        if file.is_file():
            return file
    return None


def read(name: str, folder: Path, environment: Mapping[str, str]) -> str | None:
    """The secret, or None where it is missing or not yet set.

    Raises `SettingsWrong` for a file that others may read: a token on a till is money.
    """
    file = find(name, folder, environment)
    if file is None:
        return None
    if file.parent == folder and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise SettingsWrong(
            file=str(file), key=name, problem="may be read by others; chmod 600 the file"
        )
    text = file.read_text(encoding="utf-8")[:SIZE_MAX].strip()
    return None if text in ("", UNSET) else text
