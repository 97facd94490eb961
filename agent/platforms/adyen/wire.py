# SPDX-License-Identifier: Apache-2.0
"""Bodies of Adyen's Stored Value API v46 as bytes, and replies read strictly. Pure.

An answer names neither card nor amount: it says `resultCode`, the card's `currentBalance` and a
`pspReference`, and repeats our Idempotency-Key in a header. So a yes is a *Success* under no
other key; what the balance must be is the adapter's to compare. Amounts are integers of minor
units, by Adyen's own digits (docs.adyen.com, development-resources/currency-codes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from agent.domain.credit import Credit
from agent.domain.currency import exponent
from agent.domain.money import MINOR_MAX, Money
from agent.domain.outcome import Saying
from agent.domain.plastic import Plastic
from agent.platforms.adyen.errors import negative, refused, saying_of
from agent.platforms.adyen.options import AdyenOptions, Put
from agent.platforms.exchange import Keep
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Negative, Odd, json_model

PATH: Final = "/pal/servlet/StoredValue/v46/"
PSP_REFERENCE: Final = r"^[A-Z0-9]{16}$"
KEY_HEADER: Final = "Idempotency-Key"
_TYPE: Final = ("Content-Type", "application/json")
_DIGITS: Final = {"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}
"""Where Adyen counts other minor units than ISO 4217 does (its own table of currencies)."""


# ---- money


def vendor_minor(amount: Money) -> int | None:
    """The amount in Adyen's minor units; None where it has more digits than Adyen takes."""
    more = _more_digits(amount.currency)
    if more >= 0:
        return amount.minor * _tens(more)
    whole, rest = divmod(amount.minor, _tens(-more))
    return None if rest else whole


def our_money(value: int, currency: str) -> Money | None:
    """What Adyen says an amount is; None for one that cannot be said in ours."""
    try:
        more = _more_digits(currency)
        if more <= 0:
            return Money(value * _tens(-more), currency)
        whole, rest = divmod(value, _tens(more))
        return None if rest else Money(whole, currency)
    except ValueError:
        return None


def _more_digits(currency: str) -> int:
    """How many more minor digits Adyen counts than ISO 4217. Raises ValueError."""
    digits = exponent(currency)
    return _DIGITS.get(currency, digits) - digits


def _tens(digits: int) -> int:
    return int("1" + "0" * digits)


# ---- what we say


def put_on(options: AdyenOptions, credit: Credit, plastic: Plastic) -> HttpRequest:
    """The issuance. Raises ValueError for an amount that Adyen cannot take."""
    body = _about(options, credit.key.text, plastic)
    body["amount"] = _amount(credit.amount)
    if options.put is Put.ACTIVATE:
        return _keyed("changeStatus", {**body, "status": "active"}, credit, options.put.value)
    return _keyed("load", {**body, "loadType": "merchandiseReturn"}, credit, options.put.value)


def balance(options: AdyenOptions, reference: str, plastic: Plastic) -> HttpRequest:
    """The card's balance as it is now."""
    return _post("checkBalance", _about(options, reference, plastic))


def first_balance(
    options: AdyenOptions, credit: Credit, plastic: Plastic, moment: str
) -> HttpRequest:
    """The card's balance as it was when this was first asked at that `moment` of the credit:
    under a key of its own, Adyen says its first answer again for as long as it keeps keys."""
    return _keyed("checkBalance", _about(options, credit.key.text, plastic), credit, moment)


def deactivate(options: AdyenOptions, credit: Credit, plastic: Plastic, step: str) -> HttpRequest:
    """Takes the card out of use for ever."""
    body = {**_about(options, credit.key.text, plastic), "status": "inactive"}
    return _keyed("changeStatus", body, credit, step)


def void(options: AdyenOptions, credit: Credit, original: str, step: str) -> HttpRequest:
    """Undoes the transaction of that `pspReference`."""
    body: dict[str, object] = {
        "merchantAccount": options.merchant_account,
        "originalReference": original,
        "reference": credit.key.text,
    }
    return _keyed("voidTransaction", _in_store(options, body), credit, step)


def _about(options: AdyenOptions, reference: str, plastic: Plastic) -> dict[str, object]:
    method = {"type": options.brand, "number": plastic.number}
    if plastic.security:
        method["securityCode"] = plastic.security
    body: dict[str, object] = {
        "merchantAccount": options.merchant_account,
        "reference": reference,
        "paymentMethod": method,
        "shopperInteraction": "POS",
    }
    return _in_store(options, body)


def _in_store(options: AdyenOptions, body: dict[str, object]) -> dict[str, object]:
    return body if options.store is None else {**body, "store": options.store}


def _amount(amount: Money) -> dict[str, object]:
    value = vendor_minor(amount)
    if value is None:
        raise ValueError("Adyen counts this currency in coarser units")
    return {"value": value, "currency": amount.currency}


def _keyed(name: str, body: Mapping[str, object], credit: Credit, step: str) -> HttpRequest:
    return _post(name, body, (KEY_HEADER, credit.vendor_key(step)))


def _post(name: str, body: Mapping[str, object], *headers: tuple[str, str]) -> HttpRequest:
    data = json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()
    return HttpRequest("POST", PATH + name, data, (_TYPE, *headers))


# ---- what we hear


@dataclass(frozen=True, slots=True)
class Did:
    """A *Success*. `balance`: the card's, None where the answer names none that can be told;
    `keyed`: our key came back with it."""

    reference: str
    balance: Money | None
    keyed: bool
    saying: Saying


class Reply(BaseModel):
    """Adyen's bodies may grow; what is known of them is read strictly."""

    model_config = ConfigDict(
        extra="ignore", strict=True, hide_input_in_errors=True, alias_generator=to_camel
    )


class AmountReply(Reply):
    value: Annotated[int, Field(ge=0, le=MINOR_MAX)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _StoredValueReply(Reply):
    """Every answer of the API has the same members."""

    result_code: Annotated[str, Field(max_length=40)]
    psp_reference: Annotated[str, Field(pattern=PSP_REFERENCE)]
    current_balance: AmountReply | None = None


def read(reply: HttpReply, request: HttpRequest, plastic: Plastic) -> Did | Negative:
    """The answer to `request`, whose key it must repeat where it repeats one."""
    if reply.status != 200:
        return negative(reply, plastic)
    said = saying_of(reply, plastic)
    sent, echoed = dict(request.headers).get(KEY_HEADER), reply.header(KEY_HEADER.lower())
    if echoed is not None and echoed != sent:
        return Odd("another-key", said)
    model = json_model(reply, _StoredValueReply, said)
    if not isinstance(model, _StoredValueReply):
        return model
    if model.result_code != "Success":
        return refused(model.result_code, said)
    left = model.current_balance
    balance = None if left is None else our_money(left.value, left.currency)
    return Did(model.psp_reference, balance, echoed is not None, said)


def ids(request: HttpRequest, plastic: Plastic) -> Keep:
    """Takes what is worth a commit from a reply: never number or PIN of the card."""

    def keep(reply: HttpReply) -> Mapping[str, str]:
        found = {"status": str(reply.status)}
        said = saying_of(reply, plastic)
        if said.request_id:
            found["request_id"] = said.request_id
        if isinstance(read(reply, request, plastic), Did):
            found["reference"] = said.request_id
        return found

    return keep
