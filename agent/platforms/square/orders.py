# SPDX-License-Identifier: Apache-2.0
"""Conversations with Square about sales and refunds.

Square has no search by receipt: what is printed or scanned is the order's or the payment's id.
Refunds are asynchronous: PENDING is `Accepted`, and polled. Our key stands in the refund's reason,
and a refund is found by its payment's own list; the list of all refunds is documented as lagging.
"""

from __future__ import annotations

import re
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
    SaleFinding,
)
from agent.platforms.exchange import Do, Exchange, Look
from agent.platforms.reading import Negative, No, NotExecuted, Odd, Wait, as_unknown
from agent.platforms.square import replies, wire
from agent.platforms.square.errors import saying
from agent.platforms.square.replies import CardsReply, Held
from agent.platforms.square.sales import (
    Order,
    OrderReply,
    Payment,
    PaymentRefund,
    PaymentReply,
    RefundReply,
    ReturnOrdersReply,
    sale_of,
)

ORDERS: Final = "ORDERS_READ"
PAYMENTS: Final = "PAYMENTS_READ"
REFUNDS: Final = "PAYMENTS_WRITE"
ASKED_MAX: Final = 10
"""Payments and refunds that one conversation asks for: it has an end (`exchange.EXCHANGES_MAX`)."""
_ID: Final = re.compile(r"[0-9A-Za-z_-]{8,192}", re.ASCII)


class SquareOrders:
    """`agent.platforms.orders.OrdersAdapter`. `location_id`: where a customer's card is made."""

    def __init__(self, location_id: str) -> None:
        self._at = location_id

    @property
    def refunds_to(self) -> frozenset[RefundTo]:
        return frozenset({RefundTo.TENDER, RefundTo.CREDIT})

    # ---- sales

    def sale(self, receipt: str) -> Exchange[SaleFinding]:
        if _ID.fullmatch(receipt) is None:
            return NoSale()
        match (yield from self._order(receipt)):
            case Order() as order:
                pass
            case No("not-found", _):
                return NoSale()
            case other:
                return as_unknown(other)
        payments: list[Payment] = []
        for payment_id in order.payments[:ASKED_MAX]:
            match (yield from self._payment(payment_id)):
                case Payment() as payment:
                    payments.append(payment)
                case No("not-found", _):
                    pass  # paid outside of Square: it can only be refunded there
                case other:
                    return as_unknown(other)
        named = [each for payment in payments for each in payment.refund_ids or ()]
        if len(order.payments) + len(named) > ASKED_MAX:
            return Unknown("too-many-refunds")
        refunds: list[PaymentRefund] = []
        for refund_id in named:
            match (yield from self._refund_by_id(refund_id)):
                case PaymentRefund() as refund:
                    refunds.append(refund)
                case other:
                    return as_unknown(other)
        return (yield from self._returned(receipt, order, payments, refunds))

    def _returned(
        self,
        receipt: str,
        order: Order,
        payments: list[Payment],
        refunds: list[PaymentRefund],
    ) -> Exchange[SaleFinding]:
        back = sorted({each.order_id for each in refunds if each.order_id} - {order.id})
        returned = ReturnOrdersReply()
        if back:
            reply = yield Look(wire.orders(back))
            match replies.read(reply, ReturnOrdersReply, scope=ORDERS):
                case ReturnOrdersReply() as returned:
                    pass
                case other:
                    return as_unknown(other)
        try:
            return sale_of(receipt, order, payments, refunds, returned.orders)
        except ValueError:
            return Unknown("not-the-contract")

    def _order(self, receipt: str) -> Exchange[Order | Negative]:
        """By its own id, or by that of a payment of it."""
        reply = yield Look(wire.order(receipt))
        match replies.read(reply, OrderReply, scope=ORDERS):
            case OrderReply(order=order):
                return order if order.id == receipt else Odd("foreign", saying(reply, None))
            case No("not-found", _) as unknown:
                pass
            case other:
                return other
        match (yield from self._payment(receipt)):
            case Payment(order_id=str() as order_id):
                pass
            case Payment():
                return unknown
            case other:
                return other
        reply = yield Look(wire.order(order_id))
        match replies.read(reply, OrderReply, scope=ORDERS):
            case OrderReply(order=order):
                return order if order.id == order_id else Odd("foreign", saying(reply, None))
            case other:
                return other

    def _payment(self, payment_id: str) -> Exchange[Payment | Negative]:
        reply = yield Look(wire.payment(payment_id))
        match replies.read(reply, PaymentReply, scope=PAYMENTS):
            case PaymentReply(payment=payment):
                return payment if payment.id == payment_id else Odd("foreign", saying(reply, None))
            case other:
                return other

    def _refund_by_id(self, refund_id: str) -> Exchange[PaymentRefund | Negative]:
        reply = yield Look(wire.refund_by_id(refund_id))
        match replies.read(reply, RefundReply, scope=PAYMENTS):
            case RefundReply(refund=refund):
                return refund if refund.id == refund_id else Odd("foreign", saying(reply, None))
            case other:
                return other

    # ---- refunds

    def refund(self, refund: Refund) -> Exchange[RefundOutcome]:
        """Looks first: for how long Square keeps a key is not published. To a payment, or from it
        to a gift card of the customer's."""
        if refund.tender is None or _ID.fullmatch(refund.tender) is None:
            return _refused("payment-missing")
        match (yield from self.find_refund(refund)):
            case Absent():
                pass
            case Refunded() | Accepted() as there:
                return there
            case RefundRejected(_, said):
                return Refused(RefusalReason.PLATFORM, said)
            case Unknown(why, said, wait_s):  # nothing was sent by this conversation
                return Unsent(why, said) if wait_s is None else Throttled(wait_s, said)
        to_card: str | None = None
        if refund.to is RefundTo.CREDIT:
            if refund.customer_id is None:
                return _refused("customer-missing")
            match (yield from self._card_of(refund, refund.customer_id)):
                case str() as to_card:
                    pass
                case other:
                    return _not_refunded(other)
        keep = replies.ids(refund.credit.code)
        reply = yield Do("refund", wire.refund(refund, refund.tender, to_card), keep)
        match replies.read(reply, RefundReply, refund.credit.code, REFUNDS):
            case RefundReply(refund=told):
                return self._told(told, refund, saying(reply, refund.credit.code))
            case No("key-reused", said):
                found = yield from self.find_refund(refund)
                if isinstance(found, Refunded | Accepted):
                    return found
                return Unanswered("key-reused", said)
            case other:
                return _not_refunded(other)

    def _told(self, told: PaymentRefund, asked: Refund, said: Saying) -> RefundOutcome:
        match self._read(told, asked, said):
            case RefundRejected(_, words):
                return Refused(RefusalReason.PLATFORM, words)
            case Unknown(why, words):
                return Unanswered(why, words, differs=True)
            case outcome:
                return outcome

    def _read(
        self, told: PaymentRefund, asked: Refund, said: Saying
    ) -> Refunded | Accepted | RefundRejected | Unknown:
        """This refund and no other: payment, amount, currency and key."""
        same = told.payment_id == asked.tender and told.key == asked.credit.key.text
        if not same or told.amount_money.money() != asked.amount:
            return Unknown("differs", said)
        match told.status:
            case "COMPLETED":
                return Refunded(told.id, asked.amount, said)
            case "PENDING":
                return Accepted(told.id, said)
            case "REJECTED" | "FAILED":
                return RefundRejected(told.id, said)
            case _:
                return Unknown("state", said)

    def find_refund(self, refund: Refund) -> Exchange[RefundFinding]:
        if refund.tender is None or _ID.fullmatch(refund.tender) is None:
            return Unknown("payment-missing")
        match (yield from self._payment(refund.tender)):
            case Payment() as payment:
                pass
            case other:
                return as_unknown(other)
        named = payment.refund_ids or []
        for refund_id in reversed(named[-ASKED_MAX:]):
            reply = yield Look(wire.refund_by_id(refund_id))
            match replies.read(reply, RefundReply, refund.credit.code, PAYMENTS):
                case RefundReply(refund=told) if told.id == refund_id:
                    if told.key == refund.credit.key.text:
                        return self._read(told, refund, saying(reply, refund.credit.code))
                case RefundReply():
                    return Unknown("foreign", saying(reply, None))
                case other:
                    return as_unknown(other)
        return Absent() if len(named) <= ASKED_MAX else Unknown("too-many-refunds")

    def _card_of(self, refund: Refund, customer_id: str) -> Exchange[str | Negative]:
        """The customer's oldest live card with a number of Square's own and this currency; where
        there is none, a new one linked to them. Refunds do not go to cards with numbers of
        others."""
        reply = yield Look(wire.cards_of(customer_id))
        match replies.read(reply, CardsReply):
            case CardsReply(gift_cards=cards):
                pass
            case other:
                return other
        for card in cards:
            live = card.state == "ACTIVE" and card.gan_source == "SQUARE"
            if live and card.balance_money.currency == refund.amount.currency:
                return card.id
        code = refund.credit.code
        request = wire.customers_card(refund, self._at)
        reply = yield Do("customers-card", request, replies.ids(code))
        match replies.read_card(reply, code, replies.WRITE):
            case Held(reference=card_id):
                pass
            case other:
                return other
        request = wire.link(card_id, customer_id)
        reply = yield Do(wire.step_of("customers-card-link", request), request, replies.ids(code))
        match replies.read_card(reply, code, replies.WRITE):
            case Held() as held if held.reference == card_id and customer_id in held.customer_ids:
                return card_id
            case Held() as held:
                return Odd("not-linked", held.saying)
            case No() | NotExecuted() | Wait() | Odd() as other:
                return other


def _not_refunded(negative: Negative) -> RefundOutcome:
    match negative:
        case No(_, said, reason):
            return Refused(reason, said)
        case NotExecuted(why, said):
            return Unsent(why, said)
        case Wait(retry_after_s, said):
            return Throttled(retry_after_s, said)
        case Odd(why, said):
            return Unanswered(why, said)


def _refused(code: str) -> Refused:
    return Refused(RefusalReason.PLATFORM, Saying(code=code))
