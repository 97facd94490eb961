# SPDX-License-Identifier: Apache-2.0
"""Square in memory, written from its contract and its documentation, with faults by name.

Two steps to a credit, and each is carried out at most once: a number is registered once, and a
card leaves PENDING once. A key that is remembered is answered with the first answer's own bytes,
however long ago; how long it is remembered is the profile's. Dead cards stay dead.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from agent.platforms.messages import HttpReply, HttpRequest
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_bodies import Problem, read_moment
from tests.simulation.platform_cards import json_reply
from tests.simulation.platform_faults import MEANINGS
from tests.simulation.platform_gate import Sent
from tests.simulation.profiles import Profile
from tests.simulation.wire import Afterwards, Answer, Reply, Request
from tests.vendors.square.cards import Shell, SquareCards
from tests.vendors.square.speech import (
    LINK,
    NEITHER,
    ONE,
    SCOPES,
    operation_of,
    read_object,
    read_text,
    told,
)
from tests.vendors.square.tills import Tills

VERSION: Final = "2025-08-20"
LOCATION: Final = "L88917AVBK2S5"
BUYER_DAY_MINOR: Final = 1_000_000
"""What one payment instrument may load on a day, by its id (US: 10 000 dollars)."""
YEAR_MS: Final = 366 * 86_400_000
DAY_MS: Final = 86_400_000
_GAN: Final = re.compile(r"[0-9A-Za-z]{8,20}")


@dataclass(slots=True)
class _Kept:
    """What a key was answered with; None where an error was kept under it."""

    body: bytes
    answer: Reply | None
    at_ms: int


class SquareSim(SimPlatform):
    """One seller. `currency`: the only one it takes, where it is set; `limit_minor`: the most that
    a card may hold."""

    def __init__(
        self,
        profile: Profile,
        dice: random.Random,
        now_ms: Callable[[], int],
        token: str = "secret",
    ) -> None:
        super().__init__(profile, dice, now_ms, token)
        self.cards: SquareCards = SquareCards()
        self.shells: dict[str, Shell] = {}
        self.scopes: list[str] = list(SCOPES)
        self.currency: str | None = None
        self.limit_minor: int | None = None
        self.tills = Tills(self)
        self._kept: dict[str, _Kept] = {}
        self._loaded: Counter[tuple[str, int]] = Counter()

    @property
    def now_ms(self) -> int:
        return self._now_ms()

    # ---- Square's own wire

    def operation_of(self, request: Request) -> str:
        return operation_of(request)

    def operations(self) -> Mapping[str, Callable[[Request], Answer]]:
        return {
            "create": self._create,
            "disable": self._create,
            "find": self._find,
            "link": self._link,
            "resolve": self._resolve,
            "balance": self._account,
            "list": self._list,
        }

    def _admit(self, operation: str, request: Request) -> None:
        super()._admit(operation, request)
        if request.headers.get("square-version") != VERSION:
            raise Problem(400, "version")

    def told(self, problem: Problem) -> Reply:
        return told(problem)

    def sent(self, request: HttpRequest) -> Sent | None:
        """The activation is what brings the money; an empty card brings none."""
        if request.path != "/v2/gift-cards/activities" or b'"ACTIVATE"' not in request.body:
            return None
        body = json.loads(request.body)
        activity = body["gift_card_activity"]
        details = activity["activate_activity_details"]
        amount = details["amount_money"]["amount"]
        key, code = details["reference_id"], activity["gift_card_gan"]
        return Sent(key, code, amount, body["idempotency_key"])

    def looked_for(self, request: HttpRequest) -> str | None:
        if request.path != "/v2/gift-cards/from-gan":
            return None
        gan: str = json.loads(request.body)["gan"]
        return gan

    def not_executed(self, reply: HttpReply) -> bool:
        if not 400 <= reply.status < 500 or reply.status == 409:
            return False
        try:
            code = json.loads(reply.body)["errors"][0]["code"]
        except (ValueError, LookupError, TypeError):
            return False
        return code not in NEITHER

    # ---- keys

    def _create(self, request: Request) -> Answer:
        """Everything that carries a key in its body."""
        body = read_object(request.body)
        key = read_text(body, "idempotency_key")
        if len(key) > (45 if request.path == "/v2/refunds" else 128):
            raise Problem(400, "too-long", field="idempotency_key")
        now_ms = self.now_ms
        kept = self._known(key, now_ms)
        if kept is not None:
            if kept.body != request.body and self.profile.compares_body:
                raise Problem(400, "key-reused", field="idempotency_key")
            if kept.answer is None:
                raise Problem(500, "unknown")
            return kept.answer
        operation = self.operation_of(request)
        meaning = self.board.drawn(operation, MEANINGS, now_ms)
        if meaning == "conflict_409":
            conflict = self.told(Problem(409, "in-progress"))
            if self.board.either():
                return conflict
            delay_s = self._dice.uniform(*self.board.late_s)
            return Afterwards(conflict, delay_s, lambda: self._later(key, request))
        if meaning == "saved_500":
            if self.board.either():
                self._carry_out(request, body, "")
            self._kept[key] = _Kept(request.body, None, now_ms)
            raise Problem(500, "unknown")
        answer = self._carry_out(request, body, meaning)
        self._kept[key] = _Kept(request.body, answer, now_ms)
        return answer

    def _known(self, key: str, now_ms: int, *, forgets: bool = True) -> _Kept | None:
        known, window_ms = self._kept.get(key), self.profile.key_window_ms
        if known is None or window_ms == 0:
            return None
        if window_ms is not None and now_ms - known.at_ms >= window_ms:
            return None
        if forgets and self.board.bites("key_forgotten", "create", now_ms):
            return None
        return known

    def _later(self, key: str, request: Request) -> None:
        now_ms = self.now_ms
        if self._known(key, now_ms, forgets=False) is not None:
            return
        try:
            answer = self._carry_out(request, read_object(request.body), "")
        except Problem:
            return
        self._kept[key] = _Kept(request.body, answer, now_ms)

    def _carry_out(self, request: Request, body: dict[str, Any], meaning: str) -> Reply:
        match request.path:
            case "/v2/gift-cards":
                return self._registered(body, meaning)
            case "/v2/refunds":
                return json_reply({"refund": self.tills.refund(body)})
            case _:
                return self._activity(body, meaning)

    # ---- cards

    def _registered(self, body: dict[str, Any], meaning: str) -> Reply:
        card = body.get("gift_card")
        if not isinstance(card, dict) or card.get("type") not in ("DIGITAL", "PHYSICAL"):
            raise Problem(400, "missing", field="gift_card.type")
        if body.get("location_id") != LOCATION:
            raise Problem(400, "bad-value", field="location_id")
        source = card.get("gan_source", "SQUARE")
        gan = card.get("gan") if source == "OTHER" else f"77833200{len(self.shells):08d}"
        if not isinstance(gan, str) or _GAN.fullmatch(gan) is None:
            raise Problem(400, "bad-value", field="gift_card.gan")
        if self.shell(gan) is not None:
            raise Problem(400, "code-taken", field="gift_card.gan")
        shell = Shell(f"gftc:{len(self.shells) + 1:032x}", gan, source, self.now_ms)
        if meaning == "lookup_lag":
            shell.visible_ms = self._lagging()
        self.shells[gan] = shell
        return self._shown(shell)

    def _activity(self, body: dict[str, Any], meaning: str) -> Reply:
        asked = body.get("gift_card_activity")
        if not isinstance(asked, dict):
            raise Problem(400, "missing", field="gift_card_activity")
        if asked.get("location_id") != LOCATION:
            raise Problem(400, "bad-value", field="gift_card_activity.location_id")
        shell = self.shell(asked.get("gift_card_gan")) or self._by_id(asked.get("gift_card_id"))
        if shell is None:
            raise Problem(404, "not-found")
        match asked.get("type"):
            case "ACTIVATE":
                off = self._activate(shell, asked.get("activate_activity_details"), meaning)
                shown = next(self._activities(shell, off))
            case "DEACTIVATE":
                self._deactivate(shell, asked.get("deactivate_activity_details"))
                shown = list(self._activities(shell, 0))[-1]
            case _:
                raise Problem(400, "bad-value", field="gift_card_activity.type")
        return json_reply({"gift_card_activity": shown[1]})

    def _activate(self, shell: Shell, details: Any, meaning: str) -> int:
        """What a lying answer adds to the amount."""
        amount = details.get("amount_money") if isinstance(details, dict) else None
        instruments = details.get("buyer_payment_instrument_ids") if amount else None
        if not isinstance(amount, dict) or not instruments:
            raise Problem(400, "missing", field="activate_activity_details")
        minor, currency = amount.get("amount"), amount.get("currency")
        if type(minor) is not int or minor < 1 or not isinstance(currency, str):
            raise Problem(400, "bad-value", field="amount_money")
        if self.currency not in (None, currency):
            raise Problem(400, "currency")
        if self.limit_minor is not None and minor > self.limit_minor:
            raise Problem(400, "limit")
        if shell.money is not None or shell.dead:
            raise Problem(400, "not-pending")
        day = self.now_ms // DAY_MS
        if any(self._loaded[(one, day)] + minor > BUYER_DAY_MINOR for one in instruments):
            raise Problem(400, "refused")
        for one in instruments:
            self._loaded[(one, day)] += minor
        made = minor + 100 if meaning == "wrong_amount" else minor
        self.fill(shell, details.get("reference_id"), made, currency)
        if meaning == "lookup_lag":
            shell.active_ms = self._lagging()
        return 100 if meaning == "wrong_amount_said" else 0

    def fill(self, shell: Shell, key: str | None, minor: int, currency: str) -> None:
        """The money comes; a card is filled once."""
        card = self.cards.create(
            key, shell.code, minor, currency, self.now_ms, gift_card_id=shell.id
        )
        shell.money = card
        if shell.customer_ids:
            card.customer_id = shell.customer_ids[0]

    def _deactivate(self, shell: Shell, details: Any) -> None:
        if not isinstance(details, dict) or details.get("reason") != "SUSPICIOUS_ACTIVITY":
            raise Problem(400, "bad-value", field="deactivate_activity_details.reason")
        if shell.money is None or not shell.money.enabled:
            raise Problem(400, "not-pending")
        self.cards.disable(shell.money, self.now_ms)

    def shell(self, code: object) -> Shell | None:
        """Cards that others made have one too."""
        if not isinstance(code, str):
            return None
        known = self.shells.get(code)
        if known is None:
            card = self.cards.by_code(code)
            if card is None:
                return None
            known = Shell(card.id, code, "OTHER", card.created_ms, money=card)
            self.shells[code] = known
        return known

    def _by_id(self, card_id: object) -> Shell | None:
        return next((each for each in self.shells.values() if each.id == card_id), None)

    def _lagging(self) -> int:
        return self.now_ms + self._dice.randint(0, self.profile.settling_ms * 3 // 4)

    def _shown(self, shell: Shell) -> Reply:
        shown = shell.as_json(self.now_ms, self.currency or "USD")
        return json_reply({"gift_card": shown})

    def _activities(self, shell: Shell, off: int = 0) -> Any:
        return shell.activities(LOCATION, off)

    def _link(self, request: Request) -> Reply:
        found = LINK.fullmatch(request.path)
        assert found is not None
        customer_id = read_text(read_object(request.body), "customer_id")
        shell = self._by_id(unquote(found[1]))
        gone = self.board.bites("customer_unknown", "link", self.now_ms)
        if shell is None or gone or not self.customers.known(customer_id):
            raise Problem(404, "unknown-customer")
        if customer_id not in shell.customer_ids:
            shell.customer_ids.append(customer_id)
        if shell.money is not None:
            self.cards.link(shell.money, customer_id, self.now_ms)
        return self._shown(shell)

    # ---- looking

    def _find(self, request: Request) -> Reply:
        path, _, query = request.path.partition("?")
        if path == "/v2/gift-cards/from-gan":
            return self._shown(
                self._seen_shell(self.shell(read_text(read_object(request.body), "gan")))
            )
        if path == "/v2/gift-cards/activities":
            return self._listed(parse_qs(query))
        if path == "/v2/orders/batch-retrieve":
            return json_reply({"orders": self.tills.orders_of(read_object(request.body))})
        found = ONE.fullmatch(path)
        assert found is not None
        kind, named = found[1], unquote(found[2])
        if kind == "gift-cards":
            return self._shown(self._seen_shell(self._by_id(named)))
        return json_reply(self.tills.one(kind, named))

    def _seen_shell(self, shell: Shell | None) -> Shell:
        if shell is None or self.now_ms < shell.visible_ms:
            raise Problem(404, "not-found")
        return shell

    def _listed(self, query: dict[str, list[str]]) -> Reply:
        """Of one card; from a year ago, unless one says since when."""
        shell = self._by_id(query["gift_card_id"][0])
        since_ms = self.now_ms - YEAR_MS
        if "begin_time" in query:
            since_ms = read_moment("begin_time", query["begin_time"][0])
        if shell is None or self.now_ms < shell.active_ms:
            return json_reply({})
        found = [each for at_ms, each in self._activities(shell) if at_ms >= since_ms]
        if query.get("sort_order", ["DESC"]) == ["DESC"]:
            found.reverse()
        return json_reply({"gift_card_activities": found} if found else {})

    def _list(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        if request.path.startswith("/v2/gift-cards?"):
            named = query["customer_id"][0]
            owned = [each for each in self.shells.values() if named in each.customer_ids]
            shown = [each.as_json(self.now_ms, self.currency or "USD") for each in owned]
            return json_reply({"gift_cards": shown} if shown else {})
        for code in [card.code for card in self.cards]:
            self.shell(code)
        since_ms = read_moment("begin_time", query["begin_time"][0])
        limit, after = int(query["limit"][0]), int(query.get("cursor", ["0"])[0])
        every = [self._activities(each) for each in self.shells.values()]
        flat = sorted((one for each in every for one in each), key=lambda one: one[0])
        found = [
            each for at_ms, each in flat if at_ms >= since_ms and each["type"] == query["type"][0]
        ]
        body: dict[str, object] = {"gift_card_activities": found[after : after + limit]}
        if len(found) > after + limit:
            body["cursor"] = str(after + limit)
        return json_reply(body)

    def _resolve(self, request: Request) -> Reply:
        filters = read_object(request.body).get("query", {}).get("filter", {})
        ((name, match),) = filters.items()
        kind = {"email_address": "email", "phone_number": "phone", "reference_id": "loyalty"}[name]
        found = [each.customer_id for each in self.customers.resolve(kind, match["exact"])]
        fault = self.board.drawn("resolve", MEANINGS, self.now_ms)
        if fault == "customer_unknown":
            found = []
        elif fault == "customer_double":
            found = [*found, "TWIN1", "TWIN2"][:2]
        shown = [
            {"id": each, "given_name": "Anna", "family_name": "Berg", name: match["exact"]}
            for each in found
        ]
        return json_reply({"customers": shown} if shown else {})

    def _account(self, request: Request) -> Reply:
        if request.path == "/oauth2/token/status":
            return json_reply({"scopes": self.scopes, "merchant_id": "MERCHANT1"})
        if not request.path.endswith(f"/{LOCATION}"):
            raise Problem(404, "not-found")
        place = {"id": LOCATION, "status": "ACTIVE", "currency": self.currency or "USD"}
        return json_reply({"location": place})
