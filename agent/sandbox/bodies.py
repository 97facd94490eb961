# SPDX-License-Identifier: Apache-2.0
"""The request bodies of Countermark's platform contract as the sandbox checks them, and problems.

Unknown members are refused; every refusal names the field. It touches no ledger.
"""

from __future__ import annotations

import datetime
import json
from typing import Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import MINOR_MAX, Money
from agent.sandbox.ledger import Entry

CodeText = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{16}$")]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
FieldText = Annotated[str, StringConstraints(max_length=200)]


class Problem(Exception):
    """An RFC 9457 answer. `extra` are its further members (`field`, `vendor_code`)."""

    def __init__(self, status: int, code: str, title: str, **extra: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.extra = extra

    def response(self) -> web.Response:
        body = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            **self.extra,
        }
        return web.Response(
            status=self.status,
            body=json.dumps(body).encode(),
            content_type="application/problem+json",
        )


def bad_field(field: str, detail: str) -> Problem:
    return Problem(422, "bad-field", "A field is not right", field=field, detail=detail[:200])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class AmountBody(_Body):
    minor: int = Field(ge=1, le=MINOR_MAX)
    currency: str

    def money(self) -> Money:
        try:
            return Money(self.minor, self.currency)
        except ValueError as fault:
            raise bad_field("amount.currency", str(fault)) from fault


class IssueBody(_Body):
    key: str
    code: CodeText
    amount: AmountBody

    def checked_key(self) -> str:
        return checked_key(self.key)


class CodeBody(_Body):
    code: CodeText


class LinkBody(_Body):
    code: CodeText
    customer_id: CustomerId


class AnnotateBody(_Body):
    code: CodeText
    fields: Annotated[dict[FieldName, FieldText], Field(max_length=20)]


class ResolveBody(_Body):
    kind: Literal["email", "phone", "loyalty"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class IdentifierBody(_Body):
    kind: Literal["email", "phone", "loyalty"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class CustomerBody(_Body):
    """POST /sandbox/customers."""

    customer_id: CustomerId
    masked: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    identifiers: Annotated[list[IdentifierBody], Field(max_length=20)] = []


class SpendBody(_Body):
    """POST /sandbox/spend: a shopper pays with the code at the web shop's checkout."""

    code: CodeText
    amount: AmountBody


Body = TypeVar("Body", bound=BaseModel)


async def read_json(request: web.Request) -> object:
    """The body as JSON. Raises Problem 400 when it is none, or longer than 64 KiB."""
    try:
        return json.loads(await request.read())
    except (ValueError, web.HTTPRequestEntityTooLarge) as fault:
        raise Problem(400, "bad-request", "The body is not JSON of at most 64 KiB") from fault


async def read_body(request: web.Request, kind: type[Body]) -> Body:
    """The body, checked. Raises Problem 422 which names the first field that is wrong."""
    read = await read_json(request)
    try:
        return kind.model_validate(read)
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise bad_field(field, first["msg"]) from None


def checked_key(text: str) -> str:
    """Countermark's key. Raises Problem 422."""
    try:
        return IdempotencyKey(text).text
    except ValueError as fault:
        raise bad_field("key", str(fault)) from fault


def moment(at_ms: int) -> str:
    """UTC milliseconds as RFC 3339."""
    seconds, millis = divmod(at_ms, 1000)
    at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"


def read_moment(field: str, text: str) -> int:
    """RFC 3339 as UTC milliseconds. Raises Problem 422."""
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError as fault:
        raise bad_field(field, "an RFC 3339 time is wanted") from fault
    if at.tzinfo is None:
        raise bad_field(field, "an RFC 3339 time with its offset is wanted")
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (at - epoch) // datetime.timedelta(milliseconds=1)


def money_json(money: Money) -> dict[str, object]:
    return {"minor": money.minor, "currency": money.currency}


def credit_json(entry: Entry) -> dict[str, object]:
    """The contract's Credit resource."""
    return {
        "id": f"sbx_{entry.id:08d}",
        "key": entry.key,
        "code": entry.code,
        "initial": money_json(entry.initial),
        "balance": money_json(entry.balance),
        "enabled": entry.enabled,
        "customer_id": entry.customer_id,
        "created_at": moment(entry.created_ms),
        "note": entry.note,
    }


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps(body, ensure_ascii=False).encode(),
        content_type="application/json",
        headers=headers,
    )
