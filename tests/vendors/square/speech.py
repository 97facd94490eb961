# SPDX-License-Identifier: Apache-2.0
"""Square's paths and its errors: which operation a request is for, and how a no is said."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import json_reply
from tests.simulation.platform_gate import Throttled
from tests.simulation.wire import Reply, Request

SCOPES: Final = (
    "GIFTCARDS_READ",
    "GIFTCARDS_WRITE",
    "CUSTOMERS_READ",
    "ORDERS_READ",
    "PAYMENTS_READ",
    "PAYMENTS_WRITE",
)
_FIXED: Final = {
    ("POST", "/v2/gift-cards"): "create",
    ("GET", "/v2/gift-cards"): "list",
    ("POST", "/v2/gift-cards/from-gan"): "find",
    ("POST", "/v2/customers/search"): "resolve",
    ("POST", "/oauth2/token/status"): "balance",
    ("POST", "/v2/orders/batch-retrieve"): "find",
    ("POST", "/v2/refunds"): "create",
}
ONE: Final = re.compile(r"/v2/(gift-cards|locations|orders|payments|refunds)/([^/]+)")
LINK: Final = re.compile(r"/v2/gift-cards/([^/]+)/link-customer")
_TOLD: Final = {
    "unauthorised": (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED"),
    "forbidden": (403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES"),
    "throttled": (429, "RATE_LIMIT_ERROR", "RATE_LIMITED"),
    "not-executed": (503, "API_ERROR", "SERVICE_UNAVAILABLE"),
    "unknown": (500, "API_ERROR", "INTERNAL_SERVER_ERROR"),
    "in-progress": (409, "INVALID_REQUEST_ERROR", "CONFLICT"),
    "key-reused": (400, "INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED"),
    "code-taken": (400, "INVALID_REQUEST_ERROR", "INVALID_VALUE"),
    "not-pending": (400, "INVALID_REQUEST_ERROR", "BAD_REQUEST"),
    "refused": (400, "INVALID_REQUEST_ERROR", "BAD_REQUEST"),
    "not-found": (404, "INVALID_REQUEST_ERROR", "NOT_FOUND"),
    "unknown-customer": (404, "INVALID_REQUEST_ERROR", "NOT_FOUND"),
    "no-such-path": (404, "INVALID_REQUEST_ERROR", "NOT_FOUND"),
    "method-not-allowed": (405, "INVALID_REQUEST_ERROR", "METHOD_NOT_ALLOWED"),
    "missing": (400, "INVALID_REQUEST_ERROR", "MISSING_REQUIRED_PARAMETER"),
    "bad-value": (400, "INVALID_REQUEST_ERROR", "INVALID_VALUE"),
    "too-long": (400, "INVALID_REQUEST_ERROR", "VALUE_TOO_LONG"),
    "version": (400, "INVALID_REQUEST_ERROR", "INVALID_SQUARE_VERSION_FORMAT"),
    "currency": (400, "PAYMENT_METHOD_ERROR", "CURRENCY_MISMATCH"),
    "limit": (400, "PAYMENT_METHOD_ERROR", "PAYMENT_LIMIT_EXCEEDED"),
    "refund-amount": (400, "REFUND_ERROR", "REFUND_AMOUNT_INVALID"),
    "not-refundable": (400, "REFUND_ERROR", "PAYMENT_NOT_REFUNDABLE"),
}
NEITHER: Final = frozenset({"CONFLICT", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"})


def operation_of(request: Request) -> str:
    """One of the names that faults bite by."""
    path = request.path.partition("?")[0]
    fixed = _FIXED.get((request.method, path))
    if fixed is not None:
        return fixed
    if path == "/v2/gift-cards/activities":
        if request.method == "GET":
            of_one = "gift_card_id" in parse_qs(urlsplit(request.path).query)
            return "find" if of_one else "list"
        return "disable" if b'"DEACTIVATE"' in request.body else "create"
    if request.method == "POST" and LINK.fullmatch(path):
        return "link"
    if request.method == "GET" and ONE.fullmatch(path):
        return "balance" if path.startswith("/v2/locations/") else "find"
    return "no-such-path"


def told(problem: Problem) -> Reply:
    status, category, code = _TOLD[problem.code]
    error = {"category": category, "code": code, "detail": f"simulated: {problem.code}"}
    error |= {"field": problem.extra["field"]} if "field" in problem.extra else {}
    said = json_reply({"errors": [error]}, status)
    if isinstance(problem, Throttled):
        headers = (*said.headers, ("Retry-After", str(problem.wait_s)))
        return Reply(said.status, headers, said.body)
    return said


def read_object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        raise Problem(400, "bad-value") from None
    if not isinstance(body, dict):
        raise Problem(400, "bad-value")
    return body


def read_text(body: dict[str, Any], name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not text:
        raise Problem(400, "missing", field=name)
    return text
