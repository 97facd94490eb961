# SPDX-License-Identifier: Apache-2.0
"""A sale as an order system tells it, and a refund as it is asked for. Values; money in minor
units of the sale's own currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agent.domain.credit import Credit
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line. `reference`: the order system's id of it; `refundable`: how many of its
    `quantity` may still come back; `unit`: what one of them brings back, tax and discounts
    in it, rounded down where the system knows only the whole line."""

    reference: str
    name: str
    quantity: int
    refundable: int
    unit: Money
    sku: str = ""


class TenderKind(StrEnum):
    """How a part of the sale was paid."""

    CARD = "card"
    CASH = "cash"
    GIFT_CARD = "gift-card"
    STORE_CREDIT = "store-credit"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Tender:
    """`reference`: what a refund to it names (a payment, a transaction). `shown` may be read by a
    cashier: at most the last four digits."""

    reference: str
    kind: TenderKind
    paid: Money
    refundable: Money
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """`reference`: the order system's id; `receipt`: what was scanned; `refundable`: what may
    still be paid back altogether. `sold_at_ms`: UTC milliseconds."""

    reference: str
    receipt: str
    sold_at_ms: int
    total: Money
    refundable: Money
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...]
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class NoSale:
    """The order system knows no sale by that receipt, for certain. `several`: it knows more than
    one, and nobody is chosen by us."""

    several: int = 0


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units of a line that come back. `restock`: whether they may be sold again."""

    line: str
    quantity: int
    restock: bool = True


class RefundTo(StrEnum):
    """Where the money goes: back the way it came, or to the customer's credit at the vendor's."""

    TENDER = "tender"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Refund:
    """One leg of a return. `credit` carries key, code (for the vendor's key alone), amount and
    epoch; `tender` names the payment for `RefundTo.TENDER`; `reason`: at most 40 characters."""

    credit: Credit
    sale: str
    to: RefundTo
    lines: tuple[RefundLine, ...] = ()
    tender: str | None = None
    customer_id: str | None = None
    reason: str = ""

    @property
    def amount(self) -> Money:
        return self.credit.amount


@dataclass(frozen=True, slots=True)
class Refunded:
    """The order system returned *this* refund: amount, currency and key equal, and it is final."""

    reference: str
    amount: Money
    saying: Saying = field(default_factory=Saying)


@dataclass(frozen=True, slots=True)
class RefundRejected:
    """It was accepted once, and rejected or failed afterwards: a task for a person."""

    reference: str
    saying: Saying = field(default_factory=Saying)


RefundOutcome = Refunded | Accepted | Refused | Unsent | Unanswered | Throttled
"""`Accepted`: the order system has it, and the result comes later (it is polled)."""
RefundFinding = Refunded | Accepted | RefundRejected | Absent | Unknown
"""What a look-up of a refund says; `Absent` only from an exact one."""
SaleFinding = Sale | NoSale | Unknown
