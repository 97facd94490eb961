# SPDX-License-Identifier: Apache-2.0
"""Conversations with Shopify about orders: the sale of a receipt, and its refunds.

A refund carries `@idempotent` with our key, which Shopify keeps for 24 hours, and our key in its
note, which stays. The order's own list of refunds is no index: it is read before each refund, and
an *absent* from it is exact. Refunds need the network; they are never put on paper.
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
    NoSale,
    Refund,
    Refunded,
    RefundFinding,
    RefundOutcome,
    RefundRejected,
    RefundTo,
    Sale,
    SaleFinding,
)
from agent.platforms.exchange import Do, Exchange, Look
from agent.platforms.messages import HttpReply
from agent.platforms.reading import Negative, No, NotExecuted, Odd, Wait, as_unknown
from agent.platforms.shopify import documents, sales, wire
from agent.platforms.shopify.answers import ids, saying
from agent.platforms.shopify.options import ShopifyOptions
from agent.platforms.shopify.probing import sees_every_order

LINE_PAGES_MAX: Final = 8
_IN_PROGRESS: Final = ("idempot", "concurrent", "in progress", "being processed")
"""What the words of a refund's error hold when it is about our key and not about the refund:
these errors come without a code, and what they are about may have been carried out."""


class ShopifyOrders:
    """The orders of one shop; `adapter.ShopifyAdapter` is this with gift cards."""

    def __init__(self, options: ShopifyOptions) -> None:
        self._shop = options

    @property
    def refunds_to(self) -> frozenset[RefundTo]:
        return frozenset({RefundTo.TENDER, RefundTo.CREDIT})

    # ---- the sale

    def sale(self, receipt: str) -> Exchange[SaleFinding]:
        """By the order's name ("#1001"; without the # too). Without `read_all_orders` Shopify
        shows the last 60 days alone, and then nothing is known of what it does not show."""
        receipt = receipt.strip()
        if not 1 <= len(receipt) <= sales.RECEIPT_MAX or not receipt.isprintable():
            return NoSale()
        reply = yield Look(sales.search(receipt))
        match wire.read_as(reply, "orders", sales.OrdersReply):
            case None:
                return Unknown("null", saying(reply, None))
            case sales.OrdersReply(nodes=nodes):
                fitting = [each for each in nodes if each.is_of(receipt)]
            case other:
                return as_unknown(other)
        if len(fitting) > 1:
            return NoSale(len(fitting))
        if not fitting:
            if sees_every_order(reply):
                return NoSale()
            said = Saying(reply.status, "read_all_orders", "the last 60 days alone were searched")
            return Unknown("sixty-days", said)
        return (yield from self._sale(fitting[0].id, receipt))

    def _sale(self, reference: str, receipt: str) -> Exchange[Sale | Unknown]:
        reply = yield Look(sales.order(reference))
        order = wire.read_as(reply, "order", sales.OrderReply)
        said = saying(reply, None)
        if not isinstance(order, sales.OrderReply):
            return Unknown("null", said) if order is None else as_unknown(order)
        page, found = order.line_items, list(order.line_items.nodes)
        for _ in range(LINE_PAGES_MAX):
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page or after is None:
                break
            reply = yield Look(sales.lines(reference, after))
            more = wire.read_as(reply, "order", sales.MoreLinesReply)
            if not isinstance(more, sales.MoreLinesReply):
                return Unknown("null", said) if more is None else as_unknown(more)
            page = more.line_items
            found += page.nodes
        if page.page_info.has_next_page:
            return Unknown("too-many-lines", said)
        try:
            return order.sale(receipt, found)
        except ValueError:
            return Unknown("not-the-contract", said)

    # ---- the refund

    def find_refund(self, refund: Refund) -> Exchange[RefundFinding]:
        reply = yield Look(sales.refunds(refund.sale))
        order = wire.read_as(reply, "order", sales.OrderRefundsReply)
        said = saying(reply, refund.credit.code)
        if not isinstance(order, sales.OrderRefundsReply):
            return Unknown("no-order", said) if order is None else as_unknown(order)
        return (yield from self._found(order, refund, said))

    def _found(
        self, order: sales.OrderRefundsReply, refund: Refund, said: Saying
    ) -> Exchange[RefundFinding]:
        """The refund of this leg among those of its order."""
        ours = [each for each in order.refunds if sales.noted(each.note, refund)]
        if len(ours) > 1:
            return Unknown("several", said)
        if not ours:
            if len(order.refunds) >= documents.PAGE:  # there may be more than were shown
                return Unknown("too-many-refunds", said)
            return Absent()
        reply = yield Look(sales.refund_of(ours[0].id))
        read = wire.read_as(reply, "refund", sales.RefundReply)
        if not isinstance(read, sales.RefundReply):
            return Unknown("null", said) if read is None else as_unknown(read)
        return _state(read, refund, saying(reply, refund.credit.code))

    def refund(self, refund: Refund) -> Exchange[RefundOutcome]:
        """One leg. Its order's refunds are read first, always: the key is kept for a day only,
        and there were reports that it is not always heeded."""
        if not wire.taken(refund.amount.currency) or not refund.amount.positive:
            return _refused("currency", RefusalReason.CURRENCY)
        reply = yield Look(sales.refunds(refund.sale))
        order = wire.read_as(reply, "order", sales.OrderRefundsReply)
        said = saying(reply, refund.credit.code)
        if order is None:
            return _refused("no-order", said=said)
        if not isinstance(order, sales.OrderRefundsReply):
            return _not_refunded(order)
        match (yield from self._found(order, refund, said)):
            case Absent():
                pass
            case Refunded() | Accepted() as done:
                return done
            case RefundRejected(_, rejected):
                return Unanswered("transaction-failed", rejected, differs=True)
            case Unknown(why, unknown):
                return Unanswered(why, unknown, differs=why == "differs")
        gateway = _gateway(order, refund)
        if isinstance(gateway, Refused):
            return gateway
        request = sales.create_refund(refund, gateway, self._shop)
        reply = yield Do(wire.step_of("refund", request), request, ids(refund.credit.code))
        return _refunded(reply, refund)


def _not_refunded(negative: Negative) -> Refused | Unsent | Unanswered | Throttled:
    """What a negative answer to the `Do` of a refund comes to."""
    match negative:
        case No(_, words, reason):
            return Refused(reason, words)
        case NotExecuted(why, words):
            return Unsent(why, words)
        case Wait(retry_after_s, words):
            return Throttled(retry_after_s, words)
        case Odd(why, words):
            return Unanswered(why, words)


def _refused(
    code: str, reason: RefusalReason = RefusalReason.PLATFORM, said: Saying | None = None
) -> Refused:
    status, request_id = (None, "") if said is None else (said.status, said.request_id)
    return Refused(reason, Saying(status, code, request_id=request_id))


def _gateway(order: sales.OrderRefundsReply, refund: Refund) -> str | Refused:
    """Where the money goes back to, checked before anything is asked for."""
    if order.presentment_currency_code != refund.amount.currency:
        return _refused("currency", RefusalReason.CURRENCY)
    if refund.to is RefundTo.CREDIT:
        owner = None if order.customer is None else order.customer.id
        if owner is None or refund.customer_id not in (None, owner):
            return _refused("not-the-orders-customer")
        return ""
    payment = next((each for each in order.transactions if each.id == refund.tender), None)
    if payment is None or not payment.paid or not payment.gateway:
        return _refused("no-such-payment")
    return payment.gateway


def _refunded(reply: HttpReply, refund: Refund) -> RefundOutcome:
    code = refund.credit.code
    read = wire.read_as(reply, "refundCreate", sales.RefundCreatedReply, code)
    said = saying(reply, code)
    if read is None:
        return Unanswered("null", said)
    if not isinstance(read, sales.RefundCreatedReply):
        return _not_refunded(read)
    if read.user_errors:
        words = wire.in_words(read.user_errors, code, said)
        doubtful = any(
            mark in each.message.lower() for each in read.user_errors for mark in _IN_PROGRESS
        )
        if read.refund is not None or doubtful:
            return Unanswered("user-error", words)
        return Refused(RefusalReason.PLATFORM, words)
    if read.refund is None:
        return Unanswered("no-refund", said)
    match _state(read.refund, refund, said):
        case Refunded() | Accepted() as done:
            return done
        case RefundRejected(_, rejected):
            return Unanswered("transaction-failed", rejected, differs=True)
        case Unknown(why, unknown):
            return Unanswered(why, unknown, differs=True)


def _state(
    read: sales.RefundReply, refund: Refund, said: Saying
) -> Refunded | Accepted | RefundRejected | Unknown:
    """What became of a refund that carries our key; another amount is another refund."""
    try:
        amount = read.amount()
    except ValueError:
        return Unknown("differs", said)
    if not read.of(refund) or amount != refund.amount:
        return Unknown("differs", said)
    statuses = read.statuses()
    if statuses & {"FAILURE", "ERROR"}:
        return RefundRejected(read.id, said)
    if statuses - {"SUCCESS"}:
        return Accepted(read.id, said)
    return Refunded(read.id, amount, said)
