# SPDX-License-Identifier: Apache-2.0
"""Replies that confirm nothing, as real networks and platforms give them. Pure.

None names the credit that was asked for as a platform would: pages for people, empty bodies,
objects of the documentation, and echoes of what was said, in which the code may stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.platforms.exchange import Do, Look
from agent.platforms.messages import HttpReply

HTML: Final = b"<!doctype html><html><body>Welcome to our network. Please sign in.</body></html>"
MEDIA: Final = "application/json"
EXAMPLE: Final = {
    "id": "example-1",
    "key": "example",
    "code": "EXAMPLE123456789",
    "amount": 100,
    "balance": 100,
    "initialValue": "1.00",
    "currency": "USD",
    "enabled": True,
    "state": "PENDING",
    "status": "pending",
    "resultCode": "Success",
}


@dataclass(frozen=True, slots=True)
class Nonsense:
    """A reply by name. `echo`: its body is what was said. `learnt`: an adapter may rightly read
    *there is none* out of it."""

    name: str
    status: int
    body: bytes = b""
    media: str = MEDIA
    echo: bool = False
    learnt: bool = False
    location: str = ""

    def reply(self, ask: Look | Do, cash: str) -> HttpReply:
        """With the code, or the number of the scanned card, wherever a vendor could echo it."""
        grouped = "-".join(cash[at : at + 4] for at in range(0, len(cash), 4))
        shown = f"{cash} {grouped} {cash.lower()}"
        body = ask.request.body if self.echo else self.body.replace(b"<said>", shown.encode())
        headers = [("content-type", self.media)] if self.media else []
        headers += [("request-id", cash), ("x-request-id", cash)]
        if self.location:
            headers.append(("location", self.location))
        return HttpReply(self.status, tuple(headers), body)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


_PROBLEM: Final = {
    "type": "about:blank",
    "title": "<said>",
    "detail": "<said>",
    "code": "refused",
    "message": "<said>",
    "error": "<said>",
    "errors": [{"code": "<said>", "message": "<said>", "detail": "<said>", "field": "<said>"}],
}
_GRAPHQL_ERROR: Final = {"data": None, "errors": [{"message": "<said>", "extensions": {}}]}


def _all() -> Iterator[Nonsense]:
    for status in (200, 201):
        yield Nonsense(f"empty-{status}", status, media="")
        yield Nonsense(f"empty-json-{status}", status)
    yield Nonsense("empty-204", 204, media="", learnt=True)
    for status in (200, 201, 400, 404, 500, 503):
        yield Nonsense(f"html-{status}", status, HTML, "text/html; charset=utf-8")
    yield Nonsense("html-as-json", 200, HTML)
    yield Nonsense("portal", 302, HTML, "text/html", location="https://portal.example/login")
    yield Nonsense("text", 200, b"OK", "text/plain")
    yield Nonsense("half", 200, b'{"id": "1", "am')
    for name, value in (("null", None), ("true", True), ("number", 481_357), ("word", "ok")):
        yield Nonsense(f"json-{name}", 200, _json(value))
    for name, empty in (("object", {}), ("list", [])):
        yield Nonsense(f"json-{name}", 200, _json(empty), learnt=True)
    yield Nonsense("example", 200, _json(EXAMPLE))
    yield Nonsense("example-201", 201, _json(EXAMPLE))
    yield Nonsense("examples", 200, _json([EXAMPLE]))
    yield Nonsense("accepted", 202, _json({"status": "PENDING"}))
    yield Nonsense("no-data", 200, _json({"data": None}), learnt=True)
    yield Nonsense("graphql-error", 200, _json(_GRAPHQL_ERROR))
    for status in (200, 201):
        yield Nonsense(f"echo-{status}", status, echo=True)
    for status in (400, 401, 403, 404, 409, 422, 429, 500, 502, 503):
        learnt = status == 404
        yield Nonsense(f"problem-{status}", status, _json(_PROBLEM), learnt=learnt)
        media = "application/problem+json"
        yield Nonsense(f"rfc9457-{status}", status, _json(_PROBLEM), media, learnt=learnt)


NONSENSE: Final = tuple(_all())
