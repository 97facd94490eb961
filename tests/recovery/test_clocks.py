# SPDX-License-Identifier: Apache-2.0
"""Jumps of the clock, a few of the thousand: see `python -m tests.recovery clock`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recovery.clocks import prove


@pytest.mark.parametrize("seed", [1, 2])
def test_no_jump_of_the_clock_repeats_a_key_or_loses_a_timer(tmp_path: Path, seed: int) -> None:
    played = prove(tmp_path / "journal", 50, seed)
    assert played.wrong == []
    assert played.figures["jumps"] == 50
    assert len(played.keys) == played.figures["credits"] > 100


@pytest.mark.slow
def test_a_thousand_jumps_lose_nothing(tmp_path: Path) -> None:
    played = prove(tmp_path / "journal", 1_000, 3)
    assert played.wrong == []
    assert played.figures["locks"] > 10
