# SPDX-License-Identifier: Apache-2.0
"""Brings the stage to rest: mends what is broken, lets the queue drain, and settles as a manager.

The queue drains by itself; a manager's *Try now* only spares the audience the longest waits.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Final

from agent.commands.client import AgentRefused, AgentUnreachable
from agent.commands.demo.scenery import ALICE
from agent.commands.demo.stage import Stage
from agent.domain.record import State
from agent.words import say

DRAIN_S: Final = 45.0
READY_S: Final = 10.0
RETRY_S: Final = 1.0
BY_ITSELF_S: Final = 8.0
LINK_S: Final = 2.0
PAUSE_S: Final = 0.05


@dataclass(slots=True)
class Settled:
    """What a manager did: customers named, credits voided, credits withdrawn."""

    linked: int = 0
    voided: int = 0
    withdrawn: int = 0


def mend(stage: Stage) -> None:
    """Every fault off, the printer fine, the agent alive."""
    stage.sandbox.mend()
    stage.mend_printer()
    stage.start()


def ready(stage: Stage, ring: str) -> bool:
    """A scene's own beginning; False where something still waits for the platform."""
    mend(stage)
    drained = drain(stage, by_itself_s=1.0, timeout_s=READY_S) is not None
    stage.set_ring(ring)
    if not _link_heals(stage):
        stage.restart()  # a fresh agent asks at once; a breaker with nothing to send would wait
    return drained


def drain(stage: Stage, by_itself_s: float = BY_ITSELF_S, timeout_s: float = DRAIN_S) -> str | None:
    """Waits until nothing goes on by itself any more: how that came, or None in time.

    What did not come in time is waited for only once; it stays open, and in the counter.
    """
    begun = tried_s = time.monotonic()
    how = say("stage.by-itself")
    waiting: list[str] = []
    while time.monotonic() - begun < timeout_s and not stage.closing.is_set():
        entries = stage.books.journal()
        waiting = [each.key for each in entries if each.drains and each.key not in stage.stuck]
        if not waiting:
            return how
        if time.monotonic() - begun > by_itself_s and time.monotonic() - tried_s > RETRY_S:
            how = say("stage.by-retry")
            for key in waiting:
                stage.desk(key, "retry")
            tried_s = time.monotonic()
        time.sleep(PAUSE_S)
    stage.stuck.update(waiting)
    return None


def settle(stage: Stage) -> Settled:
    """What a manager ends: names the customer of what waits to be collected, voids the rest.

    What was told to nobody and sent to nobody is withdrawn. Paper that is out stays a promise.
    """
    settled = Settled()
    for entry in stage.books.journal():
        stuck = entry.key in stage.stuck and entry.drains and not entry.line.promised
        if entry.line.state is State.RECEIVED:
            done = stage.desk(entry.key, "withdraw", reason="told to nobody")
            settled.withdrawn += done is not None
        elif entry.line.state is State.REVIEW and (entry.review or "").startswith("customer-"):
            customer = ALICE["customer_id"]
            settled.linked += stage.desk(entry.key, "link", customer_id=customer) is not None
        elif entry.line.state is State.REVIEW or stuck:
            settled.voided += stage.desk_void(entry.key, "settled after chaos") is not None
            stage.stuck.discard(entry.key)
    return settled


def in_review(stage: Stage) -> str:
    """What waits for a person, in a few words."""
    return ", ".join(
        f"{entry.key} {entry.line.state} {entry.review or entry.manager or ''}".strip()
        for entry in stage.books.journal()
        if entry.is_open
    )


def _link_heals(stage: Stage) -> bool:
    def up() -> bool:
        with contextlib.suppress(AgentRefused, AgentUnreachable):
            return stage.link_up()
        return False

    return stage.until(up, LINK_S)
