# SPDX-License-Identifier: Apache-2.0
"""Conversations with Saleor about orders: the sale of a receipt, and refunds to a payment.

A refund is granted, then requested. The grant moves no money: it is a note in the order, and our
key stands in its reason. It has no key of its own, so it is looked up before it is made; should a
late one come in twice, only the oldest of them is ever requested, and Saleor refuses a second grant
of the same units. The request moves the money, and Saleor refuses a second one of the same grant
while the first is pending or done (REFUND_IS_PENDING, REFUND_ALREADY_PROCESSED).

The payment app answers later: Accepted, and polled by the grant's status.
"""

from __future__ import annotations

from typing import Final

from agent.domain.outcome import (
    Absent,
    Accepted,
    RefusalReason,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.sale import (
    Refund,
    Refunded,
    RefundFinding,
    RefundOutcome,
    RefundRejected,
    RefundTo,
    SaleFinding,
)
from agent.platforms.exchange import Do, Exchange, Interrupted, Look
from agent.platforms.reading import Negative, No, NotExecuted, Odd, Wait, as_unknown
from agent.platforms.saleor import sales, wire
from agent.platforms.saleor.replies import Granted

_ALREADY: Final = frozenset({"refund-is-pending", "refund-already-processed"})
_NEVER: Final = Saying(code="to-tender-only")


class SaleorOrders:
    """The orders of a Saleor shop."""

    @property
    def refunds_to(self) -> frozenset[RefundTo]:
        return frozenset({RefundTo.TENDER})

    def sale(self, receipt: str) -> Exchange[SaleFinding]:
        """By external reference (a till's receipt), and by order number where it may be one."""
        reply = yield Look(sales.find_sale(receipt))
        return sales.read_sale(reply, receipt)

    def find_refund(self, refund: Refund) -> Exchange[RefundFinding]:
        """*Absent* too where it was granted and never requested: nothing was paid, and `refund`
        goes on from there."""
        match (yield from self._granted(refund)):
            case Granted(status="NONE") | No("not-granted", _):
                return Absent()
            case Granted() as granted:
                return _finding(granted, refund)
            case other:
                return as_unknown(other)

    def refund(self, refund: Refund) -> Exchange[RefundOutcome]:
        """One leg, to the payment that it names."""
        if refund.to is not RefundTo.TENDER or refund.tender is None:
            return Refused(RefusalReason.PLATFORM, _NEVER)
        unfit = wire.refusal(refund.amount)
        if unfit is not None:
            return unfit
        match (yield from self._granted(refund)):
            case Granted() as granted:
                return (yield from self._requested(granted, refund))
            case No("not-granted", _):
                pass
            case other:  # no such order, or nothing was learnt
                return _no(other, sent=False)
        reply = yield Do("refund-grant", sales.grant(refund))
        match sales.read_granted(reply, refund):
            case Granted() as granted:
                return (yield from self._requested(granted, refund))
            case No(code, saying):
                match (yield from self._granted(refund)):
                    case Granted() as granted:  # our own, from before
                        return (yield from self._requested(granted, refund))
                    case No("not-granted", _):
                        return Refused(RefusalReason.PLATFORM, saying)
                    case _:
                        return Unanswered(code, saying)
            case odd:
                return _no(odd, sent=True)

    def _granted(self, refund: Refund) -> Exchange[Granted | Negative]:
        reply = yield Look(sales.find_granted(refund.sale))
        return sales.read_ours(reply, refund)

    def _requested(self, granted: Granted, refund: Refund) -> Exchange[RefundOutcome]:
        if not _is_equal(granted, refund):
            return Unanswered("differs", Saying(code="differs", message="amount"), differs=True)
        if granted.status != "NONE":
            return _outcome(granted, refund)
        request = sales.request_refund(granted.id, refund)
        reply = yield Do(wire.step_of("refund-request", request), request)
        match sales.read_requested(reply, refund):
            case None:
                return (yield from self._polled(granted, refund, Saying()))
            case No(code, saying) if code in _ALREADY:
                return (yield from self._polled(granted, refund, saying))
            case other:
                return _no(other, sent=True)

    def _polled(self, granted: Granted, refund: Refund, saying: Saying) -> Exchange[RefundOutcome]:
        """It was taken; perhaps the payment app has answered at once."""
        try:
            again = yield from self._granted(refund)
        except Interrupted:
            again = granted
        if not isinstance(again, Granted) or again.id != granted.id or again.status == "NONE":
            return Accepted(granted.id, saying)
        return _outcome(again, refund)


def _no(negative: Negative, *, sent: bool) -> RefundOutcome:
    """`sent`: it answered a `Do`. A look that failed leaves the refund unsent, whatever it said."""
    match negative:
        case No(_, saying, reason):
            return Refused(reason, saying)
        case NotExecuted(why, saying):
            return Unsent(why, saying)
        case Wait(retry_after_s, saying):
            return Throttled(retry_after_s, saying)
        case Odd(why, saying):
            return Unanswered(why, saying) if sent else Unsent(why, saying)


def _is_equal(granted: Granted, refund: Refund) -> bool:
    return granted.amount.money() == refund.amount


def _outcome(granted: Granted, refund: Refund) -> RefundOutcome:
    match _finding(granted, refund):
        case Refunded() | Accepted() as good:
            return good
        case RefundRejected():
            return Refused(RefusalReason.PLATFORM, Saying(code="FAILURE"))
        case Unknown(why, said):
            return Unanswered(why, said, differs=True)
        case Absent():
            return Unanswered("absent")


def _finding(granted: Granted, refund: Refund) -> RefundFinding:
    if not _is_equal(granted, refund):
        return Unknown("differs", Saying(code="differs", message="amount"))
    match granted.status:
        case "SUCCESS":
            return Refunded(granted.id, granted.amount.money())
        case "PENDING":
            return Accepted(granted.id, Saying(code="PENDING"))
        case "FAILURE":
            return RefundRejected(granted.id, Saying(code="FAILURE"))
        case other:
            return Unknown("unknown-status", Saying(code=other))
