# SPDX-License-Identifier: Apache-2.0
"""Gift certificates (V2) and customers (V3) as bytes, and their replies read strictly. Pure.

The certificate's `message` carries our key: it is free text of up to 250 characters which comes
back with every look-up. Our code has 16 characters; the vendor cuts longer ones at 20 without a
word, so the code of an answer is compared all the same. There is no DELETE here and must never be
one: without an id it deletes every certificate of the store.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from pydantic import Field, RootModel, StrictInt

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import Card
from agent.platforms.bigcommerce import answers
from agent.platforms.bigcommerce.answers import Amount, Reply, money
from agent.platforms.bigcommerce.options import BigcommerceOptions
from agent.platforms.exchange import Keep
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Negative, No, Odd, Seen, hidden

CERTIFICATES: Final = "/v2/gift_certificates"
NAMESPACE: Final = "countermark"
PAGE: Final = 250
ACTIVE: Final = "active"
DISABLED: Final = "disabled"
ABSENT: Final = "absent"
_ACCEPT: Final = (("Accept", "application/json"),)
_JSON: Final = (*_ACCEPT, ("Content-Type", "application/json"))
_ID: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_DAYS_MS: Final = 2 * 86_400_000
"""A purchase date may be a bare day of the store's own zone."""


# ---- what we say


def create(credit: Credit, amount: Money, status: str, house: BigcommerceOptions) -> HttpRequest:
    """A pure function of key, code, amount and the store's options."""
    body = _certificate(credit, amount, status, house)
    return HttpRequest("POST", CERTIFICATES, _bytes(body), _JSON)


def disable(found: Certificate, credit: Credit, house: BigcommerceOptions) -> HttpRequest:
    """Everything is named once more: a PUT without a balance sets it to the amount again."""
    body = _certificate(credit, found.seen.card.initial, DISABLED, house)
    body["balance"] = found.seen.card.balance.decimal()
    path = f"{CERTIFICATES}/{found.seen.card.reference}"
    return HttpRequest("PUT", path, _bytes(body), _JSON)


def _certificate(
    credit: Credit, amount: Money, status: str, house: BigcommerceOptions
) -> dict[str, object]:
    return {
        "code": credit.code.reveal(),
        "amount": amount.decimal(),
        "currency_code": amount.currency,
        "status": status,
        "to_name": house.house_name,
        "to_email": house.house_email,
        "from_name": house.house_name,
        "from_email": house.house_email,
        "message": credit.key.text,
    }


def find(code: Code) -> HttpRequest:
    """The vendor offers no other way: the code stands in the query."""
    return _get(f"{CERTIFICATES}?code={quote(code.reveal(), safe='')}")


def page(min_id: int, limit: int = PAGE) -> HttpRequest:
    return _get(f"{CERTIFICATES}?min_id={min_id}&limit={limit}&sort=id&direction=asc")


def customers(customer: CustomerReference, by_id: bool) -> HttpRequest | None:
    """None where nobody can be found by such an identifier."""
    match customer.kind:
        case CustomerKind.EMAIL:
            return _get(f"/v3/customers?email:in={quote(customer.value, safe='')}")
        case CustomerKind.PHONE:
            bare = customer.value.lstrip("+")
            return _get(f"/v3/customers?phone:in=%2B{bare},{bare}")
        case CustomerKind.LOYALTY:
            known = by_id and is_id(customer.value)
            return _get(f"/v3/customers?id:in={customer.value}") if known else None


def any_customer() -> HttpRequest:
    return _get("/v3/customers?limit=1")


def links(credit: Credit) -> HttpRequest:
    """Which customers carry this credit."""
    key = quote(credit.key.text, safe="")
    return _get(f"/v3/customers/metafields?namespace={NAMESPACE}&key={key}")


def link(credit: Credit, customer_id: str) -> HttpRequest:
    """One of the customer's metafields: a key of ours under one customer is unique for BigCommerce,
    and a certificate is never written to where a shopper may be spending it."""
    body = {
        "permission_set": "read",
        "namespace": NAMESPACE,
        "key": credit.key.text,
        "value": credit.code.last_four,
    }
    return HttpRequest("POST", f"/v3/customers/{customer_id}/metafields", _bytes(body), _JSON)


def step_of(name: str, request: HttpRequest) -> str:
    """A step's name that changes with its bytes: another customer is another step."""
    seed = request.path.encode() + b"\n" + request.body
    return f"{name}-{hashlib.sha256(seed).hexdigest()[:12]}"


def is_id(text: str) -> bool:
    """Whether it can be one of BigCommerce's ids, and may stand in a path."""
    return _ID.fullmatch(text) is not None


def _get(path: str) -> HttpRequest:
    return HttpRequest("GET", path, headers=_ACCEPT)


def _bytes(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()


# ---- what we hear


@dataclass(frozen=True, slots=True)
class Certificate:
    """A whole certificate. Only `active` and `disabled` are states that we ever made."""

    seen: Seen
    status: str


@dataclass(frozen=True, slots=True)
class Several:
    """More than one certificate under one code: nobody is chosen by us."""

    first: Certificate


class CertificateReply(Reply):
    id: Annotated[StrictInt, Field(ge=1, lt=10**18)]
    code: Annotated[str, Field(min_length=1, max_length=255)]
    amount: Amount
    balance: Amount
    status: Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")]
    currency_code: str = ""
    message: str | None = None
    purchase_date: Amount | None = None

    @property
    def key(self) -> str | None:
        """Our key, where somebody of us wrote this."""
        text = (self.message or "").strip()
        try:
            return IdempotencyKey(text).text
        except ValueError:
            return None

    def card(self) -> Card:
        """Raises ValueError for an amount or a currency that cannot be."""
        initial = money(self.amount, self.currency_code)
        balance = money(self.balance, self.currency_code)
        if initial.minor < 0 or not 0 <= balance.minor <= initial.minor:
            raise ValueError("a balance lies between nothing and the amount")
        return Card(str(self.id), initial, balance, self.status == ACTIVE, self.key)

    def since(self, since_ms: int) -> bool:
        """Whether it may have been made since then; in doubt, yes. The vendor documents both
        seconds of the epoch and RFC 2822, and a day is enough for it."""
        text = (self.purchase_date or "").strip()
        if text.isascii() and text.isdigit() and len(text) <= 12:
            return int(text) * 1000 + _DAYS_MS >= since_ms
        parsed = email.utils.parsedate_tz(text)
        if parsed is None:
            return True
        try:
            return email.utils.mktime_tz(parsed) * 1000 + _DAYS_MS >= since_ms
        except (OverflowError, ValueError):
            return True


class _Certificates(RootModel[Annotated[list[CertificateReply], Field(max_length=1000)]]):
    pass


class CustomerReply(Reply):
    id: Annotated[StrictInt, Field(ge=1, lt=10**18)]
    email: str = ""
    phone: str | None = None

    def answers_to(self, customer: CustomerReference) -> bool:
        """A filter that was not understood lists everybody: only equals count."""
        match customer.kind:
            case CustomerKind.EMAIL:
                return self.email.strip().lower() == customer.value.lower()
            case CustomerKind.PHONE:
                digits = re.sub(r"[^0-9]", "", self.phone or "")
                return digits == customer.value.lstrip("+")
            case CustomerKind.LOYALTY:
                return str(self.id) == customer.value


class CustomersReply(Reply):
    data: Annotated[list[CustomerReply], Field(max_length=1000)]


class MetafieldReply(Reply):
    id: StrictInt
    namespace: str
    key: str
    resource_id: StrictInt


class MetafieldsReply(Reply):
    data: Annotated[list[MetafieldReply], Field(max_length=1000)]


class LinkedReply(Reply):
    data: MetafieldReply


def read_one(reply: HttpReply, code: Code) -> Certificate | Negative:
    """A create's or an update's answer."""
    if reply.status not in (200, 201):
        return answers.negative(reply, answers.MARKETING, code)
    said = answers.saying(reply, code)
    model = answers.read(reply, CertificateReply, said)
    return model if isinstance(model, Odd) else _whole(model, reply, code)


def read_found(reply: HttpReply, code: Code) -> Certificate | Several | Negative:
    """What a look-up by code found. Absent only when the list is empty: a list without our code
    in it means that the filter was not understood, and then nothing was learnt."""
    said = answers.saying(reply, code)
    if reply.status == 204 and not reply.body:
        return No(ABSENT, said)
    if reply.status != 200:
        return answers.negative(reply, answers.MARKETING, code)
    model = answers.read(reply, _Certificates, said)
    if isinstance(model, Odd):
        return model
    if not model.root:
        return No(ABSENT, said)
    ours = [each for each in model.root if each.code == code.reveal()]
    if not ours:
        return Odd("filter-ignored", said)
    first = _whole(ours[0], reply, code)
    if len(ours) > 1 and isinstance(first, Certificate):
        return Several(first)
    return first


def read_page(reply: HttpReply) -> list[CertificateReply] | Negative:
    """Certificates by rising id; none at the end."""
    if reply.status == 204 and not reply.body:
        return []
    if reply.status != 200:
        return answers.negative(reply, answers.MARKETING)
    model = answers.read(reply, _Certificates, answers.saying(reply))
    return model if isinstance(model, Odd) else model.root


def read_customers(reply: HttpReply) -> CustomersReply | Negative:
    if reply.status != 200:
        return answers.negative(reply, answers.CUSTOMERS)
    return answers.read(reply, CustomersReply, answers.saying(reply))


def read_links(reply: HttpReply, credit: Credit) -> frozenset[str] | Negative:
    """The customers that carry this credit."""
    if reply.status == 204 and not reply.body:
        return frozenset()
    if reply.status != 200:
        return answers.negative(reply, answers.CUSTOMERS, credit.code)
    model = answers.read(reply, MetafieldsReply, answers.saying(reply, credit.code))
    if isinstance(model, Odd):
        return model
    ours = [each for each in model.data if _is_ours(each, credit)]
    if model.data and not ours:
        return Odd("filter-ignored", answers.saying(reply, credit.code))
    return frozenset(str(each.resource_id) for each in ours)


def read_linked(reply: HttpReply, credit: Credit) -> str | Negative:
    """The customer that carries this credit from now on; empty for a metafield of another."""
    if reply.status not in (200, 201):
        return answers.negative(reply, answers.CUSTOMERS, credit.code)
    model = answers.read(reply, LinkedReply, answers.saying(reply, credit.code))
    if isinstance(model, Odd):
        return model
    return str(model.data.resource_id) if _is_ours(model.data, credit) else ""


def _is_ours(field: MetafieldReply, credit: Credit) -> bool:
    return field.namespace == NAMESPACE and field.key == credit.key.text


def _whole(model: CertificateReply, reply: HttpReply, code: Code) -> Certificate | Odd:
    said = answers.saying(reply, code)
    try:
        card = model.card()
    except ValueError:
        return Odd("not-the-contract", said)
    return Certificate(Seen(card, said, model.code), model.status)


def ids(hide: Code) -> Keep:
    """Takes the vendor's ids worth a commit from a reply: never the code."""

    def keep(reply: HttpReply) -> Mapping[str, str]:
        found = {"status": str(reply.status)}
        request_id = reply.header("x-request-id")
        if request_id:
            found["request_id"] = hidden(request_id, hide)[:200]
        read = read_one(reply, hide)
        if isinstance(read, Certificate):
            found["reference"] = read.seen.card.reference
        return found

    return keep
