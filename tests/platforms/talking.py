# SPDX-License-Identifier: Apache-2.0
"""Holds a conversation with recorded replies: no network, no driver."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.platforms.exchange import Do, Interrupted, Look
from agent.platforms.messages import HttpReply, NoAnswer, NotSent

T = TypeVar("T")

KEY = IdempotencyKey("0421-03-1763600000000-7K3QF2ZD")
CODE = Code.draw(3, tuple(range(14)))
CREDIT = Credit(KEY, CODE, Money(4850, "USD"))


@dataclass(frozen=True)
class Talk(Generic[T]):
    """What was asked, in order, and what came of it."""

    asked: list[Look | Do]
    result: T

    @property
    def said(self) -> list[str]:
        """Each wish as "look GET /path" or "step POST /path"."""
        return [
            f"{ask.step if isinstance(ask, Do) else 'look'} {ask.request.method} {ask.request.path}"
            for ask in self.asked
        ]


def talk(
    exchange: Generator[Look | Do, HttpReply, T], *replies: HttpReply | NotSent | NoAnswer
) -> Talk[T]:
    """Feeds the replies. Fails when the conversation wants more or fewer than there are."""
    asked: list[Look | Do] = []
    waiting = list(replies)
    try:
        asked.append(next(exchange))
        while True:
            reply = waiting.pop(0)
            if isinstance(reply, HttpReply):
                asked.append(exchange.send(reply))
            else:
                asked.append(exchange.throw(Interrupted(reply)))
    except StopIteration as end:
        assert waiting == [], "the conversation ended before every reply was heard"
        return Talk(asked, end.value)


def reply(status: int, body: object, **headers: str) -> HttpReply:
    """A JSON reply; `headers` with _ for -, content_type among them."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content_type": "application/json", "request_id": "req_7", **headers}
    return HttpReply(
        status, tuple((name.replace("_", "-"), value) for name, value in named.items()), data
    )


def problem(status: int, code: str, **extra: str) -> HttpReply:
    """The contract's RFC 9457 reply."""
    headers = {"retry_after": extra.pop("retry_after")} if "retry_after" in extra else {}
    body = {"type": "about:blank", "title": "No", "status": status, "code": code, **extra}
    return reply(status, body, content_type="application/problem+json", **headers)


def resource(**changes: object) -> dict[str, object]:
    """The contract's Credit of CREDIT, with changes."""
    money = {"minor": 4850, "currency": "USD"}
    return {
        "id": "crd_1",
        "key": KEY.text,
        "code": CODE.reveal(),
        "initial": money,
        "balance": money,
        "enabled": True,
        "customer_id": None,
        "created_at": "2025-11-20T00:53:20.000Z",
        "note": None,
        **changes,
    }


def card(status: int = 200, /, **changes: object) -> HttpReply:
    return reply(status, resource(**changes))


def cents(minor: int, currency: str = "USD") -> dict[str, object]:
    return {"minor": minor, "currency": currency}


NOT_FOUND = problem(404, "not-found")
