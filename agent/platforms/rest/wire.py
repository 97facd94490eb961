# SPDX-License-Identifier: Apache-2.0
"""Bodies of Countermark's platform contract as bytes, and replies read strictly. Pure.

A reply is a yes only when it is this resource, whole and of the right media type; a no only
when it is the contract's problem with a code that the contract documents. All else is `Odd`.
The issuance body is a function of key, code, amount and currency alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerReference
from agent.domain.money import MINOR_MAX, Money
from agent.domain.outcome import Card, RefusalReason, Saying
from agent.platforms.exchange import Keep
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.portal import PORTAL, is_portal
from agent.platforms.reading import (
    AUTH,
    Model,
    Negative,
    No,
    NotExecuted,
    Odd,
    Seen,
    Wait,
    hidden,
    json_model,
    media_type,
    retry_after,
)

NOTE_MAX: Final = 200
_JSON: Final = (("Content-Type", "application/json"),)


# ---- what we say


def create(credit: Credit, amount: Money, step: str) -> HttpRequest:
    """The issuance: a pure function of key, code and amount; the header of the step besides."""
    body = {
        "key": credit.key.text,
        "code": credit.code.reveal(),
        "amount": {"minor": amount.minor, "currency": amount.currency},
    }
    headers = (*_JSON, ("Idempotency-Key", credit.vendor_key(step)))
    return HttpRequest("POST", "/v1/credits", _bytes(body), headers)


def find_by_key(credit: Credit) -> HttpRequest:
    return HttpRequest("GET", f"/v1/credits/by-key/{quote(credit.key.text, safe='')}")


def find_by_code(code: Code) -> HttpRequest:
    return _post("/v1/credits/find", {"code": code.reveal()})


def disable(code: Code) -> HttpRequest:
    return _post("/v1/credits/disable", {"code": code.reveal()})


def link(code: Code, customer_id: str) -> HttpRequest:
    return _post("/v1/credits/link", {"code": code.reveal(), "customer_id": customer_id})


def annotate(code: Code, fields: Mapping[str, str]) -> HttpRequest:
    """Values are cut to the contract's 200 characters; names are ours and fit."""
    noted = {name: fields[name][:NOTE_MAX] for name in sorted(fields)}
    return _post("/v1/credits/annotate", {"code": code.reveal(), "fields": noted})


def balance(code: Code) -> HttpRequest:
    return _post("/v1/credits/balance", {"code": code.reveal()})


def resolve(customer: CustomerReference) -> HttpRequest:
    body = {"kind": customer.kind.value, "value": customer.value}
    return _post("/v1/customers/resolve", body)


def list_since(since: str, cursor: str | None) -> HttpRequest:
    """`since`: RFC 3339 in UTC."""
    more = "" if cursor is None else f"&cursor={quote(cursor, safe='')}"
    return HttpRequest("GET", f"/v1/credits?since={quote(since, safe='')}&limit=100{more}")


def step_of(name: str, request: HttpRequest) -> str:
    """A step's name that changes with its bytes: another customer is another step."""
    return f"{name}-{hashlib.sha256(request.body).hexdigest()[:12]}"


def _post(path: str, body: Mapping[str, object]) -> HttpRequest:
    return HttpRequest("POST", path, _bytes(body), _JSON)


def _bytes(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()


# ---- what we hear


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)


class MoneyReply(_Reply):
    minor: Annotated[int, Field(ge=0, le=MINOR_MAX)]
    currency: str

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.money()
        return self

    def money(self) -> Money:
        return Money(self.minor, self.currency)


class CreditReply(_Reply):
    id: Annotated[str, Field(min_length=1, max_length=64)]
    key: str | None
    code: str
    initial: MoneyReply
    balance: MoneyReply
    enabled: bool
    customer_id: Annotated[str, Field(min_length=1, max_length=64)] | None

    def card(self) -> Card:
        return Card(
            reference=self.id,
            initial=self.initial.money(),
            balance=self.balance.money(),
            enabled=self.enabled,
            key=self.key,
            customer_id=self.customer_id,
        )


class PageReply(_Reply):
    credits: Annotated[list[CreditReply], Field(max_length=500)]
    next_cursor: Annotated[str, Field(min_length=1, max_length=200)] | None


class BalanceReply(_Reply):
    balance: MoneyReply
    enabled: bool


class MatchReply(_Reply):
    customer_id: Annotated[str, Field(min_length=1, max_length=64)]
    masked: Annotated[str, Field(max_length=80)]


class MatchesReply(_Reply):
    matches: Annotated[list[MatchReply], Field(max_length=1000)]


class _ProblemReply(_Reply):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    title: str = ""
    detail: str = ""
    vendor_code: str = ""
    field: str = ""


_CONFLICTS: Final = frozenset(
    {"code-taken", "key-reused", "linked-elsewhere", "disabled"}
)  # and `in-progress`, which is no answer
_REASONS: Final = {"currency": RefusalReason.CURRENCY, "limit": RefusalReason.LIMIT}
_REFUSALS: Final = frozenset({"refused", "currency", "limit", "bad-field", "unknown-customer"})


def read_credit(reply: HttpReply, hide: Code, *, created: bool = False) -> Seen | Negative:
    """A credit resource. `created`: 201 is a yes too. `hide`: a code that vendors may echo."""
    model = read(reply, CreditReply, hide, yes=(200, 201) if created else (200,))
    if not isinstance(model, CreditReply):
        return model
    card = model.card()
    card = replace(card, reference=hidden(card.reference, hide))
    return Seen(card, saying(reply, hide), model.code)


def read(
    reply: HttpReply, model: type[Model], hide: Code | None = None, yes: tuple[int, ...] = (200,)
) -> Model | Negative:
    """The body as `model`, or what stands in its place."""
    if is_portal(reply):
        return Odd(PORTAL, saying(reply, hide))
    if reply.status not in yes:
        return _negative(reply, hide)
    return json_model(reply, model, saying(reply, hide))


def _negative(reply: HttpReply, hide: Code | None) -> Negative:
    problem = _problem(reply)
    code = "" if problem is None else problem.code
    said = saying(reply, hide)
    match reply.status, code:
        case 429, _:
            return Wait(retry_after(reply), said)
        case 503, "not-executed":
            return Wait(retry_after(reply), said)
        case (401, _) | (403, "forbidden"):
            return NotExecuted(AUTH, said)
        case 404, "no-such-path":
            return NotExecuted("no-such-path", said)
        case 404, "not-found":
            return No(code, said)
        case 400, "bad-request":
            return No(code, said)
        case 409, _ if code in _CONFLICTS:
            return No(code, said)
        case 422, _ if code in _REFUSALS:
            return No(code, said, _REASONS.get(code, RefusalReason.PLATFORM))
        case _:
            return Odd(code or f"status-{reply.status}", said)


def saying(reply: HttpReply, hide: Code | None) -> Saying:
    """The vendor's own words for support, without the code should they have echoed it."""
    problem = _problem(reply)
    code, message = "", ""
    if problem is not None:
        code = problem.vendor_code or problem.code
        parts = (problem.title, problem.detail, problem.field)
        message = ": ".join(part for part in parts if part)
    request_id = reply.header("request-id") or ""
    return Saying(
        status=reply.status,
        code=hidden(code, hide),
        message=hidden(message, hide),
        request_id=hidden(request_id, hide),
    )


def ids(hide: Code) -> Keep:
    """Takes the vendor's ids worth a commit from a reply: never the code, should one be made of
    it or echo it."""

    def keep(reply: HttpReply) -> Mapping[str, str]:
        found = {"status": str(reply.status)}
        request_id = reply.header("request-id")
        if request_id:
            found["request_id"] = hidden(request_id, hide)[:200]
        model = read(reply, CreditReply, yes=(200, 201))
        if isinstance(model, CreditReply):
            found["reference"] = hidden(model.id, hide)
        return found

    return keep


def _problem(reply: HttpReply) -> _ProblemReply | None:
    if reply.status < 400 or media_type(reply) != "application/problem+json":
        return None
    try:
        return _ProblemReply.model_validate_json(reply.body)
    except ValidationError:
        return None
