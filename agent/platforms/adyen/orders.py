# SPDX-License-Identifier: Apache-2.0
"""Refunds to a tender by Adyen's Checkout API v72. Asynchronous: the answer is *received*, and how
it ended is told by a REFUND webhook and the Customer Area alone (there is nothing to poll).

Adyen has payments and no orders: a sale is known elsewhere, and names the payment's
`pspReference` as its tender.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Final

from pydantic import Field

from agent.domain.outcome import (
    Accepted,
    RefusalReason,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.sale import Refund, RefundFinding, RefundOutcome, RefundTo, SaleFinding
from agent.platforms.adyen import wire
from agent.platforms.adyen.adapter import AdyenAdapter
from agent.platforms.adyen.errors import negative, saying_of
from agent.platforms.adyen.options import CHECKOUT
from agent.platforms.exchange import Do, Exchange, keep_nothing
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Negative, No, NotExecuted, Odd, Wait, json_model

_STEP: Final = "refund"
_PSP_REFERENCE: Final = re.compile(wire.PSP_REFERENCE)


class RefundReply(wire.Reply):
    """A refund that was received."""

    merchant_account: str
    payment_psp_reference: str
    psp_reference: Annotated[str, Field(pattern=wire.PSP_REFERENCE)]
    status: str
    amount: wire.AmountReply
    reference: str = ""


class AdyenWithRefunds(AdyenAdapter):
    """Stored Value, and Checkout's refunds."""

    @property
    def refunds_to(self) -> frozenset[RefundTo]:
        return frozenset({RefundTo.TENDER})

    def sale(self, receipt: str) -> Exchange[SaleFinding]:
        """Adyen knows no receipts."""
        yield from ()
        return Unknown("no-orders")

    def refund(self, refund: Refund) -> Exchange[RefundOutcome]:
        """The same bytes under the same key are one refund for at least seven days; and Adyen
        refuses refunds over what was captured."""
        tender = refund.tender or ""
        if refund.to is not RefundTo.TENDER or _PSP_REFERENCE.fullmatch(tender) is None:
            return Refused(RefusalReason.PLATFORM, Saying(code="no-payment"))
        if wire.vendor_minor(refund.amount) is None:
            return Refused(RefusalReason.CURRENCY, Saying(code="digits"))
        request = self._request(refund, tender)
        reply = yield Do(_STEP, request, keep_nothing)
        match _read(reply, request):
            case RefundReply() as got if self._is_this(got, refund, tender):
                return Accepted(got.psp_reference, saying_of(reply, None))
            case RefundReply():
                return Unanswered("differs", saying_of(reply, None), differs=True)
            case No(_, saying, reason):
                return Refused(reason, saying)
            case NotExecuted(why, saying):
                return Unsent(why, saying)
            case Wait(retry_after_s, saying):
                return Throttled(retry_after_s, saying)
            case Odd(why, saying):
                return Unanswered(why, saying)

    def find_refund(self, refund: Refund) -> Exchange[RefundFinding]:
        """No request of Adyen's reads a refund back."""
        yield from ()
        return Unknown("told-by-webhook")

    def _request(self, refund: Refund, tender: str) -> HttpRequest:
        body: dict[str, object] = {
            "merchantAccount": self._options.merchant_account,
            "amount": {
                "value": wire.vendor_minor(refund.amount),
                "currency": refund.amount.currency,
            },
            "reference": refund.credit.key.text,
            "merchantRefundReason": "RETURN",
        }
        if self._options.store is not None:
            body["store"] = self._options.store
        data = json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()
        key = (wire.KEY_HEADER, refund.credit.vendor_key(_STEP))
        path = f"{CHECKOUT}/payments/{tender}/refunds"
        return HttpRequest("POST", path, data, (("Content-Type", "application/json"), key))

    def _is_this(self, got: RefundReply, refund: Refund, tender: str) -> bool:
        return (
            got.status == "received"
            and got.merchant_account == self._options.merchant_account
            and got.payment_psp_reference == tender
            and got.reference == refund.credit.key.text
            and wire.our_money(got.amount.value, got.amount.currency) == refund.amount
        )


def _read(reply: HttpReply, request: HttpRequest) -> RefundReply | Negative:
    said = saying_of(reply, None)
    if reply.status != 201:
        return negative(reply, None)
    sent, echoed = dict(request.headers)[wire.KEY_HEADER], reply.header(wire.KEY_HEADER.lower())
    if echoed is not None and echoed != sent:
        return Odd("another-key", said)
    return json_model(reply, RefundReply, said)
