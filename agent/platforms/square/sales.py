# SPDX-License-Identifier: Apache-2.0
"""Square's orders, payments and refunds, read strictly, and the sale that they make. Pure.

A return is an order of its own that names the lines of the first one; what is still refundable of
a line is known only with the orders of all refunds beside it.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agent.domain.money import Money
from agent.domain.sale import Sale, SaleLine, Tender, TenderKind
from agent.platforms.reading import shown
from agent.platforms.square.replies import Id, MoneyReply, Reply

NAME_MAX: Final = 80
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_WHOLE: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_KINDS: Final = {
    "CARD": TenderKind.CARD,
    "CASH": TenderKind.CASH,
    "SQUARE_GIFT_CARD": TenderKind.GIFT_CARD,
}
_BACK: Final = frozenset({"PENDING", "COMPLETED"})
"""States of a refund whose money is on its way, or there."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)


class _Line(_Part):
    uid: Id
    quantity: Annotated[str, Field(max_length=12)]
    name: str | None = None
    variation_name: str | None = None
    catalog_object_id: str | None = None
    total_money: MoneyReply


class _ReturnLine(_Part):
    quantity: Annotated[str, Field(max_length=12)]
    source_line_item_uid: str | None = None


class _Return(_Part):
    source_order_id: str | None = None
    return_line_items: Annotated[list[_ReturnLine] | None, Field(max_length=500)] = None


class _Card(_Part):
    last_4: Annotated[str, Field(pattern=r"^[0-9]{4}$")] | None = None


class _CardDetails(_Part):
    card: _Card | None = None


class _Tender(_Part):
    id: Id | None = None
    payment_id: Id | None = None
    type: str
    card_details: _CardDetails | None = None

    @property
    def payment(self) -> str:
        """ "It is the associated payment ID", where the newer field is not there."""
        return self.payment_id or self.id or ""


class Order(_Part):
    id: Id
    state: str = ""
    customer_id: str | None = None
    created_at: str
    closed_at: str | None = None
    total_money: MoneyReply
    line_items: Annotated[list[_Line] | None, Field(max_length=500)] = None
    tenders: Annotated[list[_Tender] | None, Field(max_length=100)] = None
    returns: Annotated[list[_Return] | None, Field(max_length=100)] = None

    @property
    def payments(self) -> tuple[str, ...]:
        return tuple(each.payment for each in self.tenders or () if each.payment)


class OrderReply(Reply):
    order: Order


class _ReturnOrder(_Part):
    id: Id
    returns: Annotated[list[_Return] | None, Field(max_length=100)] = None


class ReturnOrdersReply(Reply):
    orders: Annotated[list[_ReturnOrder], Field(max_length=100)] = Field(default_factory=list)


class Payment(_Part):
    id: Id
    status: str
    order_id: Id | None = None
    total_money: MoneyReply
    refunded_money: MoneyReply | None = None
    refund_ids: Annotated[list[Id] | None, Field(max_length=100)] = None


class PaymentReply(Reply):
    payment: Payment


class PaymentRefund(_Part):
    id: Id
    status: str = ""
    amount_money: MoneyReply
    payment_id: str | None = None
    order_id: str | None = None
    reason: str | None = None

    @property
    def key(self) -> str:
        """Our key, where this refund is one of ours."""
        return (self.reason or "").partition(" ")[0]


class RefundReply(Reply):
    refund: PaymentRefund


def sale_of(
    receipt: str,
    order: Order,
    payments: Sequence[Payment],
    refunds: Sequence[PaymentRefund],
    returned: Sequence[_ReturnOrder],
) -> Sale:
    """Raises ValueError for amounts of two currencies, and for a time that is none."""
    total = order.total_money.money()
    back = _units(order, returned)
    tenders = tuple(_tender(each, order, refunds) for each in payments)
    refundable = Money(0, total.currency)
    for tender in tenders:
        refundable = refundable + tender.refundable
    at = datetime.datetime.fromisoformat(order.closed_at or order.created_at)
    if at.tzinfo is None:
        raise ValueError("a time has its zone")
    return Sale(
        reference=order.id,
        receipt=receipt,
        sold_at_ms=(at - _EPOCH) // datetime.timedelta(milliseconds=1),
        total=total,
        refundable=refundable,
        lines=tuple(_line(each, back) for each in order.line_items or ()),
        tenders=tenders,
        customer_id=order.customer_id or None,
    )


def _units(order: Order, returned: Sequence[_ReturnOrder]) -> Counter[str]:
    """How many units of each line came back, by every return that names this order."""
    back: Counter[str] = Counter()
    named = {each.id: each.returns or () for each in returned}
    named[order.id] = order.returns or ()
    for order_id, returns in named.items():
        for each in returns:
            if each.source_order_id not in (None, order.id) and order_id != order.id:
                continue
            for line in each.return_line_items or ():
                if line.source_line_item_uid:
                    back[line.source_line_item_uid] += _whole(line.quantity)
    return back


def _line(line: _Line, back: Counter[str]) -> SaleLine:
    quantity, whole = _whole(line.quantity), line.total_money.money()
    names = (shown(name) for name in (line.name, line.variation_name) if name)
    return SaleLine(
        reference=line.uid,
        name=", ".join(names)[:NAME_MAX],
        quantity=quantity,
        refundable=max(quantity - back[line.uid], 0),
        unit=Money(whole.minor // quantity, whole.currency),
        sku=line.catalog_object_id or "",
    )


def _whole(quantity: str) -> int:
    """Pieces. What was weighed or measured ("1.250") comes back as one."""
    return max(int(quantity), 1) if _WHOLE.fullmatch(quantity) else 1


def _tender(payment: Payment, order: Order, refunds: Sequence[PaymentRefund]) -> Tender:
    paid = payment.total_money.money()
    back = payment.refunded_money.money() if payment.refunded_money else Money(0, paid.currency)
    under_way = Money(0, paid.currency)
    for each in refunds:
        if each.payment_id == payment.id and each.status in _BACK:
            under_way = under_way + each.amount_money.money()
    back = max(back, under_way)
    left = paid - back if payment.status == "COMPLETED" else Money(0, paid.currency)
    named = next((each for each in order.tenders or () if each.payment == payment.id), None)
    kind = _KINDS.get(named.type, TenderKind.OTHER) if named else TenderKind.OTHER
    card = named.card_details.card if named and named.card_details else None
    refundable = left if left.positive else Money(0, paid.currency)
    return Tender(payment.id, kind, paid, refundable, (card.last_4 or "") if card else "")
