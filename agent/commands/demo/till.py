# SPDX-License-Identifier: Apache-2.0
"""A till as a POS vendor would write it: one call for each credit, the same key on every retry."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the till got: status, body, and how long the cashier waited."""

    status: int
    body: Json
    took_s: float

    @property
    def answer(self) -> str:
        return str(self.body.get("answer"))

    @property
    def key(self) -> str:
        return str(self.body.get("key"))


class Till:
    """Register 03 of the demo's store."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._token = ""
        self._transactions = 0

    def pair(self, code: str) -> None:
        """Enters the code that the agent's side shows."""
        reply = self.ask("POST", "/v1/pairings", {"code": code})
        if reply.status not in (200, 201):
            raise ValueError(f"pairing failed: {reply.body}")
        self._token = reply.body["token"]

    def sale(self, amount: str, customer: Json | None = None, **more: Any) -> Json:
        """The body of a new credit, with a POS transaction number of its own."""
        self._transactions += 1
        whole, _, cents = amount.partition(".")
        return {
            "register": "03",
            "amount": {"minor": int(whole + cents), "currency": "USD"},
            "customer": customer or {"skipped": True},
            "reason": "return",
            "operator": "ann",
            "pos": {
                "business_date": "2026-11-21",
                "transaction": f"T{self._transactions:06d}",
                "line": "1",
            },
            "distinct": True,
            **more,
        }

    def issue(self, body: Json, name: str | None = None) -> Reply:
        """POST /v1/credits under a key made of the transaction, as a retrying POS does."""
        name = name or f"pos-{body['pos']['transaction']}"
        return self.ask("POST", "/v1/credits", body, {"Idempotency-Key": name})

    def look(self, key: str, wait_s: int = 0) -> Reply:
        headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
        return self.ask("GET", f"/v1/credits/{key}", None, headers)

    def issue_twice_at_once(self, body: Json) -> list[Reply]:
        """A double click: two calls in flight under one key."""
        replies: list[Reply] = []
        clicks = [
            threading.Thread(target=lambda: replies.append(self.issue(body))) for _ in range(2)
        ]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        return replies

    def ask(
        self, method: str, path: str, body: Json | None = None, headers: Json | None = None
    ) -> Reply:
        """One HTTP call; raises OSError when the agent is gone."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=40)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, body=data, headers=sent)
            reply = connection.getresponse()
            text = reply.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
        took_s = time.monotonic() - begun
        return Reply(reply.status, json.loads(text) if text else {}, took_s)
