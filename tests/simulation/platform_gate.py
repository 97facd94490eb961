# SPDX-License-Identifier: Apache-2.0
"""A simulated platform's gate: which operation a request is for, its key, and one rate for all."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from typing import Final

from agent.platforms.messages import HttpRequest
from tests.simulation.platform_bodies import Problem
from tests.simulation.wire import Reply, Request

_POSTS: Final = {
    "/v1/credits": "create",
    "/v1/credits/find": "find",
    "/v1/credits/disable": "disable",
    "/v1/credits/link": "link",
    "/v1/credits/annotate": "annotate",
    "/v1/credits/balance": "balance",
    "/v1/customers/resolve": "resolve",
}
BY_KEY: Final = "/v1/credits/by-key/"


@dataclass(slots=True)
class Bucket:
    """One rate for everybody: so many requests a second, and so many at once. By the platform's
    clock."""

    per_s: float
    burst: float
    _level: float = field(init=False)
    _at_ms: int | None = None

    def __post_init__(self) -> None:
        self._level = self.burst

    def wait_s(self, now_ms: int) -> int:
        """0 when the request may pass, else the whole seconds until one may."""
        if self._at_ms is not None:
            passed_s = max(0, now_ms - self._at_ms) / 1000
            self._level = min(self.burst, self._level + passed_s * self.per_s)
        self._at_ms = now_ms
        if self._level >= 1:
            self._level -= 1
            return 0
        return max(1, round((1 - self._level) / self.per_s + 0.5))


class Throttled(Problem):
    def __init__(self, wait_s: int) -> None:
        super().__init__(429, "throttled")
        self.wait_s = wait_s

    def reply(self) -> Reply:
        plain = super().reply()
        return replace(plain, headers=(*plain.headers, ("Retry-After", str(self.wait_s))))


def operation_of(request: Request) -> str:
    path = request.path.partition("?")[0]
    if request.method == "POST" and path in _POSTS:
        return _POSTS[path]
    if path == "/v1/credits":
        return "list" if request.method == "GET" else "method-not-allowed"
    by_key = path.startswith(BY_KEY) and len(path) > len(BY_KEY)
    if by_key and "/" not in path[len(BY_KEY) :]:
        return "by_key" if request.method == "GET" else "method-not-allowed"
    return "method-not-allowed" if path in _POSTS else "no-such-path"


def vendor_key_of(request: Request) -> str:
    try:
        return str(uuid.UUID(request.headers.get("idempotency-key", "")))
    except ValueError:
        raise Problem(400, "bad-request", field="Idempotency-Key") from None


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request would issue: our key, the code, minor units, and the vendor's key (or what
    stands for it) under which a second one is the same one."""

    key: str
    code: str
    minor: int
    step: str


def sent_by(request: HttpRequest) -> Sent | None:
    """What a request of the platform contract would issue."""
    if request.method != "POST" or request.path != "/v1/credits":
        return None
    body = json.loads(request.body)
    step = dict(request.headers).get("Idempotency-Key", "")
    return Sent(body["key"], body["code"], body["amount"]["minor"], step)


def looked_for(request: HttpRequest) -> str | None:
    """The key or the code that a look-up of the platform contract asks about."""
    if request.path.startswith(BY_KEY):
        return request.path.rpartition("/")[2]
    if request.path == "/v1/credits/find":
        code: str = json.loads(request.body)["code"]
        return code
    return None
