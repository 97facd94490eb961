# SPDX-License-Identifier: Apache-2.0
"""A voucher that somebody brings back: the scan, and our memory of another register's paper.

A token of our own journal is claimed by its own record. Only a token whose record is elsewhere
(another register's, or one whose journal was lost) has a `Claim` here. Who checked the
signature is not seen in these values: see `agent.flows.claim`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import Finding, LinkResult, Outcome, Saying
from agent.domain.place import Place
from agent.domain.record import ReviewReason, State

CLAIM_STATES: Final = frozenset(
    {State.PARKED, State.UNSETTLED, State.REVIEW, State.CONFIRMED, State.VOIDED}
)
"""A claim uses these states of a record, in the same meaning."""


class ClaimNews(StrEnum):
    """What a scan led to; each has its sentence in `agent.words`."""

    CONFIRMED = "confirmed"
    ON_ITS_WAY = "on-its-way"
    VOID = "void"
    REVIEW = "review"
    CUSTOMER_NEEDED = "customer-needed"
    CUSTOMER_MALFORMED = "customer-malformed"
    CUSTOMER_UNMATCHED = "customer-unmatched"
    CUSTOMER_AMBIGUOUS = "customer-ambiguous"
    CUSTOMER_UNKNOWN = "customer-unknown"


@dataclass(frozen=True, slots=True)
class Scan:
    """Who brought a voucher back, where, and what they said.

    `customer_id`: the platform's own id, matched before; `bearer`: the store lets identity paper
    be claimed by whoever holds it; `other_customer`: the customer named is not the record's own.
    """

    by: str
    place: Place
    customer_id: str | None = None
    approved_by: str | None = None
    bearer: bool = False
    other_customer: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A token whose record is not in this journal, from its first scan on.

    PARKED: opened, nothing of ours was sent; UNSETTLED: perhaps sent; REVIEW: a person must look.
    None of them is tried again by itself: the paper stays good, and the next scan looks first.
    `identity`: nothing is active before a customer is matched. `customer_id` is a person's, and
    sealed at rest like the code. `revision` counts saved changes, `scans` the times it was read;
    `erased`: its code is gone until the paper brings it back.
    """

    key: IdempotencyKey
    code: Code
    amount: Money
    identity: bool
    place: Place
    by: str
    opened_ms: int
    changed_ms: int
    state: State = State.PARKED
    expires_on: datetime.date | None = None
    approved_by: str | None = None
    customer_id: str | None = None
    linked: bool = False
    other_customer: bool = False
    bearer: bool = False
    refused: bool = False
    review: ReviewReason | None = None
    reference: str | None = None
    saying: Saying = field(default_factory=Saying)
    scans: int = 1
    erased: bool = False
    settled_ms: int | None = None
    revision: int = 0

    def __post_init__(self) -> None:
        if self.state not in CLAIM_STATES:
            raise ValueError(f"a claim is never {self.state}")

    @property
    def credit(self) -> Credit:
        """What the issuance is made from: the token's own values, and epoch 0 (design 4)."""
        return Credit(self.key, self.code, self.amount)

    @property
    def customer_wanted(self) -> bool:
        """Identity paper waits for a customer, where no bearer may have it."""
        return self.identity and self.customer_id is None and not self.bearer

    @property
    def link_wanted(self) -> bool:
        """Confirmed, matched to a customer, and not yet linked."""
        matched = self.customer_id is not None and not self.other_customer
        return self.state is State.CONFIRMED and matched and not self.linked


@dataclass(frozen=True, slots=True)
class Scanned:
    """The same token was read again."""

    scan: Scan
    name: ClassVar[str] = "claim-scanned"


@dataclass(frozen=True, slots=True)
class ClaimLooked:
    """The platform was asked whether it has the credit."""

    finding: Finding
    name: ClassVar[str] = "claim-looked"


@dataclass(frozen=True, slots=True)
class ClaimSending:
    """The issuance is about to be replayed; committed before the first byte."""

    name: ClassVar[str] = "claim-sending"


@dataclass(frozen=True, slots=True)
class ClaimAnswered:
    """The replay ended."""

    outcome: Outcome
    name: ClassVar[str] = "claim-answered"


@dataclass(frozen=True, slots=True)
class ClaimLinked:
    """An attempt to link the card to its customer ended."""

    result: LinkResult
    name: ClassVar[str] = "claim-linked"


ClaimEvent = Scanned | ClaimLooked | ClaimSending | ClaimAnswered | ClaimLinked
