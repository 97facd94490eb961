# SPDX-License-Identifier: Apache-2.0
"""The handlers of Countermark's platform contract over the sandbox's ledger.

They serve exactly `agent/platforms/rest/contract.openapi.json`, and consult those faults that
change what is *said or remembered* (saved 500, wrong amount, key forgotten, lagging look-ups,
customers unknown or doubled). Faults of the wire are the server's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Final

from aiohttp import web

from agent.domain.money import Money
from agent.sandbox.bodies import (
    AnnotateBody,
    CodeBody,
    IssueBody,
    LinkBody,
    Problem,
    ResolveBody,
    answer,
    bad_field,
    checked_key,
    credit_json,
    money_json,
    read_body,
    read_moment,
)
from agent.sandbox.faults import Fault, Faults
from agent.sandbox.ledger import Answer, Entry, Ledger, LedgerRefusal, SandboxCustomer

PAGE_MAX: Final = 500
_TITLES: Final = {
    "not-found": (404, "There is none"),
    "code-taken": (409, "A credit with this code stands already"),
    "key-reused": (409, "The key came with another body"),
    "linked-elsewhere": (409, "It belongs to another customer"),
    "disabled": (409, "It is disabled"),
    "balance": (409, "The balance does not cover it"),
    "unknown-customer": (422, "There is no such customer"),
}


def as_problem(refusal: LedgerRefusal) -> Problem:
    """The contract's answer to what the ledger refused."""
    status, title = _TITLES[refusal.code]
    return Problem(status, refusal.code, title)


class Contract:
    """The contract's routes. `clock` tells UTC milliseconds; `key_window_ms`: how long an
    Idempotency-Key is remembered."""

    def __init__(
        self, ledger: Ledger, faults: Faults, clock: Callable[[], int], key_window_ms: int
    ) -> None:
        self._ledger = ledger
        self._faults = faults
        self._clock = clock
        self._key_window_ms = key_window_ms
        self._looked_up: dict[int, int] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/credits", self.issue),
            web.get("/v1/credits", self.list_since, allow_head=False),
            web.get("/v1/credits/by-key/{key}", self.find_by_key, allow_head=False),
            web.post("/v1/credits/find", self.find_by_code),
            web.post("/v1/credits/disable", self.disable),
            web.post("/v1/credits/link", self.link),
            web.post("/v1/credits/annotate", self.annotate),
            web.post("/v1/credits/balance", self.balance),
            web.post("/v1/customers/resolve", self.resolve),
        ]

    async def issue(self, request: web.Request) -> web.Response:
        vendor_key = _vendor_key(request)
        body = await read_body(request, IssueBody)
        key, amount = body.checked_key(), body.amount.money()
        fingerprint = hashlib.sha256(json.dumps(body.model_dump()).encode()).digest()
        known = self._remembered(request, vendor_key)
        if known is not None:
            return self._replayed(request, known, fingerprint)
        saved = self._faults.bites(Fault.SAVED_500, request.method, request.path)
        if saved is not None:
            if saved.flag("executed"):
                self._create(request, key, body.code, amount, vendor_key, fingerprint)
            failed = Answer(fingerprint, 500, None, self._clock())
            self._ledger.remember(vendor_key, failed)
            raise _unknown()
        entry = self._create(request, key, body.code, amount, vendor_key, fingerprint)
        return answer(credit_json(self._as_said(request, entry)), 201)

    def _remembered(self, request: web.Request, vendor_key: str) -> Answer | None:
        known = self._ledger.answer(vendor_key)
        if known is None or self._clock() - known.at_ms >= self._key_window_ms:
            return None
        if self._faults.bites(Fault.KEY_FORGOTTEN, request.method, request.path) is not None:
            return None
        return known

    def _replayed(self, request: web.Request, known: Answer, fingerprint: bytes) -> web.Response:
        if known.fingerprint != fingerprint:
            raise as_problem(LedgerRefusal("key-reused"))
        if known.credit_id is None:
            raise _unknown()
        entry = self._ledger.by_id(known.credit_id)
        said = credit_json(self._as_said(request, entry))
        return answer(said, 200, {"Idempotent-Replayed": "true"})

    def _create(
        self,
        request: web.Request,
        key: str,
        code: str,
        amount: Money,
        vendor_key: str,
        fingerprint: bytes,
    ) -> Entry:
        wrong = self._wrong_amount(request, "wrong")
        if wrong:
            amount = _shifted(amount, wrong)
        try:
            return self._ledger.issue(key, code, amount, vendor_key, fingerprint, self._clock())
        except LedgerRefusal as refusal:
            raise as_problem(refusal) from refusal

    def _as_said(self, request: web.Request, entry: Entry) -> Entry:
        wrong = self._wrong_amount(request, "right")
        if not wrong:
            return entry
        return dataclasses.replace(
            entry, initial=_shifted(entry.initial, wrong), balance=_shifted(entry.balance, wrong)
        )

    def _wrong_amount(self, request: web.Request, ledger: str) -> int:
        """By how much the amount is wrong now; `ledger` is which of the two ways is asked for."""
        on = [each for each in self._faults.active() if each.fault is Fault.WRONG_AMOUNT]
        if not on or on[0].options["ledger"] != ledger:
            return 0
        bitten = self._faults.bites(Fault.WRONG_AMOUNT, request.method, request.path)
        return 0 if bitten is None else bitten.number("by")

    async def find_by_key(self, request: web.Request) -> web.Response:
        key = checked_key(request.match_info["key"])
        return self._looked(request, lambda: self._ledger.by_key(key))

    async def find_by_code(self, request: web.Request) -> web.Response:
        body = await read_body(request, CodeBody)
        return self._looked(request, lambda: self._ledger.by_code(body.code))

    def _looked(self, request: web.Request, find: Callable[[], Entry]) -> web.Response:
        try:
            entry = find()
        except LedgerRefusal as refusal:
            raise as_problem(refusal) from refusal
        if self._lags(request, entry):
            raise as_problem(LedgerRefusal("not-found"))
        return answer(credit_json(entry))

    def _lags(self, request: web.Request, entry: Entry) -> bool:
        """Whether look-ups do not see this credit yet: by age, by calls, or by neither (ever)."""
        if not self._faults.is_on(Fault.LOOKUP_LAGGING):
            self._looked_up.clear()
            return False
        on = next(each for each in self._faults.active() if each.fault is Fault.LOOKUP_LAGGING)
        seconds, calls = on.number("seconds"), on.number("calls")
        seen = self._looked_up[entry.id] = self._looked_up.get(entry.id, 0) + 1
        young = self._clock() - entry.created_ms < seconds * 1000
        if (seconds or calls) and not young and seen > calls:
            return False
        bitten = self._faults.bites(Fault.LOOKUP_LAGGING, request.method, request.path)
        return bitten is not None

    async def list_since(self, request: web.Request) -> web.Response:
        since_ms = read_moment("since", request.query.get("since", ""))
        limit = _whole("limit", request.query.get("limit", "100"), 1, PAGE_MAX)
        after = _whole("cursor", request.query.get("cursor", "0"), 0, 2**53)
        entries = self._ledger.listed(since_ms, after, limit + 1)
        more = len(entries) > limit
        shown = [entry for entry in entries[:limit] if not self._lags(request, entry)]
        cursor = str(entries[limit - 1].id) if more else None
        return answer({"credits": [credit_json(entry) for entry in shown], "next_cursor": cursor})

    async def disable(self, request: web.Request) -> web.Response:
        body = await read_body(request, CodeBody)
        return _changed(lambda: self._ledger.disable(body.code))

    async def link(self, request: web.Request) -> web.Response:
        body = await read_body(request, LinkBody)
        if self._faults.bites(Fault.UNKNOWN_CUSTOMER, request.method, request.path) is not None:
            raise as_problem(LedgerRefusal("unknown-customer"))
        return _changed(lambda: self._ledger.link(body.code, body.customer_id))

    async def annotate(self, request: web.Request) -> web.Response:
        body = await read_body(request, AnnotateBody)
        return _changed(lambda: self._ledger.annotate(body.code, body.fields))

    async def balance(self, request: web.Request) -> web.Response:
        body = await read_body(request, CodeBody)
        try:
            entry = self._ledger.by_code(body.code)
        except LedgerRefusal as refusal:
            raise as_problem(refusal) from refusal
        return answer({"balance": money_json(entry.balance), "enabled": entry.enabled})

    async def resolve(self, request: web.Request) -> web.Response:
        body = await read_body(request, ResolveBody)
        found = self._ledger.resolve(body.kind, body.value)
        if self._faults.bites(Fault.UNKNOWN_CUSTOMER, request.method, request.path) is not None:
            found = []
        if self._faults.bites(Fault.DUPLICATE_IDENTIFIER, request.method, request.path) is not None:
            twins = [SandboxCustomer(f"cus_twin_{n}", f"T*** {n}") for n in (1, 2)]
            found = (found + twins)[: max(2, len(found))]
        return answer(
            {"matches": [{"customer_id": one.customer_id, "masked": one.masked} for one in found]}
        )


def _changed(change: Callable[[], Entry]) -> web.Response:
    try:
        return answer(credit_json(change()))
    except LedgerRefusal as refusal:
        raise as_problem(refusal) from refusal


def _vendor_key(request: web.Request) -> str:
    try:
        return str(uuid.UUID(request.headers.get("Idempotency-Key", "")))
    except ValueError as fault:
        raise Problem(
            400, "bad-request", "The header Idempotency-Key must be a UUID", field="Idempotency-Key"
        ) from fault


def _unknown() -> Problem:
    return Problem(500, "unknown", "Whether it was executed is not known")


def _shifted(money: Money, by: int) -> Money:
    return Money(max(1, money.minor + by), money.currency)


def _whole(field: str, text: str, low: int, high: int) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= 16
    if not digits or not low <= int(text) <= high:
        raise bad_field(field, f"a whole number from {low} to {high} is wanted")
    return int(text)
