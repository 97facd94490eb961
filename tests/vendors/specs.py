# SPDX-License-Identifier: Apache-2.0
"""Where the vendors' machine-readable contracts are, if they are here: they are not ours to copy.

The folder is named by COUNTERMARK_SPECS, or stands as `shared/specs` beside the project's root.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def spec(vendor: str, file: str) -> Path:
    """The path of one file; the test that asks is skipped where it is absent."""
    named = os.environ.get("COUNTERMARK_SPECS")
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "specs"
    path = (Path(named) if named else beside) / vendor / file
    if not path.is_file():
        pytest.skip(
            f"the contract of {vendor} ({file}) is not here; COUNTERMARK_SPECS names its folder"
        )
    return path
