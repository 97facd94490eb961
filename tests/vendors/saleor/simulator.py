# SPDX-License-Identifier: Apache-2.0
"""A Saleor shop in memory, written from its schema, its source and a real server's answers.

What is Saleor's own: one address, errors inside a 200, a wrong token taken for an anonymous
shopper's, three shapes of *already there*, vouchers that own codes too, case-sensitive codes,
amounts as decimal strings in and JSON numbers out, an initial balance that staff overwrite, no
idempotency key, look-ups on a replica that lags, and a card that is handed on without a word.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from agent.platforms.messages import HttpReply, HttpRequest
from tests.simulation.customers import SimCustomer
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import SimCard
from tests.simulation.platform_faults import EVERY, MEANINGS
from tests.simulation.platform_gate import Sent, Throttled
from tests.simulation.profiles import Profile
from tests.simulation.wire import Afterwards, Answer, Reply, Request
from tests.vendors.saleor.forms import UserError, answered, failed, minor_of, moment, money
from tests.vendors.saleor.selecting import Asked, NotValid, Root, asked
from tests.vendors.saleor.shop_orders import ShopOrders

PATH: Final = "/graphql/"
KEY: Final = "countermark_key"
_WRITES: Final = {
    "giftCardCreate": ("create", "giftCard"),
    "giftCardDeactivate": ("disable", "giftCard"),
    "giftCardAssignUser": ("link", "giftCard"),
    "updatePrivateMetadata": ("annotate", "item"),
    "orderGrantRefundCreate": ("annotate", "grantedRefund"),
    "transactionRequestRefundForGrantedRefund": ("annotate", "transaction"),
}
_READS: Final = {
    "user": "resolve",
    "customers": "resolve",
    "vouchers": "find",
    "shop": "list",
    "order": "by_key",
    "orders": "by_key",
}
_TAKEN: Final = ("ALREADY_EXISTS", "UNIQUE")
_INPUT: Final = {
    "addTags",
    "assignedTo",
    "balance",
    "channel",
    "code",
    "expiryDate",
    "isActive",
    "metadata",
    "note",
    "privateMetadata",
    "userEmail",
}
Fields = dict[str, Any]


class SimSaleor(SimPlatform):
    """`vouchers`: codes that vouchers own. `permissions`: the app's. `initials`: the balances
    that staff set, by the number of the card."""

    def __init__(
        self,
        profile: Profile,
        dice: random.Random,
        now_ms: Callable[[], int],
        token: str = "secret",
    ) -> None:
        super().__init__(profile, dice, now_ms, token)
        self.vouchers: set[str] = set()
        self.permissions = [
            "MANAGE_GIFT_CARD",
            "MANAGE_USERS",
            "MANAGE_ORDERS",
            "HANDLE_PAYMENTS",
            "MANAGE_DISCOUNTS",
        ]
        self.initials: dict[int, int] = {}
        self.orders = ShopOrders(now_ms)
        self._field = ""

    def reset_balance(self, card: SimCard, minor: int) -> None:
        """Staff set another balance: Saleor overwrites the initial one as well."""
        card.balance = self.initials[card.number] = minor

    # ---- the wire

    def operation_of(self, request: Request) -> str:
        if request.path != PATH:
            return "no-such-path"
        if request.method != "POST":
            return "method-not-allowed"
        try:
            roots = asked(request.body).roots
        except NotValid:
            return "find"
        first = roots[0]
        if first.name in _WRITES:
            return _WRITES[first.name][0]
        if first.name != "giftCards":
            return _READS.get(first.name, "find")
        if "sortBy" in first.arguments:
            return "list"
        return "find" if len(roots) > 1 else "balance"

    def operations(self) -> Mapping[str, Callable[[Request], Answer]]:
        return dict.fromkeys(EVERY, self._run)

    def _carried_out(self, operation: str, request: Request) -> Answer:
        try:
            roots = asked(request.body).roots
        except NotValid:
            roots = ()
        self._field = roots[0].key if roots else ""
        return super()._carried_out(operation, request)

    def told(self, problem: Problem) -> Reply:
        field = self._field
        match problem:
            case UserError():
                error = {"field": problem.field, "code": problem.code, "message": problem.message}
                empty = {part: None for name, (_, part) in _WRITES.items() if name == field}
                return answered({field: {"errors": [error], **empty}})
            case Throttled():
                return Reply(429, (("Content-Type", "text/plain"),), b"Too many requests")
            case Problem(code="unauthorised"):
                message = (
                    "To access this path, you need one of the following permissions: "
                    "MANAGE_GIFT_CARD"
                )
                return failed("PermissionDenied", message, [field])
            case Problem(code="refused"):
                return self.told(UserError("INVALID", "balance", "simulated"))
            case Problem(code="code-taken" | "in-progress"):
                return self._already_there(field)
            case Problem(code="unknown"):
                return failed("OperationalError", "server closed the connection", [field])
            case _:
                page = (("Content-Type", "text/html"),)
                return Reply(problem.status, page, b"<h1>No</h1>")

    def _already_there(self, field: str) -> Reply:
        """ALREADY_EXISTS, and what the losers of a race hear."""
        shape = self._dice.randrange(3)
        if shape == 2:
            message = "duplicate key value violates unique constraint"
            return failed("IntegrityError", message, [field])
        return self.told(UserError(_TAKEN[shape], "code", "Promo code already exists."))

    def sent(self, request: HttpRequest) -> Sent | None:
        if request.path != PATH:
            return None
        root = asked(request.body).roots[0]
        if root.name != "giftCardCreate":
            return None
        told = root.arguments["input"]
        balance = told["balance"]
        minor = minor_of(balance["amount"], balance["currency"])
        return Sent(_key_of(told) or "", told["code"], minor, f"{told['code']}:{minor}")

    def looked_for(self, request: HttpRequest) -> str | None:
        if request.path != PATH:
            return None
        root = asked(request.body).roots[0]
        found = root.arguments.get("filter", {}).get("code") if root.key == "byCode" else None
        return found if isinstance(found, str) else None

    def not_executed(self, reply: HttpReply) -> bool:
        if reply.status == 429:
            return True
        try:
            body = json.loads(reply.body)
            errors = body.get("errors")
            if errors:
                denied = {each["extensions"]["exception"]["code"] for each in errors}
                return denied == {"PermissionDenied"}
            no = body["data"]["giftCardCreate"]["errors"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return False
        return bool(no) and not any(each["code"] in _TAKEN for each in no)

    # ---- carrying out

    def _run(self, request: Request) -> Answer:
        try:
            told = asked(request.body)
            if told.roots[0].name in _WRITES:
                return self._changed(told)
            return answered({root.key: told.cut(root, self._read(root)) for root in told.roots})
        except NotValid as fault:
            return failed("GraphQLError", str(fault), [], 400)

    def _changed(self, told: Asked) -> Answer:
        (root,) = told.roots
        match root.name:
            case "giftCardCreate":
                return self._gift_card_create(told, root)
            case "giftCardDeactivate":
                card = self._by_id(root.arguments["id"], "giftCardId")
                self.cards.disable(card, self._now_ms())
                part: Fields = {"giftCard": self._node(card)}
            case "giftCardAssignUser":
                part = {"giftCard": self._node(self._assigned(root.arguments))}
            case "updatePrivateMetadata":
                card = self._by_id(root.arguments["id"], "id")
                noted = {each["key"]: each["value"] for each in root.arguments["input"]}
                self.cards.annotate(card, noted, self._now_ms())
                part = {"item": self._node(card)}
            case "orderGrantRefundCreate":
                part = self.orders.grant(root.arguments)
            case _:
                part = self.orders.request(root.arguments)
        return answered({root.key: told.cut(root, {"errors": [], **part})})

    def _gift_card_create(self, told: Asked, root: Root) -> Answer:
        asked_for = root.arguments["input"]
        if not set(asked_for) <= _INPUT or asked_for["isActive"] is not True:
            raise NotValid("Variable $input got invalid value.")
        code, balance = asked_for["code"], asked_for["balance"]
        if not 8 <= len(code) <= 16:
            raise UserError("INVALID", "code")
        minor = minor_of(balance["amount"], balance["currency"])
        if code in self.vouchers:
            raise Problem(409, "code-taken")
        now_ms = self._now_ms()
        meaning = self.board.drawn("create", MEANINGS, now_ms)

        def make() -> SimCard:
            off = 100 if meaning == "wrong_amount" else 0
            card = self.cards.create(
                _key_of(asked_for), code, minor + off, balance["currency"], self._now_ms()
            )
            lag = self.profile.lag_ms
            if meaning == "lookup_lag":
                lag = (0, self.profile.settling_ms * 3 // 4)
            card.visible_ms = self._now_ms() + self._dice.randint(*lag)
            return card

        if meaning == "conflict_409":
            conflict = self._already_there(root.key)
            if self.board.either():
                return conflict
            delay_s = self._dice.uniform(*self.board.late_s)
            return Afterwards(conflict, delay_s, lambda: self._in_time(make))
        if meaning == "saved_500":
            if self.board.either():
                make()
            raise Problem(500, "unknown")
        card = make()
        said = 100 if meaning == "wrong_amount_said" else 0
        node = self._node(card, said)
        return answered({root.key: told.cut(root, {"errors": [], "giftCard": node})})

    def _in_time(self, make: Callable[[], SimCard]) -> None:
        """The other one of the race comes to its end; a code that is taken stops it."""
        try:
            make()
        except Problem:
            return

    def _by_id(self, card_id: object, field: str) -> SimCard:
        for card in self.cards:
            if card.id == card_id:
                return card
        raise UserError("NOT_FOUND", field, f"Couldn't resolve to a node: {card_id}")

    def _assigned(self, arguments: Mapping[str, Any]) -> SimCard:
        card = self._by_id(arguments["id"], "id")
        gone = self.board.bites("customer_unknown", "link", self._now_ms())
        if gone or not self.customers.known(arguments["userId"]):
            raise UserError("NOT_FOUND", "userId", "Couldn't resolve to a user.")
        if any(each.what == "spent" for each in card.history):
            raise UserError("CANNOT_ASSIGN", "id")
        if card.customer_id != arguments["userId"]:
            card.customer_id = None  # handed on, without a word
            self.cards.link(card, arguments["userId"], self._now_ms())
        return card

    # ---- reading

    def _read(self, root: Root) -> Any:
        match root.name:
            case "giftCards":
                return self._gift_cards(root.arguments)
            case "user" | "customers":
                return self._people(root)
            case "vouchers":
                wanted = root.arguments["filter"]["search"]
                found = [code for code in self.vouchers if wanted in code]
                return _connection([_voucher(code) for code in found])
            case "shop":
                return {"schemaVersion": "3.24"}
            case "app":
                codes = [{"code": each} for each in self.permissions]
                return {"isActive": True, "permissions": codes}
            case "order":
                return self.orders.order(root.arguments)
            case "orders":
                return self.orders.listed(root.arguments)
            case _:
                raise NotValid(f"Cannot query field {root.name!r}.")

    def _gift_cards(self, arguments: Mapping[str, Any]) -> Fields:
        now_ms = self._now_ms()
        if arguments["first"] > 100:
            raise NotValid("Requesting more than 100 objects")
        sieve = arguments.get("filter", {})
        if "code" in sieve:
            seen = [self.cards.by_code(sieve["code"])]
        elif "metadata" in sieve:
            seen = [self.cards.by_key(each["value"]) for each in sieve["metadata"]]
        else:
            return self._page(arguments)
        shown = [each for each in seen if each is not None and now_ms >= each.visible_ms]
        return _connection([self._node(card) for card in shown])

    def _page(self, arguments: Mapping[str, Any]) -> Fields:
        """Newest first. A cursor is the number of the last card shown."""
        after, first = arguments.get("after"), arguments["first"]
        below = len(self.cards) + 1 if after is None else int(after)
        older = [card for card in reversed(list(self.cards)) if card.number < below]
        shown = older[:first]
        more = len(older) > first
        info = {"hasNextPage": more, "endCursor": str(shown[-1].number) if shown else None}
        seen = [self._node(card) for card in shown if self._now_ms() >= card.visible_ms]
        return {**_connection(seen), "pageInfo": info, "totalCount": len(self.cards)}

    def _people(self, root: Root) -> Fields | None:
        where = root.arguments.get("where")
        if where is None:
            email = root.arguments.get("email")
            kind = "loyalty" if email is None else "email"
            value = email or root.arguments.get("externalReference", "")
        elif "metadata" in where:
            kind, value = "loyalty", where["metadata"]["value"]["eq"]
        else:
            kind, value = "phone", where["addresses"]["phoneNumber"]["eq"]
        found = self.customers.resolve(kind, value)
        fault = self.board.drawn("resolve", MEANINGS, self._now_ms())
        if fault == "customer_unknown":
            found = []
        elif fault == "customer_double" and where is not None:
            twins = [SimCustomer(f"cus_twin_{n}", f"t{n}@x.example") for n in (1, 2)]
            found = (found + twins)[:2]
        nodes = [{"id": each.customer_id, "isActive": True, "email": ""} for each in found]
        if where is None:
            return nodes[0] if nodes else None
        return {**_connection(nodes), "totalCount": len(nodes)}

    def _node(self, card: SimCard, said: int = 0) -> Fields:
        def amount(minor: int) -> Fields:
            return money(minor + said, card.currency)

        def events(arguments: Mapping[str, Any]) -> list[Fields]:
            issued = {
                "type": "ISSUED",
                "balance": {"initialBalance": amount(card.minor)},
            }
            wanted = arguments.get("filter", {}).get("type")
            return [issued] if wanted in (None, "ISSUED") else []

        return {
            "__typename": "GiftCard",
            "id": card.id,
            "code": card.code,
            "created": moment(card.created_ms),
            "isActive": card.enabled,
            "metafield": lambda arguments: card.key if arguments["key"] == KEY else None,
            "initialBalance": amount(self.initials.get(card.number, card.minor)),
            "currentBalance": amount(card.balance),
            "assignedTo": None if card.customer_id is None else {"id": card.customer_id},
            "events": events,
        }


def _key_of(told: Mapping[str, Any]) -> str | None:
    kept = {each["key"]: each["value"] for each in told.get("metadata", [])}
    return kept.get(KEY)


def _connection(nodes: list[Fields]) -> Fields:
    return {"edges": [{"node": each} for each in nodes]}


def _voucher(code: str) -> Fields:
    return {"id": f"voucher_{code}", "code": code, "codes": _connection([{"code": code}])}
