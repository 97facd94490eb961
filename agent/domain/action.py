# SPDX-License-Identifier: Apache-2.0
"""What is to be done after a decision. Values only: flows do them, after the commit."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.record import CreditRecord, ManagerReason, PaperKind


@dataclass(frozen=True, slots=True)
class Resolve:
    """Ask the platform who the customer is."""


@dataclass(frozen=True, slots=True)
class Send:
    """Run the issue conversation."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the platform whether it has the credit."""


@dataclass(frozen=True, slots=True)
class BurnCode:
    """Kill the code on the platform."""


@dataclass(frozen=True, slots=True)
class LinkCustomer:
    """Link the confirmed card to its customer."""


@dataclass(frozen=True, slots=True)
class PrintPaper:
    """Queue a paper. The journal writes the spool row in the decision's own transaction."""

    kind: PaperKind
    copy: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class AskManager:
    """Raise the flag: a manager must act."""

    reason: ManagerReason


Action = Resolve | Send | LookUp | BurnCode | LinkCustomer | PrintPaper | AskManager


@dataclass(frozen=True, slots=True)
class Decision:
    """A record as it is to be saved, and what to do once it is."""

    record: CreditRecord
    actions: tuple[Action, ...] = ()
