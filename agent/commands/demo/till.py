# SPDX-License-Identifier: Apache-2.0
"""A till as a POS vendor would write it: one call for each credit, the same key on every retry."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
TIMEOUT_S = 40.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the till got: status, body, and how long the cashier waited."""

    status: int
    body: Json
    took_s: float
    replayed: bool = False

    @property
    def answer(self) -> str:
        return str(self.body.get("answer"))

    @property
    def key(self) -> str:
        return str(self.body.get("key"))


@dataclass(frozen=True, slots=True)
class Call:
    """One call over the wire; `reply` is None where the line broke under it."""

    method: str
    path: str
    name: str | None
    reply: Reply | None


class Till:
    """Register 03 of the demo's store. `heard` is told of every call that changes something."""

    def __init__(self, port: int, heard: Callable[[Call], None] = lambda call: None) -> None:
        self._port = port
        self._token = ""
        self._transactions = itertools.count(1)
        self._heard = heard

    def pair(self, code: str) -> str:
        """Enters the code that the agent's side shows; the pairing's id."""
        reply = self.ask("POST", "/v1/pairings", {"code": code})
        if reply.status not in (200, 201):
            raise ValueError(f"pairing failed: {reply.body}")
        self._token = reply.body["token"]
        return str(reply.body["id"])

    def sale(self, amount: str, customer: Json | None = None, **more: Any) -> Json:
        """The body of a new credit, with a POS transaction number of its own."""
        whole, _, cents = amount.partition(".")
        return {
            "register": "03",
            "amount": {"minor": int(whole + cents), "currency": "USD"},
            "customer": customer or {"skipped": True},
            "reason": "return",
            "operator": "ann",
            "pos": {
                "business_date": "2026-11-21",
                "transaction": f"T{next(self._transactions):06d}",
                "line": "1",
            },
            "distinct": True,
            **more,
        }

    def issue(self, body: Json, name: str | None = None) -> Reply:
        """POST /v1/credits under a key made of the transaction, as a retrying POS does."""
        name = name or name_of(body)
        return self.ask("POST", "/v1/credits", body, {"Idempotency-Key": name})

    def look(self, key: str, wait_s: int = 0) -> Reply:
        headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
        return self.ask("GET", f"/v1/credits/{key}", None, headers)

    def reprint(self, key: str) -> Reply:
        body = {"operator": "ann", "reason": "another copy"}
        return self.ask("POST", f"/v1/credits/{key}/prints", body)

    def void(self, key: str) -> Reply:
        body = {"operator": "ann", "reason": "handed back"}
        return self.ask("POST", f"/v1/credits/{key}/void", body)

    def approve_paper(self, key: str, manager: str, pin: str) -> Reply:
        body = {"manager": manager, "pin": pin}
        return self.ask("POST", f"/v1/credits/{key}/approval", body)

    def issue_twice_at_once(self, body: Json) -> list[Reply]:
        """A double click: two calls in flight under one key; the replies that came back."""
        replies: list[Reply] = []

        def once() -> None:
            with contextlib.suppress(OSError, ValueError):
                replies.append(self.issue(body))

        clicks = [threading.Thread(target=once) for _ in range(2)]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        return replies

    def ask(
        self, method: str, path: str, body: Json | None = None, headers: Json | None = None
    ) -> Reply:
        """One HTTP call; raises OSError when the agent is gone."""
        name = (headers or {}).get("Idempotency-Key")
        reply: Reply | None = None
        try:
            reply = self._exchange(method, path, body, headers or {})
        finally:
            if method != "GET":
                self._heard(Call(method, path, name, reply))
        return reply

    def _exchange(self, method: str, path: str, body: Json | None, headers: Json) -> Reply:
        sent = {"Content-Type": "application/json", **headers}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, body=data, headers=sent)
            reply = connection.getresponse()
            text = reply.read()
            replayed = reply.headers.get("Idempotent-Replayed") == "true"
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
        took_s = time.monotonic() - begun
        return Reply(reply.status, json.loads(text) if text else {}, took_s, replayed)


def name_of(body: Json) -> str:
    """The Idempotency-Key of a sale: the same however often it is asked for."""
    return f"pos-{body['pos']['transaction']}"
