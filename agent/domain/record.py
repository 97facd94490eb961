# SPDX-License-Identifier: Apache-2.0
"""Our memory of one credit: where it stands, what may have left, what was promised."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent.domain.code import Code
from agent.domain.credit import Credit, CreditRequest
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.outcome import Saying
from agent.domain.place import Place


class State(StrEnum):
    """Design section 3. Every change is a row of `agent.decisions.transitions`."""

    RECEIVED = "received"
    SENDING = "sending"
    PARKED = "parked"
    UNSETTLED = "unsettled"
    REVIEW = "review"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOIDING = "voiding"
    VOIDED = "voided"


SETTLED: Final = frozenset({State.CONFIRMED, State.REFUSED, State.WITHDRAWN, State.VOIDED})
OPEN: Final = frozenset(State) - SETTLED


class Paper(StrEnum):
    """What the money paper of a record did. `QUEUED` is told to callers as `none`."""

    NONE = "none"
    QUEUED = "queued"
    SENT = "sent"
    PRINTED = "printed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class PaperKind(StrEnum):
    """`VOUCHER`: the offline fallback; `IDENTITY`: scan to collect; `SLIP`: not money."""

    RECEIPT = "receipt"
    VOUCHER = "voucher"
    IDENTITY = "identity"
    SLIP = "slip"

    @property
    def is_money(self) -> bool:
        return self in (PaperKind.VOUCHER, PaperKind.IDENTITY)


class ReviewReason(StrEnum):
    """Why a person must look. The first four are the identity path."""

    CUSTOMER_MISSING = "customer-missing"
    CUSTOMER_MALFORMED = "customer-malformed"
    CUSTOMER_UNMATCHED = "customer-unmatched"
    CUSTOMER_AMBIGUOUS = "customer-ambiguous"
    REFUSED_LATE = "refused-late"
    DIFFERS = "differs"
    CANNOT_RESEND = "cannot-resend"
    SPENT_IN_PART = "spent-in-part"
    BURN_REFUSED = "burn-refused"
    RESTORED = "restored"

    @property
    def is_identity(self) -> bool:
        return self in _IDENTITY


_IDENTITY: Final = frozenset(
    {
        ReviewReason.CUSTOMER_MISSING,
        ReviewReason.CUSTOMER_MALFORMED,
        ReviewReason.CUSTOMER_UNMATCHED,
        ReviewReason.CUSTOMER_AMBIGUOUS,
    }
)


class Answer(StrEnum):
    """The five words that a cashier reads."""

    CONFIRMED = "confirmed"
    VOUCHER = "voucher"
    PENDING = "pending"
    REFUSED = "refused"
    ASK_A_MANAGER = "ask-a-manager"


class ManagerReason(StrEnum):
    """Why the word is ASK A MANAGER."""

    NO_ROOM = "no-room"
    NOT_ENROLLED = "not-enrolled"
    PAPER_UNPROVED = "paper-unproved"
    PAPER_FAILED = "paper-failed"
    REVIEW = "review"
    VOIDING = "voiding"
    HELD = "held"


class VoidKind(StrEnum):
    VOID = "void"
    WRITE_OFF = "write-off"


@dataclass(frozen=True, slots=True)
class VoidRequest:
    """Who asked for a credit to be undone, and why."""

    by: str
    reason: str
    kind: VoidKind = VoidKind.VOID


@dataclass(frozen=True, slots=True)
class FirstClaim:
    """When a credit's paper was first brought back, where and to whom: no copy comes after it."""

    by: str
    place: Place
    at_ms: int


@dataclass(frozen=True, slots=True)
class CreditRecord:
    """One credit. The three flags only ever rise (I9); `revision` counts saved changes.

    `perhaps_sent`: a `Do` may have reached the platform; `promised`: money paper may be in the
    shopper's hands; `shared`: the code or token may have left the register, or the journal was
    restored, so another may act on it. `reserved`: its amount has room under the limits.
    `heard`: the caller has an answer; `pos_prints`: the POS owns the printer. `vain`: sends in a
    row under this `epoch` that were answered by neither yes nor no, while look-ups were answered.
    """

    key: IdempotencyKey
    code: Code
    request: CreditRequest
    caller: str
    state: State
    opened: Moment
    changed_ms: int
    perhaps_sent: bool = False
    promised: bool = False
    shared: bool = False
    reserved: bool = False
    paper: Paper = Paper.NONE
    paper_kind: PaperKind | None = None
    paper_approved_by: str | None = None
    copies: int = 0
    expires_on: datetime.date | None = None
    review: ReviewReason | None = None
    manager: ManagerReason | None = None
    refused: bool = False
    customer_id: str | None = None
    linked: bool = False
    unlinked_flag: bool = False
    reference: str | None = None
    saying: Saying = field(default_factory=Saying)
    attempts: int = 0
    last_sent: Moment | None = None
    first_sent: Moment | None = None
    due_ms: int | None = None
    settled_ms: int | None = None
    void: VoidRequest | None = None
    claimed: FirstClaim | None = None
    heard: bool = False
    pos_prints: bool = False
    epoch: int = 0
    vain: int = 0
    revision: int = 0

    @property
    def credit(self) -> Credit:
        request = self.request
        return Credit(
            self.key, self.code, request.amount, request.instrument, self.epoch, request.plastic
        )

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def exclusive(self) -> bool:
        """Nobody else can act on it: neither its code nor its token may have left."""
        return not self.shared

    @property
    def exposed(self) -> bool:
        """Whether its amount counts as *outstanding* (I7)."""
        if self.state in (State.SENDING, State.PARKED, State.UNSETTLED):
            return True
        if self.state is State.RECEIVED:
            return self.reserved
        return self.state is State.REVIEW and self.promised and not self.is_unclaimed

    @property
    def is_unclaimed(self) -> bool:
        """Whether it counts against the bound of identity vouchers not yet collected."""
        return (
            self.state is State.REVIEW
            and self.paper_kind is PaperKind.IDENTITY
            and (self.promised or self.paper is not Paper.FAILED)
        )

    @property
    def untold_copy(self) -> bool:
        """Only a restored journal has such a record: shared, and by its own account neither sent
        nor promised. What came after the copy nobody knows; it may have been withdrawn."""
        return self.shared and not (self.promised or self.perhaps_sent)

    @property
    def ending(self) -> bool:
        """A person asked for it to be undone, and its code may be dead: no paper, no voucher."""
        return self.void is not None or self.review is ReviewReason.SPENT_IN_PART

    @property
    def link_wanted(self) -> bool:
        """Confirmed, matched to a customer, and not yet linked."""
        return self.state is State.CONFIRMED and self.customer_id is not None and not self.linked
