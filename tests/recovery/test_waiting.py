# SPDX-License-Identifier: Apache-2.0
"""A start with much that waits: what is looked at before the doors open is bounded."""

from __future__ import annotations

import time
from pathlib import Path

from agent.commands.exits import Exit
from agent.domain.record import Paper, State
from tests.daemon.process import settings_in
from tests.recovery import waiting
from tests.recovery.backlog import make_backlog
from tests.recovery.process import Agent
from tests.recovery.sound import damage, trees

RECORDS = 2_000


def test_a_start_with_many_waiting_answers_and_then_sees_to_all_of_them(tmp_path: Path) -> None:
    mix = make_backlog(tmp_path / "state", RECORDS, time.time_ns() // 1_000_000)
    assert mix.total == RECORDS
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    with Agent(tmp_path, settings) as agent:
        assert agent.credit(1)["state"] == State.PARKED.value
        listed = agent.client.get("/v1/credits", state="sending", limit=1)
        while listed["credits"] and not agent.ended:
            agent.pause(0.05)
            listed = agent.client.get("/v1/credits", state="sending", limit=1)
        assert not agent.ended
        assert agent.resident_mb() < waiting.RESIDENT_MB


def test_a_damaged_journal_ends_the_agent_with_74_until_somebody_acknowledges(
    tmp_path: Path,
) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1")
    make_backlog(tmp_path / "state", 200, time.time_ns() // 1_000_000)
    file = tmp_path / "state" / "journal" / "journal.db"
    damage(file, trees(file)["aliases"], "zeros")
    with Agent(tmp_path, settings) as agent:
        assert agent.credit(1)["paper"] == Paper.NONE.value
        assert agent.stop() == Exit.DAMAGED
    for words, code in (
        (("journal", "verify"), Exit.DAMAGED),
        (("journal", "acknowledge", "--by", "eva"), Exit.DONE),
        (("journal", "verify"), Exit.DONE),
        (("journal", "acknowledge", "--by", "eva"), Exit.NEGATIVE),
    ):
        assert waiting.command(settings, *words) == code, words
    with Agent(tmp_path, settings) as agent:
        agent.credit(2)
        assert agent.stop() == Exit.DONE
