# SPDX-License-Identifier: Apache-2.0
"""Shopify's orders and refunds: requests, and answers as sales and refunds. Pure.

Money is in the presentment currency: what the customer paid in, and what refunds are asked in.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Final

from pydantic import Field

from agent.domain.money import Money
from agent.domain.sale import Refund, RefundTo, Sale, SaleLine, Tender, TenderKind
from agent.platforms.messages import HttpRequest
from agent.platforms.shopify import documents, wire
from agent.platforms.shopify.options import ShopifyOptions

RECEIPT_MAX: Final = 40
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_BY_GATEWAY: Final = {
    "cash": TenderKind.CASH,
    "gift_card": TenderKind.GIFT_CARD,
    "shopify_store_credit": TenderKind.STORE_CREDIT,
    "shopify_payments": TenderKind.CARD,
}
"""Names of gateways as they are seen in shops; any other is told by its payment details."""


# ---- what we say


def search(receipt: str) -> HttpRequest:
    """By the order's name. The text is a quoted phrase: nothing in it is read as syntax."""
    quoted = receipt.replace("\\", "\\\\").replace('"', '\\"')
    return wire.say(documents.ORDERS, {"query": f'name:"{quoted}"'})


def order(reference: str) -> HttpRequest:
    return wire.say(documents.ORDER, {"id": reference, "after": None})


def lines(reference: str, after: str) -> HttpRequest:
    return wire.say(documents.LINES, {"id": reference, "after": after})


def refunds(reference: str) -> HttpRequest:
    return wire.say(documents.REFUNDS, {"id": reference})


def refund_of(reference: str) -> HttpRequest:
    return wire.say(documents.REFUND, {"id": reference})


def create_refund(refund: Refund, gateway: str, options: ShopifyOptions) -> HttpRequest:
    """`gateway`: that of the payment which a refund to the tender goes back to."""
    asked: dict[str, object] = {
        "orderId": refund.sale,
        "currency": refund.amount.currency,
        "note": note_of(refund),
        "notify": False,
    }
    if refund.lines:
        asked["refundLineItems"] = [
            {"lineItemId": each.line, "quantity": each.quantity, **_stock(each.restock, options)}
            for each in refund.lines
        ]
    if refund.to is RefundTo.CREDIT:
        credited = {"amount": wire.money_input(refund.amount)}
        asked["refundMethods"] = [{"storeCreditRefund": credited}]
        asked["transactions"] = []
    else:
        asked["transactions"] = [
            {
                "orderId": refund.sale,
                "parentId": refund.tender,
                "gateway": gateway,
                "kind": "REFUND",
                "amount": refund.amount.decimal(),
            }
        ]
    key = refund.credit.vendor_key("refund")
    return wire.say(documents.REFUND_CREATE, {"input": asked, "key": key})


def note_of(refund: Refund) -> str:
    """Our key, by which the refund is found again, and the reason for whoever reads it."""
    return f"{refund.credit.key.text} {refund.reason}".rstrip()


def _stock(restock: bool, options: ShopifyOptions) -> dict[str, str]:
    if not restock or options.location_id is None:
        return {"restockType": "NO_RESTOCK"}
    location = f"gid://shopify/Location/{options.location_id}"
    return {"restockType": "RETURN", "locationId": location}


# ---- what we hear


class BagReply(wire.Reply):
    presentment_money: wire.MoneyReply

    def money(self) -> Money:
        return self.presentment_money.money()


class _Reference(wire.Reply):
    id: wire.Gid


class _Details(wire.Reply):
    typename: str = Field(alias="__typename")


class TransactionReply(wire.Reply):
    id: wire.Gid
    kind: str
    status: str
    gateway: str | None
    amount_set: BagReply
    parent_transaction: _Reference | None = None
    account_number: str | None = None
    payment_details: _Details | None = None

    @property
    def paid(self) -> bool:
        return self.kind in ("SALE", "CAPTURE") and self.status == "SUCCESS"

    def tender_kind(self) -> TenderKind:
        known = _BY_GATEWAY.get(self.gateway or "")
        if known is not None:
            return known
        of_card = self.payment_details is not None
        if (
            of_card
            and self.payment_details
            and self.payment_details.typename == "CardPaymentDetails"
        ):
            return TenderKind.CARD
        return TenderKind.OTHER

    def shown(self) -> str:
        digits = re.sub(r"\D", "", self.account_number or "")
        return digits[-4:] if len(digits) >= 4 else ""


class _Discount(wire.Reply):
    allocated_amount_set: BagReply


class _Tax(wire.Reply):
    price_set: BagReply


class LineReply(wire.Reply):
    id: wire.Gid
    name: str
    sku: str | None
    quantity: Annotated[int, Field(ge=1, le=10**6)]
    refundable_quantity: Annotated[int, Field(ge=0, le=10**6)]
    original_unit_price_set: BagReply
    discount_allocations: list[_Discount]
    tax_lines: list[_Tax]

    def line(self, taxes_included: bool) -> SaleLine:
        """What one unit brings back: of the whole line after all discounts, tax in it."""
        price = self.original_unit_price_set.money()
        whole = price.minor * self.quantity
        whole -= sum(each.allocated_amount_set.money().minor for each in self.discount_allocations)
        if not taxes_included:
            whole += sum(each.price_set.money().minor for each in self.tax_lines)
        unit = Money(max(whole, 0) // self.quantity, price.currency)
        named = "".join(each for each in self.name if each.isprintable())
        return SaleLine(
            self.id, named, self.quantity, self.refundable_quantity, unit, self.sku or ""
        )


class LinesReply(wire.Reply):
    nodes: Annotated[list[LineReply], Field(max_length=documents.PAGE)]
    page_info: wire.PageInfoReply


class MoreLinesReply(wire.Reply):
    id: wire.Gid
    line_items: LinesReply


class OrderReply(wire.Reply):
    id: wire.Gid
    name: str
    processed_at: str
    taxes_included: bool
    presentment_currency_code: str
    total_price_set: BagReply
    net_payment_set: BagReply
    customer: _Reference | None
    transactions: list[TransactionReply]
    line_items: LinesReply

    def sale(self, receipt: str, lines: list[LineReply]) -> Sale:
        """Raises ValueError for what cannot be: two currencies, or no time."""
        sold = datetime.datetime.fromisoformat(self.processed_at)
        if sold.tzinfo is None:
            raise ValueError("a time without its zone")
        left = self.net_payment_set.money()
        return Sale(
            reference=self.id,
            receipt=receipt,
            sold_at_ms=(sold - _EPOCH) // datetime.timedelta(milliseconds=1),
            total=self.total_price_set.money(),
            refundable=Money(max(left.minor, 0), left.currency),
            lines=tuple(each.line(self.taxes_included) for each in lines),
            tenders=tuple(self._tender(each) for each in self.transactions if each.paid),
            customer_id=None if self.customer is None else self.customer.id,
        )

    def _tender(self, payment: TransactionReply) -> Tender:
        paid = payment.amount_set.money()
        back = [
            each.amount_set.money()
            for each in self.transactions
            if each.kind == "REFUND"
            and each.status not in ("FAILURE", "ERROR")
            and each.parent_transaction is not None
            and each.parent_transaction.id == payment.id
        ]
        left = paid
        for each in back:
            left = left - each
        refundable = Money(max(left.minor, 0), left.currency)
        return Tender(payment.id, payment.tender_kind(), paid, refundable, payment.shown())


class _Named(wire.Reply):
    id: wire.Gid
    name: str

    def is_of(self, receipt: str) -> bool:
        return self.name.lstrip("#").casefold() == receipt.lstrip("#").casefold()


class OrdersReply(wire.Reply):
    nodes: Annotated[list[_Named], Field(max_length=documents.FOUND_MAX)]


class RefundNoteReply(wire.Reply):
    id: wire.Gid
    note: str | None


class OrderRefundsReply(wire.Reply):
    id: wire.Gid
    presentment_currency_code: str
    customer: _Reference | None
    transactions: list[TransactionReply]
    refunds: Annotated[list[RefundNoteReply], Field(max_length=documents.PAGE)]


class _Transactions(wire.Reply):
    nodes: list[TransactionReply]


class RefundReply(wire.Reply):
    id: wire.Gid
    note: str | None
    total_refunded_set: BagReply
    transactions: _Transactions

    def of(self, refund: Refund) -> bool:
        return noted(self.note, refund)

    def amount(self) -> Money:
        """The sum of its transactions, pending ones among them; raises ValueError for two
        currencies. A refund without any tells its total alone."""
        made = [each for each in self.transactions.nodes if each.kind == "REFUND"]
        if not made:
            return self.total_refunded_set.money()
        total = Money(0, made[0].amount_set.money().currency)
        for each in made:
            total = total + each.amount_set.money()
        return total

    def statuses(self) -> frozenset[str]:
        return frozenset(each.status for each in self.transactions.nodes if each.kind == "REFUND")


class RefundCreatedReply(wire.Reply):
    refund: RefundReply | None
    user_errors: list[wire.UserErrorReply]


def noted(note: str | None, refund: Refund) -> bool:
    """Whether a refund's note is one of ours, of this very leg."""
    return refund.credit.key.text in (note or "").split()
