# SPDX-License-Identifier: Apache-2.0
"""What the API is given: the flows behind its doors, and its own options. No globals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.domain.code import Code
from agent.domain.money import Money
from agent.domain.outcome import Unknown
from agent.domain.voucher import VoucherToken
from agent.flows.approvals import Approvals
from agent.flows.claim import Claims
from agent.flows.closing import Closing
from agent.flows.forward import Forwarder
from agent.flows.issue import Issue, Spawn
from agent.flows.pairing import Pairings
from agent.flows.papers import Papers
from agent.flows.register import Register
from agent.flows.steps import Steps
from agent.ports import AccessStore
from agent.telemetry import Health, Log, Metrics
from agent.words import ENGLISH

UNIX_HOSTS: Final = frozenset({"localhost", "unix", "countermark"})
"""What a client of the Unix socket may write into its Host header: no browser gets there."""


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """`hosts`: further Host headers, exact, with port; `origins`: of web tills that may call.

    `socket`: where the Unix socket is made, None for none; `port` 0 takes a free one, None for
    no TCP at all. Times in seconds; every bound has its name here.
    """

    store: str
    version: str
    region: str = "US"
    language: str = ENGLISH
    port: int | None = 8741
    socket: Path | None = None
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    requests_max: int = 128
    streams_max: int = 16
    body_s: float = 5.0
    look_up_s: float = 1.0
    write_s: float = 10.0
    heartbeat_s: float = 15.0
    drain_s: float = 10.0

    def __post_init__(self) -> None:
        if self.port is None and self.socket is None:
            raise ValueError("the API needs a port, a socket or both")
        if not all(origin.startswith(("https://", "http://")) for origin in self.origins):
            raise ValueError("an origin begins with https:// or http://")


@dataclass(frozen=True, slots=True)
class PrinterTold:
    """How a register's printer is: its name in the settings, and a short code such as `ready`."""

    name: str | None = None
    state: str = "unknown"


def _printer_named(register: Register) -> PrinterTold:
    return PrinterTold(register.printer, "none" if register.printer is None else "unknown")


AskBalance = Callable[[Code, float], Awaitable[Money | Unknown | None]]
"""The platform's live balance by a deadline (monotonic seconds); None for an unknown code."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything the handlers may use. `verify` raises `VoucherInvalid`; `spawn` runs a task
    that outlives its request; `printer` tells how a register's printer is, without asking it."""

    issue: Issue
    claims: Claims
    closing: Closing
    papers: Papers
    approvals: Approvals
    forwarder: Forwarder
    steps: Steps
    access: AccessStore
    pairings: Pairings
    spawn: Spawn
    verify: Callable[[str], VoucherToken]
    balance: AskBalance
    metrics: Metrics
    health: Health
    log: Log
    options: ApiOptions
    printer: Callable[[Register], PrinterTold] = field(default=_printer_named)
