# SPDX-License-Identifier: Apache-2.0
"""Voucherify's requests as bytes, and its replies read strictly. Pure.

Written from Voucherify's OpenAPI document (v2018-08-01) and its documentation. A credit is a gift
voucher under our code; our key and its currency stand in the voucher's metadata, for a voucher
itself names no currency. An amount is the value times 100 in every currency. `gift.amount` is
the voucher's whole income: it changes only when somebody adds to it, never when it is spent.
The issuance body is a function of key, code, amount and currency alone.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.currency import EXPONENTS
from agent.domain.money import MINOR_MAX, Money
from agent.domain.outcome import Card, Saying
from agent.platforms.exchange import Keep
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Model, Negative, Odd, Seen, hidden, json_model
from agent.platforms.voucherify.errors import negative, saying
from agent.platforms.voucherify.options import DIGITS

VERSION: Final = "v2018-08-01"
KEY: Final = "countermark_key"
CURRENCY: Final = "countermark_currency"
NOTE: Final = "countermark_"
"""Before the name of every note; metadata names are the whole project's."""
NOTE_MAX: Final = 200
PAGE: Final = 100
"""The most vouchers of one answer."""
_VERSIONED: Final = (("X-Voucherify-API-Version", VERSION),)
_JSON: Final = (("Content-Type", "application/json"), *_VERSIONED)
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)


# ---- what we say


def create(credit: Credit, amount: Money, *, active: bool) -> HttpRequest:
    """A gift voucher of our code. The code goes in the body: a path would show it to every proxy
    that keeps a log. `active` is False for a code that must never bring money."""
    body = {
        "code": credit.code.reveal(),
        "type": "GIFT_VOUCHER",
        "gift": {"amount": in_hundredths(amount), "effect": "APPLY_TO_ORDER"},
        "active": active,
        "metadata": {KEY: credit.key.text, CURRENCY: amount.currency},
    }
    return HttpRequest("POST", "/v1/vouchers", _bytes(body), _JSON)


def get(code: Code) -> HttpRequest:
    """The exact look-up. Voucherify has no other: a list is filtered by the code in its address."""
    return HttpRequest("GET", f"/v1/vouchers/{code.reveal()}", b"", _VERSIONED)


def disable(voucher_id: str) -> HttpRequest:
    return HttpRequest("POST", f"/v1/vouchers/{voucher_id}/disable", b"", _VERSIONED)


def publish(credit: Credit, customer_id: str) -> HttpRequest:
    """Ties a voucher to its holder. A second publication under one `source_id` is refused."""
    body = {
        "voucher": credit.code.reveal(),
        "customer": {"id": customer_id},
        "source_id": credit.vendor_key(f"link {customer_id}"),
        "channel": "countermark",
    }
    return HttpRequest("POST", "/v1/publications", _bytes(body), _JSON)


def annotate(credit: Credit, fields: Mapping[str, str]) -> HttpRequest:
    """Key and currency go again: nothing says whether metadata are merged or replaced."""
    body = {"metadata": _metadata(credit, fields)}
    return HttpRequest("PUT", f"/v1/vouchers/{credit.code.reveal()}", _bytes(body), _JSON)


def _metadata(credit: Credit, fields: Mapping[str, str]) -> dict[str, str]:
    noted = {f"{NOTE}{name}": fields[name][:NOTE_MAX] for name in sorted(fields)}
    return {**noted, KEY: credit.key.text, CURRENCY: credit.amount.currency}


def customers_by_email(email: str) -> HttpRequest:
    query = urlencode({"limit": 10, "email": email})
    return HttpRequest("GET", f"/v1/customers?{query}", b"", _VERSIONED)


def customer_by_source_id(source_id: str) -> HttpRequest:
    return HttpRequest("GET", f"/v1/customers/{quote(source_id, safe='')}", b"", _VERSIONED)


def list_since(after_ms: int, page: int, limit: int = PAGE) -> HttpRequest:
    """Oldest first, so that new vouchers move none that was read. `page` is 1 to 99."""
    after = (_EPOCH + datetime.timedelta(milliseconds=after_ms)).isoformat(timespec="milliseconds")
    query = urlencode(
        {
            "limit": limit,
            "page": page,
            "order": "created_at",
            "created_at[after]": after.replace("+00:00", "Z"),
        }
    )
    return HttpRequest("GET", f"/v1/vouchers?{query}", b"", _VERSIONED)


def voucher_schema() -> HttpRequest:
    return HttpRequest("GET", "/v1/metadata-schemas/voucher", b"", _VERSIONED)


def in_hundredths(amount: Money) -> int:
    """The vendor's form, exactly. Raises ValueError for a currency with three decimals."""
    shift = DIGITS - EXPONENTS[amount.currency]
    if shift < 0:
        raise ValueError(f"{amount.currency} has no exact form here")
    return amount.minor * int(10**shift)


def step_of(name: str, request: HttpRequest) -> str:
    """A step's name that changes with its bytes: another customer is another step."""
    return f"{name}-{hashlib.sha256(request.body).hexdigest()[:12]}"


def _bytes(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()


# ---- what we hear


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)


_Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
_Hundredths = Annotated[int, Field(ge=0, le=MINOR_MAX * 100)]


class GiftReply(_Reply):
    amount: _Hundredths
    balance: _Hundredths


class VoucherReply(_Reply):
    """Any voucher; `gift` stands only in a gift voucher."""

    id: _Id
    code: str
    type: str
    active: bool
    gift: GiftReply | None = None
    metadata: dict[str, Any] | None = None
    holder_id: _Id | None = None
    created_at: AwareDatetime | None = None

    @property
    def created_ms(self) -> int | None:
        return None if self.created_at is None else (self.created_at - _EPOCH) // _MILLISECOND


class PageReply(_Reply):
    object: Literal["list"]
    vouchers: Annotated[list[VoucherReply], Field(max_length=500)]


class PublishedReply(_Reply):
    code: str


class PublicationReply(_Reply):
    customer_id: _Id
    result: str
    voucher: PublishedReply


class CustomerReply(_Reply):
    id: _Id
    source_id: str | None = None
    name: str | None = None
    email: str | None = None


class CustomersReply(_Reply):
    object: Literal["list"]
    customers: Annotated[list[CustomerReply], Field(max_length=1000)]


class PropertyReply(_Reply):
    optional: bool = True
    deleted: bool = False


class SchemaReply(_Reply):
    allow_defined_only: bool = False
    properties: dict[str, PropertyReply] = Field(default_factory=dict)


def read(reply: HttpReply, model: type[Model], hide: Code | None = None) -> Model | Negative:
    """The body as `model`, or what stands in its place. Only 200 is a yes."""
    if reply.status != 200:
        return negative(reply, hide)
    return json_model(reply, model, saying(reply, hide))


def read_voucher(reply: HttpReply, hide: Code, currency: str) -> Seen | Negative:
    """A voucher as a card. `currency`: what the project's amounts are in."""
    model = read(reply, VoucherReply, hide)
    if not isinstance(model, VoucherReply):
        return model
    said = saying(reply, hide)
    if hidden(model.id, hide) != model.id:
        return Odd("not-the-contract", said)
    card = card_of(model, currency)
    return Odd(card, said) if isinstance(card, str) else Seen(card, said, model.code)


def shows_notes(reply: HttpReply, credit: Credit, fields: Mapping[str, str]) -> bool:
    """Whether the answer is this credit's voucher with all that was noted on it."""
    voucher = read(reply, VoucherReply, credit.code)
    if not isinstance(voucher, VoucherReply) or voucher.code != credit.code.reveal():
        return False
    return _metadata(credit, fields).items() <= (voucher.metadata or {}).items()


def card_of(voucher: VoucherReply, currency: str) -> Card | str:
    """The voucher as money; or in one word why it is none that can be told.

    A voucher of another kind holds no money, and is nobody's credit.
    """
    key, named = (_text(voucher.metadata, name) for name in (KEY, CURRENCY))
    if key is not None and named is None:
        return "no-currency"
    currency = named or currency
    if EXPONENTS.get(currency, DIGITS + 1) > DIGITS:
        return "no-currency"
    initial, balance = Money(0, currency), Money(0, currency)
    if voucher.type == "GIFT_VOUCHER":
        if voucher.gift is None:
            return "no-gift"
        factor = 10 ** (DIGITS - EXPONENTS[currency])
        gift = voucher.gift
        if gift.balance > gift.amount or gift.amount % factor or gift.balance % factor:
            return "nonsense-amount"
        initial = Money(gift.amount // factor, currency)
        balance = Money(gift.balance // factor, currency)
    elif voucher.gift is not None:
        return "not-the-contract"
    return Card(voucher.id, initial, balance, voucher.active, key, voucher.holder_id)


def ids(hide: Code) -> Keep:
    """Takes the vendor's ids worth a commit from a reply: never the code."""

    def keep(reply: HttpReply) -> Mapping[str, str]:
        found = {"status": str(reply.status)}
        request_id = saying(reply, hide).request_id
        if request_id:
            found["request_id"] = request_id
        model = read(reply, VoucherReply, hide)
        if isinstance(model, VoucherReply):
            found["reference"] = hidden(model.id, hide)
        return found

    return keep


def unsaid(why: str) -> Saying:
    """What we found ourselves, before or beside any answer of the vendor's."""
    return Saying(code=why)


def _text(metadata: Mapping[str, Any] | None, name: str) -> str | None:
    value = None if metadata is None else metadata.get(name)
    return value if isinstance(value, str) else None
