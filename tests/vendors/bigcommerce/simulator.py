# SPDX-License-Identifier: Apache-2.0
"""BigCommerce's gift certificates, customers and orders as a state machine, from its public docs.

Written apart from the adapter's own reading. What the docs leave open is drawn by dice: how a
second certificate under one code is turned away, and how a purchase date is written. Codes are
cut at 20 characters without a word, an empty list is 204, and a PUT without a balance sets it to
the amount again.
"""

from __future__ import annotations

import email.utils
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from agent.domain.money import Money
from agent.platforms.messages import HttpReply, HttpRequest
from tests.simulation.customers import SimCustomer
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import Cards, SimCard, json_reply
from tests.simulation.platform_faults import MEANINGS
from tests.simulation.platform_gate import Sent, Throttled
from tests.simulation.profiles import Profile
from tests.simulation.wire import Afterwards, Answer, Reply, Request
from tests.vendors.bigcommerce.sim_orders import SimOrders

PATH: Final = "/v2/gift_certificates"
CODE_MAX: Final = 20
QUOTA: Final = 150
WINDOW_MS: Final = 30_000
"""Standard and Plus plans: 150 requests in 30 seconds, for all apps of the store."""
_REQUIRED: Final = ("to_name", "to_email", "from_name", "from_email", "amount")
_SECOND: Final = (400, 409, 422)


class SimBigcommerce(SimPlatform):
    """`second`: whether a second certificate under one code is made all the same."""

    def __init__(
        self,
        profile: Profile,
        dice: random.Random,
        now_ms: Callable[[], int],
        token: str = "secret",
        second: bool = False,
    ) -> None:
        super().__init__(profile, dice, now_ms, token)
        self.cards = Cards(unique_codes=not second, unique_keys=False)
        self.orders = SimOrders()
        self.deleted = 0
        self._links: dict[tuple[int, str], int] = {}
        self._ids: list[str] = []
        self._window = (0, 0)

    # ---- what the vendor's own wire is

    def operation_of(self, request: Request) -> str:
        split = urlsplit(request.path)
        query, method = split.query, request.method
        match method, split.path.split("/")[1:]:
            case "POST", ["v2", "gift_certificates"]:
                return "create"
            case "GET", ["v2", "gift_certificates"]:
                return "find" if query.startswith("code=") else "list"
            case "PUT", ["v2", "gift_certificates", _]:
                return "disable"
            case "DELETE", _:
                self.deleted += 1
                return "method-not-allowed"
            case "GET", ["v3", "customers"]:
                return "resolve"
            case "GET", ["v3", "customers", "metafields"]:
                return "by_key"
            case "POST", ["v3", "customers", _, "metafields"]:
                return "link"
            case "POST", ["v3", "orders", _, "payment_actions", "refunds"]:
                return "annotate"  # the one write beside the credits' own
            case (("GET" | "POST"), ["v2" | "v3", "orders", *_]):
                return "balance"
            case _:
                return "no-such-path"

    def operations(self) -> Mapping[str, Callable[[Request], Answer]]:
        return {
            "create": self._creates,
            "find": self._finds,
            "list": self._lists,
            "disable": self._updates,
            "resolve": self._resolves,
            "by_key": self._linked_to,
            "link": self._links_to,
            "balance": self._orders_answer,
            "annotate": self._orders_answer,
        }

    def proves(self, request: Request) -> bool:
        return request.headers.get("x-auth-token") == self.token

    def told(self, problem: Problem) -> Reply:
        """A V2 error: a list of one."""
        status = problem.status
        if problem.code == "code-taken":
            status = self._dice.choice(_SECOND)
        error: dict[str, object] = {"status": status, "message": problem.code}
        if problem.extra:
            error["details"] = problem.extra
        reply = json_reply([error], status)
        if isinstance(problem, Throttled):
            reset = ("X-Rate-Limit-Time-Reset-Ms", str(problem.wait_s * 1000))
            reply = replace(reply, headers=(*reply.headers, reset))
        return reply

    def sent(self, request: HttpRequest) -> Sent | None:
        if request.method != "POST" or request.path != PATH:
            return None
        body = json.loads(request.body)
        minor = Money.parse(body["amount"], body["currency_code"]).minor
        step = "create" if body["status"] == "active" else "burn"
        return Sent(body["message"], body["code"], minor, step)

    def looked_for(self, request: HttpRequest) -> str | None:
        split = urlsplit(request.path)
        if request.method != "GET" or split.path != PATH:
            return None
        return parse_qs(split.query).get("code", [None])[0]

    def not_executed(self, reply: HttpReply) -> bool:
        """4xx could not be processed, and 507 neither; of any other 5xx nobody knows."""
        return 400 <= reply.status < 500 or reply.status == 507

    def _carried_out(self, operation: str, request: Request) -> Answer:
        answer = super()._carried_out(operation, request)
        headers = self._quota()
        match answer:
            case Reply():
                return replace(answer, headers=(*answer.headers, *headers))
            case Afterwards(Reply() as now):
                return replace(answer, answer=replace(now, headers=(*now.headers, *headers)))
            case _:
                return answer

    def _quota(self) -> tuple[tuple[str, str], ...]:
        window, passed_ms = divmod(self._now_ms(), WINDOW_MS)
        asked = self._window[1] + 1 if self._window[0] == window else 1
        self._window = (window, asked)
        return (
            ("X-Rate-Limit-Requests-Left", str(max(0, QUOTA - asked))),
            ("X-Rate-Limit-Requests-Quota", str(QUOTA)),
            ("X-Rate-Limit-Time-Window-Ms", str(WINDOW_MS)),
            ("X-Rate-Limit-Time-Reset-Ms", str(WINDOW_MS - passed_ms)),
        )

    # ---- certificates

    def _creates(self, request: Request) -> Answer:
        body = _object(request.body)
        money, code = _money(body), str(body.get("code", ""))[:CODE_MAX]
        now_ms = self._now_ms()
        meaning = self.board.drawn("create", MEANINGS, now_ms)
        if meaning == "conflict_409":
            raise Problem(423, "locked")
        if meaning == "saved_500" and self.board.either():
            raise Problem(500, "unknown")
        minor = money.minor + (100 if meaning == "wrong_amount" else 0)
        key = str(body.get("message") or "") or None
        card = self.cards.create(key, code, minor, money.currency, now_ms)
        lag = self.profile.lag_ms
        if meaning == "lookup_lag":
            lag = (0, self.profile.settling_ms * 3 // 4)
        card.visible_ms = now_ms + (self._dice.randint(*lag) if lag[1] else 0)
        if body.get("status", "active") != "active":
            self.cards.disable(card, now_ms)
        if meaning == "saved_500":
            raise Problem(500, "unknown")
        said = 100 if meaning == "wrong_amount_said" else 0
        return json_reply(self.shown(card, said), 201)

    def _finds(self, request: Request) -> Reply:
        code = parse_qs(urlsplit(request.path).query)["code"][0]
        return self._listed([each for each in self.cards.of_code(code) if self._visible(each)])

    def _lists(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        least, limit = int(query.get("min_id", ["1"])[0]), int(query.get("limit", ["50"])[0])
        if not 1 <= limit <= 250:
            raise Problem(413, "limit")
        found = [each for each in self.cards if each.number >= least and self._visible(each)]
        return self._listed(found[:limit])

    def _updates(self, request: Request) -> Reply:
        number = int(request.path.rpartition("/")[2])
        body = _object(request.body)
        card = next((each for each in self.cards if each.number == number), None)
        if card is None:
            raise Problem(404, "not-found")
        money = _money(body)
        card.balance = _minor(str(body.get("balance", body["amount"])), money.currency)
        if body.get("status", "active") == "active":
            card.enabled = True
        else:
            self.cards.disable(card, self._now_ms())
        return json_reply(self.shown(card))

    def _visible(self, card: SimCard) -> bool:
        return self._now_ms() >= card.visible_ms

    def _listed(self, cards: list[SimCard]) -> Reply:
        if not cards:
            return Reply(204)
        return json_reply([self.shown(each) for each in cards])

    def shown(self, card: SimCard, more: int = 0) -> dict[str, object]:
        """A certificate as BigCommerce shows it: amounts with four digits behind the point."""
        at_s = card.created_ms // 1000
        dated = (str(at_s), email.utils.formatdate(at_s, usegmt=True))
        return {
            "id": card.number,
            "code": card.code,
            "amount": _four(card.minor + more, card.currency),
            "balance": _four(card.balance + more, card.currency),
            "status": "active" if card.enabled else "disabled",
            "currency_code": card.currency,
            "message": card.key or "Happy Birthday!",
            "to_name": "Store credit",
            "to_email": "credit@example.com",
            "from_name": "Store credit",
            "from_email": "credit@example.com",
            "template": "general.html",
            "customer_id": 0,
            "order_id": 0,
            "purchase_date": dated[card.number % 2],
            "expiry_date": "0",
        }

    # ---- customers

    def number_of(self, customer_id: str) -> int:
        """BigCommerce numbers its customers."""
        if customer_id not in self._ids:
            self._ids.append(customer_id)
        return 1000 + self._ids.index(customer_id)

    def _resolves(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        rows: list[dict[str, object]] = []
        for name, kind in (("email:in", "email"), ("phone:in", "phone")):
            for value in query.get(name, [""])[0].split(","):
                rows += [self._row(one, kind, value) for one in self._known(kind, value)]
        return json_reply({"data": rows, "meta": {"pagination": {"total": len(rows)}}})

    def _known(self, kind: str, value: str) -> list[SimCustomer]:
        found = self.customers.resolve(kind, value)
        fault = self.board.drawn("resolve", MEANINGS, self._now_ms()) if value else ""
        if fault == "customer_unknown":
            return []
        if fault == "customer_double":
            return (found + [SimCustomer(f"cus_twin_{n}", "T***") for n in (1, 2)])[:2]
        return found

    def _row(self, one: SimCustomer, kind: str, value: str) -> dict[str, object]:
        row: dict[str, object] = {"id": self.number_of(one.customer_id), "email": "", "phone": ""}
        return {**row, kind: value}

    def _linked_to(self, request: Request) -> Reply:
        key = parse_qs(urlsplit(request.path).query)["key"][0]
        rows = [
            _metafield(field, customer, key)
            for (customer, each), field in self._links.items()
            if each == key
        ]
        return json_reply({"data": rows, "meta": {"pagination": {"total": len(rows)}}})

    def _links_to(self, request: Request) -> Reply:
        number = int(request.path.split("/")[3])
        body = _object(request.body)
        gone = self.board.bites("customer_unknown", "link", self._now_ms())
        known = 0 <= number - 1000 < len(self._ids)
        if gone or not known or not self.customers.known(self._ids[number - 1000]):
            raise Problem(404, "not-found")
        key = str(body["key"])
        if (number, key) in self._links:
            raise Problem(409, "metafield-exists")
        field = self._links[(number, key)] = len(self._links) + 1
        card = self.cards.by_key(key)
        if card is not None:
            self.cards.link(card, self._ids[number - 1000], self._now_ms())
        return json_reply({"data": _metafield(field, number, key), "meta": {}})

    # ---- orders

    def _orders_answer(self, request: Request) -> Reply:
        return self.orders.answer(request)


def _metafield(field: int, customer: int, key: str) -> dict[str, object]:
    return {
        "id": field,
        "namespace": "countermark",
        "key": key,
        "value": "x",
        "resource_type": "customer",
        "resource_id": customer,
        "permission_set": "read",
    }


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        raise Problem(400, "malformed") from None
    if not isinstance(body, dict):
        raise Problem(400, "malformed")
    return body


def _money(body: dict[str, Any]) -> Money:
    for name in _REQUIRED:
        if not isinstance(body.get(name), str) or not body[name]:
            raise Problem(400, "missing", field=name)
    try:
        money = Money.parse(body["amount"], body.get("currency_code", "USD"))
    except ValueError:
        raise Problem(400, "invalid", field="amount") from None
    if money.minor <= 0:
        raise Problem(400, "invalid", field="amount")
    return money


def _minor(text: str, currency: str) -> int:
    return Money.parse(text, currency).minor


def _four(minor: int, currency: str) -> str:
    whole, _, fraction = Money(minor, currency).decimal().partition(".")
    return f"{whole}.{fraction.ljust(4, '0')}"
