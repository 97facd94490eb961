# SPDX-License-Identifier: Apache-2.0
"""A bench, and a journal of each kind on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.journal import Journal
from tests.journal.building import KINDS, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture(params=KINDS)
async def journal(
    request: pytest.FixtureRequest, bench: Bench, tmp_path: Path
) -> AsyncIterator[Journal]:
    async with await bench.of_kind(request.param, tmp_path / "journal") as made:
        yield made
