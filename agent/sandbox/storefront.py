# SPDX-License-Identifier: Apache-2.0
"""What stands around the contract on a sandbox: accounts, a checkout, the switches, the proof.

These routes are for people and tests; an agent never calls them. They ask for no token, so the
sandbox listens on loopback only, and they change nothing unless the body is declared as JSON (a
foreign web page cannot send that without asking).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from agent.domain.money import Money
from agent.sandbox.bodies import (
    CustomerBody,
    Problem,
    SpendBody,
    answer,
    bad_field,
    credit_json,
    money_json,
    read_body,
    read_json,
)
from agent.sandbox.contract import as_problem
from agent.sandbox.faults import Fault, Faults
from agent.sandbox.ledger import Entry, Ledger, LedgerRefusal, SandboxCustomer
from agent.sandbox.requests import Requests

PAGE: Final = 10_000


class Storefront:
    """Accounts, checkout, ledger and switches. `set_down(down)` takes the platform's door away
    or brings it back; it is called after the answer has gone out."""

    def __init__(
        self,
        ledger: Ledger,
        faults: Faults,
        requests: Requests,
        set_down: Callable[[bool], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._faults = faults
        self._requests = requests
        self._set_down = set_down

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sandbox/faults", self.show_faults, allow_head=False),
            web.post("/sandbox/faults", self.switch),
            web.delete("/sandbox/faults", self.reset),
            web.get("/sandbox/requests", self.show_requests, allow_head=False),
            web.get("/sandbox/ledger", self.show_ledger, allow_head=False),
            web.post("/sandbox/customers", self.add_customer),
            web.get("/sandbox/accounts/{customer_id}", self.account, allow_head=False),
            web.post("/sandbox/spend", self.spend),
        ]

    async def show_faults(self, request: web.Request) -> web.Response:
        return answer({"faults": [each.as_json() for each in self._faults.active()]})

    async def switch(self, request: web.Request) -> web.StreamResponse:
        """{"name": ..., "on": true, "times": n, "paths": [...], options...}"""
        _declared_json(request)
        wanted = await read_json(request)
        if not isinstance(wanted, dict):
            raise bad_field("body", "an object is wanted")
        name, on = wanted.pop("name", None), wanted.pop("on", True)
        if not isinstance(name, str) or type(on) is not bool:
            raise bad_field("name, on", "a fault's name and true or false are wanted")
        paths = wanted.pop("paths", None)
        if paths is not None and not (
            isinstance(paths, list) and all(isinstance(path, str) for path in paths)
        ):
            raise bad_field("paths", "a list of patterns is wanted")
        times = wanted.pop("times", None)
        try:
            if on:
                patterns = None if paths is None else tuple(paths)
                self._faults.set(name, times=times, paths=patterns, **wanted)
            else:
                self._faults.clear(name)
        except ValueError as fault:
            field, _, detail = str(fault).partition(": ")
            raise bad_field(field, detail) from fault
        return await self._then_the_door(request)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        self._faults.reset()
        return await self._then_the_door(request)

    async def _then_the_door(self, request: web.Request) -> web.StreamResponse:
        response = await self.show_faults(request)
        await response.prepare(request)
        await response.write_eof()
        await self._set_down(self._faults.is_on(Fault.DOWN))
        return response

    async def show_requests(self, request: web.Request) -> web.Response:
        return answer({"requests": self._requests.as_json()})

    async def show_ledger(self, request: web.Request) -> web.Response:
        entries = self._ledger.listed(0, 0, PAGE)
        return answer({"credits": [credit_json(entry) for entry in entries]})

    async def add_customer(self, request: web.Request) -> web.Response:
        _declared_json(request)
        body = await read_body(request, CustomerBody)
        added = self._ledger.add_customer(
            SandboxCustomer(body.customer_id, body.masked),
            [(each.kind, each.value) for each in body.identifiers],
        )
        return answer({"customer_id": added.customer_id, "masked": added.masked}, 201)

    async def account(self, request: web.Request) -> web.Response:
        """What the shopper sees in the web shop: their credits, and what is left to spend."""
        customer_id = request.match_info["customer_id"]
        try:
            customer = self._ledger.customer(customer_id)
        except LedgerRefusal as refusal:
            raise as_problem(refusal) from refusal
        entries = self._ledger.of_customer(customer_id)
        return answer(
            {
                "customer_id": customer.customer_id,
                "masked": customer.masked,
                "balances": [money_json(money) for money in _left(entries)],
                "credits": [credit_json(entry) for entry in entries],
            }
        )

    async def spend(self, request: web.Request) -> web.Response:
        _declared_json(request)
        body = await read_body(request, SpendBody)
        try:
            return answer(credit_json(self._ledger.spend(body.code, body.amount.money())))
        except LedgerRefusal as refusal:
            raise as_problem(refusal) from refusal


def _left(entries: list[Entry]) -> list[Money]:
    """What can be spent, one sum per currency."""
    sums: dict[str, Money] = {}
    for entry in entries:
        if entry.enabled:
            currency = entry.balance.currency
            sums[currency] = sums.get(currency, Money(0, currency)) + entry.balance
    return [sums[currency] for currency in sorted(sums)]


def _declared_json(request: web.Request) -> None:
    if request.content_type != "application/json":
        raise Problem(400, "bad-request", "Content-Type must be application/json")
