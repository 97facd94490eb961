# SPDX-License-Identifier: Apache-2.0
"""Orders (V2) and their refunds (V3) as bytes, and their replies read strictly. Pure.

A refund carries our key in the `reason` of each item, which comes back with the order's refunds.
BigCommerce calculates a refund itself (a quote), and takes only the amount that it quoted.
"""

from __future__ import annotations

import email.utils
import json
from typing import Annotated, Final
from urllib.parse import quote

from pydantic import Field, RootModel, StrictInt

from agent.domain.currency import exponent
from agent.domain.money import Money
from agent.domain.sale import Refund, Sale, SaleLine, Tender, TenderKind
from agent.platforms.bigcommerce import answers
from agent.platforms.bigcommerce.answers import Amount, Reply, money
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Model, Negative, Odd, shown

LINES_MAX: Final = 250
GIFT: Final = "giftcertificate"
STORE_CREDIT: Final = "storecredit"
NAME_MAX: Final = 120
_ACCEPT: Final = (("Accept", "application/json"),)
_JSON: Final = (*_ACCEPT, ("Content-Type", "application/json"))
_CASH: Final = frozenset({"cod", "instore", "cash"})
_CARDS: Final = (
    "adyen",
    "authorizenet",
    "bigcommerce_payments",
    "braintree",
    "checkoutcom",
    "cybersource",
    "square",
    "stripe",
)


# ---- what we say


def any_order() -> HttpRequest:
    return _get("/v2/orders?limit=1")


def order(number: str) -> HttpRequest:
    """`number`: BigCommerce's own order number, digits alone."""
    return _get(f"/v2/orders/{number}")


def orders_named(receipt: str) -> HttpRequest:
    return _get(f"/v2/orders?external_order_id={quote(receipt, safe='')}&limit=5")


def products(number: str) -> HttpRequest:
    return _get(f"/v2/orders/{number}/products?limit={LINES_MAX}")


def refunds(number: str) -> HttpRequest:
    return _get(f"/v3/orders/{number}/payment_actions/refunds")


def transactions(number: str) -> HttpRequest:
    return _get(f"/v3/orders/{number}/transactions")


def quote_of(refund: Refund) -> HttpRequest:
    """A calculation: nothing is changed by it."""
    body = f'{{"items":{_items(refund)}}}'
    path = f"/v3/orders/{refund.sale}/payment_actions/refund_quotes"
    return HttpRequest("POST", path, body.encode(), _JSON)


def refund_to(refund: Refund, provider_id: str) -> HttpRequest:
    payment = f'{{"provider_id":{json.dumps(provider_id)},"amount":{refund.amount.decimal()}'
    body = f'{{"items":{_items(refund)},"payments":[{payment},"offline":false}}]}}'
    path = f"/v3/orders/{refund.sale}/payment_actions/refunds"
    return HttpRequest("POST", path, body.encode(), _JSON)


def _items(refund: Refund) -> str:
    """As JSON text: the vendor wants numbers here, and no amount becomes a float on its way."""
    reason = json.dumps(f"{refund.credit.key.text} {refund.reason}".strip())
    if not refund.lines:
        amount = refund.amount.decimal()
        head = f'"item_type":"ORDER","item_id":{int(refund.sale)}'
        return f'[{{{head},"amount":{amount},"reason":{reason}}}]'
    items = [
        f'{{"item_type":"PRODUCT","item_id":{int(line.line)},"quantity":{int(line.quantity)},'
        f'"reason":{reason}}}'
        for line in refund.lines
    ]
    return f"[{','.join(items)}]"


def _get(path: str) -> HttpRequest:
    return HttpRequest("GET", path, headers=_ACCEPT)


# ---- what we hear


class OrderReply(Reply):
    id: Annotated[StrictInt, Field(ge=1, lt=10**10)]
    customer_id: StrictInt = 0
    date_created: str
    total_inc_tax: Amount
    refunded_amount: Amount = "0"
    gift_certificate_amount: Amount = "0"
    store_credit_amount: Amount = "0"
    default_currency_code: str
    payment_provider_id: Amount | None = None
    payment_method: str = ""
    is_deleted: bool = False
    external_order_id: Amount | None = None


class ProductReply(Reply):
    id: Annotated[StrictInt, Field(ge=1, lt=10**18)]
    name: str = ""
    sku: str = ""
    quantity: Annotated[StrictInt, Field(ge=0, lt=10**6)]
    quantity_refunded: Annotated[StrictInt, Field(ge=0, lt=10**6)] = 0
    total_inc_tax: Amount
    discounted_total_inc_tax: Amount | None = None


class PaymentReply(Reply):
    provider_id: str
    amount: Amount
    offline: bool = False
    is_declined: bool = False
    declined_message: str | None = None


class ItemReply(Reply):
    reason: str | None = None


class RefundReply(Reply):
    id: Annotated[StrictInt, Field(ge=1, lt=10**18)]
    order_id: StrictInt
    reason: str | None = None
    total_amount: Amount
    items: list[ItemReply] = Field(default_factory=list, max_length=1000)
    payments: list[PaymentReply] = Field(default_factory=list, max_length=20)

    def is_of(self, refund: Refund) -> bool:
        """Whether it carries our key."""
        reasons = [self.reason, *(each.reason for each in self.items)]
        key = refund.credit.key.text
        return any(each is not None and each.split(" ", 1)[0] == key for each in reasons)


class TransactionReply(Reply):
    event: str
    status: str | None = None
    amount: Amount
    currency: str


class QuoteReply(Reply):
    order_id: StrictInt
    total_refund_amount: Amount
    refund_methods: Annotated[list[list[PaymentReply]], Field(max_length=50)]


class _Orders(RootModel[Annotated[list[OrderReply], Field(max_length=250)]]):
    pass


class _Products(RootModel[Annotated[list[ProductReply], Field(max_length=LINES_MAX)]]):
    pass


class _Refunds(Reply):
    data: Annotated[list[RefundReply], Field(max_length=1000)]


class _Refund(Reply):
    data: RefundReply


class _Transactions(Reply):
    data: Annotated[list[TransactionReply], Field(max_length=1000)]


class _Quote(Reply):
    data: QuoteReply


class _Anything(RootModel[list[object]]):
    pass


def read_any(reply: HttpReply) -> Negative | None:
    """None where orders may be read."""
    if reply.status == 204 and not reply.body:
        return None
    read = _read(reply, _Anything, answers.ORDERS)
    return None if isinstance(read, _Anything) else read


def read_order(reply: HttpReply) -> OrderReply | Negative:
    return _read(reply, OrderReply, answers.ORDERS)


def read_orders(reply: HttpReply) -> list[OrderReply] | Negative:
    if reply.status == 204 and not reply.body:
        return []
    read = _read(reply, _Orders, answers.ORDERS)
    return read.root if isinstance(read, _Orders) else read


def read_products(reply: HttpReply) -> list[ProductReply] | Negative:
    if reply.status == 204 and not reply.body:
        return []
    read = _read(reply, _Products, answers.ORDERS)
    return read.root if isinstance(read, _Products) else read


def read_refunds(reply: HttpReply) -> list[RefundReply] | Negative:
    read = _read(reply, _Refunds, answers.ORDERS)
    return read.data if isinstance(read, _Refunds) else read


def read_refund(reply: HttpReply) -> RefundReply | Negative:
    read = _read(reply, _Refund, answers.ORDERS, yes=(200, 201))
    return read.data if isinstance(read, _Refund) else read


def read_quote(reply: HttpReply) -> QuoteReply | Negative:
    read = _read(reply, _Quote, answers.ORDERS, yes=(200, 201))
    return read.data if isinstance(read, _Quote) else read


def read_transactions(reply: HttpReply) -> list[TransactionReply] | Negative:
    if reply.status == 204 and not reply.body:
        return []
    read = _read(reply, _Transactions, answers.TRANSACTIONS)
    return read.data if isinstance(read, _Transactions) else read


def _read(
    reply: HttpReply, model: type[Model], scope: str, yes: tuple[int, ...] = (200,)
) -> Model | Negative:
    if reply.status not in yes:
        return answers.negative(reply, scope)
    return answers.read(reply, model, answers.saying(reply))


# ---- what it means


def sale_of(
    found: OrderReply, lines: list[ProductReply], receipt: str, reply: HttpReply
) -> Sale | Odd:
    """The whole sale, or what cannot be read of it."""
    try:
        return _sale(found, lines, receipt)
    except (ValueError, OverflowError):
        return Odd("not-the-contract", answers.saying(reply))


def _sale(found: OrderReply, lines: list[ProductReply], receipt: str) -> Sale:
    currency = found.default_currency_code
    total = money(found.total_inc_tax, currency)
    refundable = total - money(found.refunded_amount, currency)
    if refundable.minor < 0:
        raise ValueError("more came back than was paid")
    parsed = email.utils.parsedate_tz(found.date_created)
    if parsed is None:
        raise ValueError("an order has a date")
    return Sale(
        reference=str(found.id),
        receipt=receipt,
        sold_at_ms=email.utils.mktime_tz(parsed) * 1000,
        total=total,
        refundable=refundable,
        lines=tuple(_line(each, currency) for each in lines),
        tenders=_tenders(found, total, refundable),
        customer_id=str(found.customer_id) if found.customer_id > 0 else None,
    )


def _line(product: ProductReply, currency: str) -> SaleLine:
    paid = money(product.discounted_total_inc_tax or product.total_inc_tax, currency)
    unit = paid.minor // product.quantity if product.quantity else 0
    return SaleLine(
        reference=str(product.id),
        name=shown(product.name)[:NAME_MAX],
        quantity=product.quantity,
        refundable=max(product.quantity - product.quantity_refunded, 0),
        unit=Money(max(unit, 0), currency),
        sku=shown(product.sku)[:NAME_MAX],
    )


def _tenders(found: OrderReply, total: Money, refundable: Money) -> tuple[Tender, ...]:
    """An order names one payment, and beside it what certificates and store credit paid."""
    gift = money(found.gift_certificate_amount, total.currency)
    credit = money(found.store_credit_amount, total.currency)
    rest = total - gift - credit
    provider = found.payment_provider_id or found.payment_method.strip().lower() or "unknown"
    parts = (
        (GIFT, TenderKind.GIFT_CARD, gift),
        (STORE_CREDIT, TenderKind.STORE_CREDIT, credit),
        (shown(provider)[:NAME_MAX], _kind(provider), rest),
    )
    return tuple(
        Tender(name, kind, paid, min(paid, refundable))
        for name, kind, paid in parts
        if paid.positive
    )


def _kind(provider: str) -> TenderKind:
    if provider in _CASH:
        return TenderKind.CASH
    return TenderKind.CARD if provider.startswith(_CARDS) else TenderKind.OTHER


def is_representable(amount: Money) -> bool:
    """Refunds have two digits behind the point."""
    return exponent(amount.currency) <= 2
