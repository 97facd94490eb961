# SPDX-License-Identifier: Apache-2.0
"""What the pages are given: the flows behind them, and their own options. No globals."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.flows.approvals import Approvals
from agent.flows.closing import Closing
from agent.flows.issue import Issue, Spawn
from agent.flows.pairing import Pairings
from agent.flows.papers import Papers
from agent.flows.register import Register
from agent.flows.steps import Steps
from agent.telemetry import Log
from agent.words import ENGLISH


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """Of one store. `press_s`: how long a pressed button may wait for the word before the page
    says that it is still asking; times in seconds, every bound has its name here."""

    store: str
    brand: str = ""
    region: str = "US"
    language: str = ENGLISH
    zone: datetime.tzinfo = datetime.UTC
    press_s: float = 0.7
    body_s: float = 5.0
    look_up_s: float = 1.0
    write_s: float = 10.0
    heartbeat_s: float = 2.0
    refresh_s: float = 10.0
    grant_s: float = 120.0
    streams_max: int = 8


def _printer_unknown(register: Register) -> str:
    return "none" if register.printer is None else "unknown"


@dataclass(frozen=True, slots=True)
class ScreenDoors:
    """`printer` tells how a register's printer is by a short code, without asking the device:
    `ready`, `none`, `unknown`, or why its last paper did not come out."""

    issue: Issue
    closing: Closing
    papers: Papers
    approvals: Approvals
    steps: Steps
    pairings: Pairings
    spawn: Spawn
    log: Log
    options: ScreenOptions
    printer: Callable[[Register], str] = field(default=_printer_unknown)
