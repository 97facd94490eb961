# SPDX-License-Identifier: Apache-2.0
"""Both journals, for every contract that they keep."""

from __future__ import annotations

from tests.journal.conftest import bench, journal

__all__ = ["bench", "journal"]
