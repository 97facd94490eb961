# SPDX-License-Identifier: Apache-2.0
"""What can happen to a record. Each event's `name` stands in the event log and in the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from agent.domain.claim import Scan
from agent.domain.outcome import Burn, Finding, LinkResult, Outcome, Resolution
from agent.domain.record import Paper, PaperKind, VoidRequest


@dataclass(frozen=True, slots=True)
class Begun:
    """The counter takes the record up: new, or resumed by its alias after a restart."""

    name: ClassVar[str] = "begun"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The platform was asked who the customer is."""

    resolution: Resolution
    name: ClassVar[str] = "resolved"


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The forwarder is about to send; committed before the first byte."""

    name: ClassVar[str] = "forwarding"


@dataclass(frozen=True, slots=True)
class Answered:
    """A send ended. `at_counter`: within the call that a cashier waits for."""

    outcome: Outcome
    at_counter: bool = False
    name: ClassVar[str] = "answered"


@dataclass(frozen=True, slots=True)
class Looked:
    """A look-up by key and code ended."""

    finding: Finding
    at_counter: bool = False
    name: ClassVar[str] = "looked"


@dataclass(frozen=True, slots=True)
class BudgetEnded:
    """The counter's time is up; the answer is what is true now."""

    name: ClassVar[str] = "budget-ended"


@dataclass(frozen=True, slots=True)
class Restarted:
    """The daemon found the record when it started."""

    name: ClassVar[str] = "restarted"


@dataclass(frozen=True, slots=True)
class PaperApproved:
    """A manager lets the money paper out though there is no room."""

    by: str
    name: ClassVar[str] = "paper-approved"


@dataclass(frozen=True, slots=True)
class PaperLeaving:
    """The first byte of a print is about to leave the register."""

    kind: PaperKind
    name: ClassVar[str] = "paper-leaving"


@dataclass(frozen=True, slots=True)
class PaperEnded:
    """A print ended. `paper`: printed, sent, uncertain or failed."""

    kind: PaperKind
    paper: Paper
    copy: int = 1
    name: ClassVar[str] = "paper-ended"


@dataclass(frozen=True, slots=True)
class PaperAffirmed:
    """A person says whether the paper came out."""

    by: str
    came_out: bool
    name: ClassVar[str] = "paper-affirmed"


@dataclass(frozen=True, slots=True)
class CodeShown:
    """No paper comes out: a manager has the code shown on a screen, to be photographed."""

    by: str
    name: ClassVar[str] = "code-shown"


@dataclass(frozen=True, slots=True)
class ReprintAsked:
    """A person wants another copy of the same paper."""

    by: str
    reason: str
    approved_by: str | None = None
    name: ClassVar[str] = "reprint-asked"


@dataclass(frozen=True, slots=True)
class VoidAsked:
    """A person wants the credit undone (void or write off)."""

    request: VoidRequest
    name: ClassVar[str] = "void-asked"


@dataclass(frozen=True, slots=True)
class BurnEnded:
    """An attempt to kill the code on the platform ended."""

    burn: Burn
    name: ClassVar[str] = "burn-ended"


@dataclass(frozen=True, slots=True)
class LinkEnded:
    """An attempt to link the card to its customer ended."""

    result: LinkResult
    name: ClassVar[str] = "link-ended"


@dataclass(frozen=True, slots=True)
class PersonLinked:
    """A person named the customer of a record in review: the issue goes on.

    `burn_begun`: a step of a burn was journalled, so its bytes may still arrive.
    """

    by: str
    customer_id: str
    burn_begun: bool = True
    name: ClassVar[str] = "person-linked"


@dataclass(frozen=True, slots=True)
class PersonConfirmed:
    """A person named the platform's own card, and the platform showed it under our key or code.

    `burn_begun`: a step of a burn was journalled, so its bytes may still arrive.
    """

    by: str
    reference: str
    burn_begun: bool = True
    name: ClassVar[str] = "person-confirmed"


@dataclass(frozen=True, slots=True)
class PersonWithdrew:
    """A person withdrew a record that was told to nobody and sent to nobody."""

    by: str
    reason: str
    name: ClassVar[str] = "person-withdrew"


@dataclass(frozen=True, slots=True)
class Claimed:
    """Its paper was brought back to a register, and the token on it was ours."""

    scan: Scan
    name: ClassVar[str] = "claimed"


@dataclass(frozen=True, slots=True)
class Heard:
    """The caller has the answer."""

    name: ClassVar[str] = "heard"


Event = (
    Begun
    | Resolved
    | Forwarding
    | Answered
    | Looked
    | BudgetEnded
    | Restarted
    | PaperApproved
    | PaperLeaving
    | PaperEnded
    | PaperAffirmed
    | CodeShown
    | ReprintAsked
    | VoidAsked
    | BurnEnded
    | LinkEnded
    | PersonLinked
    | PersonConfirmed
    | PersonWithdrew
    | Claimed
    | Heard
)
