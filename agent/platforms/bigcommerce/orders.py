# SPDX-License-Identifier: Apache-2.0
"""Conversations about BigCommerce's orders: a sale by its receipt, refunds, what became of them.

A refund is looked for by our key first, quoted, and asked for once with exactly the quoted amount.
The vendor answers 201 and moves the money afterwards, so a refund is *accepted* and polled. One at
a time for an order: the vendor does not take two at once.
"""

from __future__ import annotations

from agent.domain.money import Money
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
    NoSale,
    Refund,
    Refunded,
    RefundFinding,
    RefundOutcome,
    RefundRejected,
    RefundTo,
    SaleFinding,
)
from agent.platforms.bigcommerce import answers, wire
from agent.platforms.bigcommerce import order_wire as orders
from agent.platforms.bigcommerce.answers import money
from agent.platforms.bigcommerce.options import BigcommerceOptions, Receipts
from agent.platforms.exchange import Do, Exchange, Look
from agent.platforms.reading import Negative, No, NotExecuted, Odd, Wait, as_unknown


class OrderConversations:
    """What `agent.platforms.orders.OrdersAdapter` asks for."""

    def __init__(self, options: BigcommerceOptions) -> None:
        self._receipts = options.receipts

    @property
    def refunds_to(self) -> frozenset[RefundTo]:
        return frozenset(RefundTo)

    def sale(self, receipt: str) -> Exchange[SaleFinding]:
        match (yield from self._order(receipt)):
            case orders.OrderReply() as found:
                pass
            case NoSale() | Unknown() as end:
                return end
        reply = yield Look(orders.products(str(found.id)))
        lines = orders.read_products(reply)
        if not isinstance(lines, list):
            return as_unknown(lines)
        if len(lines) >= orders.LINES_MAX:
            return Unknown("too-many-lines", answers.saying(reply))
        sale = orders.sale_of(found, lines, receipt, reply)
        return as_unknown(sale) if isinstance(sale, Odd) else sale

    def _order(self, receipt: str) -> Exchange[orders.OrderReply | NoSale | Unknown]:
        if self._receipts is Receipts.EXTERNAL_ORDER_ID:
            return (yield from self._order_named(receipt))
        if not wire.is_id(receipt) or len(receipt) > 10:
            return NoSale()
        match orders.read_order((yield Look(orders.order(receipt)))):
            case orders.OrderReply() as found if str(found.id) != receipt:
                return Unknown("another-order")
            case orders.OrderReply() as found:
                return NoSale() if found.is_deleted else found
            case No(answers.NO_SUCH, _):
                return NoSale()
            case other:
                return as_unknown(other)

    def _order_named(self, receipt: str) -> Exchange[orders.OrderReply | NoSale | Unknown]:
        reply = yield Look(orders.orders_named(receipt))
        listed = orders.read_orders(reply)
        if not isinstance(listed, list):
            return as_unknown(listed)
        named = [each for each in listed if each.external_order_id == receipt]
        if listed and not named:
            return Unknown("filter-ignored", answers.saying(reply))
        named = [each for each in named if not each.is_deleted]
        return named[0] if len(named) == 1 else NoSale(len(named))

    def find_refund(self, refund: Refund) -> Exchange[RefundFinding]:
        match (yield from self._by_key(refund)):
            case None:
                return Absent()
            case orders.RefundReply() as found, listed:
                return (yield from self._became(found, listed, refund))
            case Unknown() as unknown:
                return unknown

    def refund(self, refund: Refund) -> Exchange[RefundOutcome]:
        if not orders.is_representable(refund.amount):
            return Refused(RefusalReason.CURRENCY, Saying(code="amount-not-representable"))
        match (yield from self._by_key(refund)):
            case orders.RefundReply() as found, _:
                return _accepted(found, refund)
            case Unknown(why, saying, retry_after_s):
                return _not_begun(why, saying, retry_after_s)
            case None:
                pass
        match (yield from self._quoted(refund)):
            case str() as provider:
                pass
            case Refused() | Unsent() | Throttled() as end:
                return end
        reply = yield Do("refund", orders.refund_to(refund, provider))
        match orders.read_refund(reply):
            case orders.RefundReply() as found if found.is_of(refund):
                return _accepted(found, refund)
            case orders.RefundReply():
                return Unanswered("differs", answers.saying(reply), differs=True)
            case No() as refusal:
                return (yield from self._refund_refused(refusal, refund))
            case NotExecuted(why, saying):
                return Unsent(why, saying)
            case Wait(retry_after_s, saying):
                return Throttled(retry_after_s, saying)
            case Odd(why, saying):
                return Unanswered(why, saying)

    def _by_key(
        self, refund: Refund
    ) -> Exchange[tuple[orders.RefundReply, list[orders.RefundReply]] | Unknown | None]:
        """The refund that carries our key, with all of the order; None where there is none."""
        if not wire.is_id(refund.sale):
            return Unknown("no-such-order")
        listed = orders.read_refunds((yield Look(orders.refunds(refund.sale))))
        if not isinstance(listed, list):
            return as_unknown(listed)
        ours = [each for each in listed if each.is_of(refund)]
        if len(ours) > 1:
            return Unknown("several")
        return (ours[0], listed) if ours else None

    def _quoted(self, refund: Refund) -> Exchange[str | Refused | Unsent | Throttled]:
        """The provider through which BigCommerce would pay exactly this amount, on-line."""
        reply = yield Look(orders.quote_of(refund))
        quote = orders.read_quote(reply)
        if not isinstance(quote, orders.QuoteReply):
            return _no_quote(quote)
        said = answers.saying(reply)
        if not _equal(quote.total_refund_amount, refund.amount):
            text = f"the order system would refund {quote.total_refund_amount[:20]}"
            return Refused(RefusalReason.PLATFORM, Saying(said.status, "amount", text))
        for method in quote.refund_methods:
            match method:
                case [only] if _fits(only, refund):
                    return only.provider_id
        return Refused(RefusalReason.PLATFORM, Saying(said.status, "no-such-method"))

    def _refund_refused(self, refusal: No, refund: Refund) -> Exchange[RefundOutcome]:
        """An order whose money is all refunded refuses the second ask of the same refund too."""
        match (yield from self._by_key(refund)):
            case orders.RefundReply() as found, _:
                return _accepted(found, refund)
            case None:
                return Refused(refusal.reason, refusal.saying)
            case Unknown():
                return Unanswered(refusal.code, refusal.saying)

    def _became(
        self, found: orders.RefundReply, listed: list[orders.RefundReply], refund: Refund
    ) -> Exchange[RefundFinding]:
        """What became of one that was accepted. A refund says only whether it was declined; that
        the money left is said by the order's transactions, which name no refund: as many of them
        must have succeeded with that amount as there are such refunds up to ours."""
        if not _is_this(found, refund):
            return Unknown("differs")
        reference = str(found.id)
        for payment in found.payments:
            if payment.is_declined:
                message = (payment.declined_message or "")[:200]
                return RefundRejected(reference, Saying(code="declined", message=message))
        if found.payments[0].provider_id == orders.STORE_CREDIT:
            return Refunded(reference, refund.amount)
        listing = orders.read_transactions((yield Look(orders.transactions(refund.sale))))
        if not isinstance(listing, list):
            return as_unknown(listing)
        needed = sum(1 for each in listed if each.id <= found.id and _moves(each, refund.amount))
        moved = sum(
            each.event == "refund"
            and each.status == "ok"
            and each.currency == refund.amount.currency
            and _equal(each.amount, refund.amount)
            for each in listing
        )
        if moved >= needed:
            return Refunded(reference, refund.amount)
        return Accepted(reference, Saying())


def _accepted(found: orders.RefundReply, refund: Refund) -> RefundOutcome:
    if not _is_this(found, refund):
        return Unanswered("differs", Saying(code="differs"), differs=True)
    return Accepted(str(found.id), Saying())


def _is_this(found: orders.RefundReply, refund: Refund) -> bool:
    """Order, amount and where the money goes; the currency is the order's own."""
    if str(found.order_id) != refund.sale or not _equal(found.total_amount, refund.amount):
        return False
    match found.payments:
        case [only]:
            return not only.offline and _goes(only.provider_id, refund)
        case _:
            return False


def _fits(option: orders.PaymentReply, refund: Refund) -> bool:
    """An offline option moves no money: it only notes that somebody did."""
    equal = _equal(option.amount, refund.amount)
    return equal and not option.offline and _goes(option.provider_id, refund)


def _goes(provider_id: str, refund: Refund) -> bool:
    if refund.to is RefundTo.CREDIT:
        return provider_id == orders.STORE_CREDIT
    if refund.tender is not None:
        return provider_id == refund.tender
    return provider_id != orders.STORE_CREDIT


def _moves(each: orders.RefundReply, amount: Money) -> bool:
    """Whether that refund pays this amount through a gateway."""
    return any(
        payment.provider_id != orders.STORE_CREDIT
        and not payment.is_declined
        and _equal(payment.amount, amount)
        for payment in each.payments
    )


def _equal(text: str, amount: Money) -> bool:
    try:
        return money(text, amount.currency) == amount
    except ValueError:
        return False


def _no_quote(negative: Negative) -> Refused | Unsent | Throttled:
    match negative:
        case No(_, saying, reason):
            return Refused(reason, saying)
        case Wait(retry_after_s, saying):
            return Throttled(retry_after_s, saying)
        case NotExecuted(why, saying) | Odd(why, saying):
            return Unsent(why, saying)


def _not_begun(why: str, saying: Saying, retry_after_s: int | None) -> RefundOutcome:
    """A question before anything was sent failed: nothing left for this refund."""
    if retry_after_s is not None:
        return Throttled(retry_after_s, saying)
    return Unsent(why, saying)
