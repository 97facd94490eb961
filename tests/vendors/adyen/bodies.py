# SPDX-License-Identifier: Apache-2.0
"""Adyen's request bodies, checked as its OpenAPI document wants them, and its errors as replies."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.simulation.platform_bodies import Problem
from tests.simulation.wire import Reply, Request

_ERRORS: Final = {
    "unauthorised": ("000", "HTTP Status Response - Unauthorized", "security"),
    "not-executed": ("703", "Required resource temporarily unavailable", "internal"),
    "in-progress": ("704", "request already processed or in progress", "validation"),
    "unknown": ("903", "Internal error", "internal"),
}
_KNOWN: Final = frozenset(
    {
        "merchantAccount",
        "reference",
        "paymentMethod",
        "shopperInteraction",
        "store",
        "amount",
        "status",
        "loadType",
    }
)


class ServiceError(Problem):
    """A documented no with Adyen's own code: an error of validation."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, code)
        self.message = message


@dataclass(frozen=True, slots=True)
class About:
    """The card of a request, and our reference."""

    reference: str
    number: str


@dataclass(frozen=True, slots=True)
class PutOn:
    """An activation with money, or a load. `value`: Adyen's minor units."""

    reference: str
    number: str
    kind: str
    value: int
    currency: str


def parsed(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        raise ServiceError(400, "702", "Structure of the request is wrong") from None
    if not isinstance(body, dict):
        raise ServiceError(400, "702", "Structure of the request is wrong")
    return body


def about(request: Request) -> About:
    """What every request about a card must hold, and nothing that the API does not know."""
    body = parsed(request.body)
    if not set(body) <= _KNOWN:
        raise ServiceError(400, "702", "Structure of the request is wrong")
    if not _text(body, "merchantAccount", 80):
        raise ServiceError(403, "901", "Invalid Merchant Account")
    if not _text(body, "reference", 80):
        raise ServiceError(422, "130", "Required field 'reference' is not provided.")
    method = body.get("paymentMethod")
    if not isinstance(method, dict) or not all(isinstance(v, str) for v in method.values()):
        raise ServiceError(422, "14_004", "Missing payment method details")
    if not method.get("type") or not method.get("number"):
        raise ServiceError(422, "101", "Invalid card number")
    if "store" in body and not _text(body, "store", 16):
        raise ServiceError(422, "14_029", "Invalid store")
    return About(body["reference"], method["number"])


def put_on(request: Request) -> PutOn:
    """A `load`, or a `changeStatus` to active with an amount."""
    card, body = about(request), parsed(request.body)
    amount = body.get("amount")
    if not isinstance(amount, dict):
        raise ServiceError(422, "100", "Required object 'amount' is not provided.")
    value, currency = amount.get("value"), amount.get("currency")
    if type(value) is not int or value <= 0:
        raise ServiceError(422, "137", "Field 'amount' is not valid.")
    if not isinstance(currency, str) or len(currency) != 3:
        raise ServiceError(422, "138", "Unsupported currency specified")
    loads = request.path.endswith("/load")
    if loads and body.get("loadType") not in ("merchandiseReturn", "load"):
        raise ServiceError(422, "702", "Unknown loadType")
    if not loads and body.get("status") != "active":
        raise ServiceError(422, "702", "Unknown status")
    kind = "load" if loads else "activate"
    return PutOn(card.reference, card.number, kind, value, currency)


def original(request: Request) -> str:
    """The transaction that a void names."""
    body = parsed(request.body)
    known = {"merchantAccount", "originalReference", "reference", "store"}
    if not set(body) <= known or not _text(body, "merchantAccount", 80):
        raise ServiceError(400, "702", "Structure of the request is wrong")
    found: str = body.get("originalReference", "")
    return found


def refund(request: Request) -> dict[str, Any]:
    """A refund of Checkout's."""
    body = parsed(request.body)
    if not _text(body, "merchantAccount", 80) or not isinstance(body.get("amount"), dict):
        raise ServiceError(422, "100", "Required object 'amount' is not provided.")
    return body


def told(problem: Problem) -> Reply:
    """A problem as Adyen says it."""
    if isinstance(problem, ServiceError):
        return error(problem.status, problem.code, problem.message, "validation")
    known = _ERRORS.get(problem.code)
    if known is None:
        return Reply(problem.status, (("Content-Type", "text/html"),), b"<h1>No</h1>")
    passing = problem.code in ("not-executed", "in-progress")
    headers = (("Transient-Error", "true"),) if passing else ()
    return error(problem.status, *known, headers)


def error(
    status: int,
    code: str,
    message: str,
    kind: str,
    headers: tuple[tuple[str, str], ...] = (),
) -> Reply:
    said = {
        "status": status,
        "errorCode": code,
        "message": message,
        "errorType": kind,
        "pspReference": "SIMERROR00000000",
    }
    plain = json_reply(said, status)
    return replace(plain, headers=(*plain.headers, *headers))


def json_reply(body: object, status: int) -> Reply:
    text = json.dumps(body, separators=(",", ":"))
    return Reply(status, (("Content-Type", "application/json;charset=utf-8"),), text.encode())


def with_header(reply: Reply, name: str, value: str) -> Reply:
    return replace(reply, headers=(*reply.headers, (name, value))) if value else reply


def _text(body: dict[str, Any], name: str, most: int) -> bool:
    text = body.get(name)
    return isinstance(text, str) and 1 <= len(text) <= most
