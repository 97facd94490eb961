# SPDX-License-Identifier: Apache-2.0
"""The real daemon while the machine's own clock is moved under it (libfaketime)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.domain.record import State
from tests.daemon.process import settings_in
from tests.recovery.process import Agent

LIBRARY = "faketime/libfaketime.so.1"
JUMPS = ("+3h", "-1d", "-10y", "+10y", "-600", "+0")


def library() -> str:
    """The preloaded library; skips the test where it is missing, and under CI fails it."""
    for found in sorted(Path("/usr/lib").glob(f"*/{LIBRARY}")):
        return str(found)
    said = "no libfaketime here; as root: apt-get install libfaketime"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


def test_the_agent_goes_on_while_the_clock_jumps_and_no_key_comes_twice(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    told = tmp_path / "time"
    told.write_text("+0\n")
    environment = {
        "LD_PRELOAD": library(),
        "FAKETIME_TIMESTAMP_FILE": str(told),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # else the loop itself would go back in time
    }
    keys: set[str] = set()
    for life in range(2):  # the second one starts with the clock where the first one left it
        with Agent(tmp_path, settings, environment) as agent:
            for number, jump in enumerate(JUMPS, life * 100):
                before = agent.credit(2 * number)
                told.write_text(f"{jump}\n")
                after = agent.credit(2 * number + 1)
                assert {before["state"], after["state"]} == {State.PARKED.value}
                assert agent.credit(2 * number)["key"] == before["key"]
                keys |= {before["key"], after["key"]}
            assert agent.client.get("/readyz")["ready"]
            assert agent.stop() == 0
    assert len(keys) == 4 * len(JUMPS)
