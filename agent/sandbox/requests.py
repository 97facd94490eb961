# SPDX-License-Identifier: Apache-2.0
"""What the platform's door received last, for whoever wants to see one key arrive twice.

Bounded, and forgotten when the sandbox stops. A request is kept as what it was about: never its
token, never a whole code, and no path that a caller made up.
"""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from agent.domain.idempotency import IdempotencyKey
from agent.sandbox.bodies import moment

KEPT_MAX: Final = 200
_CODE: Final = re.compile(r"[0-9A-Z]{16}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_UNKNOWN_PATH: Final = "(another path)"


@dataclass(slots=True)
class Received:
    """One request. `executed`: the status of what was carried out, None where nothing was;
    `answered`: the status that went out, None where the asker was left without a whole answer."""

    number: int
    at_ms: int
    method: str
    path: str
    idempotency_key: str | None
    key: str | None
    amount: dict[str, object] | None
    code_last_four: str | None
    executed: int | None = None
    answered: int | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "number": self.number,
            "at": moment(self.at_ms),
            "method": self.method,
            "path": self.path,
            "idempotency_key": self.idempotency_key,
            "key": self.key,
            "amount": self.amount,
            "code_last_four": self.code_last_four,
            "executed": self.executed,
            "answered": self.answered,
        }


class Requests:
    """The last `KEPT_MAX` requests, oldest first."""

    def __init__(self) -> None:
        self._kept: deque[Received] = deque(maxlen=KEPT_MAX)
        self._count = 0

    async def note(self, request: web.Request, at_ms: int) -> Received:
        """Keep a request that has just come; its body stays readable for the handler."""
        body: Any = None
        with contextlib.suppress(ValueError, web.HTTPRequestEntityTooLarge):
            body = json.loads(await request.read() or b"null")
        body = body if isinstance(body, dict) else {}
        self._count += 1
        resource = request.match_info.route.resource
        received = Received(
            number=self._count,
            at_ms=at_ms,
            method=request.method,
            path=_UNKNOWN_PATH if resource is None else resource.canonical,
            idempotency_key=_uuid(request.headers.get("Idempotency-Key")),
            key=_key(body.get("key") or request.match_info.get("key")),
            amount=_amount(body.get("amount")),
            code_last_four=_last_four(body.get("code")),
        )
        self._kept.append(received)
        return received

    def as_json(self) -> list[dict[str, object]]:
        return [each.as_json() for each in self._kept]


def answered(request: web.Request, response: web.StreamResponse) -> int | None:
    """The status that the asker gets; None where the line was dropped under it."""
    transport = request.transport
    return None if transport is None or transport.is_closing() else response.status


def _uuid(text: str | None) -> str | None:
    try:
        return None if text is None else str(uuid.UUID(text))
    except ValueError:
        return None


def _key(value: object) -> str | None:
    try:
        return IdempotencyKey(value).text if isinstance(value, str) else None
    except ValueError:
        return None


def _amount(value: object) -> dict[str, object] | None:
    if not isinstance(value, dict):
        return None
    minor, currency = value.get("minor"), value.get("currency")
    if type(minor) is not int or not isinstance(currency, str):
        return None
    return {"minor": minor, "currency": currency} if _CURRENCY.fullmatch(currency) else None


def _last_four(value: object) -> str | None:
    right = isinstance(value, str) and _CODE.fullmatch(value) is not None
    return str(value)[-4:] if right else None
