# SPDX-License-Identifier: Apache-2.0
"""How BigCommerce's answers are read: bodies without a float, and what each error comes to. Pure.

A V2 error is a list of one object with `status`, `message` and `details`; a V3 error is an object
with `status`, `title` and `errors`. Only a body of that form, naming the very status it came with,
is the vendor's word. 4xx is documented as *could not be processed* (API status codes); of the 5xx
only 507 (the plan's limit is reached) says that nothing was done.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Final, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from agent.domain.code import Code
from agent.domain.currency import exponent
from agent.domain.money import Money
from agent.domain.outcome import RefusalReason, Saying
from agent.platforms.bigcommerce.limits import wait_s
from agent.platforms.messages import HttpReply
from agent.platforms.reading import (
    AUTH,
    Model,
    Negative,
    No,
    NotExecuted,
    Odd,
    Wait,
    hidden,
    media_type,
)

MARKETING: Final = "store_v2_marketing"
CUSTOMERS: Final = "store_v2_customers"
ORDERS: Final = "store_v2_orders"
TRANSACTIONS: Final = "store_v2_transactions_read_only"

INVALID: Final = "invalid"
CONFLICT: Final = "conflict"
NO_SUCH: Final = "no-such"
PLAN_FULL: Final = "plan-full"
_DETAIL_MAX: Final = 8
_AMOUNT: Final = re.compile(r"(-?[0-9]{1,13})(?:\.([0-9]{1,10}))?", re.ASCII)


class Reply(BaseModel):
    """The base of what we hear: the vendor's bodies may grow."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


def _as_text(value: object) -> object:
    """V2 writes amounts as strings, V3 as numbers, and some fields as either."""
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    return str(value) if type(value) is int else value


Amount = Annotated[str, BeforeValidator(_as_text)]
"""An amount as decimal text, however it was written."""


def money(text: str, currency: str) -> Money:
    """BigCommerce writes four digits behind the point ("48.5000"): those that a currency does not
    have must be noughts. Raises ValueError."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError("this is no amount")
    digits = exponent(currency)
    fraction = found[2] or ""
    kept, rest = fraction[:digits], fraction[digits:]
    if rest.strip("0"):
        raise ValueError("an amount has more digits than its currency")
    return Money.parse(f"{found[1]}.{kept}" if kept else found[1], currency)


def read(reply: HttpReply, model: type[Model], said: Saying) -> Model | Odd:
    """A yes: its body as `model`. Numbers with a point never become floats."""
    if not reply.body:
        return Odd("empty", said)
    if media_type(reply) != "application/json":
        return Odd("not-json", said)
    try:
        return model.model_validate(_parsed(reply.body))
    except (ValueError, RecursionError):  # ValidationError is a ValueError
        return Odd("not-the-contract", said)


def negative(reply: HttpReply, scope: str, hide: Code | None = None) -> Negative:
    """What an answer that is no yes comes to. `scope`: what this request needs of the token."""
    said = saying(reply, hide)
    match reply.status:
        case 401:
            return NotExecuted(AUTH, said)
        case 429:
            return Wait(wait_s(reply), said)
        case _ if _error(reply) is None:
            return Odd(f"status-{reply.status}", said)
        case 403:
            return NotExecuted(AUTH, replace(said, code=f"scope {scope}"))
        case 404:
            return No(NO_SUCH, said)
        case 409:
            return No(CONFLICT, said)
        case 400 | 422:
            return No(INVALID, said)
        case 405 | 406 | 413 | 415:
            return NotExecuted(f"status-{reply.status}", said)
        case 423:
            return Wait(wait_s(reply), said)
        case 507:
            return No(PLAN_FULL, said, RefusalReason.LIMIT)
        case _:
            return Odd(f"status-{reply.status}", said)


def saying(reply: HttpReply, hide: Code | None = None) -> Saying:
    """The vendor's own words for support, without the code should they have echoed it."""
    error = _error(reply)
    message = "" if error is None else error.words()
    return Saying(
        status=reply.status,
        message=hidden(message, hide),
        request_id=hidden(reply.header("x-request-id") or "", hide),
    )


class _ErrorReply(Reply):
    status: int
    message: str = ""
    title: str = ""
    detail: str = ""
    error: str = ""
    details: Any = None
    errors: Any = None

    def words(self) -> str:
        parts = (self.message, self.title, self.detail, self.error)
        return ": ".join([*(each for each in parts if each), *_leaves(self.details or self.errors)])


def _leaves(value: object) -> list[str]:
    """The texts within what the vendor calls details, a few of them and no deeper than needed."""
    if isinstance(value, dict):
        return [f"{name} {each}" for name, each in value.items() if isinstance(each, str)][
            :_DETAIL_MAX
        ]
    return [value] if isinstance(value, str) else []


def _error(reply: HttpReply) -> _ErrorReply | None:
    """BigCommerce's own error, and nobody else's page."""
    if reply.status < 400 or not media_type(reply).endswith("json"):
        return None
    try:
        body = _parsed(reply.body)
        if isinstance(body, dict) and isinstance(body.get("data"), list):
            body = body["data"]  # refunds wrap theirs once more
        first = body[0] if isinstance(body, list) and body else body
        error = _ErrorReply.model_validate(first)
    except (ValidationError, ValueError, RecursionError):
        return None
    return error if error.status == reply.status else None


def _parsed(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal, parse_constant=_refused)


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
