# SPDX-License-Identifier: Apache-2.0
"""A digest of what a proof is about: results of other sources never count.

The text of a file counts, not its time. Documents do not, or writing the page of figures would
make them stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

PRODUCT: Final = ("agent", "hardware", "pyproject.toml", "requirements/dev.txt")
"""What every proof is about."""
_PASSED_OVER: Final = frozenset({"__pycache__", ".hypothesis", ".pytest_cache"})


def digest(root: Path, paths: Sequence[str]) -> str:
    """Of every file below `paths` (those that are there), by name and content."""
    whole = hashlib.sha256()
    for path in _files(root, paths):
        whole.update(path.relative_to(root).as_posix().encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def _files(root: Path, paths: Sequence[str]) -> Iterator[Path]:
    for name in sorted(set(paths)):
        path = root / name
        if path.is_file():
            yield path
        elif path.is_dir():
            for each in sorted(path.rglob("*")):
                if each.is_file() and not _PASSED_OVER & set(each.parts):
                    yield each
