# SPDX-License-Identifier: Apache-2.0
"""What a test needs of the machine and no locked file can bring.

Where it is missing the test is skipped, with a line that says how to get it. Under CI, which
installs all of it, a missing one is a failure: a check that nobody ran is not green.
"""

from __future__ import annotations

import os
import shutil

import pytest


def program(*names: str, package: str) -> str:
    """The path of the first program that is there; skips the test, or under CI fails it."""
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    said = f"no {names[0]} here; as root: apt-get install {package}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)
