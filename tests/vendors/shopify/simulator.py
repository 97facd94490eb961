# SPDX-License-Identifier: Apache-2.0
"""A shop in memory, written from Shopify's schema and documentation, not from our adapter.

What is Shopify's own: one address for everything, errors inside a 200, codes that do not tell
upper from lower case and are shown once, a search that lags behind, no idempotency key for cards,
a customer who is never replaced, cards that are never enabled again, one bucket of cost points
for everybody, amounts with their zeros cut off.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.platforms.messages import HttpReply, HttpRequest
from tests.simulation.customers import SimCustomer
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import SimCard, json_reply
from tests.simulation.platform_faults import EVERY, MEANINGS
from tests.simulation.platform_gate import Sent, Throttled
from tests.simulation.profiles import Profile
from tests.simulation.wire import Afterwards, Answer, Reply, Request
from tests.vendors.shopify.gate import SCOPES, CostBucket, UserError, scope_of
from tests.vendors.shopify.graph import (
    Asked,
    GraphError,
    Root,
    asked,
    decimal,
    minor_of,
    moment,
    money,
    read_moment,
    selected,
)
from tests.vendors.shopify.orders import Orders

PATH: Final = "/admin/api/2026-10/graphql.json"
_OPERATIONS: Final = {
    "giftCardCreate": "create",
    "refundCreate": "create",
    "giftCardDeactivate": "disable",
    "customerByIdentifier": "resolve",
    "giftCard": "by_key",
    "order": "by_key",
    "refund": "by_key",
}
_KEY: Final = re.compile(r"[0-9A-Z]{1,6}-[0-9A-Z]{1,6}-[0-9]{13}-[0-9A-HJKMNP-TV-Z]{8}")
_CREATED_AT: Final = re.compile(r"created_at:>='([^']+)'")
Nothing = dict[str, Any]


class ShopSim(SimPlatform):
    """`scopes`: what the token was granted; `issue_limit`: minor units of one card."""

    def __init__(
        self,
        profile: Profile,
        dice: random.Random,
        now_ms: Callable[[], int],
        token: str = "secret",
    ) -> None:
        super().__init__(profile, dice, now_ms, token)
        self.orders = Orders()
        self.points = CostBucket(at_ms=now_ms())
        self.scopes = list(SCOPES)
        self.issue_limit = 10**9
        self._notes: dict[int, str | None] = {}
        self._now: Asked | None = None
        self._cost = 0.0

    # ---- the wire

    def operation_of(self, request: Request) -> str:
        if request.path != PATH:
            return "no-such-path"
        if request.method != "POST":
            return "method-not-allowed"
        root = asked(request.body).roots[0]
        match root.name:
            case "giftCardUpdate":
                return "link" if "customerId" in root.arguments["input"] else "annotate"
            case "giftCards":
                return "list" if _CREATED_AT.search(root.arguments["query"]) else "find"
            case name:
                return _OPERATIONS.get(name, "balance")

    def operations(self) -> Mapping[str, Callable[[Request], Answer]]:
        return dict.fromkeys(sorted(EVERY), self._execute)

    def proves(self, request: Request) -> bool:
        return request.headers.get("x-shopify-access-token") == self.token

    def _carried_out(self, operation: str, request: Request) -> Answer:
        self._now = asked(request.body) if request.path == PATH else None
        return super()._carried_out(operation, request)

    def _admit(self, operation: str, request: Request) -> None:
        super()._admit(operation, request)
        self._cost = 10.0 if self._now is not None and self._now.mutation else 15.0
        wait_s = self.points.wait_s(self._cost, self._now_ms())
        if wait_s:
            self.board.bite("throttled")
            raise Throttled(wait_s)

    def told(self, problem: Problem) -> Reply:
        if isinstance(problem, Throttled):
            return self._throttled(problem)
        if isinstance(problem, UserError):
            return self._user_error(problem)
        match problem.code:
            case "unauthorised":
                words = "[API] Invalid API key or access token (unrecognized login or wrong key)"
                return json_reply({"errors": words}, 401)
            case "not-executed":
                return json_reply({"errors": "This store is unavailable"}, 423)
            case "no-such-path" | "method-not-allowed":
                return json_reply({"errors": "Not Found"}, 404)
            case "refused":
                limit = "is over the limit of one card"
                return self._user_error(UserError("GIFT_CARD_LIMIT_EXCEEDED", limit, "input"))
            case "code-taken":
                return self._user_error(UserError("TAKEN", "has been taken", "input.code"))
            case "in-progress":
                return self._user_error(UserError("INTERNAL_ERROR", "Unexpected error", "input"))
            case _:
                return self._went_wrong()

    def _throttled(self, problem: Throttled) -> Reply:
        """In a 200, or as a 429: both are told of."""
        if self.board.either():
            plain = json_reply({"errors": "Exceeded 2 calls per second"}, 429)
            return replace(plain, headers=(*plain.headers, ("Retry-After", str(problem.wait_s))))
        error = GraphError("THROTTLED", "Throttled").entry()
        level = max(0.0, self._cost - problem.wait_s * self.points.per_s)
        cost = self.points.told(self._cost)
        cost["throttleStatus"]["currentlyAvailable"] = level
        return replace(json_reply({"errors": [error], "extensions": {"cost": cost}}), no=True)

    def _went_wrong(self) -> Reply:
        if self.board.either():
            return json_reply({"errors": "Internal Server Error"}, 500)
        error = GraphError("INTERNAL_SERVER_ERROR", "Internal error. Looks like something went")
        return json_reply({"errors": [error.entry()]})

    def _user_error(self, problem: UserError) -> Reply:
        """In the payload of the mutation that is asked for now."""
        assert self._now is not None
        root = self._now.roots[0]
        error = {"field": problem.where, "message": problem.message, "code": problem.code}
        names = ("giftCard", "giftCardCode", "refund")
        payload = {**dict.fromkeys(names), "userErrors": [error]}
        told = self._whole({root.name: selected(payload, root.wanted)})
        return replace(told, no=problem.code != "INTERNAL_ERROR")

    def sent(self, request: HttpRequest) -> Sent | None:
        root = asked(request.body).roots[0]
        if root.name != "giftCardCreate":
            return None
        issued = root.arguments["input"]
        amount = issued["initialAmount"]
        minor = minor_of(amount["amount"], amount["currencyCode"])
        return Sent(issued["note"], issued["code"], minor, f"{issued['code']} {minor}")

    def looked_for(self, request: HttpRequest) -> str | None:
        root = asked(request.body).roots[0]
        if root.name != "giftCards" or _CREATED_AT.search(root.arguments["query"]):
            return None
        text: str = root.arguments["query"]
        return text

    def not_executed(self, reply: HttpReply) -> bool:
        if reply.status in (401, 402, 403, 404, 423, 429):
            return True
        try:
            told = json.loads(reply.body)
        except ValueError:
            return False
        if not isinstance(told, dict) or reply.status != 200:
            return False
        codes = {each["extensions"]["code"] for each in told.get("errors", ())}
        if codes:
            return codes <= {"THROTTLED", "ACCESS_DENIED", "SHOP_INACTIVE", "MAX_COST_EXCEEDED"}
        payload = (told.get("data") or {}).get("giftCardCreate") or {}
        noes = {each["code"] for each in payload.get("userErrors", ())}
        return bool(noes) and not noes & {"TAKEN", "INTERNAL_ERROR"}

    # ---- executing

    def _execute(self, request: Request) -> Answer:
        now = asked(request.body)
        data: Nothing = {}
        for root in now.roots:
            needed = scope_of(root.name)
            if needed is not None and needed not in self.scopes:
                return self._denied(root, needed)
            try:
                value = getattr(self, f"_{root.name}")(root)
                if isinstance(value, Afterwards):
                    return value
                data[root.name] = selected(value, root.wanted)
            except GraphError as error:
                return json_reply({"errors": [error.entry()]})
        return self._whole(data)

    def _whole(self, data: Nothing) -> Reply:
        reply = json_reply({"data": data, "extensions": {"cost": self.points.told(self._cost)}})
        return replace(reply, headers=(*reply.headers, ("X-Shopify-API-Version", "2026-10")))

    def _denied(self, root: Root, scope: str) -> Reply:
        wanted = f"`{scope}` access scope."
        message = f"Access denied for {root.name} field. Required access: {wanted}"
        error = GraphError("ACCESS_DENIED", message, (root.name,)).entry()
        return replace(json_reply({"data": {root.name: None}, "errors": [error]}), no=True)

    # ---- cards

    def _giftCardCreate(self, root: Root) -> Nothing | Afterwards:  # noqa: N802
        issued = root.arguments["input"]
        meaning = self.board.drawn("create", MEANINGS, self._now_ms())
        if meaning == "conflict_409":
            conflict = self.told(Problem(409, "in-progress"))
            if self.board.either():
                raise Problem(409, "in-progress")
            delay_s = self._dice.uniform(*self.board.late_s)
            return Afterwards(conflict, delay_s, lambda: self._in_spite(issued))
        if meaning == "saved_500":
            if self.board.either():
                self._issued(issued, "")
            raise Problem(500, "unknown")
        card = self._issued(issued, meaning)
        shown = self._card(card)
        if meaning == "wrong_amount_said":
            shown["initialValue"] = money(card.minor + 100, card.currency)
        return {"giftCard": shown, "giftCardCode": card.code.lower(), "userErrors": []}

    def _in_spite(self, issued: Mapping[str, Any]) -> None:
        """Told as an error, and carried out in the end."""
        try:
            self._issued(issued, "")
        except Problem:
            return

    def _issued(self, issued: Mapping[str, Any], meaning: str) -> SimCard:
        code = str(issued["code"])
        if not 8 <= len(code) <= 20:
            raise UserError("TOO_SHORT" if len(code) < 8 else "TOO_LONG", "length", "input.code")
        if re.fullmatch(r"[0-9A-Za-z]+", code) is None:
            raise UserError("INVALID", "letters and numbers", "input.code")
        amount = issued["initialAmount"]
        minor = minor_of(amount["amount"], amount["currencyCode"])
        if minor <= 0:
            raise UserError("GREATER_THAN", "must be greater than 0", "input.initialAmount")
        if minor > self.issue_limit:
            raise UserError("GIFT_CARD_LIMIT_EXCEEDED", "over the limit", "input.initialAmount")
        key = _KEY.search(issued.get("note") or "")
        card = self.cards.create(
            None if key is None else key[0],
            code.upper(),
            minor + 100 if meaning == "wrong_amount" else minor,
            amount["currencyCode"],
            self._now_ms(),
        )
        self._notes[card.number] = issued.get("note")
        lag = self.profile.lag_ms
        if meaning == "lookup_lag":
            lag = (0, self.profile.settling_ms * 3 // 4)
        card.visible_ms = self._now_ms() + (self._dice.randint(*lag) if lag[1] else 0)
        return card

    def _card(self, card: SimCard) -> Nothing:
        whose = card.customer_id
        return {
            "id": card.id,
            "lastCharacters": card.code[-4:].lower(),
            "maskedCode": f"•••• •••• •••• {card.code[-4:].lower()}",
            "enabled": card.enabled,
            "note": self._notes.get(card.number),
            "createdAt": moment(card.created_ms),
            "initialValue": money(card.minor, card.currency),
            "balance": money(card.balance, card.currency),
            "customer": None if whose is None else {"id": whose},
        }

    def _by_id(self, reference: str) -> SimCard | None:
        number = reference.removeprefix("card_")
        return next((c for c in self.cards if number.isdigit() and c.number == int(number)), None)

    def _giftCard(self, root: Root) -> Nothing | None:  # noqa: N802
        card = self._by_id(root.arguments["id"])
        return None if card is None else self._card(card)

    def _giftCards(self, root: Root) -> Nothing:  # noqa: N802
        text, first = root.arguments["query"], root.arguments["first"]
        since = _CREATED_AT.search(text)
        if since is None:
            whole = text.casefold()
            one = self.cards.by_code(text.upper())
            seen = [] if one is None else [one]
            seen += [
                card
                for card in self.cards
                if card is not one and whole in (self._notes.get(card.number) or "").casefold()
            ][:first]
        else:
            after = int(root.arguments["after"] or 0)
            seen = self.cards.since(read_moment(since[1]), after, first + 1)
        more = len(seen) > first
        shown = [card for card in seen[:first] if self._now_ms() >= card.visible_ms]
        cursor = str(seen[first - 1].number) if more else None
        page = {"hasNextPage": more, "endCursor": cursor}
        return {"nodes": [self._card(card) for card in shown], "pageInfo": page}

    def _giftCardDeactivate(self, root: Root) -> Nothing:  # noqa: N802
        card = self._by_id(root.arguments["id"])
        if card is None:
            raise UserError("GIFT_CARD_NOT_FOUND", "The gift card could not be found.", "id")
        self.cards.disable(card, self._now_ms())
        return {"giftCard": self._card(card), "userErrors": []}

    def _giftCardUpdate(self, root: Root) -> Nothing:  # noqa: N802
        card = self._by_id(root.arguments["id"])
        wanted = root.arguments["input"]
        if card is None:
            return _plain(["id"], "The gift card could not be found.")
        if "customerId" in wanted:
            gone = self.board.bites("customer_unknown", "link", self._now_ms())
            if gone or not self.customers.known(wanted["customerId"]):
                return _plain(["input", "customerId"], "The customer could not be found.")
            if card.customer_id not in (None, wanted["customerId"]):
                return _plain(["input", "customerId"], "The customer can't be changed.")
            self.cards.link(card, wanted["customerId"], self._now_ms())
        if "note" in wanted:
            self._notes[card.number] = wanted["note"]
            self.cards.annotate(card, {"note": wanted["note"]}, self._now_ms())
        return {"giftCard": self._card(card), "userErrors": []}

    # ---- everything else

    def _customerByIdentifier(self, root: Root) -> Nothing | None:  # noqa: N802
        """One or none: a shop keeps e-mails, phones and custom ids unique."""
        ((name, value),) = root.arguments["identifier"].items()
        kind = {"emailAddress": "email", "phoneNumber": "phone"}.get(name, "loyalty")
        found = self.customers.resolve(kind, value["value"] if kind == "loyalty" else value)
        gone = self.board.drawn("resolve", MEANINGS, self._now_ms()) == "customer_unknown"
        if not found or gone:
            return None
        return _customer(found[0])

    def _currentAppInstallation(self, root: Root) -> Nothing:  # noqa: N802
        return {"accessScopes": [{"handle": each} for each in self.scopes]}

    def _shop(self, root: Root) -> Nothing:
        return {"myshopifyDomain": "brand.myshopify.com", "currencyCode": "USD"}

    def _giftCardConfiguration(self, root: Root) -> Nothing:  # noqa: N802
        return {"issueLimit": {"amount": decimal(self.issue_limit, "USD"), "currencyCode": "USD"}}

    def _orders(self, root: Root) -> Nothing:
        return {"nodes": self.orders.named(root.arguments["query"])[: root.arguments["first"]]}

    def _order(self, root: Root) -> Nothing | None:
        return self.orders.order(root.arguments["id"], 50, root.variables.get("after"))

    def _refund(self, root: Root) -> Nothing | None:
        return self.orders.refund(root.arguments["id"])

    def _refundCreate(self, root: Root) -> Nothing:  # noqa: N802
        key = root.directives.get("idempotent", {}).get("key")
        return self.orders.create(root.arguments["input"], key, self._now_ms())


def _plain(where: list[str], message: str) -> Nothing:
    return {"giftCard": None, "userErrors": [{"field": where, "message": message}]}


def _customer(one: SimCustomer) -> Nothing:
    return {"id": one.customer_id, "firstName": one.masked, "lastName": None}
