# SPDX-License-Identifier: Apache-2.0
"""Request bodies of the platform contract, checked field by field, and its problems as replies.

Written from `contract.openapi.json` and `docs/platforms/rest.md`, not from the sandbox: a mistake
of the one must not be the other's.
"""

from __future__ import annotations

import datetime
import json
import re
from typing import Final

from agent.domain.currency import EXPONENTS
from tests.simulation.wire import Reply

BODY_MAX: Final = 64 * 1024
MINOR_MAX: Final = 10**12
_CODE: Final = re.compile(r"[0-9A-Z]{16}")
_KEY: Final = re.compile(r"[0-9A-Z]{1,6}-[0-9A-Z]{1,6}-[0-9]{13}-[0-9A-HJKMNP-TV-Z]{8}")
_NOTE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KINDS: Final = ("email", "phone", "loyalty")
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)


class Problem(Exception):
    """A documented no. `extra`: further members of the body."""

    def __init__(self, status: int, code: str, **extra: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.extra = extra

    def reply(self) -> Reply:
        body = {"type": "about:blank", "title": self.code, "status": self.status}
        text = json.dumps({**body, "code": self.code, **self.extra})
        headers = (("Content-Type", "application/problem+json"),)
        return Reply(self.status, headers, text.encode())


def bad(field: str) -> Problem:
    return Problem(422, "bad-field", field=field)


def issue_body(data: bytes) -> tuple[str, str, int, str]:
    """(key, code, minor, currency). Raises Problem."""
    body = _object(data)
    key, code = _text(body, "key"), _code(body)
    amount = body.get("amount")
    if not isinstance(amount, dict):
        raise bad("amount")
    minor = amount.get("minor")
    if type(minor) is not int or not 1 <= minor <= MINOR_MAX:
        raise bad("amount.minor")
    currency = _text(amount, "currency", within="amount.")
    _nothing_else(amount, ("minor", "currency"), within="amount.")
    _nothing_else(body, ("key", "code", "amount"))
    checked_key(key)
    if currency not in EXPONENTS:
        raise bad("amount.currency")
    return key, code, minor, currency


def checked_key(text: str) -> str:
    if _KEY.fullmatch(text) is None:
        raise bad("key")
    return text


def code_body(data: bytes) -> str:
    body = _object(data)
    code = _code(body)
    _nothing_else(body, ("code",))
    return code


def link_body(data: bytes) -> tuple[str, str]:
    """(code, customer_id). Raises Problem."""
    body = _object(data)
    code, customer_id = _code(body), _text(body, "customer_id", 1, 64)
    _nothing_else(body, ("code", "customer_id"))
    return code, customer_id


def annotate_body(data: bytes) -> tuple[str, dict[str, str]]:
    """(code, fields). Raises Problem."""
    body = _object(data)
    code, fields = _code(body), body.get("fields")
    if not isinstance(fields, dict):
        raise bad("fields")
    for name in fields:
        if _NOTE.fullmatch(name) is None:
            raise bad(f"fields.{name}.[key]")
        _text(fields, name, 0, 200, within="fields.")
    if len(fields) > 20:
        raise bad("fields")
    _nothing_else(body, ("code", "fields"))
    return code, fields


def resolve_body(data: bytes) -> tuple[str, str]:
    """(kind, value). Raises Problem."""
    body = _object(data)
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise bad("kind")
    value = _text(body, "value", 1, 256)
    _nothing_else(body, ("kind", "value"))
    return kind, value


def read_moment(field: str, text: str) -> int:
    """RFC 3339 with its offset, as UTC milliseconds. Raises Problem."""
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise bad(field) from None
    if at.tzinfo is None:
        raise bad(field)
    return (at - _EPOCH) // _MILLISECOND


def moment(at_ms: int) -> str:
    at = _EPOCH + datetime.timedelta(milliseconds=at_ms)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def whole(field: str, text: str, low: int, high: int) -> int:
    """A whole number as decimal digits. Raises Problem."""
    if not re.fullmatch(r"[0-9]{1,16}", text) or not low <= int(text) <= high:
        raise bad(field)
    return int(text)


def _object(data: bytes) -> dict[str, object]:
    if len(data) > BODY_MAX:
        raise Problem(400, "bad-request")
    try:
        body = json.loads(data)
    except ValueError:
        raise Problem(400, "bad-request") from None
    if not isinstance(body, dict):
        raise bad("body")
    return body


def _text(
    body: dict[str, object], name: str, low: int = 0, high: int | None = None, *, within: str = ""
) -> str:
    text = body.get(name)
    if not isinstance(text, str):
        raise bad(within + name)
    if high is not None and not (low <= len(text) <= high and _is_unicode(text)):
        raise bad(within + name)
    return text


def _is_unicode(text: str) -> bool:
    """JSON's escapes can spell half of a pair, which is no character."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


def _code(body: dict[str, object]) -> str:
    code = body.get("code")
    if not isinstance(code, str) or _CODE.fullmatch(code) is None:
        raise bad("code")
    return code


def _nothing_else(body: dict[str, object], known: tuple[str, ...], *, within: str = "") -> None:
    for name in body:
        if name not in known:
            raise bad(within + name)
