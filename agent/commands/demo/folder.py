# SPDX-License-Identifier: Apache-2.0
"""The demo's own folder: emptied at the start, never anybody else's, one demo at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from agent.commands.demo.chaos import DIFFERENCE_FILE

MARK: Final = ".countermark-demo"
KEPT: Final = "kept"


class FolderTaken(Exception):
    """Files lie there that no demo made."""


class FolderBusy(Exception):
    """Another demo runs there."""


@contextmanager
def demo_folder(folder: Path) -> Iterator[Path]:
    """The folder, made and emptied, and locked as long as the demo runs.

    What a demo that found a difference left is put aside below `kept`. Raises FolderTaken and
    FolderBusy, having touched nothing, and OSError.
    """
    folder = folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = folder / MARK
    if not mark.exists() and any(folder.iterdir()):
        raise FolderTaken
    descriptor = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderBusy from None
        _empty(folder)
        yield folder
    finally:
        os.close(descriptor)


def _empty(folder: Path) -> None:
    found = [each for each in folder.iterdir() if each.name not in (MARK, KEPT)]
    if (folder / DIFFERENCE_FILE).exists():
        kept = folder / KEPT
        kept.mkdir(exist_ok=True)
        aside = kept / str(len(list(kept.iterdir())) + 1)
        aside.mkdir()
        for each in found:
            each.rename(aside / each.name)
        return
    for each in found:
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
