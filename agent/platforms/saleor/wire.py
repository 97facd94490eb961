# SPDX-License-Identifier: Apache-2.0
"""Gift cards as Saleor's GraphQL says them: requests as bytes, answers read strictly. Pure.

The issuance body is a function of key, code, amount and currency alone. Amounts go out as decimal
strings in variables: a literal in the document and a binary float are both refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.currency import exponent
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import RefusalReason, Refused, Saying
from agent.platforms import graphql
from agent.platforms.exchange import Keep
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Model, Negative, No, Odd, Seen, hidden
from agent.platforms.saleor import documents
from agent.platforms.saleor.errors import data_of, payload_of, saying
from agent.platforms.saleor.replies import CardReply, model_of, nodes_of

PATH: Final = "/graphql/"
NOTE_MAX: Final = 200
WHOLE_MAX: Final = 10**9
"""A balance has 12 digits, 3 of them behind the point (saleor/giftcard/models.py)."""
_WITHOUT_DIGITS: Final = "AFN ALL IQD IRR KPW LAK LBP MGA MMK RSD SOS SYP YER"
"""ISO 4217 gives these 2 or 3 minor digits; Saleor validates by CLDR (Babel 2.18), which gives
them none and refuses a fraction."""


# ---- what we say


def refusal(amount: Money) -> Refused | None:
    """Why Saleor could not take this amount, before anything is asked."""
    if amount.minor >= WHOLE_MAX * 10 ** exponent(amount.currency):
        return Refused(RefusalReason.LIMIT, Saying(code="too-many-digits"))
    if amount.minor % _step_of(amount.currency):
        return Refused(RefusalReason.CURRENCY, Saying(code="no-minor-digits"))
    return None


def burn_amount(credit: Credit) -> Money:
    """The smallest amount that Saleor takes in this currency."""
    return Money(_step_of(credit.amount.currency), credit.amount.currency)


def _step_of(currency: str) -> int:
    return 10 ** exponent(currency) if currency in _WITHOUT_DIGITS else 1


def create(credit: Credit, amount: Money) -> HttpRequest:
    """The issuance: a pure function of key, code and amount. No tag, whose creation can fail after
    the card stands; no customer, which is a step of its own."""
    body = {
        "code": credit.code.reveal(),
        "balance": {"amount": amount.decimal(), "currency": amount.currency},
        "isActive": True,
        "metadata": [{"key": documents.KEY_FIELD, "value": credit.key.text}],
    }
    return ask(documents.CREATE, {"input": body})


def find(credit: Credit) -> HttpRequest:
    return ask(documents.FIND, {"code": credit.code.reveal(), "key": credit.key.text})


def find_linked(code: Code) -> HttpRequest:
    return ask(documents.FIND_LINKED, {"code": code.reveal()})


def find_voucher(code: Code) -> HttpRequest:
    return ask(documents.VOUCHER, {"code": code.reveal()})


def balance(code: Code) -> HttpRequest:
    return ask(documents.BALANCE, {"code": code.reveal()})


def deactivate(card_id: str) -> HttpRequest:
    return ask(documents.DEACTIVATE, {"id": card_id})


def assign(card_id: str, customer_id: str) -> HttpRequest:
    return ask(documents.ASSIGN, {"id": card_id, "userId": customer_id})


def annotate(card_id: str, fields: Mapping[str, str]) -> HttpRequest:
    """Private metadata, one entry a field; an entry that is there is overwritten."""
    items = [
        {"key": f"countermark_{name}", "value": fields[name][:NOTE_MAX]} for name in sorted(fields)
    ]
    return ask(documents.ANNOTATE, {"id": card_id, "input": items})


def list_cards(cursor: str | None) -> HttpRequest:
    return ask(documents.LIST, {"after": cursor})


def resolve(customer: CustomerReference, loyalty_metadata: str | None) -> HttpRequest:
    value = customer.value
    match customer.kind:
        case CustomerKind.EMAIL:
            return ask(documents.USER, {"email": value})
        case CustomerKind.LOYALTY if loyalty_metadata is None:
            return ask(documents.USER, {"reference": value})
        case CustomerKind.LOYALTY:
            where: dict[str, object] = {
                "metadata": {"key": loyalty_metadata, "value": {"eq": value}}
            }
        case CustomerKind.PHONE:
            where = {"addresses": {"phoneNumber": {"eq": value}}}
    return ask(documents.CUSTOMERS, {"where": where})


def probe() -> HttpRequest:
    return ask(documents.PROBE, {})


def ask(document: str, variables: Mapping[str, object]) -> HttpRequest:
    return graphql.request(PATH, document, variables)


def step_of(name: str, request: HttpRequest) -> str:
    """A step's name that changes with its bytes: another card or customer is another step."""
    return f"{name}-{hashlib.sha256(request.body).hexdigest()[:12]}"


# ---- what we hear


def read_created(reply: HttpReply, hide: Code) -> Seen | Negative:
    return _read_card(reply, "giftCardCreate", hide)


def read_deactivated(reply: HttpReply, hide: Code) -> Seen | Negative:
    return _read_card(reply, "giftCardDeactivate", hide)


def _read_card(reply: HttpReply, field: str, hide: Code) -> Seen | Negative:
    payload = payload_of(reply, field, hide)
    if not isinstance(payload, Mapping):
        return payload
    return _seen(payload.get("giftCard"), reply, hide)


def read_found(reply: HttpReply, hide: Code) -> Seen | Negative:
    """The card of the code, else one under our key; `No("not-found")` where there is neither."""
    data = data_of(reply, hide)
    if not isinstance(data, Mapping):
        return data
    for name in ("byCode", "byKey"):
        nodes = nodes_of(data, name)
        if nodes is None or (name == "byCode" and len(nodes) > 1):
            return Odd("not-the-contract", saying(reply, hide))
        if nodes:
            return _seen(nodes[0], reply, hide)
    return No("not-found", saying(reply, hide))


def _seen(node: object, reply: HttpReply, hide: Code) -> Seen | Odd:
    said = saying(reply, hide)
    read = model_of(node, CardReply, said)
    return read if isinstance(read, Odd) else Seen(read.card(), said, read.code)


def read_one(reply: HttpReply, model: type[Model], hide: Code) -> Model | Negative:
    """The one card of a code, of `giftCards`; `No("not-found")` for none."""
    data = data_of(reply, hide)
    if not isinstance(data, Mapping):
        return data
    nodes, said = nodes_of(data, "giftCards"), saying(reply, hide)
    if nodes is None or len(nodes) > 1:
        return Odd("not-the-contract", said)
    return model_of(nodes[0], model, said) if nodes else No("not-found", said)


def read_payload(
    reply: HttpReply, field: str, part: str, model: type[Model], hide: Code | None
) -> Model | Negative:
    """One part of what a mutation gave back."""
    payload = payload_of(reply, field, hide)
    if not isinstance(payload, Mapping):
        return payload
    return model_of(payload.get(part), model, saying(reply, hide))


def is_voucher(reply: HttpReply, code: Code) -> bool:
    """Whether a voucher of exactly this code was named. Without the permission nobody knows."""
    data = data_of(reply, code)
    if not isinstance(data, Mapping):
        return False
    for node in nodes_of(data, "vouchers") or []:
        if not isinstance(node, Mapping):
            continue
        named = [
            each.get("code") for each in nodes_of(node, "codes") or [] if isinstance(each, Mapping)
        ]
        if code.reveal() in (node.get("code"), *named):
            return True
    return False


def ids(hide: Code) -> Keep:
    """Takes the vendor's ids worth a commit from a reply: never the code."""

    def keep(reply: HttpReply) -> Mapping[str, str]:
        found = {"status": str(reply.status)}
        read = read_created(reply, hide)
        if isinstance(read, Seen):
            found["reference"] = hidden(read.card.reference, hide)
        return found

    return keep
