# SPDX-License-Identifier: Apache-2.0
"""Orders and refunds as Saleor's GraphQL says them: requests as bytes, answers read strictly. Pure.

How many units of a line may come back is counted as Saleor itself counts (every granted refund,
a failed one too: saleor/graphql/order/mutations/order_grant_refund_utils.py), and less the units
that an older fulfilment refund has paid for already.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from typing import Final

from agent.domain.money import Money
from agent.domain.outcome import Saying, Unknown
from agent.domain.sale import NoSale, Refund, Sale, SaleFinding, SaleLine, Tender, TenderKind
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Negative, No, Odd, as_unknown, shown
from agent.platforms.saleor import documents, wire
from agent.platforms.saleor.errors import data_of, payload_of, saying
from agent.platforms.saleor.replies import Granted, OrderReply, TransactionReply, model_of, nodes_of

NUMBER_DIGITS_MAX: Final = 9
"""More do not fit GraphQL's 32-bit Int."""
_REFUNDED: Final = frozenset({"REFUNDED", "REFUNDED_AND_RETURNED"})


# ---- what we say


def find_sale(receipt: str) -> HttpRequest:
    variables: dict[str, object] = {"reference": receipt}
    if receipt.isascii() and receipt.isdigit() and len(receipt) <= NUMBER_DIGITS_MAX:
        variables["number"] = int(receipt)
        return wire.ask(documents.SALE_BY_NUMBER, variables)
    return wire.ask(documents.SALE, variables)


def find_granted(order_id: str) -> HttpRequest:
    return wire.ask(documents.GRANTED, {"id": order_id})


def reason_of(refund: Refund) -> str:
    """Our key first, so that the grant is known again; then why, for people."""
    return f"{refund.credit.key.text} {refund.reason}".strip()


def grant(refund: Refund) -> HttpRequest:
    """A pure function of the leg."""
    body: dict[str, object] = {
        "amount": refund.amount.decimal(),
        "reason": reason_of(refund),
        "transactionId": refund.tender,
    }
    if refund.lines:
        body["lines"] = [{"id": line.line, "quantity": line.quantity} for line in refund.lines]
    return wire.ask(documents.GRANT, {"id": refund.sale, "input": body})


def request_refund(granted_id: str, refund: Refund) -> HttpRequest:
    variables = {"grantedRefundId": granted_id, "id": refund.tender}
    return wire.ask(documents.REQUEST_REFUND, variables)


# ---- what we hear


def read_sale(reply: HttpReply, receipt: str) -> SaleFinding:
    data = data_of(reply, None)
    if not isinstance(data, Mapping):
        return as_unknown(data)
    said = saying(reply, None)
    nodes = [] if data.get("byReference") is None else [data["byReference"]]
    if "byNumber" in data:
        numbered = nodes_of(data, "byNumber")
        if numbered is None:
            return Unknown("not-the-contract", said)
        nodes += numbered
    orders: dict[str, OrderReply] = {}
    for node in nodes:
        order = model_of(node, OrderReply, said)
        if isinstance(order, Odd):
            return as_unknown(order)
        orders[order.id] = order
    match list(orders.values()):
        case []:
            return NoSale()
        case [one] if receipt in (one.number, one.external_reference):
            return _sale(one, receipt, said)
        case [_]:
            return Unknown("another-order", said)
        case several:
            return NoSale(len(several))


def _sale(order: OrderReply, receipt: str, said: Saying) -> Sale | Unknown:
    gone: Counter[str] = Counter()
    for granted in order.granted_refunds:
        gone.update({each.order_line.id: each.quantity for each in granted.lines or ()})
    for fulfilment in order.fulfillments:
        if fulfilment.status in _REFUNDED:
            for line in fulfilment.lines or ():
                if line.order_line is not None:
                    gone[line.order_line.id] += line.quantity
    lines = tuple(
        SaleLine(
            reference=line.id,
            name=_name(line.product_name, line.variant_name),
            quantity=line.quantity,
            refundable=max(line.quantity - gone[line.id], 0),
            unit=line.unit_price.gross.money(),
            sku=shown(line.product_sku or ""),
        )
        for line in order.lines
    )
    total = order.total.gross.money()
    left = Money(0, total.currency)
    try:
        tenders = tuple(_tender(each) for each in order.transactions)
        for tender in tenders:
            left = left + tender.refundable
    except ValueError:  # a payment in another currency than the order's
        return Unknown("two-currencies", said)
    return Sale(
        reference=order.id,
        receipt=receipt,
        sold_at_ms=_ms(order.created),
        total=total,
        refundable=left,
        lines=lines,
        tenders=tenders,
        customer_id=None if order.user is None else order.user.id,
    )


def _name(product: str, variant: str) -> str:
    return shown(" ".join(part for part in (product, variant) if part))[:80]


def _tender(read: TransactionReply) -> Tender:
    """What is still charged may go back, where the payment app offers to refund at all."""
    charged = read.charged_amount.money()
    paid = charged + read.refunded_amount.money() + read.refund_pending_amount.money()
    details = read.payment_method_details
    kind, last = TenderKind.OTHER, ""
    if details is not None and details.typename == "CardPaymentMethodDetails":
        kind, last = TenderKind.CARD, details.last_digits or ""
    elif details is not None and details.typename == "GiftCardPaymentMethodDetails":
        kind, last = TenderKind.GIFT_CARD, details.last_chars or ""
    return Tender(
        reference=read.id,
        kind=kind,
        paid=paid,
        refundable=charged if "REFUND" in read.actions else Money(0, charged.currency),
        shown=shown(last)[-4:],
    )


def _ms(at: datetime.datetime) -> int:
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    aware = at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
    return (aware - epoch) // datetime.timedelta(milliseconds=1)


def read_ours(reply: HttpReply, refund: Refund) -> Granted | Negative:
    """The grant with our key: one that was requested, else the oldest. `No("not-granted")`: the
    order has none; `No("not-found")`: there is no such order."""
    code = refund.credit.code
    data = data_of(reply, code)
    if not isinstance(data, Mapping):
        return data
    said, order = saying(reply, code), data.get("order")
    if order is None:
        return No("not-found", said)
    listed = order.get("grantedRefunds") if isinstance(order, Mapping) else None
    if not isinstance(order, Mapping) or order.get("id") != refund.sale:
        return Odd("not-the-contract", said)
    if not isinstance(listed, list):
        return Odd("not-the-contract", said)
    ours = []
    for node in listed:
        granted = model_of(node, Granted, said)
        if isinstance(granted, Odd):
            return granted
        if _is_ours(granted, refund):
            ours.append(granted)
    if not ours:
        return No("not-granted", said)
    return min(ours, key=lambda each: (each.status == "NONE", each.created_at, each.id))


def read_granted(reply: HttpReply, refund: Refund) -> Granted | Negative:
    code = refund.credit.code
    granted = wire.read_payload(reply, "orderGrantRefundCreate", "grantedRefund", Granted, code)
    if isinstance(granted, Granted) and not _is_ours(granted, refund):
        return Odd("another-refund", saying(reply, code))
    return granted


def read_requested(reply: HttpReply, refund: Refund) -> Negative | None:
    """None: the request was taken, for this very payment."""
    code = refund.credit.code
    payload = payload_of(reply, "transactionRequestRefundForGrantedRefund", code)
    if not isinstance(payload, Mapping):
        return payload
    transaction = payload.get("transaction")
    named = transaction.get("id") if isinstance(transaction, Mapping) else None
    return None if named == refund.tender else Odd("another-payment", saying(reply, code))


def _is_ours(granted: Granted, refund: Refund) -> bool:
    first, _, _ = (granted.reason or "").partition(" ")
    return first == refund.credit.key.text
