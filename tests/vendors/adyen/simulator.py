# SPDX-License-Identifier: Apache-2.0
"""Adyen's Stored Value API in memory, with a provider of plastic cards behind it.

Written from the OpenAPI document and docs.adyen.com. Idempotency keys belong to the company and
are kept for seven days with their first answer, whatever it was; a passing error is not kept. A
card is activated once; deactivated it is dead for ever; a void undoes one transaction of the last
day, where its provider lets it. In `cards` stands what was really put on cards.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from agent.platforms.messages import HttpReply, HttpRequest
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import SimCard
from tests.simulation.platform_faults import MEANINGS
from tests.simulation.platform_gate import Sent, Throttled
from tests.simulation.wire import Afterwards, Answer, Reply, Request
from tests.vendors.adyen import bodies
from tests.vendors.adyen.bodies import ServiceError

if TYPE_CHECKING:
    from tests.vendors.adyen.profile import AdyenProfile

STORED_VALUE: Final = "/pal/servlet/StoredValue/v46/"
CHECKOUT: Final = "/v72/payments/"
DAY_MS: Final = 86_400_000
_NOT_KEPT: Final = frozenset({"000", "703", "704"})


@dataclass(slots=True)
class Plastic:
    """One card of the provider's stock; it is made as it is first heard of."""

    number: str
    active: bool
    currency: str
    balance: int = 0
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a void names: a load or an activation with money."""

    plastic: Plastic
    card: SimCard
    kind: str
    at_ms: int


class AdyenPlatform(SimPlatform):
    """`profile.put` says whether cards come from the stock active and empty, or fresh."""

    def __init__(
        self,
        profile: AdyenProfile,
        dice: random.Random,
        now_ms: Callable[[], int],
        token: str = "secret",
    ) -> None:
        super().__init__(profile, dice, now_ms, token)
        self.vendor = profile
        self.plastics: dict[str, Plastic] = {}
        self.transactions: dict[str, Transaction] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.captured: dict[str, int] = {}
        self._answers: dict[str, tuple[Reply, int]] = {}
        self._references = 0

    # ---- the wire

    def operation_of(self, request: Request) -> str:
        path = request.path
        if request.method != "POST":
            return "method-not-allowed"
        if path.startswith(CHECKOUT) and path.endswith("/refunds"):
            return "refund"
        match path.removeprefix(STORED_VALUE):
            case "checkBalance":
                return "balance"
            case "load":
                return "create"
            case "voidTransaction":
                return "disable"
            case "changeStatus":
                return "disable" if b'"status":"inactive"' in request.body else "create"
        return "no-such-path"

    def operations(self) -> Mapping[str, Callable[[Request], Answer]]:
        return {
            "create": self._put_on,
            "balance": lambda request: self._kept(request, self._told_balance),
            "disable": lambda request: self._kept(request, self._undone),
            "refund": lambda request: self._kept(request, self._refunded),
        }

    def proves(self, request: Request) -> bool:
        return request.headers.get("x-api-key") == self.token

    def told(self, problem: Problem) -> Reply:
        if isinstance(problem, Throttled):
            headers = (("Retry-After", str(problem.wait_s)),)
            return bodies.error(429, "", "Too many requests", "internal", headers)
        if problem.code == "refused":
            return self._answer("Refused", None, "Refused")
        return bodies.told(problem)

    def promised(self) -> Reply:
        return self._answer("Received", None)

    def sent(self, request: HttpRequest) -> Sent | None:
        headers = {name.lower(): value for name, value in request.headers}
        asked = Request(request.method, request.path, headers, request.body)
        if self.operation_of(asked) != "create":
            return None
        order = bodies.put_on(asked)
        return Sent(order.reference, order.number, order.value, headers["idempotency-key"])

    def looked_for(self, request: HttpRequest) -> str | None:
        if request.path != STORED_VALUE + "checkBalance":
            return None
        number: str = bodies.parsed(request.body)["paymentMethod"]["number"]
        return number

    def not_executed(self, reply: HttpReply) -> bool:
        """Adyen calls 401 and 403 so, and a validation error; a refusal is inside a 200."""
        refused = reply.status == 200 and b'"resultCode":"Refused"' in reply.body
        return refused or reply.status in (400, 401, 403) or b'"validation"' in reply.body

    # ---- what is true

    def plastic(self, number: str) -> Plastic:
        fresh = self.vendor.put == "activate"
        return self.plastics.setdefault(number, Plastic(number, not fresh, "USD"))

    def live(self, key: str) -> list[SimCard]:
        """What was put on cards under this key and was not undone."""
        return [card for card in self.cards if card.key == key and card.enabled]

    def spend(self, code: str, minor: int) -> bool:
        plastic = self.plastic(code)
        if not plastic.active or plastic.dead or not 0 < minor <= plastic.balance:
            return False
        plastic.balance -= minor
        return True

    def foreign(self, code: str, minor: int, currency: str) -> SimCard:
        plastic = self.plastic(code)
        plastic.active, plastic.currency = True, currency
        plastic.balance += minor
        return self.cards.create(None, code, minor, currency, self._now_ms(), by="other")

    # ---- keys

    def _admit(self, operation: str, request: Request) -> None:
        """A refusal is an answer as any other: it is kept under the key, and a key that has its
        answer already is not refused."""
        try:
            super()._admit(operation, request)
        except Problem as problem:
            key = request.headers.get("idempotency-key", "")
            if problem.code != "refused" or operation != "create":
                raise
            if self._known(key) is None:
                self._keep(key, self.told(problem))
                raise

    def _known(self, key: str) -> Reply | None:
        """The first answer under this key, as long as it is kept."""
        kept = self._answers.get(key)
        window_ms = self.profile.key_window_ms
        if kept is None or window_ms is None or self._now_ms() - kept[1] >= window_ms:
            return None
        return kept[0]

    def _keep(self, key: str, reply: Reply) -> Reply:
        named = bodies.with_header(reply, "Idempotency-Key", key)
        if key:
            self._answers[key] = (named, self._now_ms())
        return named if key else reply

    def _kept(self, request: Request, work: Callable[[Request], Reply]) -> Reply:
        key = request.headers.get("idempotency-key", "")
        known = self._known(key) if key else None
        if known is not None:
            return known
        try:
            return self._keep(key, work(request))
        except ServiceError as error:
            self._keep(key, self.told(error))
            raise

    # ---- putting money on a card

    def _put_on(self, request: Request) -> Answer:
        key = request.headers.get("idempotency-key", "")
        order = bodies.put_on(request)
        known = self._known(key)
        if known is not None:
            return known
        meaning = self.board.drawn("create", MEANINGS, self._now_ms())
        if meaning == "conflict_409":
            conflict = self.told(Problem(422, "in-progress"))
            if self.board.either():
                return conflict
            delay_s = self._dice.uniform(*self.board.late_s)
            return Afterwards(conflict, delay_s, lambda: self._done_in_the_end(request))
        if meaning == "saved_500":
            if self.board.either():
                self._carried(order, "")
            self._keep(key, self.told(Problem(500, "unknown")))
            raise Problem(500, "unknown")
        return self._keep(key, self._carried(order, meaning))

    def _done_in_the_end(self, request: Request) -> None:
        key = request.headers.get("idempotency-key", "")
        if self._known(key) is None:
            self._keep(key, self._carried(bodies.put_on(request), ""))

    def _carried(self, order: bodies.PutOn, meaning: str) -> Reply:
        plastic = self.plastic(order.number)
        if plastic.dead or (order.kind == "load" and not plastic.active):
            return self._answer("Refused", None, "Blocked Card")
        if order.kind == "activate" and plastic.active:
            return self._answer("Refused", None, "Refused")
        if plastic.balance and plastic.currency != order.currency:
            return self._answer("Refused", None, "Invalid Amount")
        value = order.value + 100 if meaning == "wrong_amount" else order.value
        plastic.active, plastic.currency = True, order.currency
        plastic.balance += value
        card = self.cards.create(
            order.reference, order.number, value, order.currency, self._now_ms()
        )
        off = 100 if meaning == "wrong_amount_said" else 0
        reply = self._answer("Success", plastic, off=off)
        psp = bodies.parsed(reply.body)["pspReference"]
        self.transactions[psp] = Transaction(plastic, card, order.kind, self._now_ms())
        return reply

    # ---- asking, undoing

    def _told_balance(self, request: Request) -> Reply:
        plastic = self.plastic(bodies.about(request).number)
        if plastic.dead or not plastic.active:
            return self._answer("Refused", None, "Blocked Card")
        return self._answer("Success", plastic)

    def _undone(self, request: Request) -> Reply:
        if request.path.endswith("voidTransaction"):
            return self._voided(bodies.original(request))
        plastic = self.plastic(bodies.about(request).number)
        if self.vendor.brand != "givex" or plastic.dead or not plastic.active:
            return self._answer("Refused", None, "Transaction Not Permitted")
        plastic.dead = True
        for card in self.cards.of_code(plastic.number):
            self.cards.disable(card, self._now_ms())
        return self._answer("Success", plastic)

    def _voided(self, original: str) -> Reply:
        done = self.transactions.get(original)
        if done is None:
            raise ServiceError(422, "167", "Original pspReference required for this operation")
        late = self._now_ms() - done.at_ms > DAY_MS
        allowed = done.kind == "load" or self.vendor.brand == "svs"
        left = done.plastic.balance >= done.card.minor and done.card.enabled
        if late or not allowed or not left:
            return self._answer("Refused", None, "Transaction Not Permitted")
        done.plastic.balance -= done.card.minor
        self.cards.disable(done.card, self._now_ms())
        return self._answer("Success", done.plastic)

    # ---- refunds of payments

    def _refunded(self, request: Request) -> Reply:
        payment = request.path.removeprefix(CHECKOUT).removesuffix("/refunds")
        asked = bodies.refund(request)
        left = self.captured.get(payment, 0)
        if asked["amount"]["value"] > left:
            raise ServiceError(422, "137", "Field 'amount' is not valid.")
        self.captured[payment] = left - asked["amount"]["value"]
        psp = self._psp()
        self.refunds[psp] = asked
        said = {
            **asked,
            "paymentPspReference": payment,
            "pspReference": psp,
            "status": "received",
        }
        return bodies.json_reply(said, 201)

    # ---- answers

    def _psp(self) -> str:
        self._references += 1
        return f"SIM{self._references:013d}"

    def _answer(
        self, result: str, plastic: Plastic | None, reason: str = "", *, off: int = 0
    ) -> Reply:
        said: dict[str, Any] = {"pspReference": self._psp(), "resultCode": result}
        if plastic is not None:
            value = plastic.balance + off
            said["currentBalance"] = {"value": value, "currency": plastic.currency}
        if reason:
            said["refusalReason"] = reason
        return bodies.json_reply(said, 200)
