# SPDX-License-Identifier: Apache-2.0
"""Voucherify in memory: what its documentation says that it does, with everybody's faults.

No native keys: what is sent twice is done twice, but for what its rules forbid. A code is unique
while its voucher stands; a publication's `source_id` is unique for ever; a voucher that has a
holder is not published again. A read by code lags a little. A used-up plan is 402.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from agent.platforms.messages import HttpReply, HttpRequest
from tests.simulation.customers import SimCustomer
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_bodies import Problem, read_moment, whole
from tests.simulation.platform_cards import SimCard, json_reply
from tests.simulation.platform_faults import MEANINGS
from tests.simulation.platform_gate import Sent, Throttled
from tests.simulation.profiles import Profile
from tests.simulation.wire import Afterwards, Answer, Reply, Request
from tests.vendors.voucherify import bodies

APP_ID: Final = "app-1"
VOUCHERS: Final = "/v1/vouchers"
CUSTOMERS: Final = "/v1/customers"
PAGES_MAX: Final = 99
_OURS: Final = {
    (401, "unauthorised"): Problem(401, "unauthorized"),
    (404, "no-such-path"): Problem(404, "path"),
    (405, "method-not-allowed"): Problem(405, "method"),
    (409, "code-taken"): Problem(409, "duplicate_found"),
    (409, "in-progress"): Problem(409, "multiple_requests"),
    (422, "refused"): Problem(400, "invalid_voucher"),
    (503, "not-executed"): Problem(503, "unavailable"),
}
"""What the common faults are called here. A 503 is no documented answer."""


class SimVoucherify(SimPlatform):
    """`merges`: whether an update adds metadata to what is there or replaces it, which nobody
    says. `plan_used_up`: no call is left in this billing cycle. `schema`: of voucher metadata."""

    def __init__(
        self,
        profile: Profile,
        dice: random.Random,
        now_ms: Callable[[], int],
        token: str = "secret",
    ) -> None:
        super().__init__(profile, dice, now_ms, token)
        self.merges = dice.random() < 0.5
        self.plan_used_up = False
        self.schema: dict[str, object] | None = None
        self.publications: dict[str, str] = {}

    def operation_of(self, request: Request) -> str:
        path, method = request.path.partition("?")[0], request.method
        match method, path.strip("/").split("/"):
            case "POST", ["v1", "vouchers"]:
                return "create"
            case "GET", ["v1", "vouchers"]:
                return "list"
            case "GET", ["v1", "vouchers", _]:
                return "find"
            case "PUT", ["v1", "vouchers", _]:
                return "annotate"
            case "POST", ["v1", "vouchers", _, "disable"]:
                return "disable"
            case "POST", ["v1", "publications"]:
                return "link"
            case "GET", ["v1", "customers"] | ["v1", "customers", _]:
                return "resolve"
            case "GET", ["v1", "metadata-schemas", "voucher"]:
                return "schema"
            case _, ["v1", "vouchers" | "customers" | "publications", *_]:
                return "method-not-allowed"
            case _:
                return "no-such-path"

    def operations(self) -> Mapping[str, Callable[[Request], Answer]]:
        return {
            "create": self._create_voucher,
            "find": self._get_voucher,
            "disable": self._disable_voucher,
            "link": self._publish,
            "annotate": self._update_voucher,
            "resolve": self._customers,
            "list": self._list_vouchers,
            "schema": self._schema,
        }

    def proves(self, request: Request) -> bool:
        app_id, token = (request.headers.get(name) for name in ("x-app-id", "x-app-token"))
        return (app_id, token) == (APP_ID, self.token)

    def told(self, problem: Problem) -> Reply:
        known = _OURS.get((problem.status, problem.code), problem)
        answer = self._said(bodies.error(known), known.status)
        if not isinstance(problem, Throttled):
            return answer
        retry_s = self._now_ms() // 1000 + problem.wait_s
        limits = (
            ("Retry-After", str(problem.wait_s)),
            ("X-Rate-Limit-Limit", "100"),
            ("X-Rate-Limit-Remaining", "0"),
            ("X-Rate-Limit-Retry", str(retry_s)),
            ("X-Rate-Limit-Type", "api_calls"),
        )
        return replace(answer, headers=(("Content-Type", "application/json"), *limits))

    def promised(self) -> Reply:
        return json_reply({"async_action_id": "aa_0ab2df092385be5ca5"}, 202)

    def sent(self, request: HttpRequest) -> Sent | None:
        if (request.method, request.path) != ("POST", VOUCHERS):
            return None
        asked = bodies.asked_for(request.body)
        return Sent(asked.key or "", asked.code, asked.minor, "create" if asked.active else "burn")

    def looked_for(self, request: HttpRequest) -> str | None:
        code = request.path.removeprefix(f"{VOUCHERS}/")
        looks = request.method == "GET" and request.path.startswith(f"{VOUCHERS}/")
        return code if looks else None

    def not_executed(self, reply: HttpReply) -> bool:
        """4xx is documented as failed. A duplicate is somebody's, perhaps our own of before."""
        return reply.status in (400, 401, 402, 403, 404, 405, 406, 415, 429)

    def _admit(self, operation: str, request: Request) -> None:
        if self.plan_used_up:
            raise Problem(402, "plan")
        super()._admit(operation, request)

    def _said(self, body: object, status: int = 200) -> Reply:
        """With what Voucherify says of its limits in every reply."""
        plain = json_reply(body, status)
        limits = (
            ("X-Rate-Limit-Limit", "2000"),
            ("X-Rate-Limit-Remaining", "1999"),
            ("X-Rate-Limit-Retry", str(self._now_ms() // 1000)),
        )
        return replace(plain, headers=(*plain.headers, *limits))

    # ---- vouchers

    def _create_voucher(self, request: Request) -> Answer:
        asked, now_ms = bodies.asked_for(request.body), self._now_ms()
        meaning = self.board.drawn("create", MEANINGS, now_ms)
        if meaning == "conflict_409":
            conflict = self.told(Problem(409, "in-progress"))
            if self.board.either():
                return conflict
            delay_s = self._dice.uniform(*self.board.late_s)
            return Afterwards(conflict, delay_s, lambda: self._late(asked))
        if meaning == "saved_500":
            if self.board.either():
                self._make(asked, "")
            raise Problem(500, "unknown")
        card = self._make(asked, meaning)
        said_minor = card.minor + 100 if meaning == "wrong_amount_said" else None
        return self._said(bodies.voucher(card, said_minor))

    def _make(self, asked: bodies.Asked, meaning: str) -> SimCard:
        now_ms = self._now_ms()
        card = self._made(asked.issued, now_ms, meaning)
        card.key = asked.key
        if not asked.active:
            self.cards.disable(card, now_ms)
        return card

    def _late(self, asked: bodies.Asked) -> None:
        """What was in progress is carried out, unless its code is taken by then."""
        if self.cards.by_code(asked.code) is None:
            self._make(asked, "")

    def _get_voucher(self, request: Request) -> Reply:
        name = _last(request)
        card = self._named(name)
        if self._now_ms() < card.visible_ms:
            raise bodies.missing("voucher", name)
        return self._said(bodies.voucher(card))

    def _disable_voucher(self, request: Request) -> Reply:
        card = self._named(request.path.split("/")[-2])
        self.cards.disable(card, self._now_ms())
        return self._said(bodies.voucher(card))

    def _update_voucher(self, request: Request) -> Reply:
        card, body = self._named(_last(request)), bodies.read(request.body)
        metadata = body.get("metadata")
        if body.keys() != {"metadata"} or not isinstance(metadata, dict):
            raise Problem(400, "invalid_payload")
        notes = {name: text for name, text in metadata.items() if name not in _METADATA}
        if not self.merges:
            card.note = None
            card.key = None
        card.key = metadata.get(bodies.KEY, card.key)
        self.cards.annotate(card, notes, self._now_ms())
        return self._said(bodies.voucher(card))

    def _named(self, name: str) -> SimCard:
        """By code or by Voucherify's own id. Raises Problem."""
        known = self.cards.by_code(name)
        card = known or next((each for each in self.cards if each.id == name), None)
        if card is None:
            raise bodies.missing("voucher", name)
        return card

    def _list_vouchers(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        limit = whole("limit", query.get("limit", ["10"])[0], 1, 100)
        page = whole("page", query.get("page", ["1"])[0], 1, 10**6)
        if page > PAGES_MAX:
            raise Problem(400, "page_over_limit")
        after_ms = read_moment("created_at", query["created_at[after]"][0])
        if query.get("order") != ["created_at"]:
            raise Problem(400, "invalid_query_params")
        now_ms = self._now_ms()
        found = [
            card for card in self.cards if card.created_ms > after_ms and now_ms >= card.visible_ms
        ]
        found.sort(key=lambda card: card.created_ms)
        shown = found[(page - 1) * limit : page * limit]
        listed = [bodies.voucher(card) for card in shown]
        body = {"object": "list", "data_ref": "vouchers", "vouchers": listed, "total": len(found)}
        return self._said(body)

    def _schema(self, request: Request) -> Reply:
        if self.schema is None:
            raise bodies.missing("metadata_schema", "voucher")
        return self._said(self.schema)

    # ---- customers

    def _publish(self, request: Request) -> Reply:
        code, customer_id, source_id = bodies.published(request.body)
        gone = self.board.bites("customer_unknown", "link", self._now_ms())
        if gone or not self.customers.known(customer_id):
            raise bodies.missing("customer", customer_id)
        if source_id in self.publications:
            raise Problem(400, "duplicate_source_id")
        card = self._named(code)
        if card.customer_id is not None:
            raise Problem(400, "voucher_already_published")
        if not card.enabled:
            raise Problem(400, "voucher_disabled")
        self.publications[source_id] = customer_id
        self.cards.link(card, customer_id, self._now_ms())
        publication = {
            "id": f"pub_{len(self.publications):06d}",
            "object": "publication",
            "customer_id": customer_id,
            "source_id": source_id,
            "result": "SUCCESS",
            "voucher": bodies.voucher(card),
        }
        return self._said(publication)

    def _customers(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        fault = self.board.drawn("resolve", MEANINGS, self._now_ms())
        if request.path.partition("?")[0] == CUSTOMERS:
            email = query["email"][0]
            found = [] if fault == "customer_unknown" else self.customers.resolve("email", email)
            if fault == "customer_double":
                twins = [SimCustomer(f"cus_twin_{n}", f"Twin {n}") for n in (1, 2)]
                found = [*found, *twins][:2]
            listed = [bodies.customer(one.customer_id, one.masked, "", email) for one in found]
            return self._said({"object": "list", "data_ref": "customers", "customers": listed})
        value = unquote(_last(request))
        kind = "phone" if value.startswith("+") else "loyalty"
        known = self.customers.resolve(kind, value)
        if len(known) != 1 or fault == "customer_unknown":  # a source_id is one customer's alone
            raise bodies.missing("customer", value)
        return self._said(bodies.customer(known[0].customer_id, known[0].masked, value, None))


_METADATA: Final = (bodies.KEY, bodies.CURRENCY)


def _last(request: Request) -> str:
    return request.path.rpartition("/")[2]
